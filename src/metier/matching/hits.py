"""From how well everybody fits to the best few who pass a filter: what every retriever without an index does."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from metier.domain import Hit, Profile, Project, Where
from metier.index.where import passes
from metier.measures.retrieval import nearest
from metier.protocols import Floats

_PROJECTS_PER_BLOCK: Final = 256  # compared at once; bounds memory at 256 x n_profiles numbers

Compare = Callable[[Sequence[Project]], Floats]


def best_hits(
    compare: Compare, projects: Sequence[Project], *, profiles: Sequence[Profile], k: int, where: Where = ()
) -> list[list[Hit]]:
    """Give the profiles that compare best with each project; see `metier.protocols.Retriever.retrieve`.

    Args:
        compare: Gives float32 (n_projects, n_profiles), higher is closer.
        projects: Any.
        profiles: In the order of the columns.
        k: Hits per project; fewer if fewer profiles pass the filter.
        where: What every hit must fulfil.

    Returns:
        One list per project, in order, by falling similarity; ties keep the order of the profiles.
    """
    passing = np.array(
        [column for column, profile in enumerate(profiles) if passes(profile.facts, profile.id, where)], dtype=np.int64
    )
    hits: list[list[Hit]] = []
    for start in range(0, len(projects), _PROJECTS_PER_BLOCK):
        for row in compare(projects[start : start + _PROJECTS_PER_BLOCK]):
            best = passing[nearest(row[passing], k=k)] if k > 0 else ()
            hits.append([Hit(profiles[column].id, float(row[column])) for column in best])
    return hits
