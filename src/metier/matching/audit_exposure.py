"""Who is seen: the exposure of groups in rankings, and rankings in which every group has its share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metier.measures.intervals import Interval
from metier.measures.resampling import resampled_sums

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share of exposure over a share of people: 1 is parity."""

    value: float
    interval: Interval  # 95 %, over projects

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; the interval is a list of its ends."""
        return {"value": self.value, "interval": [self.interval.low, self.interval.high]}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupExposure:
    """How much of the readers' attention a group gets.

    Against the qualified, only projects for which somebody is known to qualify count, and every such project counts
    alike; None: nobody of the group qualifies, or it is not known who does.
    """

    group: str
    n_people: int
    share_of_people: float
    share_of_exposure: float
    to_people: Ratio
    share_of_qualified: float | None
    to_qualified: Ratio | None

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "group": self.group,
            "n_people": self.n_people,
            "share_of_people": self.share_of_people,
            "share_of_exposure": self.share_of_exposure,
            "to_people": self.to_people.to_dict(),
            "share_of_qualified": self.share_of_qualified,
            "to_qualified": None if self.to_qualified is None else self.to_qualified.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Groups:
    """An attribute of everybody: each person is in one group."""

    attribute: str
    names: tuple[str, ...]
    of: Columns  # (n_profiles,), the number of each person's group

    @classmethod
    def by(cls, attribute: str, values: Sequence[str]) -> "Groups":
        """Group people by a value; the largest group first, ties by name."""
        names, numbers, sizes = np.unique(np.array(values, dtype=np.str_), return_inverse=True, return_counts=True)
        order = np.argsort(-sizes, kind="stable")
        return cls(attribute, tuple(map(str, names[order])), np.argsort(order)[numbers].astype(np.int64))

    @property
    def sizes(self) -> Columns:
        """(n_groups,), how many people each has."""
        return np.bincount(self.of, minlength=len(self.names))


def discounts(n_ranks: int) -> Floats:
    """Give the attention that each rank gets: 1 / log2(1 + rank), for ranks from 1 (Singh and Joachims, 2018)."""
    return 1 / np.log2(np.arange(n_ranks) + 2)


def expose(found: Sequence[Columns], groups: Groups) -> Floats:
    """Add up the attention that each group gets.

    Args:
        found: Per project, the columns of the people shown, best first.
        groups: Of everybody.

    Returns:
        float64 (n_projects, n_groups).
    """
    return np.array(
        [
            np.bincount(groups.of[columns], weights=discounts(len(columns)), minlength=len(groups.names))
            for columns in found
        ]
    ).reshape(len(found), len(groups.names))


def group_exposures(
    found: Sequence[Columns], groups: Groups, *, qualified: Sequence[Columns] | None, seed: int
) -> list[GroupExposure]:
    """Compare the attention that groups get with how many there are, and how many of them qualify.

    The ratios are those of Singh and Joachims (2018), Fairness of Exposure in Rankings: demographic parity where the
    first is 1 for every group (section 3.3), and disparate treatment where the second is (section 3.4), with being
    qualified as the merit.

    Args:
        found: Per project, the columns of the people shown, best first.
        groups: Of everybody.
        qualified: Per project, the columns of those who fit; None: not known.
        seed: Of the intervals.

    Returns:
        One entry per group, in their order.
    """
    exposure, sizes = expose(found, groups), groups.sizes
    fitting = _shares(qualified, groups) if qualified is not None else np.zeros_like(exposure)
    known = fitting.any(axis=1)
    return [
        GroupExposure(
            group=name,
            n_people=int(sizes[number]),
            share_of_people=float(sizes[number] / sizes.sum()),
            share_of_exposure=_share(exposure[:, number], exposure.sum(axis=1)),
            to_people=_ratio(
                exposure[:, number],
                exposure.sum(axis=1),
                shares=np.full(len(exposure), sizes[number] / sizes.sum()),
                seed=seed,
            ),
            share_of_qualified=float(fitting[known, number].mean()) if known.any() else None,
            to_qualified=_ratio(
                exposure[known, number], exposure[known].sum(axis=1), shares=fitting[known, number], seed=seed
            )
            if fitting[:, number].any()
            else None,
        )
        for number, name in enumerate(groups.names)
    ]


def misplaced(exposure: Floats, groups: Groups) -> Floats:
    """Say how much attention would have to go to other groups for all to have their share of people.

    Args:
        exposure: (n, n_groups), of projects or of sums over them.
        groups: Of everybody.

    Returns:
        float64 (n,), in [0, 1]: the total variation distance between the shares of exposure and of people. Of few
        projects it is never 0, for chance alone misplaces some.
    """
    shares = exposure / np.maximum(exposure.sum(axis=1, keepdims=True), 1e-12)
    distances: Floats = np.abs(shares - groups.sizes / max(groups.sizes.sum(), 1)).sum(axis=1) / 2
    return distances


def share_out(pools: Sequence[Columns], groups: Groups, *, k: int) -> list[Columns]:
    """Rank people so that each group has had its share of places, by every rank and from project to project.

    DetConstSort of Geyik, Ambler and Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation Systems with
    Application to LinkedIn Talent Search, algorithm 3, with the shares of the groups among everybody as what is
    wished for: whoever's turn comes is put in, and moves up past those who fit less and can still wait. What is
    rounded away in one project is made up for in the next (the idea of Biega, Gummadi and Weikum, 2018, Equity of
    Attention); else a group of one in a hundred would never be seen among ten.

    Args:
        pools: Per project, the people to choose from, best first.
        groups: Of everybody.
        k: People to be ranked for each project; fewer if there are fewer.

    Returns:
        The columns of the people chosen for each project, in order. For the first project a group has, at every rank r
        up to k, floor(r * its share) people or more, unless no more of them were there to choose from; for others this
        holds with what it is owed, as far as not too many are owed at once.
    """
    owed = [0] * len(groups.names)  # places, times the number of people, so that all is in whole numbers
    sizes, ranked = groups.sizes.tolist(), []
    for pool in pools:
        of = groups.of[pool].tolist()
        chosen = _in_turn(_deadlines(of, sizes, owed), k=k)
        ranked.append(pool[chosen])
        for group, size in enumerate(sizes):
            owed[group] += size * len(chosen)
        for place in chosen:
            owed[of[place]] -= sum(sizes)
    return ranked


def _deadlines(of: Sequence[int], sizes: Sequence[int], owed: Sequence[int]) -> list[int]:
    """The rank by which each person is due: the c-th of a group, at the first r where r * its share + owed >= c."""
    n_people, taken, deadlines = sum(sizes), dict.fromkeys(of, 0), []
    for group in of:
        taken[group] += 1
        deadlines.append(max(1, -((owed[group] - taken[group] * n_people) // sizes[group])))
    return deadlines


def _in_turn(deadlines: Sequence[int], *, k: int) -> list[int]:
    """Places in a pool, of which a lower one fits better, by their turn and then by how they fit."""
    ranked: list[int] = []
    for place in sorted(range(len(deadlines)), key=lambda place: (deadlines[place], place))[:k]:
        ranked.append(place)
        at = len(ranked) - 1
        while at > 0 and ranked[at - 1] > ranked[at] and deadlines[ranked[at - 1]] >= at + 1:
            ranked[at - 1], ranked[at] = ranked[at], ranked[at - 1]
            at -= 1
    return ranked


def _shares(qualified: Sequence[Columns], groups: Groups) -> Floats:
    """The share of each group among those who qualify for a project; zeros where nobody does."""
    counts = np.array([np.bincount(groups.of[columns], minlength=len(groups.names)) for columns in qualified])
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def _share(part: Floats, whole: Floats) -> float:
    return float(part.sum() / whole.sum()) if whole.sum() else 0.0


def _ratio(part: Floats, whole: Floats, *, shares: Floats, seed: int) -> Ratio:
    """The share of exposure over the mean of the shares of people, drawn again over projects."""
    columns = np.stack([part, whole, shares, np.ones(len(part))], axis=1)
    value = _share(part, whole) / float(shares.mean())
    sums = resampled_sums(columns, seed=seed)
    below = sums[:, 1] * sums[:, 2]  # 0 where none of the projects drawn has anybody of the group who qualifies
    drawn = (sums[:, 0] * sums[:, 3])[below > 0] / below[below > 0]
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (value, value)
    return Ratio(value, Interval(float(low), float(high)))
