"""Linear chains over B, I and O in numpy: best legal path and exact span probabilities.

The model is a linear-chain conditional random field (Lafferty, McCallum and Pereira, 2001):
p(y|x) proportional to exp(sum_t [U_t(y_t) + T(y_{t-1}, y_t)]), with a start score and impossible moves at
minus infinity. A softmax head is the same chain with log-probabilities for U and zeros for T.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]  # sums over thousands of words need the digits

O, B, I = range(3)  # noqa: E741  # the names that the field uses
N_TAGS: Final = 3
IMPOSSIBLE: Final = -1e4  # finite, so that no NaN can arise from two of them
_WORDS_PER_BLOCK: Final = 1 << 14  # padding included; measured: a quarter of the time that 1 << 18 takes


def legal_transitions() -> Floats:
    """Scores that forbid O -> I and nothing else.

    Returns:
        float32 (3, 3), from row to column, in the order O, B, I.
    """
    scores = np.zeros((N_TAGS, N_TAGS), dtype=np.float32)
    scores[O, I] = IMPOSSIBLE
    return scores


def legal_starts() -> Floats:
    """Scores that forbid a chain to begin with I: float32 (3,)."""
    return np.array([0.0, 0.0, IMPOSSIBLE], dtype=np.float32)


class Chain:
    """A chain with fixed transitions, run over many sentences at once."""

    def __init__(self, transitions: Floats, starts: Floats) -> None:
        """Hold the scores that do not depend on the text.

        Args:
            transitions: float32 (3, 3), score of moving from row to column.
            starts: float32 (3,), score of the first tag.
        """
        self.transitions = transitions
        self.starts = starts

    def best_paths(self, emissions: Sequence[Floats]) -> list[NDArray[np.int8]]:
        """Find the most probable tags of each sentence (Viterbi, 1967).

        Args:
            emissions: float32 (n_words, 3) of each sentence.

        Returns:
            int8 (n_words,) of each sentence; legal whenever the transitions say so.
        """
        paths = [np.zeros(0, dtype=np.int8)] * len(emissions)
        for block in _blocks_of_like_length(emissions):
            for i, path in zip(block, self._best_paths([emissions[i] for i in block]), strict=True):
                paths[i] = path
        return paths

    def _best_paths(self, emissions: Sequence[Floats]) -> list[NDArray[np.int8]]:
        padded, lengths = _pad(emissions)  # (sentences, longest, 3)
        best = padded[:, 0] + self.starts  # (sentences, 3)
        pointers = np.zeros(padded.shape, dtype=np.int8)
        for t in range(1, padded.shape[1]):
            moves = best[:, :, None] + self.transitions  # (sentences, from, to)
            pointers[:, t] = moves.argmax(axis=1)
            best = np.where(
                (t < lengths)[:, None], moves.max(axis=1) + padded[:, t], best
            )  # a finished sentence keeps its scores
        return [_backtrack(pointers[i, :length], int(best[i].argmax())) for i, length in enumerate(lengths)]

    def span_probabilities(
        self, emissions: Sequence[Floats], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[list[float]]:
        """Give the probability that each span is a whole span: begins, goes on and ends just there.

        Args:
            emissions: float32 (n_words, 3) of each sentence.
            spans: Word ranges of each sentence, half-open.

        Returns:
            For each sentence, one probability per span, in span order.
        """
        probabilities: list[list[float]] = [[] for _ in emissions]
        for block in _blocks_of_like_length(emissions):
            found = self._span_probabilities([emissions[i] for i in block], [spans[i] for i in block])
            for i, of_sentence in zip(block, found, strict=True):
                probabilities[i] = of_sentence
        return probabilities

    def _span_probabilities(
        self, emissions: Sequence[Floats], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> list[list[float]]:
        padded, lengths = _pad(emissions)
        forward = self._forward(padded)
        backward = self._backward(padded, lengths)
        totals = _logsumexp(forward[np.arange(len(lengths)), lengths - 1])
        return [
            [
                self._span_probability(start, end, emissions[i], forward[i], backward[i], float(totals[i]))
                for start, end in spans[i]
            ]
            for i in range(len(emissions))
        ]

    def _forward(self, padded: Doubles) -> Doubles:
        forward = np.empty_like(padded)
        forward[:, 0] = padded[:, 0] + self.starts
        for t in range(1, padded.shape[1]):
            forward[:, t] = padded[:, t] + _logsumexp(
                (forward[:, t - 1][:, :, None] + self.transitions).transpose(0, 2, 1)
            )
        return forward  # log-score of all paths that end at t with a tag

    def _backward(self, padded: Doubles, lengths: NDArray[np.int64]) -> Doubles:
        backward = np.zeros_like(padded)
        for t in range(padded.shape[1] - 2, -1, -1):
            after = _logsumexp((padded[:, t + 1] + backward[:, t + 1])[:, None, :] + self.transitions)
            backward[:, t] = np.where((t + 1 < lengths)[:, None], after, 0.0)
        return backward  # log-score of all continuations after t, given the tag at t

    def _span_probability(
        self, start: int, end: int, emissions: Floats, forward: Doubles, backward: Doubles, total: float
    ) -> float:
        opening = emissions[start, B] + (
            self.starts[B] if start == 0 else _logsumexp(forward[start - 1] + self.transitions[:, B])
        )
        inside = float(emissions[start + 1 : end, I].sum())
        if end > start + 1:
            inside += float(self.transitions[B, I] + (end - start - 2) * self.transitions[I, I])
        closing = 0.0
        if end < len(emissions):
            last = B if end == start + 1 else I
            after = self.transitions[last] + emissions[end] + backward[end]
            closing = float(_logsumexp(after[[O, B]]))
        return float(np.exp(min(0.0, float(opening) + inside + closing - total)))


def _backtrack(pointers: NDArray[np.int8], last: int) -> NDArray[np.int8]:
    path = np.zeros(len(pointers), dtype=np.int8)
    for t in range(len(pointers) - 1, -1, -1):
        path[t] = last
        last = int(pointers[t, last])
    return path


def _blocks_of_like_length(emissions: Sequence[Floats]) -> Iterator[list[int]]:
    """Yield the numbers of the sentences that have words; a very long one does not pad all others to its length."""
    block: list[int] = []
    for i in sorted(range(len(emissions)), key=lambda i: len(emissions[i])):
        length = len(emissions[i])
        if block and (len(block) + 1) * length > _WORDS_PER_BLOCK:
            yield block
            block = []
        if length:
            block.append(i)
    if block:
        yield block


def _pad(emissions: Sequence[Floats]) -> tuple[Doubles, NDArray[np.int64]]:
    lengths = np.array([len(scores) for scores in emissions], dtype=np.int64)
    padded = np.zeros((len(emissions), int(lengths.max()), N_TAGS), dtype=np.float64)
    for i, scores in enumerate(emissions):
        padded[i, : len(scores)] = scores
    return padded, lengths


def _logsumexp(scores: Doubles) -> Doubles:
    top = scores.max(axis=-1, keepdims=True)
    total: Doubles = np.log(np.exp(scores - top).sum(axis=-1)) + top[..., 0]
    return total
