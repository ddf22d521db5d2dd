"""Every label of a taxonomy as a path in a prefix trie, and the concepts at the end of each.

A label is written until it is told apart from all others: what would follow is certain, and of no interest to a
network whose probability is shared among the pieces that may come.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from metier.nn.trie import PrefixTrie


class LabelTrie:
    """What may be written so that it is a label, and which concepts are called so."""

    def __init__(
        self, labels: Sequence[Sequence[int]], *, n_classes: int, end: int, concepts: Sequence[int] | None = None
    ) -> None:
        """Build the trie.

        Args:
            labels: The classes of each label, without its end. They need not differ: labels may be cut into the same
                pieces. One without a class has no path.
            n_classes: How many classes there are, the end among them.
            end: The class that closes a label, and stands nowhere else in one.
            concepts: The row of each label's concept; by default the label's own number. Alternative labels are
                labels with the row of their concept.
        """
        rows = range(len(labels)) if concepts is None else concepts
        named: dict[tuple[int, ...], set[int]] = {}
        for label, row in zip(labels, rows, strict=True):
            if len(label):
                named.setdefault(tuple(label), set()).add(row)
        paths = told_apart(list(named))
        self.prefixes = PrefixTrie(list(paths.values()), n_classes=n_classes, end=end)
        self._paths = [paths.get(tuple(label), ()) for label in labels]
        leaves = self.prefixes.leaves(list(paths.values()))
        order = np.argsort(leaves)
        self._leaves = leaves[order]
        labels_of_paths = list(paths)
        held = [sorted(named[labels_of_paths[number]]) for number in order.tolist()]
        self._offsets = np.cumsum([0, *map(len, held)], dtype=np.int32)
        self._rows = np.array([row for rows_held in held for row in rows_held], dtype=np.int32)

    def allowed(self, prefix: Sequence[int]) -> NDArray[np.int64]:
        """Give the classes that may come after a prefix, rising.

        Args:
            prefix: Classes; none at the start of a label.

        Returns:
            Class numbers; the end where the prefix is a label or tells one apart; none where no label begins so.
        """
        return self.prefixes.after(prefix)

    def path(self, number: int) -> tuple[int, ...]:
        """Give what is written of a label, without the end; nothing of a label without a class.

        Args:
            number: Of the label.

        Returns:
            Its first classes, as many as tell it apart from every label that is cut differently.
        """
        return self._paths[number]

    def concepts(self, path: Sequence[int]) -> tuple[int, ...]:
        """Give the rows of the concepts whose label a path tells apart.

        Args:
            path: Classes, without the end.

        Returns:
            Rows, rising; none where this is no path.
        """
        (leaf,) = self.prefixes.leaves([path])
        place = int(np.searchsorted(self._leaves, leaf))
        if place == len(self._leaves) or self._leaves[place] != leaf:
            return ()
        return tuple(self._rows[self._offsets[place] : self._offsets[place + 1]].tolist())


def told_apart(labels: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Cut labels to what tells them apart.

    Args:
        labels: All different.

    Returns:
        For each label, its shortest beginning that no other label has, or all of it where another begins with it.
    """
    ordered = sorted(labels)
    shared = [_n_shared(one, other) for one, other in pairwise(ordered)]
    around = zip([0, *shared], [*shared, 0], strict=True)  # one, of zeros, where there is no label
    return {label: label[: max(n_shared) + 1] for label, n_shared in zip(ordered, around, strict=False)}


def _n_shared(one: Sequence[int], other: Sequence[int]) -> int:
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same
