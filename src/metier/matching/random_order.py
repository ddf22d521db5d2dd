"""People by chance: what every other retriever must beat."""

import hashlib
from collections.abc import Sequence

import numpy as np

from metier.domain import Hit, Profile, Project, Where
from metier.matching.hits import best_hits
from metier.protocols import Floats


class RandomOrder:
    """Draws a number for every profile; see `metier.protocols.Retriever`."""

    def __init__(self, profiles: Sequence[Profile], *, seed: int = 0) -> None:
        """Take the profiles.

        Args:
            profiles: Among whom to search.
            seed: Of the draws, with the project's id: a project always draws the same numbers.
        """
        self._profiles = profiles
        self._seed = seed

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Draw a number for every profile; see `metier.protocols.Retriever`.

        Args:
            projects: Only their ids count.

        Returns:
            float32 (n_projects, n_profiles), in [0, 1).
        """
        drawn = np.zeros((len(projects), len(self._profiles)), dtype=np.float32)
        for row, project in zip(drawn, projects, strict=True):
            digest = hashlib.sha256(f"{self._seed}/{project.id}".encode()).digest()
            row[:] = np.random.default_rng(int.from_bytes(digest[:8])).random(len(row), dtype=np.float32)
        return drawn

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find `k` profiles by chance; see `metier.protocols.Retriever`.

        Args:
            projects: Any.
            k: Hits per project; fewer if fewer profiles pass the filter.
            where: What every hit must fulfil.

        Returns:
            One list per project, in order, by falling number.
        """
        return best_hits(self.compare, projects, profiles=self._profiles, k=k, where=where)
