"""The encoders of job2vec on numpy alone: what `titles.network` trained (JOAPS, ECAI 2020).

A convolution over frozen word vectors is a sum of one product per word and place in the n-gram, so each word is
multiplied once, however often it occurs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Span
from metier.nn.unit_rows import unit_rows
from metier.titles.cleaning import title_key
from metier.titles.title_words import spanned_title_words, title_words
from metier.titles.word_vectors import WordVectors

WIDTHS: Final = (3, 4, 5)  # words per filter
_ROWS: Final = 64  # multiplied at once, always as many: over another number, sums may differ in their last bits
_DESCRIPTIONS: Final = 256  # read at once; bounds memory

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A word of a description and how much it speaks for a title: >= 0, of one description at most 1 together."""

    span: Span
    weight: float


class TitleEncoder:
    """Encodes titles: a bidirectional GRU (Cho et al., 2014), its two last states side by side."""

    def __init__(self, vectors: WordVectors, weights: Mapping[str, Floats]) -> None:
        """Put the parts together.

        Args:
            vectors: Of the words.
            weights: As `TitleNetwork.arrays` names them.
        """
        self._vectors = vectors
        self._weights = weights

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per title; see `metier.protocols.Encoder`.

        Args:
            texts: Titles, clean or as they came.

        Returns:
            float32 (n_texts, 100), rows of unit length; zeros for a title without a known word.
        """
        rows = [np.array(self._vectors.known_rows(title_words(title_key(text))), dtype=np.int64) for text in texts]
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        encoded = np.zeros((len(rows), self._n_states * 2), dtype=np.float32)
        for start in range(0, len(order), _ROWS):
            block = order[start : start + _ROWS]
            states = [self._last_states([rows[number] for number in block], way) for way in ("forward", "backward")]
            encoded[block] = unit_rows(np.hstack(states)[: len(block)])
        return encoded

    @property
    def _n_states(self) -> int:
        return len(self._weights["forward_state"])

    def _last_states(self, titles: Sequence[Rows], way: str) -> Floats:
        """Read titles in one direction.

        Args:
            titles: Word rows, 64 titles at most.
            way: `forward` or `backward`.

        Returns:
            float32 (64, 50); zeros where there is no title or no word.
        """
        different, places = np.unique(np.concatenate(titles), return_inverse=True)
        inputs = _multiply(self._vectors.floats(different), self._weights[f"{way}_input"])
        inputs += self._weights[f"{way}_input_bias"]  # (words, 3 gates x 50)
        lengths = np.zeros(_ROWS, dtype=np.int64)
        lengths[: len(titles)] = [len(title) for title in titles]
        words = np.zeros((_ROWS, int(lengths.max())), dtype=np.int64)
        for row, found in zip(words, np.split(places, np.cumsum(lengths[: len(titles)])[:-1]), strict=False):
            row[: len(found)] = found if way == "forward" else found[::-1]
        states = np.zeros((_ROWS, self._n_states), dtype=np.float32)
        for step, column in enumerate(words.T):
            reading = (step < lengths)[:, None]
            states = np.where(reading, self._step(inputs[column], states, way), states)
        return states

    def _step(self, inputs: Floats, states: Floats, way: str) -> Floats:
        """One word of each title: float32 (64, 150) and (64, 50) -> (64, 50)."""
        before = states @ self._weights[f"{way}_state"] + self._weights[f"{way}_state_bias"]
        n = states.shape[1]
        reset = _sigmoid(inputs[:, :n] + before[:, :n])
        update = _sigmoid(inputs[:, n : 2 * n] + before[:, n : 2 * n])
        new = np.tanh(inputs[:, 2 * n :] + reset * before[:, 2 * n :])
        mixed: Floats = (1 - update) * new + update * states
        return mixed


class DescriptionEncoder:
    """Encodes descriptions: convolutions, tanh, maximum over time, dense (Kim, 2014)."""

    def __init__(self, vectors: WordVectors, weights: Mapping[str, Floats], *, n_words: int) -> None:
        """Put the parts together.

        Args:
            vectors: Of the words.
            weights: As `TitleNetwork.arrays` names them.
            n_words: Known words read of a description; what comes after is not looked at.
        """
        self._vectors = vectors
        self._weights = weights
        self._n_words = n_words
        self._n_filters = weights["filters"].shape[1] // sum(WIDTHS)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per description; see `metier.protocols.Encoder`.

        Args:
            texts: Descriptions.

        Returns:
            float32 (n_texts, 100), rows of unit length; zeros for a text without a known word.
        """
        blocks = [self._encode(texts[start : start + _DESCRIPTIONS]) for start in range(0, len(texts), _DESCRIPTIONS)]
        return np.concatenate(blocks) if blocks else np.zeros((0, len(self._weights["dense_bias"])), dtype=np.float32)

    def explain(self, description: str, toward: Floats) -> list[WordWeight]:
        """Say which words bring a description near a vector.

        A filter gives what it adds to the cosine, if that is positive, to the words of the n-gram it responds to
        most, in the shares of their own positive parts of the response.

        Args:
            description: A description.
            toward: float32 (100,): a title's vector.

        Returns:
            The words with a weight above 0, in text order; the weights sum to 1. Empty where no filter speaks for
            the title, or no word is known.
        """
        found = [word for word in spanned_title_words(description) if self._vectors.known(word.word) is not None]
        found = found[: self._n_words]
        if not found:
            return []
        rows = np.array(self._vectors.known_rows([word.word for word in found]), dtype=np.int64)
        weights = self._word_weights(self._products(rows), np.arange(len(rows)), toward)[: len(found)]
        total = weights.sum()
        return [
            WordWeight(word.span, float(weight / total))
            for word, weight in zip(found, weights, strict=True)
            if weight > 0
        ]

    def _word_weights(self, products: Floats, places: Rows, toward: Floats) -> NDArray[np.float64]:
        """Share out what each filter adds to the cosine: float64 (n_words,)."""
        weights = np.zeros(len(places) + max(WIDTHS))
        column = number = 0
        for width, responses in zip(WIDTHS, self._responses(products, places), strict=True):
            for filter_number, start in enumerate(responses.argmax(axis=0)):
                response = responses[start, filter_number] + self._weights["filter_bias"][number]
                added = np.tanh(response) * (self._weights["dense"][number] @ toward)
                words = np.arange(start, min(start + width, len(places)))
                own = column + filter_number + self._n_filters * (words - start)
                parts = np.maximum(products[places[words], own], 0)
                if added > 0 and parts.sum() > 0:
                    weights[start : start + len(parts)] += added * parts / parts.sum()
                number += 1
            column += width * self._n_filters
        return weights

    def _encode(self, texts: Sequence[str]) -> Floats:
        rows = [self._vectors.known_rows(title_words(text))[: self._n_words] for text in texts]
        every = np.array([row for text in rows for row in text], dtype=np.int64)
        different, places = np.unique(every, return_inverse=True)
        products = self._products(different)
        pooled = np.zeros((len(texts), len(self._weights["filter_bias"])), dtype=np.float32)
        bounds = np.cumsum([0, *map(len, rows)])
        known = np.flatnonzero(np.diff(bounds))
        for number in known:
            responses = self._responses(products, places[bounds[number] : bounds[number + 1]])
            pooled[number] = np.concatenate([of_width.max(axis=0) for of_width in responses])
        encoded = np.zeros((len(texts), len(self._weights["dense_bias"])), dtype=np.float32)
        encoded[known] = _in_blocks(self._finish, pooled[known])
        return encoded

    def _finish(self, pooled: Floats) -> Floats:
        features = np.tanh(pooled + self._weights["filter_bias"])
        return unit_rows(features @ self._weights["dense"] + self._weights["dense_bias"])

    def _products(self, rows: Rows) -> Floats:
        """Multiply words with all filters: float32 (n_words, 12 places x 100 filters)."""
        return _multiply(self._vectors.floats(rows), self._weights["filters"])

    def _responses(self, products: Floats, places: Rows) -> list[Floats]:
        """Respond to the n-grams of one text.

        Args:
            products: float32 (n_different, 12 x 100).
            places: Which of them stands where; one at least.

        Returns:
            Per width float32 (n_ngrams, 100). A text shorter than the filter is one n-gram, ended by zeros.
        """
        n_short = max(WIDTHS) - len(places)
        text = products[places] if n_short <= 0 else np.pad(products[places], ((0, n_short), (0, 0)))
        found, column = [], 0
        for width in WIDTHS:
            n_ngrams = max(len(places) - width + 1, 1)
            total = np.zeros((n_ngrams, self._n_filters), dtype=np.float32)
            for offset in range(width):
                total += text[offset : offset + n_ngrams, column : column + self._n_filters]
                column += self._n_filters
            found.append(total)
        return found


def _multiply(rows: Floats, weights: Floats) -> Floats:
    """Give `rows @ weights`, each row the same whatever the others are."""
    return _in_blocks(lambda block: block @ weights, rows)


def _in_blocks(function: Callable[[Floats], Floats], rows: Floats) -> Floats:
    """Apply a function to 64 rows at a time, the last block filled up with zeros."""
    blocks = np.zeros((-(-len(rows) // _ROWS) or 1, _ROWS, rows.shape[1]), dtype=np.float32)
    blocks.reshape(-1, rows.shape[1])[: len(rows)] = rows
    return np.concatenate([function(block) for block in blocks])[: len(rows)]


def _sigmoid(values: Floats) -> Floats:
    return ((np.tanh(values / 2) + 1) / 2).astype(np.float32)  # unlike exp, never overflows
