"""Titles by shared words: the titles of the most similar descriptions, and sums of word vectors."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from metier.domain import TitleSuggestion
from metier.errors import InputError
from metier.protocols import Floats
from metier.titles.title_words import title_words
from metier.titles.word_vectors import WordVectors


class NearestDescriptions:
    """The titles of the descriptions that are most alike by TF-IDF; see `metier.protocols.TitlePredictor`.

    Salton and Buckley (1988): weight = tf * idf with idf = ln((1 + n) / (1 + df)) + 1, unit length.
    """

    def __init__(
        self, descriptions: Sequence[str], titles: Sequence[str], *, only: AbstractSet[str] | None = None
    ) -> None:
        """Index descriptions whose titles are known.

        Args:
            descriptions: Each as often as it has titles.
            titles: The title of each.
            only: The titles that may be suggested; by default all. The weights of words count all descriptions.

        Raises:
            InputError: If there is not one title per description.
        """
        if len(descriptions) != len(titles):
            raise InputError(f"Got {len(titles)} titles for {len(descriptions)} descriptions; give one for each.")
        titles_of: dict[str, list[str]] = {description: [] for description in descriptions}
        for description, title in zip(descriptions, titles, strict=True):
            if only is None or title in only:
                titles_of[description].append(title)
        self._titles = [tuple(dict.fromkeys(found)) for found in titles_of.values()]
        self._lists = _InvertedLists([title_words(description) for description in titles_of])

    def predict(self, descriptions: Sequence[str], *, k: int) -> list[list[TitleSuggestion]]:
        """Suggest the titles of the most similar descriptions; see `metier.protocols.TitlePredictor`.

        Args:
            descriptions: Any texts.
            k: Titles per description at most.

        Returns:
            One list per description, by falling cosine to the nearest description of that title, each title once;
            ties keep the order of the indexed descriptions. Descriptions that share no word are left out.
        """
        return [self._nearest(self._lists.cosines(title_words(description)), k) for description in descriptions]

    def _nearest(self, cosines: Floats, k: int) -> list[TitleSuggestion]:
        found: dict[str, float] = {}
        for row in np.argsort(-cosines, kind="stable"):
            if len(found) >= k or cosines[row] <= 0:
                break
            for title in self._titles[row]:
                found.setdefault(title, float(cosines[row]))
        return [TitleSuggestion(title, cosine) for title, cosine in list(found.items())[: max(k, 0)]]


class WordSum:
    """A text as the sum of its words' vectors, titles and descriptions alike; see `metier.protocols.Encoder`.

    The word2vec baseline of job2vec (JOAPS, 2020).
    """

    def __init__(self, vectors: WordVectors) -> None:
        """Take the vectors.

        Args:
            vectors: Of words; words without one add nothing.
        """
        self._vectors = vectors

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per text.

        Args:
            texts: Titles or descriptions.

        Returns:
            float32 (n_texts, dim), rows of unit length; zeros for a text without a known word.
        """
        summed = np.zeros((len(texts), self._vectors.dim), dtype=np.float32)
        for row, text in zip(summed, texts, strict=True):
            row[:] = self._vectors.floats(np.array(self._vectors.known_rows(title_words(text)), dtype=np.int64)).sum(0)
        lengths = np.linalg.norm(summed, axis=1, keepdims=True)
        scaled: Floats = np.divide(summed, lengths, out=np.zeros_like(summed), where=lengths > 0)
        return scaled


class _InvertedLists:
    """Sparse TF-IDF rows of unit length, held by word."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        counts = [Counter(document) for document in documents]
        self._numbers = {word: i for i, word in enumerate(dict.fromkeys(w for count in counts for w in count))}
        rows = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
        columns = np.array([self._numbers[word] for count in counts for word in count], dtype=np.int64)
        frequencies = np.bincount(columns, minlength=len(self._numbers))
        self._idf = np.log((1 + len(counts)) / (1 + frequencies)) + 1
        weights = np.array([n for count in counts for n in count.values()], dtype=np.float64) * self._idf[columns]
        lengths = np.sqrt(np.bincount(rows, weights**2, minlength=len(counts)))
        order = np.argsort(columns, kind="stable")
        self._rows: NDArray[np.int64] = rows[order]
        self._weights = (weights / lengths[rows])[order]
        self._offsets = np.concatenate([[0], np.cumsum(frequencies)])
        self._n_rows = len(counts)

    def cosines(self, document: Sequence[str]) -> Floats:
        """Compare a document with every row: float32 (n_rows,); words that no row has are not looked at."""
        known = {self._numbers[word]: n for word, n in Counter(document).items() if word in self._numbers}
        cosines = np.zeros(self._n_rows)
        length = 0.0
        for column, n in known.items():
            weight = n * self._idf[column]
            length += weight**2
            here = slice(self._offsets[column], self._offsets[column + 1])
            cosines[self._rows[here]] += weight * self._weights[here]  # a row stands once in a word's list
        return (cosines / np.sqrt(length) if known else cosines).astype(np.float32)
