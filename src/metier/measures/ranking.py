"""Ranking measures, one value per query, so that means and intervals come from the same numbers.

A query without an answer has the value 0 everywhere; to leave such queries out, keep `values[n_answers > 0]`.
"""

from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Relevance = NDArray[np.bool_]  # (n_queries, depth): whether the answer at each rank is right


def relevance(
    rankings: Sequence[Sequence[Hashable]], answers: Sequence[Collection[Hashable]], *, depth: int
) -> Relevance:
    """Mark which ranks hold a right answer.

    Args:
        rankings: What was found for each query, best first; of equally good ones the given order stands.
            What comes twice counts at its first rank, and the ranks close up behind it.
        answers: What is right for each query.
        depth: Ranks to look at.

    Returns:
        bool (n_queries, depth); False behind the end of a ranking that is shorter.
    """
    marks = np.zeros((len(rankings), depth), dtype=np.bool_)
    for row, ranking, right in zip(marks, rankings, answers, strict=True):
        kept = list(dict.fromkeys(ranking))[:depth]
        row[: len(kept)] = [item in right for item in kept]
    return marks


def reciprocal_rank(relevant: Relevance) -> Floats:
    """Give 1 / the rank of the first right answer (Voorhees, 1999); 0 where there is none within the depth.

    Args:
        relevant: bool (n_queries, depth).

    Returns:
        float64 (n_queries,); its mean is the MRR.
    """
    if relevant.shape[1] == 0:
        return np.zeros(len(relevant))
    ranks = relevant.argmax(axis=1) + 1  # 1 where nothing is right, too
    return np.where(relevant.any(axis=1), 1 / ranks, 0.0)


def accuracy_at(relevant: Relevance, *, k: int) -> Floats:
    """Say whether a right answer is among the first k (Acc@k).

    Args:
        relevant: bool (n_queries, depth), k <= depth.
        k: Ranks to look at, at least 1.

    Returns:
        float64 (n_queries,), each 0 or 1.
    """
    return np.where(relevant[:, :k].any(axis=1), 1.0, 0.0)


def recall_at(relevant: Relevance, n_answers: NDArray[np.int64], *, k: int) -> Floats:
    """Give the share of the right answers that are among the first k.

    Args:
        relevant: bool (n_queries, depth), k <= depth.
        n_answers: int64 (n_queries,), how many different right answers each query has.
        k: Ranks to look at, at least 1.

    Returns:
        float64 (n_queries,).
    """
    return _share(relevant[:, :k].sum(axis=1), n_answers)


def r_precision_at(relevant: Relevance, n_answers: NDArray[np.int64], *, k: int) -> Floats:
    """Give the share of right answers among the first k out of as many as there could be (RP@k).

    Chalkidis et al. (2019), Large-Scale Multi-Label Text Classification on EU Legislation, section 4.2:
    hits among the first k / min(k, number of right answers).

    Args:
        relevant: bool (n_queries, depth), k <= depth.
        n_answers: int64 (n_queries,), how many different right answers each query has.
        k: Ranks to look at, at least 1.

    Returns:
        float64 (n_queries,).
    """
    return _share(relevant[:, :k].sum(axis=1), np.minimum(n_answers, k))


def average_precision(relevant: Relevance, n_answers: NDArray[np.int64]) -> Floats:
    """Give the mean over the right answers of the precision at their rank (Harman, 1992); unfound ones count 0.

    Args:
        relevant: bool (n_queries, depth).
        n_answers: int64 (n_queries,), how many different right answers each query has.

    Returns:
        float64 (n_queries,); its mean is the MAP.
    """
    precision = relevant.cumsum(axis=1) / np.arange(1, relevant.shape[1] + 1)
    precisions: Floats = np.where(relevant, precision, 0.0).sum(axis=1) / np.maximum(n_answers, 1)
    return precisions


def _share(hits: NDArray[np.int64], most: NDArray[np.int64]) -> Floats:
    shares: Floats = hits / np.maximum(most, 1)
    return shares
