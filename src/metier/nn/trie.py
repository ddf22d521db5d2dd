"""A prefix trie: which class may come after which, so that only sequences of a list are written."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROOT: Final = 0
NOWHERE: Final = -1
Ints = NDArray[np.int64]


class PrefixTrie:
    """Sequences of classes, each closed by an end, as sorted edges."""

    def __init__(self, sequences: Sequence[Sequence[int]], *, n_classes: int, end: int) -> None:
        """Build the trie.

        Args:
            sequences: Without their ends; none at all is allowed, and repeats are.
            n_classes: How many classes there are, the end among them.
            end: The class that closes a sequence, and stands nowhere else in one.
        """
        self._n_classes = n_classes
        self._end = end
        edges: dict[int, int] = {}  # node * n_classes + class -> node
        for sequence in sequences:
            node = ROOT
            for number in (*sequence, end):
                node = edges.setdefault(node * n_classes + number, len(edges) + 1)
        keys = sorted(edges)
        self._keys: Ints = np.array([*keys, np.iinfo(np.int64).max], dtype=np.int64)  # the last is past every edge
        self._nodes = np.array([*(edges[key] for key in keys), NOWHERE], dtype=np.int32)
        self.depth = max((len(sequence) + 1 for sequence in sequences), default=0)  # ends counted

    def follow(self, nodes: Ints, classes: Ints) -> Ints:
        """Go from each node along an edge: the nodes that are reached, -1 where there is no such edge."""
        keys = nodes * self._n_classes + classes
        places = np.searchsorted(self._keys, keys)
        return np.where((self._keys[places] == keys) & (nodes >= ROOT), self._nodes[places], NOWHERE)

    def allowed(self, nodes: Ints) -> NDArray[np.bool_]:
        """Give bool (n_nodes, n_classes): which classes may come after each node; none after -1."""
        firsts, lasts = (np.searchsorted(self._keys, (nodes + i) * self._n_classes) for i in (0, 1))
        counts = np.where(nodes >= ROOT, lasts - firsts, 0)
        rows = np.repeat(np.arange(len(nodes)), counts)
        places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + firsts[rows]
        allowed = np.zeros((len(nodes), self._n_classes), dtype=bool)
        allowed[rows, self._keys[places] % self._n_classes] = True
        return allowed

    def after(self, prefix: Sequence[int]) -> Ints:
        """Give the classes that may come after a prefix, rising; none after one that no sequence has."""
        node = self.nodes(prefix)[-1] if prefix else ROOT
        return np.flatnonzero(self.allowed(np.array([node], dtype=np.int64))[0])

    def leaves(self, sequences: Sequence[Sequence[int]]) -> Ints:
        """Give the node at the end of each sequence, -1 where it is none of the trie's."""
        return np.array([self.nodes((*sequence, self._end))[-1] for sequence in sequences], dtype=np.int64)

    def nodes(self, prefix: Sequence[int]) -> list[int]:
        """Give the node that each class of a prefix leads to, -1 from where no sequence begins so."""
        found = []
        node = ROOT
        for number in prefix:
            key = node * self._n_classes + number
            place = int(np.searchsorted(self._keys, key))
            node = int(self._nodes[place]) if node >= ROOT and self._keys[place] == key else NOWHERE
            found.append(node)
        return found
