"""Beam search over title words, with or without a list of titles to stay within; needs the extra `train`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.titles.sequence_network import Encoded, SequenceNetwork

END: Final = 0  # the class that ends a title
UNKNOWN: Final = 1  # the class of all words that the network cannot write
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A title as the classes of its words, and the mean log-probability of these and of the end."""

    classes: tuple[int, ...]
    log_probability: float  # per word: long titles are not punished for their length


class TitleTrie:
    """The sequences that a list of titles allows."""

    def __init__(self, sequences: Sequence[Sequence[int]], *, n_classes: int) -> None:
        """Build the trie.

        Args:
            sequences: The classes of each title, without the end.
            n_classes: How many classes there are.
        """
        self._n_classes = n_classes
        edges: dict[int, int] = {}  # node * n_classes + class -> node
        for sequence in sequences:
            node = 0
            for number in (*sequence, END):
                node = edges.setdefault(node * n_classes + number, len(edges) + 1)
        self._keys: Ints = np.array(sorted(edges), dtype=np.int64)
        self._nodes: Ints = np.array([edges[key] for key in self._keys.tolist()], dtype=np.int64)
        self.depth = max((len(sequence) + 1 for sequence in sequences), default=0)

    def follow(self, nodes: Ints, classes: Ints) -> Ints:
        """Go from each node along an edge: the nodes that are reached, -1 where there is no such edge."""
        keys = nodes * self._n_classes + classes
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where((self._keys[places] == keys) & (nodes >= 0), self._nodes[places], -1)

    def allowed(self, nodes: Ints) -> Tensor:
        """Give bool (n_nodes, n_classes): which classes may come after each node."""
        firsts, lasts = (np.searchsorted(self._keys, (nodes + i) * self._n_classes) for i in (0, 1))
        counts = np.where(nodes >= 0, lasts - firsts, 0)
        rows = np.repeat(np.arange(len(nodes)), counts)
        places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + firsts[rows]
        allowed = np.zeros((len(nodes), self._n_classes), dtype=bool)
        allowed[rows, self._keys[places] % self._n_classes] = True
        return torch.from_numpy(allowed)


@dataclass(slots=True)
class _Beams:
    """The unfinished titles of each description, best first, and the best finished ones."""

    state: Tensor  # (texts, beams, hidden)
    classes: Tensor  # (texts, beams, steps)
    sums: Tensor  # (texts, beams): log-probability so far; -inf: no title
    nodes: Ints  # (texts, beams): where each is in the trie
    finished: Tensor  # (texts, width): mean log-probabilities; -inf: none
    finished_classes: Tensor  # (texts, width, longest), END after the title


def beam_search(
    network: SequenceNetwork,
    encoded: Encoded,
    *,
    inputs: Tensor,
    width: int,
    longest: int,
    trie: TitleTrie | None = None,
) -> list[list[Hypothesis]]:
    """Find likely titles.

    Args:
        network: In evaluation mode.
        encoded: The descriptions, at least one.
        inputs: float32 (n_classes, dim), the vector that stands for each class when it was the word before.
        width: Titles that are kept at every step, and that come back at most.
        longest: Classes of a title at most, its end included; with a trie, its depth counts.
        trie: The titles to choose among; by default any words but the unknown.

    Returns:
        One list per description, by falling mean log-probability; no title is empty.
    """
    longest = trie.depth if trie else longest
    with torch.inference_mode():
        beams = _start(encoded, width=width, longest=longest)
        previous = torch.zeros(len(beams.sums), 1, inputs.shape[1])
        for step in range(longest):
            beams.state = network.write(previous, beams.state, encoded)
            continued = beams.sums[:, :, None] + _log_probabilities(network, beams, trie, first=step == 0)
            _finish(beams, continued[:, :, END], step)
            continued[:, :, END] = -torch.inf
            _go_on(beams, continued, width, trie)
            if _is_settled(beams, longest):
                break
            previous = inputs[beams.classes[:, :, -1]]
    return _hypotheses(beams)


def _start(encoded: Encoded, *, width: int, longest: int) -> _Beams:
    n_texts = len(encoded.last)
    return _Beams(
        state=encoded.last[:, None],
        classes=torch.zeros(n_texts, 1, 0, dtype=torch.long),
        sums=torch.zeros(n_texts, 1),
        nodes=np.zeros((n_texts, 1), dtype=np.int64),
        finished=torch.full((n_texts, width), -torch.inf),
        finished_classes=torch.full((n_texts, width, longest), END),
    )


def _log_probabilities(network: SequenceNetwork, beams: _Beams, trie: TitleTrie | None, *, first: bool) -> Tensor:
    """Of every class after every beam: (texts, beams, classes), -inf where it may not come."""
    found = torch.log_softmax(network.output(beams.state), dim=-1)
    if first:
        found[:, :, END] = -torch.inf  # a title has a word
    if trie is None:
        found[:, :, UNKNOWN] = -torch.inf
        return found
    return found.masked_fill(~trie.allowed(beams.nodes.ravel()).view(found.shape), -torch.inf)


def _finish(beams: _Beams, ended: Tensor, step: int) -> None:
    """Let titles that end here compete with those that ended before."""
    n_texts, width, longest = beams.finished_classes.shape
    classes = torch.full((n_texts, ended.shape[1], longest), END)
    classes[:, :, :step] = beams.classes
    means = torch.cat([beams.finished, ended / (step + 1)], dim=1)
    beams.finished, kept = means.topk(width, dim=1)
    every = torch.cat([beams.finished_classes, classes], dim=1)
    beams.finished_classes = every.gather(1, kept[:, :, None].expand(-1, -1, longest))


def _go_on(beams: _Beams, continued: Tensor, width: int, trie: TitleTrie | None) -> None:
    """Keep the likeliest unfinished titles, each one word longer."""
    n_classes = continued.shape[2]
    flat = continued.flatten(1)  # (texts, beams * classes)
    beams.sums, kept = flat.topk(min(width, flat.shape[1]), dim=1)
    parents, classes = kept // n_classes, kept % n_classes
    rows = torch.arange(len(kept))[:, None]
    beams.state = beams.state[rows, parents]
    beams.classes = torch.cat([beams.classes[rows, parents], classes[:, :, None]], dim=2)
    if trie:
        beams.nodes = trie.follow(beams.nodes[rows.numpy(), parents.numpy()], classes.numpy())
    else:
        beams.nodes = np.zeros(kept.shape, dtype=np.int64)


def _is_settled(beams: _Beams, longest: int) -> bool:
    """Tell whether no unfinished title can still come among the best: further words can only lower its sum."""
    return bool((beams.sums[:, 0] / longest <= beams.finished[:, -1]).all())


def _hypotheses(beams: _Beams) -> list[list[Hypothesis]]:
    found = []
    for means, titles in zip(beams.finished.tolist(), beams.finished_classes.tolist(), strict=True):
        real = [(mean, title) for mean, title in zip(means, titles, strict=True) if mean > -np.inf]
        found.append([Hypothesis(tuple(number for number in title if number != END), mean) for mean, title in real])
    return found
