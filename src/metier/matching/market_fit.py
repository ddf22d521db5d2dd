"""How well people truly fit a piece of work: over all their skills, named or not, in whatever language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.matching.market_trades import Trades
from metier.protocols import Floats

_BONUS_WEIGHT: Final = 0.4  # of a mandatory skill
_BROADER_CREDIT: Final = 0.5  # somebody has the skill right above or right below
_GROUP_CREDIT: Final = 0.2  # somebody has another skill of the same group
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well people fit one piece of work; float32 (n_people,), in [0, 1]."""

    match: Floats  # credit for all skills, by weight
    covered: Floats  # share of the mandatory skills that are there themselves


class SkillFit:
    """Compares pieces of work with people who are held by their skills."""

    def __init__(self, trades: Trades, people: Sequence[Sequence[int]]) -> None:
        """Note who has what.

        Args:
            trades: Which skills are near each other.
            people: The skills of each, as rows of the taxonomy.
        """
        self._n_people = len(people)
        self._broader, self._groups = trades.broader, trades.groups
        self._narrower: dict[int, list[int]] = {}
        for skill, above in enumerate(trades.broader):
            for parent in above:
                self._narrower.setdefault(parent, []).append(skill)
        self._by_skill = _inverted(people)
        self._by_group = _inverted([{self._groups[skill]: None for skill in skills} for skills in people])

    def fit(self, mandatory: Sequence[int], bonus: Sequence[int]) -> Fit:
        """Compare a piece of work with everybody.

        Args:
            mandatory: Skills of weight 1; one at least.
            bonus: Skills of weight 0.4.

        Returns:
            For every person, in their order. A skill gives a credit of 1 where the person has it, of 0.5 where the
            person has one right above or below it, of 0.2 where the person has one of the same group, else of 0.
        """
        total = np.zeros(self._n_people, dtype=np.float32)
        covered = np.zeros(self._n_people, dtype=np.float32)
        for skills, weight in ((mandatory, 1.0), (bonus, _BONUS_WEIGHT)):
            for skill in skills:
                total += np.float32(weight) * self._credit(skill)
        for skill in mandatory:
            covered[self._by_skill.get(skill, _NOBODY)] += 1
        total_weight = np.float32(len(mandatory) + _BONUS_WEIGHT * len(bonus))
        return Fit(match=np.minimum(total / total_weight, np.float32(1)), covered=covered / np.float32(len(mandatory)))

    def _credit(self, skill: int) -> Floats:
        credit = np.zeros(self._n_people, dtype=np.float32)
        credit[self._by_group.get(self._groups[skill], _NOBODY)] = _GROUP_CREDIT
        for near in (*self._broader[skill], *self._narrower.get(skill, ())):
            credit[self._by_skill.get(near, _NOBODY)] = _BROADER_CREDIT
        credit[self._by_skill.get(skill, _NOBODY)] = 1.0
        return credit


_NOBODY: Final = np.zeros(0, dtype=np.intp)


def _inverted(people: Sequence[Sequence[int] | dict[str, None]]) -> dict[int | str, Rows]:
    """Give who has each thing: rows, rising."""
    found: dict[int | str, list[int]] = {}
    for row, things in enumerate(people):
        for thing in things:
            found.setdefault(thing, []).append(row)
    return {thing: np.array(rows, dtype=np.intp) for thing, rows in found.items()}
