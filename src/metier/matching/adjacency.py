"""Who is near whom, and who must not be: adjacency matrices with 1 (near), -1 (far) and 0 (nothing is known).

Malt (RecSysHR 2024), section 3.2; equations 8 and 9 with their repairs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.int8]
Bools = NDArray[np.bool_]


def feedback_adjacency(
    feedback: Mapping[str, Mapping[str, int]], *, projects: Sequence[str], profiles: Sequence[str]
) -> Signs:
    """Say which profiles are near which projects by what people answered.

    Args:
        feedback: Project -> profile -> 1 where both wanted, -1 where one did not.
        projects: Ids of the rows.
        profiles: Ids of the columns; one may stand several times, in several versions.

    Returns:
        int8 (projects, profiles).
    """
    columns: dict[str, list[int]] = {}
    for column, profile in enumerate(profiles):
        columns.setdefault(profile, []).append(column)
    adjacency = np.zeros((len(projects), len(profiles)), dtype=np.int8)
    for row, project in enumerate(projects):
        for profile, answer in feedback.get(project, {}).items():
            adjacency[row, columns.get(profile, [])] = answer
    return adjacency


def shared_projects(adjacency: Signs) -> Signs:
    """Say which profiles are near each other with a project as pivot.

    Eq. 8, repaired. With P = [A > 0] and N = [A < 0], S = P'P - P'N - N'P is the number of projects that wanted both
    less the number that wanted one of the two; evidence that conflicts cancels out.

    Args:
        adjacency: int8 (projects, profiles).

    Returns:
        int8 (profiles, profiles): sign(S), symmetric, 0 on the diagonal.
    """
    wanted, refused = (adjacency > 0).astype(np.int32), (adjacency < 0).astype(np.int32)
    crossed = wanted.T @ refused
    signs: Signs = np.sign(wanted.T @ wanted - crossed - crossed.T).astype(np.int8)
    np.fill_diagonal(signs, 0)
    return signs


def printed_shared_projects(adjacency: Signs) -> Signs:
    """Give the sign of eq. 8 as it is printed: A'A times (1 - N'N), for comparison only.

    Its second factor turns negative where two profiles fail two common projects, so that they become far.

    Args:
        adjacency: int8 (projects, profiles).

    Returns:
        int8 (profiles, profiles), symmetric, 0 on the diagonal.
    """
    full, refused = adjacency.astype(np.int32), (adjacency < 0).astype(np.int32)
    signs: Signs = np.sign((full.T @ full) * (1 - refused.T @ refused)).astype(np.int8)
    np.fill_diagonal(signs, 0)
    return signs


def known_to_differ(rows: Sequence[str | None], columns: Sequence[str | None]) -> Bools:
    """Say which pairs are known to be of different categories, or in different languages.

    Args:
        rows: Of each row; None: not known.
        columns: Of each column.

    Returns:
        bool (rows, columns).
    """
    numbers = {value: number for number, value in enumerate({*rows, *columns} - {None})}
    left = np.array([numbers.get(value, -1) for value in rows], dtype=np.int64)[:, None]
    right = np.array([numbers.get(value, -1) for value in columns], dtype=np.int64)[None, :]
    different: Bools = (left != right) & (left >= 0) & (right >= 0)
    return different


def with_weak_negatives(history: Signs, weak: Bools) -> Signs:
    """Add weak negatives where nothing is known.

    Eq. 9, repaired: the printed sum reaches -2, and cancels what people answered; here history wins.

    Args:
        history: int8 (rows, columns).
        weak: bool (rows, columns), such as `known_to_differ` gives.

    Returns:
        int8 (rows, columns).
    """
    return np.where(history != 0, history, -weak.astype(np.int8)).astype(np.int8)


def weighed_across(
    adjacency: Signs, rows: Sequence[str | None], columns: Sequence[str | None], *, weight: float
) -> NDArray[np.float32]:
    """Let what is near across two languages count more.

    People are seldom asked across languages, so that what is learnt from feedback keeps them apart; counting the rare
    pairs by about the inverse of how rare they are undoes it (inverse propensity: Schnabel et al., 2016).

    Args:
        adjacency: int8 (rows, columns).
        rows: The language of each row; None: not known.
        columns: The language of each column.
        weight: Of a near pair in two languages that are known; others have 1.

    Returns:
        float32 (rows, columns).
    """
    return np.where((adjacency > 0) & known_to_differ(rows, columns), np.float32(weight), adjacency).astype(np.float32)


def profile_adjacency(adjacency: Signs, weak: Bools, *, printed: bool = False) -> Signs:
    """Say which profiles are near each other: one direction of what a project says, and weak negatives.

    Of each pair that shares a project only the upper half is kept, so that it counts once; columns must stand with the
    wanted before the refused, for a refused one is no anchor.

    Args:
        adjacency: int8 (projects, profiles).
        weak: bool (profiles, profiles), symmetric; no profile is one of its own.
        printed: Whether to take eq. 8 as it is printed.

    Returns:
        int8 (profiles, profiles), 0 on the diagonal.
    """
    history = printed_shared_projects(adjacency) if printed else shared_projects(adjacency)
    return with_weak_negatives(np.triu(history, k=1), weak & (history == 0))
