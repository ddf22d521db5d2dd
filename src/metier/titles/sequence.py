"""Titles written word by word from a description: the sequence-to-sequence baseline; needs the extra `train`."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.artifacts import read_artifact
from metier.nn.beam_search import Hypothesis
from metier.nn.trie import PrefixTrie
from metier.titles.beam_search import END, UNKNOWN, beam_search
from metier.titles.cleaning import title_key
from metier.titles.job2vec import WordWeight
from metier.titles.network import padded_rows
from metier.titles.sequence_network import Encoded, SequenceNetwork
from metier.titles.title_words import spanned_title_words, title_words
from metier.titles.word_vectors import WordVectors

KIND: Final = "title-sequence"
_LEAST_WIDTH: Final = 10  # of the beam: fewer titles asked for are the first of as many
_DESCRIPTIONS: Final = 32  # written at once; more are no faster and need more memory
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GeneratedTitle:
    """A title that a network wrote, and how sure it was of a word on average.

    `word_probability` is the geometric mean over the title's words and its end, so that long titles compare with
    short ones. It is no cosine, and the probabilities of all titles do not sum to one.
    """

    title: str
    word_probability: float


class OutputWords:
    """The words that titles are written with, each a class: 0 ends a title, 1 is any other word."""

    def __init__(self, words: Sequence[str], vectors: WordVectors) -> None:
        """Number the words.

        Args:
            words: All different, in the order of their classes, from class 2.
            vectors: What the network sees of a word that it has written: the sum over its parts, as in
                `titles.title_words`; zeros where no part has a vector.
        """
        self.words = tuple(words)
        self._classes = {word: number for number, word in enumerate(self.words, start=UNKNOWN + 1)}
        inputs = np.zeros((len(self), vectors.dim), dtype=np.float32)
        for row, word in zip(inputs[UNKNOWN + 1 :], self.words, strict=True):
            row[:] = vectors.floats(np.array(vectors.known_rows(title_words(word)), dtype=np.int64)).sum(axis=0)
        self.inputs = torch.from_numpy(inputs)  # (classes, dim)

    def __len__(self) -> int:
        """How many classes there are."""
        return len(self.words) + UNKNOWN + 1

    def classes(self, title: str) -> tuple[int, ...]:
        """Give the class of each word of a title key; words are what stands between white space."""
        return tuple(self._classes.get(word, UNKNOWN) for word in title.split())

    def title(self, classes: Sequence[int]) -> str:
        """Write the words of classes, none of them unknown."""
        return " ".join(self.words[number - UNKNOWN - 1] for number in classes)


class SequenceTitles:
    """Writes titles by beam search.

    It predicts as a `metier.protocols.TitlePredictor` does, but what comes back carries no cosine.
    """

    def __init__(
        self,
        network: SequenceNetwork,
        *,
        outputs: OutputWords,
        vectors: WordVectors,
        n_words: int,
        longest: int,
        only: Sequence[str] | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            network: The trained network.
            outputs: The words of titles.
            vectors: Of the words of descriptions.
            n_words: Known words read of a description; what comes after is not looked at.
            longest: Words of a title at most, its end included.
            only: The titles that may be written, as `title_key` gives them; by default any words.
        """
        self._network = network.eval()
        self._outputs = outputs
        self._vectors = vectors
        self._floats = torch.from_numpy(np.vstack([vectors.floats(), np.zeros((1, vectors.dim), dtype=np.float32)]))
        self._n_words = n_words
        self._longest = longest
        self._titles: dict[tuple[int, ...], list[str]] | None = None
        self._trie: PrefixTrie | None = None
        if only is not None:
            self._titles = _by_classes(only, outputs)
            self._trie = PrefixTrie(list(self._titles), n_classes=len(outputs), end=END)

    @classmethod
    def load(cls, folder: Path, *, only: Sequence[str] | None = None) -> Self:
        """Read what `metier train title-sequence` wrote.

        Args:
            folder: The model folder.
            only: The titles that may be written, as `title_key` gives them; by default any words.

        Returns:
            The model.

        Raises:
            UnknownModel: If there is no such folder.
            DamagedModel: If a file is missing or changed.
            ModelError: If the folder is of another kind.
        """
        from safetensors.torch import load_file

        artifact = read_artifact(folder, kind=KIND)
        settings = artifact.settings
        vectors = WordVectors.from_bytes(artifact.path("words.npz").read_bytes())
        outputs = OutputWords(settings["outputs"], vectors)
        network = SequenceNetwork(vectors.dim, len(outputs), hidden=settings["hidden"], dropout=0.0)
        network.load_state_dict(load_file(artifact.path("network.safetensors")))
        return cls(
            network,
            outputs=outputs,
            vectors=vectors,
            n_words=settings["description_words"],
            longest=settings["longest"],
            only=only,
        )

    def predict(self, descriptions: Sequence[str], *, k: int) -> list[list[GeneratedTitle]]:
        """Write titles for each description.

        Args:
            descriptions: Any texts.
            k: Titles per description at most; the beam is as wide, and ten at least.

        Returns:
            One list per description, by falling probability per word. Empty for a description without a known word.
        """
        rows = [self._rows(title_words(description)) for description in descriptions]
        found: list[list[GeneratedTitle]] = [[] for _ in descriptions]
        order = sorted(
            (number for number, known in enumerate(rows) if len(known)), key=lambda number: len(rows[number])
        )
        for start in range(0, len(order) if k > 0 else 0, _DESCRIPTIONS):
            block = order[start : start + _DESCRIPTIONS]
            hypotheses = beam_search(
                self._network,
                self._read([rows[number] for number in block]),
                inputs=self._outputs.inputs,
                width=max(k, _LEAST_WIDTH),
                longest=self._longest,
                trie=self._trie,
            )
            for number, of_description in zip(block, hypotheses, strict=True):
                found[number] = [title for one in of_description for title in self._written(one)][:k]
        return found

    def attention(self, description: str, title: str) -> list[WordWeight]:
        """Say where the network looks while it writes a title.

        Args:
            description: Any text.
            title: Any title, written or not; it is read as `title_key` gives it.

        Returns:
            The known words of the description that were read, in text order, each with its attention: the mean over
            the words of the title, all together 1. Empty if the description has no known word, or the title no word.
        """
        words = [word for word in spanned_title_words(description) if self._vectors.known(word.word) is not None]
        words = words[: self._n_words]
        classes = self._outputs.classes(title_key(title))
        if not (words and classes):
            return []
        with torch.inference_mode():
            encoded = self._read([self._rows([word.word for word in words])])
            state, looks = encoded.last[:, None], []
            for previous in (END, *classes[:-1]):
                looks.append(self._network.attend(state, encoded)[0, 0])
                state = self._network.write(self._outputs.inputs[None, None, previous], state, encoded)
        weights = torch.stack(looks).mean(dim=0).tolist()
        return [WordWeight(word.span, weight) for word, weight in zip(words, weights, strict=True)]

    def _rows(self, words: Sequence[str]) -> Rows:
        return np.array(self._vectors.known_rows(words)[: self._n_words], dtype=np.int64)

    def _read(self, rows: Sequence[Rows]) -> Encoded:
        lengths = torch.tensor([len(known) for known in rows])
        padded: Tensor = padded_rows(rows, padding=len(self._floats) - 1)
        with torch.inference_mode():
            encoded: Encoded = self._network.read(self._floats[padded], lengths)
        return encoded

    def _written(self, found: Hypothesis) -> list[GeneratedTitle]:
        """Give the titles of a hypothesis: several where they differ only in words that the network cannot write."""
        titles = [self._outputs.title(found.classes)] if self._titles is None else self._titles[found.classes]
        return [GeneratedTitle(title, exp(found.log_probability)) for title in titles]


def _by_classes(titles: Sequence[str], outputs: OutputWords) -> dict[tuple[int, ...], list[str]]:
    """Group titles by their classes; a title without a word has none."""
    grouped: dict[tuple[int, ...], list[str]] = {}
    for title in dict.fromkeys(titles):
        if classes := outputs.classes(title):
            grouped.setdefault(classes, []).append(title)
    return grouped
