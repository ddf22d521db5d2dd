"""Mentions as two parallel layers of B, I and O tags, and back."""

from collections.abc import Sequence
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from metier.domain import MentionKind
from metier.nn.chain import B, I, O

LAYERS: Final[tuple[MentionKind, ...]] = get_args(MentionKind)
_TAG: Final = {"O": O, "B": B, "I": I}


def tags_to_ids(tags: Sequence[str]) -> NDArray[np.int64]:
    """Read a layer of tags and repair it.

    The one rule of repair: an I that does not follow a B or an I begins a span, so it becomes B.

    Args:
        tags: `B`, `I` and `O`, or with a type behind (`B-Skill`); anything else counts as O.

    Returns:
        int64 (n_words,), values O = 0, B = 1, I = 2; legal.
    """
    ids = np.array([_TAG.get(tag[:1], O) for tag in tags], dtype=np.int64)
    orphans = (ids == I) & (np.concatenate([[O], ids[:-1]]) == O)
    ids[orphans] = B
    return ids


def spans_of(ids: NDArray[np.int8] | NDArray[np.int64]) -> list[tuple[int, int]]:
    """List the spans of a legal layer: every B opens one, the I behind it belong to it.

    Args:
        ids: (n_words,), legal.

    Returns:
        Word ranges, half-open, in order. Adjacent spans stay apart.
    """
    spans = []
    for start in np.flatnonzero(ids == B):
        end = int(start) + 1
        while end < len(ids) and ids[end] == I:
            end += 1
        spans.append((int(start), end))
    return spans
