"""Beam search: the likeliest sequences that a network would write, with or without a list to stay within.

Needs the extra `train`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.nn.trie import ROOT, PrefixTrie

Ints = NDArray[np.int64]


class Writer(Protocol):
    """Writes one sequence per beam and source, class by class; keeps what it needs of what it wrote."""

    n_sources: int

    def step(self, parents: Tensor, previous: Tensor | None) -> Tensor:
        """Lengthen the sequences by a class, and say what may come next.

        Args:
            parents: int64 (sources, beams): which beam of the step before each one goes on from; 0 at the start.
            previous: int64 (sources, beams), the classes that they are lengthened by; None at the start.

        Returns:
            float32 (sources, beams, classes), unnormalised log-probabilities; may be written over.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A sequence without its end, and its log-probability, over the number of its classes to the search's power."""

    classes: tuple[int, ...]
    log_probability: float


@dataclass(slots=True)
class _Beams:
    """The unfinished sequences of each source, best first, and the best finished ones."""

    classes: Tensor  # (sources, beams, steps)
    parents: Tensor  # (sources, beams): what each goes on from
    sums: Tensor  # (sources, beams): log-probability so far; -inf: no sequence
    nodes: Ints  # (sources, beams): where each is in the trie
    finished: Tensor  # (sources, width): log-probabilities, normalised by length; -inf: none
    finished_classes: Tensor  # (sources, width, longest), the end after the sequence


def beam_search(
    writer: Writer,
    *,
    end: int,
    width: int,
    longest: int,
    trie: PrefixTrie | None = None,
    never: Collection[int] = (),
    among_allowed: bool = False,
    length_power: float = 1.0,
) -> list[list[Hypothesis]]:
    """Find likely sequences.

    Args:
        writer: At its start.
        end: The class that ends a sequence.
        width: Sequences that are kept at every step, and that come back at most.
        longest: Classes of a sequence at most, its end included; with a trie, its depth counts.
        trie: The sequences to choose among; by default any.
        never: Classes that are never written.
        among_allowed: Whether probabilities are shared among the classes that may come, or among all of them.
        length_power: Sequences are compared by log-probability / classes ** power, their ends counted; 1: by the mean,
            which does not punish long ones; 0: by the probability of the whole.

    Returns:
        One list per source, by falling normalised log-probability; no sequence is empty.
    """
    longest = trie.depth if trie else longest
    with torch.inference_mode():
        beams = _start(writer.n_sources, width=width, longest=longest, end=end)
        previous = None
        for step in range(longest):
            logits = writer.step(beams.parents, previous)
            continued = beams.sums[:, :, None] + _log_probabilities(logits, beams, trie, among_allowed)
            continued[:, :, [*never, *([end] if step == 0 else [])]] = -torch.inf  # a sequence has a class
            _finish(beams, continued[:, :, end] / (step + 1) ** length_power, step, end)
            continued[:, :, end] = -torch.inf
            _go_on(beams, continued, width, trie)
            if _is_settled(beams, longest**length_power):
                break
            previous = beams.classes[:, :, -1]
    return _hypotheses(beams, end)


def _start(n_sources: int, *, width: int, longest: int, end: int) -> _Beams:
    return _Beams(
        classes=torch.zeros(n_sources, 1, 0, dtype=torch.long),
        parents=torch.zeros(n_sources, 1, dtype=torch.long),
        sums=torch.zeros(n_sources, 1),
        nodes=np.full((n_sources, 1), ROOT, dtype=np.int64),
        finished=torch.full((n_sources, width), -torch.inf),
        finished_classes=torch.full((n_sources, width, longest), end),
    )


def _log_probabilities(logits: Tensor, beams: _Beams, trie: PrefixTrie | None, among_allowed: bool) -> Tensor:
    """Of every class after every beam: (sources, beams, classes), -inf where it may not come."""
    if trie is None:
        return torch.log_softmax(logits, dim=-1)
    hidden = torch.from_numpy(~trie.allowed(beams.nodes.ravel())).view(logits.shape)
    if among_allowed:
        found = torch.log_softmax(logits.masked_fill_(hidden, -torch.inf), dim=-1)
        return found.nan_to_num_(nan=-torch.inf, neginf=-torch.inf)  # nothing may come
    return torch.log_softmax(logits, dim=-1).masked_fill_(hidden, -torch.inf)


def _finish(beams: _Beams, ended: Tensor, step: int, end: int) -> None:
    """Let sequences that end here compete with those that ended before."""
    n_sources, width, longest = beams.finished_classes.shape
    classes = torch.full((n_sources, ended.shape[1], longest), end)
    classes[:, :, :step] = beams.classes
    competing = torch.cat([beams.finished, ended], dim=1)
    beams.finished, kept = competing.topk(width, dim=1)
    every = torch.cat([beams.finished_classes, classes], dim=1)
    beams.finished_classes = every.gather(1, kept[:, :, None].expand(-1, -1, longest))


def _go_on(beams: _Beams, continued: Tensor, width: int, trie: PrefixTrie | None) -> None:
    """Keep the likeliest unfinished sequences, each one class longer; places that no source needs are dropped."""
    n_classes = continued.shape[2]
    flat = continued.flatten(1)  # (sources, beams * classes)
    n_kept = min(width, max(1, int((flat > -torch.inf).sum(dim=1).max())))
    beams.sums, kept = flat.topk(n_kept, dim=1)
    beams.parents, classes = kept // n_classes, kept % n_classes
    rows = torch.arange(len(kept))[:, None]
    beams.classes = torch.cat([beams.classes[rows, beams.parents], classes[:, :, None]], dim=2)
    nodes = beams.nodes[rows.numpy(), beams.parents.numpy()]
    beams.nodes = trie.follow(nodes, classes.numpy()) if trie else nodes


def _is_settled(beams: _Beams, most: float) -> bool:
    """Tell whether no unfinished sequence can still come among the best: further classes can only lower its sum."""
    return bool((beams.sums[:, 0] / most <= beams.finished[:, -1]).all())


def _hypotheses(beams: _Beams, end: int) -> list[list[Hypothesis]]:
    found = []
    for values, sequences in zip(beams.finished.tolist(), beams.finished_classes.tolist(), strict=True):
        found.append(
            [
                Hypothesis(tuple(number for number in written if number != end), value)
                for value, written in zip(values, sequences, strict=True)
                if value > -np.inf
            ]
        )
    return found
