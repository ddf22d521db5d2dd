"""Texts of any length as one vector each: the mean over their pieces, read through windows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np

from metier.artifacts import Artifact
from metier.nn.pieces import windows
from metier.nn.runtime import Floats, TokenEncoder
from metier.nn.unit_rows import unit_rows
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of

CHARACTERS_READ: Final = 16_000  # of a text, some 2,500 words; bounds its time: about half a second on one core
_WINDOW_SIZE: Final = 256  # pieces
_TEXTS_PER_BLOCK: Final = 256  # read at once; bounds memory at some hundred megabytes of piece vectors


class LongTextEncoder:
    """Means over the vectors of pieces; see `metier.protocols.Encoder`.

    The first `CHARACTERS_READ` code points of a text are read, through windows that do not overlap.
    """

    def __init__(self, encoder: TokenEncoder, wordpieces: WordPieces) -> None:
        """Put the parts together; `load` does it from a folder.

        Args:
            encoder: Runs the network.
            wordpieces: Its vocabulary.
        """
        self._encoder = encoder
        self._wordpieces = wordpieces
        self._dim = self._pieces(["a"])[0][1].shape[1]

    @classmethod
    def load(cls, artifact: Artifact, *, threads: int) -> Self:
        """Read the encoder of a model folder.

        Args:
            artifact: Holds `encoder/` and `tokenizer.json`.
            threads: Processors to use; changes nothing but the time.

        Returns:
            The encoder.
        """
        folder: Path = artifact.path("encoder")
        return cls(TokenEncoder(folder, threads=threads), WordPieces(artifact.path("tokenizer.json")))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per text.

        Args:
            texts: Any; a text that comes twice is read once.

        Returns:
            float32 (n_texts, dim), rows of unit length; zeros for a text without a word.
        """
        different = list(dict.fromkeys(texts))
        sums = np.zeros((len(different), self._dim), dtype=np.float32)
        for start in range(0, len(different), _TEXTS_PER_BLOCK):
            for row, pieces in self._pieces(different[start : start + _TEXTS_PER_BLOCK]):
                sums[start + row] += unit_rows(pieces).sum(axis=0)
        row_of = {text: row for row, text in enumerate(different)}
        return unit_rows(sums)[[row_of[text] for text in texts]]

    def _pieces(self, texts: Sequence[str]) -> list[tuple[int, Floats]]:
        """Encode every window: the number of its text, and float32 (n_pieces, dim)."""
        read = [text[:CHARACTERS_READ] for text in texts]
        cut = windows(
            [[text[word.start : word.end] for word in words_of(text)] for text in read],
            self._wordpieces,
            size=_WINDOW_SIZE,
            overlap=0,
            cased=False,
        )
        states = self._encoder.encode([window.pieces for window in cut], [window.types for window in cut])
        return [(window.sentence, state[1:-1]) for window, state in zip(cut, states, strict=True)]
