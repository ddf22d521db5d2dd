"""Agreement between annotators who labelled the same items: Fleiss' kappa and Krippendorff's alpha."""

import numpy as np
from numpy.typing import NDArray

MISSING = -1  # in a table of labels: this annotator said nothing of this item

Labels = NDArray[np.int64]  # (n_annotators, n_items), a category >= 0 or MISSING


def fleiss_kappa(labels: Labels) -> float:
    """Compute Fleiss' kappa over the items that every annotator labelled.

    Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76(5): kappa is
    (P - Pe) / (1 - Pe). P is the mean over items of the share of pairs of annotators that agree, Pe the sum over
    categories of the squared share of all labels.

    Args:
        labels: int64 (n_annotators, n_items), two annotators at least.

    Returns:
        1 for perfect agreement, 0 for what chance would give, below 0 for less; nan where no item was labelled by all,
        or all labels are of one category, so that chance cannot be told from agreement.
    """
    complete = labels[:, (labels != MISSING).all(axis=0)]
    counts = _counts(complete)  # (n_items, n_categories)
    n_annotators = len(labels)
    if len(counts) == 0 or (counts.sum(axis=0) > 0).sum() < 2:
        return float("nan")
    agreeing = (counts * (counts - 1)).sum(axis=1) / (n_annotators * (n_annotators - 1))  # (n_items,)
    by_chance = ((counts.sum(axis=0) / counts.sum()) ** 2).sum()
    return float((agreeing.mean() - by_chance) / (1 - by_chance))


def krippendorff_alpha(labels: Labels) -> float:
    """Compute Krippendorff's alpha for nominal labels; items may lack some annotators.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, sections C and E: alpha is 1 - Do / De, over the
    coincidences of labels within items that have two labels or more.

    Args:
        labels: int64 (n_annotators, n_items), two annotators at least.

    Returns:
        1 for perfect agreement, 0 for what chance would give, below 0 for less; nan where no item has two labels, or
        all labels of such items are of one category.
    """
    counts = _counts(labels)
    counts = counts[counts.sum(axis=1) >= 2]
    totals = counts.sum(axis=0)  # (n_categories,) n_c
    if (totals > 0).sum() < 2:
        return float("nan")
    n_labels = counts.sum(axis=1)  # (n_items,) m_u
    same = (counts * (counts - 1)).sum(axis=1)
    observed = ((n_labels * (n_labels - 1) - same) / (n_labels - 1)).sum()  # Do, times n
    total = totals.sum()
    expected = (total**2 - (totals**2).sum()) / (total - 1)  # De, times n
    return float(1 - observed / expected)


def _counts(labels: Labels) -> NDArray[np.int64]:
    """Count the labels of each category: int64 (n_items, n_categories)."""
    n_categories = int(labels.max(initial=MISSING)) + 1
    counts: NDArray[np.int64] = (labels[:, :, None] == np.arange(n_categories)).sum(axis=0)
    return counts
