"""Beam search over title words, with or without a list of titles to stay within; needs the extra `train`."""

from typing import Final

import torch
from torch import Tensor

from metier.nn import beam_search as search
from metier.nn.beam_search import Hypothesis
from metier.nn.trie import PrefixTrie
from metier.titles.sequence_network import Encoded, SequenceNetwork

END: Final = 0  # the class that ends a title
UNKNOWN: Final = 1  # the class of all words that the network cannot write


class _TitleWriter:
    """A network that writes a title per beam; see `metier.nn.beam_search.Writer`."""

    def __init__(self, network: SequenceNetwork, encoded: Encoded, inputs: Tensor) -> None:
        self.n_sources = len(encoded.last)
        self._network = network
        self._encoded = encoded
        self._inputs = inputs
        self._state = encoded.last[:, None]  # (texts, beams, hidden)

    def step(self, parents: Tensor, previous: Tensor | None) -> Tensor:
        before = torch.zeros(self.n_sources, 1, self._inputs.shape[1]) if previous is None else self._inputs[previous]
        state = self._state[torch.arange(self.n_sources)[:, None], parents]
        self._state = self._network.write(before, state, self._encoded)
        logits: Tensor = self._network.output(self._state)
        return logits


def beam_search(
    network: SequenceNetwork,
    encoded: Encoded,
    *,
    inputs: Tensor,
    width: int,
    longest: int,
    trie: PrefixTrie | None = None,
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
    return search.beam_search(
        _TitleWriter(network, encoded, inputs),
        end=END,
        width=width,
        longest=longest,
        trie=trie,
        never=() if trie else (UNKNOWN,),
    )
