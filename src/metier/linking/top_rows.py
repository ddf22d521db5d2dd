"""The highest of many scores, in an order that does not depend on how they are looked for."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_ROWS_PER_GROUP: Final = 32  # of which the highest score is looked at first: finding the top takes a tenth of the time
_FEW: Final = 4  # candidates up to which the highest score is looked for again and again


def top_rows(scores: Floats, k: int) -> NDArray[np.int64]:
    """Give the rows of the `k` highest scores, highest first; ties keep row order."""
    n_groups = len(scores) // _ROWS_PER_GROUP
    if 0 < k <= n_groups:
        best = scores[: n_groups * _ROWS_PER_GROUP].reshape(_ROWS_PER_GROUP, n_groups).max(axis=0)
        least = np.partition(best, n_groups - k)[n_groups - k]  # k groups hold a score as high: all k highest are
        rows = np.flatnonzero(scores >= least)
    else:
        rows = np.arange(len(scores))
    return rows[np.argsort(-scores[rows], kind="stable")][:k]


def tops(scores: Floats, k: int) -> tuple[NDArray[np.int64], Floats]:
    """Give the best of each of many rows; `scores` may be spoilt.

    Args:
        scores: float32 (n, n_scores).
        k: At most n_scores.

    Returns:
        What `top_rows` gives of each, int64 (n, k), and their scores, float32 (n, k).
    """
    order = np.zeros((len(scores), k), np.int64)
    if k > _FEW:
        for i, row in enumerate(scores):
            order[i] = top_rows(row, k)
        return order, np.take_along_axis(scores, order, axis=1)
    highest = np.zeros(order.shape, np.float32)
    every = np.arange(len(scores))
    for place in range(k):  # the first of equals each time
        order[:, place] = scores.argmax(axis=1)
        highest[:, place] = scores[every, order[:, place]]
        scores[every, order[:, place]] = -np.inf
    return order, highest
