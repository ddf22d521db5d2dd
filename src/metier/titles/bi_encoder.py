"""The shipped encoder family on titles: one encoder, and one linear projection for each side."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np

from metier.artifacts import read_artifact
from metier.nn.pieces import windows
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.protocols import Floats
from metier.text.words import words

KIND: Final = "title-bi-encoder"
PROJECTIONS_FILE: Final = "projections.npz"  # `titles` and `descriptions`, float32 (dim, dim) each
TEXT_SIZE: Final = 256  # pieces read of a text, its start and end included; the rest is not looked at
_TEXTS_PER_BLOCK: Final = 512  # read at once; bounds memory at some hundred megabytes of piece vectors


class MeanEncoder:
    """Mean vectors of a network's pieces; see `metier.protocols.Encoder`."""

    def __init__(self, encoder: TokenEncoder, wordpieces: WordPieces, *, projection: Floats) -> None:
        """Put the parts together.

        Args:
            encoder: Runs the network.
            wordpieces: Its vocabulary.
            projection: float32 (dim of the network, dim), applied to the mean vector.
        """
        self._encoder = encoder
        self._wordpieces = wordpieces
        self._projection = projection

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per text.

        Args:
            texts: Titles or descriptions; of a long one the first 256 pieces count.

        Returns:
            float32 (n_texts, dim), rows of unit length; zeros for a text without a word.
        """
        means = np.zeros((len(texts), len(self._projection)), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_PER_BLOCK):
            cut = windows(
                [[text[w.start : w.end] for w in words(text)] for text in texts[start : start + _TEXTS_PER_BLOCK]],
                self._wordpieces,
                size=TEXT_SIZE,
                overlap=0,
                cased=False,
            )
            first = [window for window in cut if window.first_word == 0]
            states = self._encoder.encode([window.pieces for window in first], [window.types for window in first])
            for window, state in zip(first, states, strict=True):
                rows = state[1:-1]
                means[start + window.sentence] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0)
        return unit_rows(means @ self._projection)


class BiEncoder:
    """Titles and descriptions in one space."""

    def __init__(self, *, version: str, titles: MeanEncoder, descriptions: MeanEncoder) -> None:
        """Take the two sides.

        Args:
            version: Name and content hash, such as `title-bi-encoder@1a2b3c4d`.
            titles: Encodes titles.
            descriptions: Encodes descriptions.
        """
        self.version = version
        self.titles = titles
        self.descriptions = descriptions

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 1) -> Self:
        """Read a model folder of the kind `title-bi-encoder`.

        Args:
            name: A shipped model's name, or a folder.
            threads: Processors to use.

        Returns:
            The model.
        """
        artifact = read_artifact(name, kind=KIND)
        encoder = TokenEncoder(artifact.path("encoder"), threads=threads)
        wordpieces = WordPieces(artifact.path("tokenizer.json"))
        with np.load(io.BytesIO(artifact.path(PROJECTIONS_FILE).read_bytes())) as projections:
            titles, descriptions = projections["titles"], projections["descriptions"]
        return cls(
            version=artifact.version,
            titles=MeanEncoder(encoder, wordpieces, projection=titles),
            descriptions=MeanEncoder(encoder, wordpieces, projection=descriptions),
        )


def unit_rows(vectors: Floats) -> Floats:
    """Scale rows to unit length; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled
