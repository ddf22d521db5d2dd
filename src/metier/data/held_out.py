"""A part of annotated texts set aside, the same one each time."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from metier.data.spanned_text import SpannedText

_EVERY: Final = 5  # blocks, of which the last is set aside
_BLOCK: Final = 25  # texts that count as a posting where the file does not say: neighbours often are of one


def hold_out(rows: Sequence[SpannedText]) -> tuple[list[SpannedText], list[SpannedText]]:
    """Set every fifth posting aside.

    Args:
        rows: In file order; where none names its posting, each 25 in a row count as one.

    Returns:
        The rows to learn from, and those that were set aside, each in file order; none are set aside of fewer than
        five postings.
    """
    if any(row.posting for row in rows):
        blocks = [0, *accumulate(int(before.posting != after.posting) for before, after in pairwise(rows))]
    else:
        blocks = [place // _BLOCK for place in range(len(rows))]
    aside = [block % _EVERY == _EVERY - 1 for block in blocks]
    kept = [row for row, is_aside in zip(rows, aside, strict=True) if not is_aside]
    return kept, [row for row, is_aside in zip(rows, aside, strict=True) if is_aside]
