"""How many edits turn one text into another."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def edit_distances(text: str, others: Sequence[str]) -> NDArray[np.int64]:
    """Count the insertions, deletions and replacements of characters between a text and others.

    Levenshtein (1966), Binary codes capable of correcting deletions, insertions, and reversals; all others at once.

    Args:
        text: Any text.
        others: Any texts.

    Returns:
        int64 (n_others,).
    """
    width = max(map(len, others), default=0)
    letters = np.full((len(others), width), -1)
    for row, other in zip(letters, others, strict=True):
        row[: len(other)] = [ord(character) for character in other]
    places = np.arange(width + 1)
    costs = np.tile(places, (len(others), 1))  # (n_others, width + 1): of the text so far against each beginning
    for n_read, character in enumerate(text, start=1):
        new = np.empty_like(costs)
        new[:, 0] = n_read
        new[:, 1:] = np.minimum(costs[:, 1:] + 1, costs[:, :-1] + (letters != ord(character)))
        costs = np.minimum.accumulate(new - places, axis=1) + places  # an insertion costs one per place
    return costs[np.arange(len(others)), [len(other) for other in others]]
