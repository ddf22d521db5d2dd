"""Titles and descriptions in one space: the mean vectors of a linker's encoder, and one projection for each side.

The encoder is frozen, so the folder of a model holds projections and known titles only; the encoder is the linker's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np

from metier.artifacts import read_artifact, read_encoder
from metier.domain import Span
from metier.errors import ModelError
from metier.nn.pieces import Window, windows
from metier.nn.runtime import TokenEncoder
from metier.nn.unit_rows import unit_rows
from metier.nn.wordpieces import WordPieces
from metier.protocols import Floats
from metier.text.job_titles import title_key
from metier.text.words import words as words_of
from metier.titles.encoders import WordWeight
from metier.titles.job2vec import LEAST_COSINE, KnownTitles, read_arrays

KIND: Final = "title-bi-encoder"
PROJECTIONS_FILE: Final = "projections.npz"  # `titles` and `descriptions`, float16 (dim of the network, dim) each
KNOWN_FILE: Final = "known.npz"
_TEXTS_PER_BLOCK: Final = 512  # read at once; bounds memory at some hundred megabytes of piece vectors


class MeanEncoder:
    """Mean vectors of a network's pieces; see `metier.protocols.Encoder`."""

    def __init__(
        self,
        encoder: TokenEncoder,
        wordpieces: WordPieces,
        *,
        projection: Floats,
        text_size: int,
        of_titles: bool = False,
    ) -> None:
        """Put the parts together.

        Args:
            encoder: Runs the network.
            wordpieces: Its vocabulary.
            projection: float32 (dim of the network, dim), applied to the mean vector.
            text_size: Pieces read of a text, its start and end included; the rest is not looked at.
            of_titles: Whether texts are titles, which are read as their keys.
        """
        self._encoder = encoder
        self._wordpieces = wordpieces
        self._projection = projection
        self._text_size = text_size
        self._of_titles = of_titles

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per text.

        Args:
            texts: Titles, clean or as they came, or descriptions.

        Returns:
            float32 (n_texts, dim), rows of unit length; zeros for a text without a word.
        """
        means = np.zeros((len(texts), len(self._projection)), dtype=np.float32)
        read = [title_key(text) for text in texts] if self._of_titles else texts
        for start in range(0, len(texts), _TEXTS_PER_BLOCK):
            block = read[start : start + _TEXTS_PER_BLOCK]
            for window, rows in self._pieces(block, [words_of(text) for text in block]):
                means[start + window.sentence] = rows.mean(axis=0)
        return unit_rows(means @ self._projection)

    def explain(self, text: str, toward: Floats) -> list[WordWeight]:
        """Say which words of a text bring it near a vector.

        The vector of a text is a mean over its pieces, so each piece adds a known part to the cosine. A word's weight
        is what its pieces add beyond one standard deviation above the average piece.

        Args:
            text: A description.
            toward: float32 (dim,): a title's vector.

        Returns:
            The words with a weight above 0, in text order; the weights sum to 1. Marks of punctuation are left out.
            Empty for a text without a word, and where all words add the same.
        """
        spans = words_of(text)
        weights: list[tuple[Span, float]] = []
        for window, rows in self._pieces([text], [spans]):
            added = rows @ (self._projection @ toward)  # (pieces,)
            beyond = np.maximum(added - added.mean() - added.std(), 0)
            of_words = np.add.reduceat(beyond, np.array(window.word_starts) - 1)
            weights = list(zip(spans[: window.n_words], of_words.tolist(), strict=True))
        weights = [(span, weight) for span, weight in weights if any(map(str.isalnum, text[span.start : span.end]))]
        total = sum(weight for _, weight in weights)
        return [WordWeight(span, weight / total) for span, weight in weights if weight > 0]

    def _pieces(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[tuple[Window, Floats]]:
        """Encode the beginning of each text that has a word: its window, and unit rows, float32 (n_pieces, dim)."""
        size = self._text_size  # a word has at least one piece, so no more words than that are read
        cut = windows(
            [[text[w.start : w.end] for w in found[:size]] for text, found in zip(texts, spans, strict=True)],
            self._wordpieces,
            size=size,
            overlap=0,
            cased=False,
        )
        first = [window for window in cut if window.first_word == 0]
        states = self._encoder.encode([window.pieces for window in first], [window.types for window in first])
        return [(window, unit_rows(state[1:-1])) for window, state in zip(first, states, strict=True)]


class BiEncoder:
    """Titles and descriptions in one space, and the titles it was shipped with."""

    def __init__(
        self,
        *,
        version: str,
        titles: MeanEncoder,
        descriptions: MeanEncoder,
        known: KnownTitles,
        least_cosine: float = LEAST_COSINE,
    ) -> None:
        """Put the parts together; `load` does it from folders.

        Args:
            version: Name and content hash, such as `titles@1a2b3c4d`.
            titles: Encodes titles.
            descriptions: Encodes descriptions.
            known: The titles of the training pairs.
            least_cosine: Below it, a title is not near.
        """
        self.version = version
        self.least_cosine = least_cosine
        self.titles = titles
        self.descriptions = descriptions
        self.known = known.titles
        self.known_languages = known.languages
        self.known_counts = known.counts
        self.known_vectors = known.vectors

    @classmethod
    def load(
        cls,
        name: str | Path,
        *,
        linker: str | Path = "linker",
        loaded: tuple[TokenEncoder, WordPieces] | None = None,
        threads: int = 1,
    ) -> Self:
        """Read a model folder of the kind `title-bi-encoder`, and the encoder it was trained on.

        Args:
            name: A shipped model's name, or a folder.
            linker: Whose encoder to run: a shipped linker's name, or a folder. A model that was not trained on a frozen
                encoder holds its own, and needs none.
            loaded: What the linker runs, where it is loaded already.
            threads: Processors to use.

        Returns:
            The model.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind, or the model was trained on another encoder.
        """
        artifact = read_artifact(name, kind=KIND)
        holder = artifact
        if not (artifact.folder / "encoder").is_dir():
            holder = read_artifact(linker, kind="linker")
            found, needed = holder.settings["encoder_sha256"], artifact.settings["encoder_sha256"]
            if found != needed:
                raise ModelError(
                    f"The titles of {name} were trained on the encoder {needed[:12]}…, and {linker} has {found[:12]}…; "
                    "give the linker they were trained on, or train them again: metier train title-bi-encoder."
                )
        if loaded is None or holder is artifact:
            folder = read_encoder(holder)
            loaded = TokenEncoder(folder.path("encoder"), threads=threads), WordPieces(folder.path("tokenizer.json"))
        encoder, wordpieces = loaded
        projections = read_arrays(artifact.path(PROJECTIONS_FILE))

        def side(name: str) -> MeanEncoder:
            return MeanEncoder(
                encoder,
                wordpieces,
                projection=projections[name].astype(np.float32),
                text_size=artifact.settings["text_size"],
                of_titles=name == "titles",
            )

        return cls(
            version=artifact.version,
            titles=side("titles"),
            descriptions=side("descriptions"),
            known=KnownTitles.from_arrays(read_arrays(artifact.path(KNOWN_FILE))),
            least_cosine=artifact.settings["least_cosine"],
        )

    def explain(self, description: str, title: str) -> list[WordWeight]:
        """Say which words of a description bring it near a title.

        Args:
            description: A description.
            title: Any title.

        Returns:
            See `MeanEncoder.explain`.
        """
        return self.descriptions.explain(description, self.titles.encode([title])[0])
