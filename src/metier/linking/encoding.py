"""Texts and concepts as vectors, and the score between them.

A text keeps one vector per vocabulary piece. Each concept looks at the pieces through its own attention and is
compared with what it sees (ConTeXT-match: Decorte, Van Hautte, Develder and Demeester, 2025, "Efficient text
encoders for labor market analysis"): with unit piece vectors t_i and a unit concept vector c,
a_i = softmax_i(t_i . c / temperature) and score = cosine(sum_i a_i t_i, c).
A mention is compared by its mean vector, read by itself.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact, read_artifact
from metier.nn.pieces import windows
from metier.nn.runtime import TokenEncoder
from metier.nn.unit_rows import unit_rows
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of

Floats = NDArray[np.float32]

_WINDOW_SIZE: Final = 256
_WINDOW_OVERLAP: Final = 64
_N_AROUND: Final = 256  # pieces that count as a mention's sentence: all of any but a very long one
_CELLS_PER_BLOCK: Final = 1 << 22  # pieces x concepts compared at once; bounds memory at some dozens of megabytes


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

    @property
    def parts(self) -> tuple[TokenEncoder, WordPieces]:
        """The network and its vocabulary, for others that read with them."""
        return self._encoder, self._wordpieces

    def encode(self, texts: Sequence[str], *, dim: int | None = None) -> Floats:
        """Give one vector per text, the mean over its pieces; see `metier.protocols.Encoder`.

        Args:
            texts: Labels, mentions, anything.
            dim: The number of columns; needed only where no text may have a word.

        Returns:
            float32 (n_texts, dim), rows of unit length; zeros for a text without a word.
        """
        rows, ends = self._rows(texts)
        means = np.zeros((len(texts), dim or rows.shape[1]), dtype=np.float32)
        told = np.flatnonzero(np.diff(ends))  # texts with a word
        if len(told):
            means[told] = unit_rows(np.add.reduceat(rows, ends[told], axis=0))
        return means

    def pieces(self, texts: Sequence[str]) -> list[Floats]:
        """Give one vector per piece of each text.

        Args:
            texts: Sentences or labels; long ones are read through overlapping windows.

        Returns:
            For each text, in order, float32 (n_pieces, dim), rows of unit length; no rows for a text without a word.
        """
        rows, ends = self._rows(texts)
        nothing = np.zeros((0, 0), dtype=np.float32)
        return [rows[start:end] if start < end else nothing for start, end in pairwise(ends.tolist())]

    def _rows(self, texts: Sequence[str]) -> tuple[Floats, NDArray[np.int64]]:
        """Give the unit vectors of all pieces, text by text, and where each text starts; the last one's end follows."""
        cut = windows(
            [[text[w.start : w.end] for w in words_of(text)] for text in texts],
            self._wordpieces,
            size=_WINDOW_SIZE,
            overlap=_WINDOW_OVERLAP,
            cased=False,
        )
        states = self._encoder.encode([w.pieces for w in cut], [w.types for w in cut])
        counts = [0] * len(texts)
        read = [0] * len(texts)  # words already covered by an earlier window
        kept = []
        for window, state in zip(cut, states, strict=True):
            kept.append(state[window.word_starts[max(0, read[window.sentence] - window.first_word)] : -1])
            counts[window.sentence] += len(kept[-1])
            read[window.sentence] = window.first_word + window.n_words
        rows = unit_rows(np.concatenate(kept)) if kept else np.zeros((0, 0), dtype=np.float32)
        return rows, np.concatenate([[0], np.cumsum(counts)])


def load_text_encoder(name: str | Path = "encoder-multilingual", *, threads: int = 2) -> TextEncoder:
    """Load an encoder by itself; see `metier.protocols.Encoder`.

    Args:
        name: A shipped encoder's name, or a folder that `metier models export` wrote.
        threads: Processors to use; changes nothing but the time.

    Returns:
        An encoder ready to use.

    Raises:
        ModelError: If the folder is missing, damaged or of another kind.
    """
    return encoder_in(read_artifact(name, kind="encoder"), threads=threads)


def encoder_in(folder: Artifact, *, threads: int) -> TextEncoder:
    """Load the encoder that a model folder holds."""
    return TextEncoder(TokenEncoder(folder.path("encoder"), threads=threads), WordPieces(folder.path("tokenizer.json")))


def attended_cosines(pieces: Floats, concepts: Floats, temperature: float) -> Floats:
    """Score one text against every concept (the formula above).

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
