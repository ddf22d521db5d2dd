"""What a generator is taught: at each piece where there is a choice, which of the pieces that may come is right.

Beside the right label, the targets may hold what the encoder's own cosines say of every label (the nearest are likely),
summed over the labels that begin with each piece: distillation (Hinton, Vinyals and Dean, 2015) of a search by vectors
into a network that writes.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.linking.generator_network import LabelNetwork
from metier.linking.label_trie import LabelTrie
from metier.nn.trie import ROOT, PrefixTrie
from metier.training.linker_pairs import Pair

Ints = NDArray[np.int64]
_LABELS_PER_BATCH: Final = 256


class LabelTask:
    """The labels to be written, and the loss of writing them."""

    def __init__(
        self,
        network: LabelNetwork,
        labels: Sequence[str],
        *,
        smoothing: float = 0.0,
        teacher_share: float = 0.0,
        temperature: float = 0.05,
    ) -> None:
        """Cut the labels and build their trie.

        Args:
            network: What writes.
            labels: Of the concepts, in taxonomy order.
            smoothing: The share of the targets that goes to all pieces that may come alike.
            teacher_share: The share of the rest that goes by the encoder's cosines.
            temperature: Of the cosines.
        """
        self._network = network
        self._trie = LabelTrie(network.label_classes(labels), n_classes=network.n_classes, end=network.end)
        self._paths = [(*self._trie.path(row), network.end) for row in range(len(labels))]
        self._smoothing = smoothing
        self._teacher_share = teacher_share
        self._teacher = (
            Teacher(label_vectors(network, labels), self._paths, self._trie.prefixes, temperature=temperature)
            if teacher_share
            else None
        )

    def loss(self, pairs: Sequence[Pair]) -> Tensor:
        """Give the mean over pairs of the cross-entropy of their labels, in nats.

        Args:
            pairs: At least one.

        Returns:
            A number; 0 where no label has a rival.
        """
        classes, nodes, allowed, asked = self._places([self._paths[pair.skill] for pair in pairs])
        source = self._network.read([pair.text for pair in pairs], [pair.span for pair in pairs])
        right = torch.from_numpy(classes[asked])
        logits = self._network.logits(source, torch.from_numpy(classes), torch.from_numpy(asked)).float()
        targets = torch.nn.functional.one_hot(right, self._network.n_classes).float()
        if self._teacher is not None:
            shares = self._teacher.shares(source.mean, np.nonzero(asked)[0], nodes[asked], allowed)
            targets = torch.lerp(targets, shares, self._teacher_share)
        may_come = torch.from_numpy(allowed)
        return target_loss(logits, targets, may_come, smoothing=self._smoothing) / len(pairs)

    def _places(self, paths: Sequence[Sequence[int]]) -> tuple[Ints, Ints, NDArray[np.bool_], NDArray[np.bool_]]:
        """Lay paths side by side: classes, nodes, what may come where there is a choice, and where that is."""
        classes = np.full((len(paths), max(map(len, paths))), self._network.end, dtype=np.int64)
        asked = np.zeros(classes.shape, dtype=np.bool_)
        for row, path in enumerate(paths):
            classes[row, : len(path)] = path
            asked[row, : len(path)] = True
        nodes = np.full(classes.shape, ROOT, dtype=np.int64)
        for step in range(1, classes.shape[1]):
            nodes[:, step] = self._trie.prefixes.follow(nodes[:, step - 1], classes[:, step - 1])
        allowed = self._trie.prefixes.allowed(nodes[asked])
        open_places = allowed.sum(axis=1) > 1
        asked[asked] = open_places
        n_steps = int(np.flatnonzero(asked.any(axis=0)).max(initial=0)) + 1
        return classes[:, :n_steps], nodes[:, :n_steps], allowed[open_places], asked[:, :n_steps]


class Teacher:
    """What the cosines of labels say of the pieces that may come."""

    def __init__(
        self, vectors: Tensor, paths: Sequence[tuple[int, ...]], trie: PrefixTrie, *, temperature: float
    ) -> None:
        """Number the leaves in such an order that those under a node stand together.

        Args:
            vectors: float32 (n_labels, dim), of unit length.
            paths: Of each label in the trie, its end with it.
            trie: Holds the paths.
            temperature: Above 0.
        """
        leaves = {path: number for number, path in enumerate(sorted(set(paths)))}
        self._vectors = vectors
        self._trie = trie
        self._temperature = temperature
        self._leaf_of_label = torch.tensor([leaves[path] for path in paths])
        self._n_leaves = len(leaves)
        bounds: dict[int, tuple[int, int]] = {}
        for path, number in leaves.items():
            for node in trie.nodes(path):
                bounds[node] = (bounds.get(node, (number, 0))[0], number + 1)
        self._bounds: Ints = np.array([bounds[node] for node in range(1, len(bounds) + 1)], dtype=np.int64)

    def shares(self, means: Tensor, texts: Ints, nodes: Ints, allowed: NDArray[np.bool_]) -> Tensor:
        """Share the probability of labels among the pieces that they go on with.

        Args:
            means: float32 (n_texts, dim), of unit length.
            texts: int64 (places,), the row of each place's text.
            nodes: int64 (places,), where each is in the trie.
            allowed: bool (places, classes), what may come there.

        Returns:
            float32 (places, classes), rows that sum to one, 0 where a class may not come.
        """
        probabilities = torch.softmax(means.detach().double() @ self._vectors.T / self._temperature, dim=1)
        of_leaves = torch.zeros(len(means), self._n_leaves + 1, dtype=torch.double)
        of_leaves.index_add_(1, self._leaf_of_label + 1, probabilities)
        below = of_leaves.cumsum(dim=1)  # (texts, leaves + 1): of all leaves before each
        rows, classes = np.nonzero(allowed)
        first, last = self._bounds[self._trie.follow(nodes[rows], classes) - 1].T
        shares = torch.zeros(allowed.shape, dtype=torch.double)
        shares[rows, classes] = below[texts[rows], last] - below[texts[rows], first] + 1e-12
        return (shares / shares.sum(dim=1, keepdim=True)).float()


def label_vectors(network: LabelNetwork, labels: Sequence[str]) -> Tensor:
    """Read labels: float64 (n_labels, dim), unit mean vectors."""
    order = sorted(range(len(labels)), key=lambda row: len(labels[row]))
    blocks = []
    for start in range(0, len(order), _LABELS_PER_BATCH):
        block = [labels[row] for row in order[start : start + _LABELS_PER_BATCH]]
        with torch.no_grad():
            blocks.append(network.read(block, [None] * len(block)).mean)
    found = torch.cat(blocks).double()
    vectors = torch.empty_like(found)
    vectors[order] = found
    return vectors


def target_loss(logits: Tensor, targets: Tensor, allowed: Tensor, *, smoothing: float) -> Tensor:
    """Give the cross-entropy among the allowed classes, summed, with label smoothing.

    Szegedy et al. (2016), section 7: the targets keep 1 - smoothing, and all that are allowed share the rest.

    Args:
        logits: float32 (places, classes).
        targets: float32 (places, classes), rows that sum to one, 0 where a class is not allowed.
        allowed: bool (places, classes), at least two in each row.
        smoothing: In [0, 1].

    Returns:
        A number of nats; 0 without a place.
    """
    found = torch.log_softmax(logits.masked_fill(~allowed, -torch.inf), dim=-1).masked_fill(~allowed, 0)
    right = (targets * found).sum()
    mean = (found.sum(dim=1) / allowed.sum(dim=1)).sum()
    return -((1 - smoothing) * right + smoothing * mean)
