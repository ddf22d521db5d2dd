"""Vectors of length 1."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def unit_rows(vectors: Floats) -> Floats:
    """Bring rows to length 1; zeros stay zeros.

    Args:
        vectors: float32 (n, dim).

    Returns:
        float32 (n, dim).
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
