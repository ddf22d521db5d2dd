"""People found by the skills that they name as a project does."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from metier.domain import Hit, Profile, Project, Where
from metier.matching.hits import best_hits
from metier.matching.inverted_lists import InvertedLists
from metier.matching.skill_cover import skill_form
from metier.protocols import Floats

Overlap = Literal["cover", "jaccard"]


class SkillOverlap:
    """Compares sets of skills by their names, see `skill_form`; see `metier.protocols.Retriever`."""

    def __init__(self, profiles: Sequence[Profile], *, by: Overlap = "cover") -> None:
        """Index the skills of the profiles.

        Args:
            profiles: Among whom to search.
            by: `cover`: the share of the project's mandatory skills that a profile has; `jaccard` (1912): the shared
                skills out of those that either names.
        """
        self._profiles = profiles
        self._by = by
        held = [_names(profile.skills) for profile in profiles]
        self._n_held = np.array([len(names) for names in held], dtype=np.float32)
        self._lists = InvertedLists(held)

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Give the overlap of every profile with each project; see `metier.protocols.Retriever`.

        Args:
            projects: Their mandatory skills count.

        Returns:
            float32 (n_projects, n_profiles), in [0, 1]; 0 for a project without skills.
        """
        overlaps = np.zeros((len(projects), len(self._profiles)), dtype=np.float32)
        for row, project in zip(overlaps, projects, strict=True):
            needed = _names(project.skills)
            shared = self._lists.products(needed)
            either = len(needed) + self._n_held - shared
            row[:] = shared / np.maximum(either if self._by == "jaccard" else len(needed), 1)
        return overlaps

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` profiles of the largest overlap; see `metier.protocols.Retriever`.

        Args:
            projects: Any.
            k: Hits per project; fewer if fewer profiles pass the filter.
            where: What every hit must fulfil.

        Returns:
            One list per project, in order, by falling overlap; ties keep the order of the profiles.
        """
        return best_hits(self.compare, projects, profiles=self._profiles, k=k, where=where)


def _names(skills: Sequence[str]) -> dict[str, float]:
    return {name: 1.0 for skill in skills if (name := skill_form(skill))}
