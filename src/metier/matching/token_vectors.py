"""Token vectors of texts: what a frozen encoder says of the first pieces of each."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from metier.artifacts import Artifact, read_artifact
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.protocols import Floats
from metier.text.words import words as words_of

ENCODER_FILES: Final = ("encoder/config.json", "encoder/model.bin", "encoder/vocabulary.json", "tokenizer.json")
_CHARACTERS_PER_PIECE: Final = 64  # beyond that many, a text is not even cut into words


class TokenBackbone:
    """A frozen encoder that gives one vector per piece of a text."""

    def __init__(self, source: Artifact, *, threads: int = 1) -> None:
        """Load the encoder of a model folder.

        Args:
            source: Holds `encoder/` and `tokenizer.json`.
            threads: Processors to use.
        """
        self.source = source
        self._wordpieces = WordPieces(source.path("tokenizer.json"))
        self._encoder = TokenEncoder(source.path("encoder"), threads=threads)
        self.dim: int = self.encode([""], limit=2)[0].shape[1]

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 1) -> "TokenBackbone":
        """Load a model folder of the kind `encoder`.

        Args:
            name: A shipped model's name, or a folder.
            threads: Processors to use.

        Returns:
            The backbone.

        Raises:
            ModelError: If the folder is missing, damaged or of another kind.
        """
        return cls(read_artifact(name, kind="encoder"), threads=threads)

    @cached_property
    def sha256(self) -> str:
        """Hash of the weights and the vocabulary: changes when a vector may."""
        digest = hashlib.sha256()
        for name in ENCODER_FILES:
            digest.update(self.source.path(name).read_bytes())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], *, limit: int) -> list[Floats]:
        """Give the vectors of the first pieces of each text.

        Args:
            texts: Any; equal ones are read once.
            limit: Pieces per text at most, its start and end included; at least 2.

        Returns:
            float32 (n_pieces, dim) for each text, in order; an empty text has its start and its end only.
        """
        different = list(dict.fromkeys(texts))
        pieces = self._pieces(different, limit=limit)
        states = self._encoder.encode(pieces, [(0,) * len(sequence) for sequence in pieces])
        found = dict(zip(different, states, strict=True))
        return [found[text] for text in texts]

    def _pieces(self, texts: Sequence[str], *, limit: int) -> list[tuple[int, ...]]:
        read = [text[: limit * _CHARACTERS_PER_PIECE] for text in texts]
        words = [[text[w.start : w.end] for w in words_of(text)[:limit]] for text in read]
        start, end = self._wordpieces.start_id, self._wordpieces.end_id
        cut = [[piece for word in of_text for piece in word] for of_text in self._wordpieces.of_words(words)]
        return [(start, *ids[: limit - 2], end) for ids in cut]
