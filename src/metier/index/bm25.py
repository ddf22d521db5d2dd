"""Documents ranked by the words that they share with a query: BM25."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SATURATION: Final = 1.2  # k1: the usual values, also Lucene's
_LENGTH: Final = 0.75  # b


class WordIndex:
    """The words of a fixed collection of documents.

    Robertson and Zaragoza (2009), The Probabilistic Relevance Framework, equation 3.15, with the idf that Lucene
    takes: weight = ln(1 + (n - df + 0.5) / (df + 0.5)) * tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length)).
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        """Index the documents.

        Args:
            documents: The words of each; one without words is never found.
        """
        self._n_documents = len(documents)
        lengths = np.array([len(words) for words in documents], dtype=np.float64)
        held: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for row, words in enumerate(documents):
            for word, count in Counter(words).items():
                held[word][0].append(row)
                held[word][1].append(count)
        norm = _SATURATION * (1 - _LENGTH + _LENGTH * lengths / max(lengths.sum() / max(len(lengths), 1), 1e-12))
        self._held: dict[str, tuple[NDArray[np.int64], Floats]] = {}
        for word, (found, counts) in held.items():
            rows, often = np.array(found, dtype=np.int64), np.array(counts, dtype=np.float64)
            idf = np.log(1 + (len(documents) - len(rows) + 0.5) / (len(rows) + 0.5))
            weights = idf * often * (_SATURATION + 1) / (often + norm[rows])
            self._held[word] = rows, weights.astype(np.float32)

    def weights(self, query: Sequence[str]) -> Floats:
        """Weigh every document against a query.

        Args:
            query: Words; one that comes twice counts once.

        Returns:
            float32 (n_documents,), at least 0; 0 exactly where no word is shared.
        """
        total = np.zeros(self._n_documents, dtype=np.float32)
        for word in dict.fromkeys(query):
            if word in self._held:
                rows, weights = self._held[word]
                total[rows] += weights
        return total
