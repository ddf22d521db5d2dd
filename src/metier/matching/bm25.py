"""People found by the words that they share with a project: BM25, of the library bm25s."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from metier.domain import Hit, Profile, Project, Where
from metier.errors import MissingExtra
from metier.matching.hits import best_hits
from metier.matching.words import folded_words, whole_text
from metier.protocols import Floats

_SATURATION: Final = 1.2  # k1; with b below the usual values, also Lucene's
_LENGTH: Final = 0.75  # b


class Bm25:
    """Robertson and Zaragoza (2009), equation 3.15, with Lucene's idf; see `metier.protocols.Retriever`."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        """Index the words of the profiles.

        Args:
            profiles: Among whom to search.

        Raises:
            MissingExtra: If bm25s is not installed.
        """
        try:
            import bm25s
        except ImportError:
            raise MissingExtra("match", "BM25") from None
        self._profiles = profiles
        documents = [folded_words(whole_text(profile)) for profile in profiles]
        self._index = None
        if any(documents):  # the library cannot hold nothing
            self._index = bm25s.BM25(k1=_SATURATION, b=_LENGTH, method="lucene")
            self._index.index(documents, show_progress=False)

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Weigh the words that every profile shares with each project; see `metier.protocols.Retriever`.

        Args:
            projects: A word that one says twice counts twice.

        Returns:
            float32 (n_projects, n_profiles), at least 0; 0 exactly where no word is shared.
        """
        weights = np.zeros((len(projects), len(self._profiles)), dtype=np.float32)
        for row, project in zip(weights, projects, strict=True):
            query = folded_words(whole_text(project))
            if query and self._index is not None:
                row[:] = self._index.get_scores(query)
        return weights

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` profiles of the highest weight; see `metier.protocols.Retriever`.

        Args:
            projects: Any.
            k: Hits per project; fewer if fewer profiles pass the filter.
            where: What every hit must fulfil.

        Returns:
            One list per project, in order, by falling weight; ties keep the order of the profiles.
        """
        return best_hits(self.compare, projects, profiles=self._profiles, k=k, where=where)
