"""The lexical stage: TF-IDF cosine between a text and everything a concept is called.

A cosine of 1 means that the text and a label have the same words, whatever their order, number or case.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from metier.domain import Concept
from metier.linking.forms import label_forms, normal_words

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Matches:
    """The concepts that share a word with a text: equally long arrays. A concept may come several times, the same."""

    rows: NDArray[np.int64]
    cosines: Floats  # above 0, at most 1


class LexicalIndex:
    """All labels of a taxonomy as sparse TF-IDF vectors, held by word.

    Salton and Buckley (1988): weight = tf * idf with idf = ln((1 + n) / (1 + df)) + 1, unit length.
    """

    def __init__(self, arrays: Mapping[str, NDArray]) -> None:  # type: ignore[type-arg]
        """Take the arrays that `build` made or `arrays` gave.

        Args:
            arrays: `words` str (n_words,) sorted; `idf` float32 (n_words,); `offsets` int32 (n_words + 1,);
                `forms` int32 and `weights` float16 by word, between the offsets; `owners` int32 (n_forms,), the
                concept of each form, rising; `n_concepts` int32 ().
        """
        self.arrays = dict(arrays)
        self._word_numbers = {word: i for i, word in enumerate(arrays["words"].tolist())}
        self._idf = arrays["idf"]
        self._offsets = arrays["offsets"].tolist()
        self._forms = arrays["forms"].astype(np.int64)  # what numpy looks up fastest
        self._weights = arrays["weights"].astype(np.float32)
        self._owners = arrays["owners"].astype(np.int64)
        self.n_concepts = int(arrays["n_concepts"])

    @classmethod
    def build(cls, concepts: Sequence[Concept]) -> Self:
        """Index everything the concepts are called.

        Args:
            concepts: In the order that the scores will have.

        Returns:
            The index.
        """
        forms = [
            (number, words)
            for number, concept in enumerate(concepts)
            for words in sorted({tuple(sorted(normal_words(form))) for form in label_forms(concept)})
            if words
        ]
        frequency = Counter(word for _, words in forms for word in set(words))
        vocabulary = sorted(frequency)
        numbers = {word: i for i, word in enumerate(vocabulary)}
        counts = np.array([frequency[word] for word in vocabulary], dtype=np.float64)
        idf = np.log((1 + len(forms)) / (1 + counts)) + 1
        entries = []
        for form, (_, words) in enumerate(forms):
            weights = {numbers[word]: n * idf[numbers[word]] for word, n in Counter(words).items()}
            length = np.sqrt(sum(weight * weight for weight in weights.values()))
            entries += [(word, form, weight / length) for word, weight in weights.items()]
        entries.sort()
        return cls(
            {
                "words": np.array(vocabulary, dtype=np.str_),
                "idf": idf.astype(np.float32),
                "offsets": np.searchsorted(
                    np.array([word for word, _, _ in entries]), np.arange(len(vocabulary) + 1)
                ).astype(np.int32),
                "forms": np.array([form for _, form, _ in entries], dtype=np.int32),
                "weights": np.array([weight for _, _, weight in entries], dtype=np.float16),
                "owners": np.array([number for number, _ in forms], dtype=np.int32),
                "n_concepts": np.array(len(concepts), dtype=np.int32),
            }
        )

    def cosines(self, text: str) -> Floats:
        """Compare a text with every concept.

        Args:
            text: A mention or a sentence.

        Returns:
            float32 (n_concepts,), in [0, 1]: the cosine to the closest form of each concept; 0 where no word
            is shared, and everywhere for a text without a known word.
        """
        cosines = np.zeros(self.n_concepts, dtype=np.float32)
        [found] = self.matches([text])
        cosines[found.rows] = found.cosines
        return cosines

    def matches(self, texts: Sequence[str]) -> Iterator[Matches]:
        """Compare texts with the concepts that they share a word with.

        Args:
            texts: Mentions or sentences.

        Yields:
            For each text, in order, where `cosines` is above 0, and what it is there.
        """
        sums = np.zeros(len(self._owners))  # per form; all zero again after each text
        closest = np.zeros(self.n_concepts, dtype=np.float32)  # likewise, per concept
        for text in texts:
            known, length = self._known_words(text)
            if not known:
                yield Matches(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
                continue
            for here, weight in known:
                sums[self._forms[here]] += weight * self._weights[here]  # a word has each form once
            forms = np.concatenate([self._forms[here] for here, _ in known])
            rows = self._owners[forms]
            np.maximum.at(closest, rows, np.minimum(sums[forms] / np.sqrt(length), 1.0).astype(np.float32))
            cosines = closest[rows]
            sums[forms] = 0
            closest[rows] = 0
            yield Matches(rows, cosines)

    def _known_words(self, text: str) -> tuple[list[tuple[slice, np.float32]], float]:
        """Give where the forms of each known word are held, its weight, and the text's squared length."""
        known, length = [], 0.0
        for word, n in Counter(normal_words(text)).items():
            number = self._word_numbers.get(word)
            weight = n * (float(self._idf[number]) if number is not None else self._unseen_idf())
            length += weight**2
            if number is not None:
                known.append((slice(self._offsets[number], self._offsets[number + 1]), np.float32(weight)))
        return known, length

    def _unseen_idf(self) -> float:
        """A word that no label has tells as much as one that a single label has."""
        return float(np.log((1 + len(self._owners)) / 2) + 1)
