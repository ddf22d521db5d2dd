"""Texts and concepts as vectors, and the score between them.

A text keeps one vector per vocabulary piece. Each concept looks at the pieces through its own attention and is
compared with what it sees (ConTeXT-match: Decorte, Van Hautte, Develder and Demeester, 2025, "Efficient text
encoders for labor market analysis"): with unit piece vectors t_i and a unit concept vector c,
a_i = softmax_i(t_i . c / temperature) and score = cosine(sum_i a_i t_i, c).
A mention is scored by its own pieces alone, read in their sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Span
from metier.nn.pieces import windows
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of

Floats = NDArray[np.float32]

_WINDOW_SIZE: Final = 256
_WINDOW_OVERLAP: Final = 64
_N_AROUND: Final = 256  # pieces that count as a mention's sentence: all of any but a very long one
_CELLS_PER_BLOCK: Final = 1 << 22  # pieces x concepts compared at once; bounds memory at some dozens of megabytes


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text's pieces as unit vectors, and where each comes from."""

    vectors: Floats  # float32 (n_pieces, dim), rows of unit length
    starts: NDArray[np.int64]  # (n_pieces,), the code points of each piece's word, in order
    ends: NDArray[np.int64]

    def within(self, span: Span) -> Floats:
        """Give the pieces of the words that a span touches: float32 (n, dim); those around it if it touches none."""
        first, last = self._touched(span)
        return self.vectors[first:last] if first < last else self.around(span)

    def around(self, span: Span) -> Floats:
        """Give the pieces nearest to a span: float32 (n, dim); all pieces, unless there are more than 256."""
        middle = sum(self._touched(span)) // 2
        first = max(0, min(middle - _N_AROUND // 2, len(self.vectors) - _N_AROUND))
        return self.vectors[first : first + _N_AROUND]

    def _touched(self, span: Span) -> tuple[int, int]:
        first = np.searchsorted(self.ends, span.start, side="right")
        last = np.searchsorted(self.starts, span.end, side="left")
        return int(first), int(last)


class TextEncoder:
    """The bi-encoder's network at run time."""

    def __init__(self, encoder: TokenEncoder, wordpieces: WordPieces) -> None:
        """Put the parts together.

        Args:
            encoder: Runs the network.
            wordpieces: Its vocabulary.
        """
        self._encoder = encoder
        self._wordpieces = wordpieces

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per text, the mean over its pieces; see `metier.protocols.Encoder`.

        Args:
            texts: Labels, descriptions, anything.

        Returns:
            float32 (n_texts, dim), rows of unit length; zeros for a text without a word.
        """
        encoded = self.pieces(texts)
        dim = max((len(text.vectors[0]) for text in encoded if len(text.vectors)), default=0)
        vectors = np.zeros((len(texts), dim), dtype=np.float32)
        for row, text in zip(vectors, encoded, strict=True):
            if len(text.vectors):
                row[:] = text.vectors.mean(axis=0)
                row /= np.linalg.norm(row)
        return vectors

    def pieces(self, texts: Sequence[str]) -> list[EncodedText]:
        """Give one vector per piece of each text.

        Args:
            texts: Sentences or labels; long ones are read through overlapping windows.

        Returns:
            One for each text, in order, its pieces in order.
        """
        boundaries = [words_of(text) for text in texts]
        cut = windows(
            [[text[w.start : w.end] for w in spans] for text, spans in zip(texts, boundaries, strict=True)],
            self._wordpieces,
            size=_WINDOW_SIZE,
            overlap=_WINDOW_OVERLAP,
            cased=False,
        )
        states = self._encoder.encode([w.pieces for w in cut], [w.types for w in cut])
        parts: list[list[tuple[Floats, NDArray[np.int64]]]] = [[] for _ in texts]
        read = [0] * len(texts)  # words already covered by an earlier window
        for window, state in zip(cut, states, strict=True):
            new = max(0, read[window.sentence] - window.first_word)
            first = window.word_starts[new]
            word_of_piece = np.repeat(np.arange(window.n_words), np.diff([*window.word_starts, len(window.pieces) - 1]))
            rows = state[first:-1]
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            numbers = window.first_word + word_of_piece[first - 1 :]
            parts[window.sentence].append((rows, numbers))
            read[window.sentence] = window.first_word + window.n_words
        return [_joined(found, spans) for found, spans in zip(parts, boundaries, strict=True)]


def attended_cosines(pieces: Floats, concepts: Floats, temperature: float) -> Floats:
    """Score one text, or the pieces of one mention, against every concept (the formula above).

    Args:
        pieces: float32 (n_pieces, dim), rows of unit length, at least one.
        concepts: float32 (n_concepts, dim), rows of unit length.
        temperature: Above 0; the larger, the nearer to a plain mean over the pieces.

    Returns:
        float32 (n_concepts,), in [-1, 1].
    """
    size = max(1, _CELLS_PER_BLOCK // len(pieces))
    blocks = [concepts[start : start + size] for start in range(0, len(concepts), size)] or [concepts]
    return np.concatenate([_attended_block(pieces, block, temperature) for block in blocks])


def _attended_block(pieces: Floats, concepts: Floats, temperature: float) -> Floats:
    cosines = pieces @ concepts.T  # (pieces, concepts)
    if len(pieces) == 1:
        only: Floats = cosines[0]
        return only
    attention = np.exp((cosines - cosines.max(axis=0)) / temperature)
    attention /= attention.sum(axis=0)
    seen = (attention * cosines).sum(axis=0)
    if len(pieces) > pieces.shape[1]:  # a long text: the sums themselves are smaller than what is between pieces
        squared = np.square(attention.T @ pieces).sum(axis=1)
    else:
        gram = pieces @ pieces.T  # (pieces, pieces)
        squared = (attention * (gram @ attention)).sum(axis=0)  # length of sum_i a_i t_i, squared
    scores: Floats = seen / np.sqrt(np.maximum(squared, 1e-12))
    return scores


def _joined(parts: Sequence[tuple[Floats, NDArray[np.int64]]], words: Sequence[Span]) -> EncodedText:
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return EncodedText(np.zeros((0, 0), dtype=np.float32), empty, empty)
    numbers = np.concatenate([word_numbers for _, word_numbers in parts])
    starts = np.array([word.start for word in words])
    ends = np.array([word.end for word in words])
    return EncodedText(np.concatenate([rows for rows, _ in parts]), starts[numbers], ends[numbers])
