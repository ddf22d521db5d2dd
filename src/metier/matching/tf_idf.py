"""People found by the words that they share with a project: the cosine of TF-IDF vectors."""

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

import numpy as np

from metier.domain import Hit, Profile, Project, Where
from metier.matching.hits import best_hits
from metier.matching.inverted_lists import InvertedLists
from metier.matching.words import folded_words, whole_text
from metier.protocols import Floats


class TfIdf:
    """Salton and Buckley (1988), with idf = ln((1 + n) / (1 + df)) + 1; see `metier.protocols.Retriever`."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        """Weigh the words of the profiles.

        Args:
            profiles: Among whom to search; they alone say how rare a word is.
        """
        self._profiles = profiles
        documents = [Counter(folded_words(whole_text(profile))) for profile in profiles]
        frequencies = Counter(word for document in documents for word in document)
        self._idf = {word: log((1 + len(profiles)) / (1 + n)) + 1 for word, n in frequencies.items()}
        self._lists = InvertedLists([self._weights(document) for document in documents])

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Give the cosine of every profile with each project; see `metier.protocols.Retriever`.

        Args:
            projects: Words that no profile has are passed over.

        Returns:
            float32 (n_projects, n_profiles), in [0, 1]; 0 exactly where no word is shared.
        """
        cosines = np.zeros((len(projects), len(self._profiles)), dtype=np.float32)
        for row, project in zip(cosines, projects, strict=True):
            row[:] = self._lists.products(self._weights(Counter(folded_words(whole_text(project)))))
        return cosines

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` profiles of the highest cosine; see `metier.protocols.Retriever`.

        Args:
            projects: Any.
            k: Hits per project; fewer if fewer profiles pass the filter.
            where: What every hit must fulfil.

        Returns:
            One list per project, in order, by falling cosine; ties keep the order of the profiles.
        """
        return best_hits(self.compare, projects, profiles=self._profiles, k=k, where=where)

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        """Give the words that are known, as a row of unit length."""
        weights = {word: n * self._idf[word] for word, n in counts.items() if word in self._idf}
        length = sqrt(sum(weight * weight for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()}
