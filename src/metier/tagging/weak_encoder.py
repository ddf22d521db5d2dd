"""Vectors of words in their sentence and of phrases by themselves, for comparing what is not trained to be alike."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from metier.nn.pieces import windows
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces

Floats = NDArray[np.float32]
Pooling = Literal["first", "mean"]  # the vector of [CLS], or the mean over the pieces

_WINDOW_SIZE: Final = 256
_WINDOW_OVERLAP: Final = 64


class WordEncoder:
    """An encoder of the BERT family, asked for words and phrases."""

    def __init__(self, encoder: TokenEncoder, wordpieces: WordPieces) -> None:
        """Put the parts together.

        Args:
            encoder: Runs the network.
            wordpieces: Its vocabulary.
        """
        self._encoder = encoder
        self._wordpieces = wordpieces

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Self:
        """Read an encoder.

        Args:
            folder: Holds `encoder/` and `tokenizer.json`, as `metier.nn.export.export_encoder` gives them.
            threads: Processors to use.

        Returns:
            The encoder, ready to use.
        """
        return cls(TokenEncoder(folder / "encoder", threads=threads), WordPieces(folder / "tokenizer.json"))

    def words(self, sentences: Sequence[Sequence[str]]) -> list[Floats]:
        """Give the vector of each word's first piece, read in its sentence.

        Args:
            sentences: Words of each sentence; a long one is read through overlapping windows.

        Returns:
            float32 (n_words, dim) per sentence, of the last layer, of any length; (0, 0) without words.
        """
        cut = windows(sentences, self._wordpieces, size=_WINDOW_SIZE, overlap=_WINDOW_OVERLAP, cased=False)
        states = self._encoder.encode([window.pieces for window in cut], [window.types for window in cut])
        parts: list[list[Floats]] = [[] for _ in sentences]
        n_read = [0] * len(sentences)
        for window, state in zip(cut, states, strict=True):
            new = window.word_starts[n_read[window.sentence] - window.first_word :]
            parts[window.sentence].append(state[list(new)])
            n_read[window.sentence] = window.first_word + window.n_words
        nothing = np.zeros((0, 0), dtype=np.float32)
        return [np.concatenate(rows) if rows else nothing for rows in parts]

    def phrases(self, phrases: Sequence[Sequence[str]], *, pooling: Pooling) -> Floats:
        """Give one vector per phrase, read by itself.

        Args:
            phrases: Words of each phrase, at least one; what does not fit into one window is left out.
            pooling: `first` for the vector of [CLS], as in the paper; `mean` over the pieces of the words, for
                encoders that were trained to be read so.

        Returns:
            float32 (n_phrases, dim), rows of unit length.
        """
        pieces = [self._pieces(words) for words in self._wordpieces.of_words(phrases)]
        states = self._encoder.encode(pieces, [[0] * len(row) for row in pieces])
        if not states:
            return np.zeros((0, 0), dtype=np.float32)
        return unit(np.stack([state[0] if pooling == "first" else state[1:-1].mean(axis=0) for state in states]))

    def _pieces(self, words: Sequence[tuple[int, ...]]) -> list[int]:
        inside = [piece for word in words for piece in word][: _WINDOW_SIZE - 2]
        return [self._wordpieces.start_id, *inside, self._wordpieces.end_id]


def unit(vectors: Floats) -> Floats:
    """Scale rows to unit length; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled
