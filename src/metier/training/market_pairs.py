"""Interactions of a market as pairs of documents, each document once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metier.data.market import Interaction, Market
from metier.domain import Profile, Project


@dataclass(frozen=True, slots=True)
class MarketPairs:
    """Who was put before whom, and what came of it."""

    projects: tuple[Project, ...]
    profiles: tuple[Profile, ...]  # as of the days of the interactions; people who have changed come several times
    project_of: NDArray[np.int64]  # (n_pairs,), rows of `projects`
    profile_of: NDArray[np.int64]  # (n_pairs,), rows of `profiles`
    wanted: NDArray[np.bool_]  # (n_pairs,)

    def documents(self) -> list[tuple[Project, Profile]]:
        """Give the two documents of every pair, in order."""
        return [
            (self.projects[project], self.profiles[profile])
            for project, profile in zip(self.project_of.tolist(), self.profile_of.tolist(), strict=True)
        ]


def pairs_of(market: Market, interactions: Sequence[Interaction]) -> MarketPairs:
    """Look up the documents of interactions, profiles as of their days.

    Args:
        market: Where the interactions come from.
        interactions: Any of them.

    Returns:
        One pair per interaction, in order.
    """
    project_rows: dict[str, int] = {}
    state_rows: dict[int, int] = {}  # by identity: a market holds each state once
    states: list[Profile] = []
    rows = []
    for each in interactions:
        state = market.profile_as_of(each.profile_id, each.at)
        if id(state) not in state_rows:
            state_rows[id(state)] = len(states)
            states.append(state)
        rows.append((project_rows.setdefault(each.project_id, len(project_rows)), state_rows[id(state)]))
    project_of, profile_of = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return MarketPairs(
        projects=tuple(market.projects[market.project_rows[name]] for name in project_rows),
        profiles=tuple(states),
        project_of=project_of,
        profile_of=profile_of,
        wanted=np.array([each.feedback > 0 for each in interactions], dtype=np.bool_),
    )
