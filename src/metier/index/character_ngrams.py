"""Texts compared by their runs of characters: sparse TF-IDF vectors, held by run.

Runs stay inside a word and its edges, as scikit-learn's `char_wb` has them, so that a word in another number, with
a typing error or inside a compound is near all the same. Work is done on whole arrays: 33,000 labels take a second.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_WORD: Final = re.compile(r"[\w+#]+")
_PRIME: Final = np.uint64(1_099_511_628_211)  # of the FNV hash; runs that share one of 2^64 values are not expected


@dataclass(frozen=True, slots=True)
class _Runs:
    """How often which run is in which text: three equally long arrays, by text, then by run."""

    texts: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    counts: NDArray[np.int64]


class CharacterIndex:
    """Everything that a list of items is called.

    Salton and Buckley (1988): weight = (1 + ln tf) * idf with idf = ln((1 + n) / (1 + df)) + 1, unit length.
    """

    def __init__(self, names: Sequence[Sequence[str]], *, size: int = 3, form: Callable[[str], str] = str) -> None:
        """Index the names.

        Args:
            names: What each item is called; an item without a name is near nothing.
            size: Characters per run.
            form: What is compared in the place of a word, such as its stem; it gets the word in lower case, without
                accents. By default the word itself.
        """
        self._size = size
        self._form = form
        labels = [name for called in names for name in (called or ("",))]
        self._n_labels = len(labels)
        self._firsts = np.cumsum([0, *(max(len(called), 1) for called in names)])[:-1]
        runs = _runs(labels, self._size, self._form)
        self._hashes, numbers, frequency = np.unique(runs.hashes, return_inverse=True, return_counts=True)
        self._idf = np.log((1 + len(labels)) / (1 + frequency)) + 1
        weights = (1 + np.log(runs.counts)) * self._idf[numbers]
        lengths = np.sqrt(np.bincount(runs.texts, weights**2, minlength=len(labels)))
        order = np.argsort(numbers, kind="stable")
        self._labels = runs.texts[order].astype(np.int32)
        self._weights = (weights / lengths[runs.texts])[order].astype(np.float32)
        self._offsets = np.concatenate([[0], np.cumsum(frequency)])

    def cosines(self, texts: Sequence[str]) -> Floats:
        """Compare texts with every item.

        Args:
            texts: Any texts.

        Returns:
            float32 (n_texts, n_items), in [0, 1]: the cosine to the closest name of each item; zeros where nothing
            is shared. A run that no name has counts as one that a single name has.
        """
        cosines = np.zeros((len(texts), len(self._firsts)), dtype=np.float32)
        if not len(self._hashes):
            return cosines
        runs = _runs(texts, self._size, self._form)
        places = np.minimum(np.searchsorted(self._hashes, runs.hashes), len(self._hashes) - 1)
        known = self._hashes[places] == runs.hashes
        unseen = np.log((1 + self._n_labels) / 2) + 1
        weights = (1 + np.log(runs.counts)) * np.where(known, self._idf[places], unseen)
        lengths = np.sqrt(np.bincount(runs.texts, weights**2, minlength=len(texts)))
        bounds = np.searchsorted(runs.texts, np.arange(len(texts) + 1))
        for row, start, end, length in zip(cosines, bounds, bounds[1:], lengths, strict=False):
            held = np.flatnonzero(known[start:end]) + start
            if len(held):
                row[:] = self._closest(places[held], weights[held] / length)
        return cosines

    def _closest(self, runs: NDArray[np.int64], weights: NDArray[np.float64]) -> Floats:
        """Compare one text, its known runs with their weights, with every item: float32 (n_items,)."""
        here = [slice(self._offsets[run], self._offsets[run + 1]) for run in runs.tolist()]
        products = [self._weights[part] * np.float32(weight) for part, weight in zip(here, weights, strict=True)]
        by_label = np.bincount(
            np.concatenate([self._labels[part] for part in here]), np.concatenate(products), minlength=self._n_labels
        )
        closest: Floats = np.minimum(np.maximum.reduceat(by_label, self._firsts), 1).astype(np.float32)
        return closest


def _runs(texts: Sequence[str], size: int, form: Callable[[str], str]) -> _Runs:
    words = [[f" {form(word)} " for word in _WORD.findall(_folded(text))] for text in texts]
    flat = [word for found in words for word in found]
    codes = np.frombuffer("".join(flat).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    word_of = np.repeat(np.arange(len(flat)), np.array([len(word) for word in flat], dtype=np.int64))
    text_of_word = np.repeat(np.arange(len(texts)), np.array([len(found) for found in words], dtype=np.int64))
    n = max(len(codes) - size + 1, 0)
    starts = np.flatnonzero(word_of[:n] == word_of[size - 1 : size - 1 + n])
    hashes = np.zeros(len(starts), dtype=np.uint64)
    for offset in range(size):
        hashes = hashes * _PRIME + codes[starts + offset]
    return _counted(text_of_word[word_of[starts]], hashes)


def _counted(texts: NDArray[np.int64], hashes: NDArray[np.uint64]) -> _Runs:
    order = np.lexsort((hashes, texts))
    texts, hashes = texts[order], hashes[order]
    new = np.ones(len(texts), dtype=np.bool_)
    new[1:] = (texts[1:] != texts[:-1]) | (hashes[1:] != hashes[:-1])
    firsts = np.flatnonzero(new)
    return _Runs(texts[firsts], hashes[firsts], np.diff(np.append(firsts, len(texts))))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))
