"""People found by the cosine between vectors: exactly, or through an index."""

from collections.abc import Sequence

from metier.domain import Hit, Profile, Project, Where
from metier.matching.hits import best_hits
from metier.protocols import DocumentEncoder, Floats, VectorIndex


class DenseRetriever:
    """Compares the vectors of one encoder; see `metier.protocols.Retriever`."""

    def __init__(
        self, encoder: DocumentEncoder, profiles: Sequence[Profile], *, index: VectorIndex | None = None
    ) -> None:
        """Encode the profiles.

        Args:
            encoder: Of profiles and projects.
            profiles: Among whom to search.
            index: Holds the same profiles, with vectors of the same encoder; hits are then searched in it, and ties
                are by id. None: all profiles are compared.
        """
        self._encoder = encoder
        self._profiles = profiles
        self._index = index
        self._vectors = encoder.encode_profiles(profiles)

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Give the cosine of every profile with each project; see `metier.protocols.Retriever`.

        Args:
            projects: Any.

        Returns:
            float32 (n_projects, n_profiles); 0 where one side has no word.
        """
        cosines: Floats = self._encoder.encode_projects(projects) @ self._vectors.T
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
        if self._index is not None:
            return self._index.search(self._encoder.encode_projects(projects), k=k, where=where)
        return best_hits(self.compare, projects, profiles=self._profiles, k=k, where=where)
