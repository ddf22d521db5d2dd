"""Whitening: vectors turned and stretched so that every direction counts the same, then cut to unit length."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_ROWS_PER_FIT: Final = 8192  # bounds the float64 copies
_ROWS_PER_PRODUCT: Final = 32  # the digits of a matrix product depend on its shape: every product has this one
_LEAST_VARIANCE: Final = 1e-6  # of the largest; a direction with less holds nothing but rounding (layer norm makes one)


@dataclass(frozen=True, slots=True)
class Whitening:
    """z = (h - mean) W, then z / |z|, with W = U L^-1/2 (Zhang et al., 2024, NNOSE, section 3)."""

    mean: Floats  # (dim,)
    projection: Floats  # (dim, n_kept)

    def apply(self, vectors: NDArray[np.float32] | NDArray[np.float16]) -> Floats:
        """Whiten vectors; a row does not depend on its company.

        Args:
            vectors: (n, dim).

        Returns:
            float32 (n, n_kept), rows of unit length; a row that equals the mean is zero.
        """
        whitened = np.zeros((len(vectors), self.projection.shape[1]), dtype=np.float32)
        block = np.zeros((_ROWS_PER_PRODUCT, len(self.mean)), dtype=np.float32)
        for start in range(0, len(vectors), _ROWS_PER_PRODUCT):
            n = min(_ROWS_PER_PRODUCT, len(vectors) - start)
            block[:n] = vectors[start : start + n] - self.mean
            whitened[start : start + n] = (block @ self.projection)[:n]
        return unit_rows(whitened)


def fit_whitening(vectors: NDArray[np.float32] | NDArray[np.float16], *, n_kept: int) -> Whitening:
    """Find the mean and the directions of a set of vectors.

    Args:
        vectors: (n, dim), n at least 2.
        n_kept: Directions to keep at most, those of the largest variance first; one without variance is dropped.

    Returns:
        The whitening. Over the same vectors, before they are cut to unit length, the covariance is the identity.
    """
    mean = sum((rows.sum(axis=0) for rows in _blocks(vectors)), np.zeros(vectors.shape[1])) / len(vectors)
    covariance = sum(((rows - mean).T @ (rows - mean) for rows in _blocks(vectors)), np.zeros((len(mean), len(mean))))
    directions, variances, _ = np.linalg.svd(covariance / (len(vectors) - 1))  # covariance = U L U^T
    kept = min(n_kept, int((variances > _LEAST_VARIANCE * variances[0]).sum()))
    projection = directions[:, :kept] / np.sqrt(variances[:kept])
    return Whitening(mean.astype(np.float32), np.ascontiguousarray(projection, dtype=np.float32))


def unit_rows(vectors: Floats) -> Floats:
    """Cut rows to unit length.

    Args:
        vectors: float32 (n, dim).

    Returns:
        float32 (n, dim); a row of zeros stays one.
    """
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))[:, None]
    scaled: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled


def _blocks(vectors: NDArray[np.float32] | NDArray[np.float16]) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(vectors), _ROWS_PER_FIT):
        yield vectors[start : start + _ROWS_PER_FIT].astype(np.float64)
