"""Two retrievers as one: what a hybrid of vectors and words is made of."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Hit, Profile, Project, Where
from metier.matching.hits import best_hits
from metier.protocols import Floats, Retriever

Merge = Callable[[Floats, Floats], Floats]
_RANK_OFFSET: Final = 60  # k of the paper, chosen there on other data and found to matter little


class Fusion:
    """Merges what two retrievers say of the same profiles; see `metier.protocols.Retriever`.

    A side that says nothing of a project (all profiles are equally close: none shares a word with it) adds nothing, so
    that the order is the other side's.
    """

    def __init__(self, first: Retriever, second: Retriever, *, profiles: Sequence[Profile], merge: Merge) -> None:
        """Take the retrievers.

        Args:
            first: Such as a `DenseRetriever`.
            second: Such as a `Bm25`.
            profiles: Which both were made with, in the same order.
            merge: `reciprocal_ranks`, or `partial(weighted_sum, share=...)`.
        """
        self._sides = first, second
        self._profiles = profiles
        self._merge = merge

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Merge how well every profile fits each project; see `metier.protocols.Retriever`.

        Args:
            projects: Any.

        Returns:
            float32 (n_projects, n_profiles); only the order within a row means something.
        """
        first, second = (side.compare(projects) for side in self._sides)
        return self._merge(first, second)

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` profiles that both sides together put first; see `metier.protocols.Retriever`.

        Args:
            projects: Any.
            k: Hits per project; fewer if fewer profiles pass the filter.
            where: What every hit must fulfil. Ranks and means are those among all profiles, whatever the filter.

        Returns:
            One list per project, in order, by falling similarity; ties keep the order of the profiles.
        """
        return best_hits(self.compare, projects, profiles=self._profiles, k=k, where=where)


def reciprocal_ranks(first: Floats, second: Floats) -> Floats:
    """Merge by ranks: sum over both of 1 / (60 + rank) (Cormack, Clarke and Büttcher, 2009, RRFscore).

    Args:
        first: float32 (n_projects, n_profiles), higher is closer.
        second: Of the same shape, on any other scale.

    Returns:
        float32 (n_projects, n_profiles). Equal values of a side have the same rank, the best of theirs; a row that is
        all equal adds 0.
    """
    return _reciprocal_ranks(first) + _reciprocal_ranks(second)


def weighted_sum(first: Floats, second: Floats, *, share: float = 0.5) -> Floats:
    """Merge by values, each row first brought to mean 0 and deviation 1.

    Args:
        first: float32 (n_projects, n_profiles), higher is closer.
        second: Of the same shape, on any other scale.
        share: Of the first, in [0, 1]; the second has the rest.

    Returns:
        float32 (n_projects, n_profiles). A row that is all equal adds 0.
    """
    return (share * _standard(first) + (1 - share) * _standard(second)).astype(np.float32)


def _reciprocal_ranks(similarities: Floats) -> Floats:
    merged = np.zeros(similarities.shape, dtype=np.float32)
    for row, values in zip(merged, similarities, strict=True):
        rising = np.sort(values)
        if len(rising) and rising[0] < rising[-1]:
            n_above = len(rising) - np.searchsorted(rising, values, side="right")
            row[:] = 1 / (_RANK_OFFSET + 1 + n_above)
    return merged


def _standard(similarities: Floats) -> NDArray[np.float64]:
    wide = similarities.astype(np.float64)
    if not wide.size:
        return wide
    constant = wide.min(axis=1, keepdims=True) == wide.max(axis=1, keepdims=True)
    away = np.where(constant, 0, wide - wide.mean(axis=1, keepdims=True))
    return away / np.where(constant, 1, wide.std(axis=1, keepdims=True))
