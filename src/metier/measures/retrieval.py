"""How well people are found for a project: the measures of Malt (2024) with their edge cases settled, and nDCG.

Malt (2024): the two-tower freelancer retriever of RecSys in HR 2024, section 4.2. Each function takes one project and
gives NaN where its measure is undefined there: such a project is to be left out of the mean, and how many were left in
is to be said. Averaging over projects is theirs too: the mean of their table 2, weighted by projects, is their table 1.
"""

from collections.abc import Sequence, Set
from math import nan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Columns = NDArray[np.integer]


def nearest(similarities: Floats, *, k: int) -> Columns:
    """Give the columns of the `k` highest values.

    Args:
        similarities: (n_profiles,), without NaN.
        k: How many; fewer come back where there are fewer.

    Returns:
        int64 (<= k,), by falling value; ties keep their order.
    """
    if k >= len(similarities):
        return np.argsort(-similarities, kind="stable")[:k]
    last = -np.partition(-similarities, k - 1)[k - 1]
    above = np.flatnonzero(similarities > last)
    ties = np.flatnonzero(similarities == last)[: k - len(above)]
    return np.concatenate([above[np.argsort(-similarities[above], kind="stable")], ties])


def score_recall_single(positives: Floats, negatives: Floats) -> float:
    """Give the share of the positives that lie above every negative (Malt, 2024, "score recall, single").

    Args:
        positives: (n_positives,), the similarities of those who said yes.
        negatives: (n_negatives,), of those who do not fit.

    Returns:
        In [0, 1]; a tie is not above. NaN without a positive or without a negative, which would count as 1 for nothing.
    """
    return float((positives > negatives.max()).mean()) if len(positives) and len(negatives) else nan


def score_recall_all(positives: Floats, negatives: Floats) -> float:
    """Say whether the positives lie above the negatives on average (Malt, 2024, "score recall, all").

    Args:
        positives: (n_positives,).
        negatives: (n_negatives,).

    Returns:
        0 or 1; random values have 0.5 on average. NaN without a positive or without a negative.
    """
    return float(positives.mean() > negatives.mean()) if len(positives) and len(negatives) else nan


def area_under_curve(positives: Floats, negatives: Floats) -> float:
    """Give the share of the pairs of a positive and a negative that are in the right order.

    The area under the ROC curve as the statistic of Mann and Whitney (1947): a tie counts half.

    Args:
        positives: (n_positives,).
        negatives: (n_negatives,).

    Returns:
        In [0, 1]; random values have 0.5. NaN without a positive or without a negative.
    """
    if not (len(positives) and len(negatives)):
        return nan
    above, tied = np.greater.outer(positives, negatives), np.equal.outer(positives, negatives)
    return float(above.mean() + tied.mean() / 2)


def retrieved(found: Columns, wanted: Columns) -> float:
    """Give the share of some profiles that were found (Malt, 2024, "retrieved positives", "retrieved negatives").

    Args:
        found: The columns of the profiles found, all different.
        wanted: The columns of those with one kind of feedback, or of those that fit in truth, all different.

    Returns:
        In [0, 1]: |found and wanted| / |wanted|. NaN where nothing is wanted.
    """
    return float(np.isin(wanted, found).mean()) if len(wanted) else nan


def attribute_overlap(asked: Set[str], offered: Sequence[Set[str]]) -> float:
    """Give the share of what a project asks for that a profile found has, on average over those found.

    Malt (2024), "A-overlap": the mean over the profiles f of |asked and offered by f| / |asked|.

    Args:
        asked: The attributes of the project, such as its skills.
        offered: Those of each profile found.

    Returns:
        In [0, 1]; 0 where nothing was found. NaN where nothing is asked.
    """
    if not asked:
        return nan
    return float(np.mean([len(asked & some) for some in offered]) / len(asked)) if offered else 0.0


def discounted_gain(gains: Floats) -> float:
    """Add up what a ranking gains, less the lower it stands.

    Jarvelin and Kekalainen (2002), Cumulated Gain-Based Evaluation of IR Techniques, with the discount
    1 / log2(rank + 1) and linear gains: what is twice as good counts twice. (The other custom, 2^gain - 1, is made for
    grades such as 0 to 4.)

    Args:
        gains: (depth,), of what stands at each rank, best first; 0 or more.

    Returns:
        The sum of gain / log2(rank + 1).
    """
    return float((gains / np.log2(np.arange(len(gains)) + 2)).sum())


def normalized_gain(gains: Floats, found: Columns, *, k: int) -> float:
    """Compare what a ranking gains among its first `k` with what the best one would: nDCG@k, see `discounted_gain`.

    Args:
        gains: (n_profiles,), how well each profile fits in truth, 0 or more.
        found: The columns found, best first, all different.
        k: Ranks to look at.

    Returns:
        In [0, 1]. NaN where no profile fits at all.
    """
    best = np.sort(np.partition(gains, -k)[-k:] if k < len(gains) else gains)[::-1]
    most = discounted_gain(best)
    return discounted_gain(gains[found[:k]]) / most if most else nan


def reciprocal_rank(found: Columns, wanted: Columns) -> float:
    """Give 1 / the rank of the first profile that is wanted (reciprocal rank; its mean is the MRR).

    Args:
        found: The columns found, best first, all different.
        wanted: The columns of those that fit.

    Returns:
        In [0, 1]; 0 where none was found. NaN where nothing is wanted.
    """
    if not len(wanted):
        return nan
    ranks = np.flatnonzero(np.isin(found, wanted))
    return float(1 / (ranks[0] + 1)) if len(ranks) else 0.0
