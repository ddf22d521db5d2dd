"""What a cue does to where people stand: cosine, rank and membership of the first few, against neutral words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.measures.crossed import crossed_bootstrap
from metier.measures.resampling import Difference
from metier.protocols import Floats

N_VERSIONS: Final = 4  # first, second, and the two of the control
MEASURES: Final = ("cosine", "rank", "top_k")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where versions of people stand; axes: versions (first, second, two controls), projects, people."""

    cosines: Floats  # (4, n_projects, n_people)
    ranks: NDArray[np.int64]  # likewise; 1 is best, among everybody else as they were

    def of(self, people: Sequence[int]) -> "Standing":
        """Those of some people, by their places."""
        return Standing(cosines=self.cosines[:, :, people], ranks=self.ranks[:, :, people])


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a cue changes, on average over pairs of a project and a person.

    `change` is that of the second value minus that of the first: a higher rank is further down. `moved` leaves the
    sign away, so that one who rises does not make up for one who falls; `noise` is the same of two neutral words, and
    `beyond_noise` is `moved` minus `noise`.
    """

    change: Difference
    moved: float
    noise: float
    beyond_noise: Difference

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "change": self.change.to_dict(),
            "moved": self.moved,
            "noise": self.noise,
            "beyond_noise": self.beyond_noise.to_dict(),
        }


def stand(
    queries: Floats, vectors: Floats, *, versions: Floats, rows: NDArray[np.int64], silent: NDArray[np.bool_]
) -> Standing:
    """Find where each version of each person stands for each project, if nobody else changes.

    Args:
        queries: float32 (n_projects, dim), of projects.
        vectors: float32 (n_profiles, dim), of everybody as they are.
        versions: float32 (n_people, 4, dim), of people as they might be; one may come more than once.
        rows: (n_people,), who they are among `vectors`.
        silent: bool (n_profiles,), who says nothing and cannot be found.

    Returns:
        Cosines and ranks; a tie with somebody else counts for the version.
    """
    stacked = versions.transpose(1, 0, 2).reshape(-1, vectors.shape[1])  # (4 * n_people, dim)
    owners = np.tile(rows, N_VERSIONS)
    cosines = np.empty((len(queries), len(stacked)), dtype=np.float32)
    ranks = np.empty(cosines.shape, dtype=np.int64)
    for row, query in enumerate(queries):
        others = np.where(silent, np.float32(-np.inf), _cosines(vectors, query))
        cosines[row] = _cosines(stacked, query)
        n_above = len(others) - np.searchsorted(np.sort(others), cosines[row], side="right")
        ranks[row] = n_above - (others[owners] > cosines[row]) + 1  # without the person as they are
    shape = (len(queries), N_VERSIONS, len(rows))
    return Standing(cosines=cosines.reshape(shape).transpose(1, 0, 2), ranks=ranks.reshape(shape).transpose(1, 0, 2))


def near_the_top(standing: Standing, *, depth: int) -> NDArray[np.bool_]:
    """Choose the pairs whose change matters, without favour to any version.

    Args:
        standing: Of all versions.
        depth: Ranks that matter.

    Returns:
        bool (n_projects, n_people): where the geometric mean of the four ranks is within the depth. To choose by one
        version alone would make every other look worse.
    """
    chosen: NDArray[np.bool_] = np.log(standing.ranks).mean(axis=0) <= np.log(depth) + 1e-9
    return chosen


def measure_effects(standing: Standing, inside: NDArray[np.bool_], *, k: int, seed: int) -> dict[str, Effect]:
    """Average what a cue changes.

    Args:
        standing: Of all versions.
        inside: bool (n_projects, n_people), the pairs that count.
        k: Ranks that a reader looks at.
        seed: Of the intervals, which allow for other projects and other people (see `crossed_bootstrap`).

    Returns:
        Name of `MEASURES` -> effect: on the cosine, on the rank, and on the share of the pairs where the person is
        among the first `k`.
    """
    values: tuple[NDArray[Any], ...] = (standing.cosines, standing.ranks, standing.ranks <= k)
    return {name: _effect(value, inside, seed=seed) for name, value in zip(MEASURES, values, strict=True)}


def _cosines(vectors: Floats, query: Floats) -> Floats:
    """Row by row: in a matrix product the same vector may have another last digit in another row."""
    cosines: Floats = np.einsum("ij,j->i", vectors, query)
    return cosines


def _effect(values: NDArray[Any], inside: NDArray[np.bool_], *, seed: int) -> Effect:
    first, second, control_first, control_second = values.astype(np.float64)
    moved, noise = np.abs(second - first), np.abs(control_second - control_first)
    n_pairs = max(int(inside.sum()), 1)
    return Effect(
        change=crossed_bootstrap(second - first, inside=inside, seed=seed),
        moved=float(moved[inside].sum() / n_pairs),
        noise=float(noise[inside].sum() / n_pairs),
        beyond_noise=crossed_bootstrap(moved - noise, inside=inside, seed=seed),
    )
