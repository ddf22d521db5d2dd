"""An audit of matching: what cues do to people's ranks, who is seen, what helps against it and what that costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Profile
from metier.matching.audit_blind import BlindEncoder, blind
from metier.matching.audit_effects import Effect, Standing, measure_effects, near_the_top, stand
from metier.matching.audit_exposure import GroupExposure, Groups, expose, group_exposures, misplaced, share_out
from metier.matching.audit_swaps import SWAPS, Swap, Versions, tell
from metier.matching.words import whole_text
from metier.measures.resampling import Difference, paired_bootstrap
from metier.measures.retrieval import nearest, normalized_gain
from metier.pipelines.audit_task import AuditTask
from metier.pipelines.match import encode_asked
from metier.protocols import DocumentEncoder, Floats
from metier.text.language import identify

Columns = NDArray[np.int64]

_POOL: Final = 10  # times k: the ranks from which people are drawn, and among which rankings are made anew
# Times k: the ranks at which a change is counted. Half the pool, so that the pool, which was chosen by the texts as
# they are, has nearly everybody who is there in any version.
_NEAR: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """How matching is audited."""

    k: int = 10  # people whom a reader sees for each project
    n_people: int = 300  # whose texts are changed, drawn from those near the top; two minutes on one core
    seed: int = 0  # of the draws and of the intervals


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapReport:
    """What one cue changes, over pairs of a project and a person near its top."""

    name: str
    first: str
    second: str
    n_people: int
    n_pairs: int
    effects: Mapping[str, Effect]  # by `audit_effects.MEASURES`

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "name": self.name,
            "first": self.first,
            "second": self.second,
            "n_people": self.n_people,
            "n_pairs": self.n_pairs,
            "effects": {name: effect.to_dict() for name, effect in self.effects.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """A remedy and its cost; differences are after minus before, over projects."""

    name: str
    relevance_before: float
    relevance_after: float
    relevance: Difference
    misplaced: Mapping[str, tuple[float, float, Difference]]  # attribute -> before, after, difference
    swaps: Sequence[SwapReport] = ()  # what cues still change; empty where the remedy does not look at texts

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "name": self.name,
            "relevance": {
                "before": self.relevance_before,
                "after": self.relevance_after,
                **self.relevance.to_dict(),
            },
            "misplaced": {
                name: {"before": before, "after": after, **difference.to_dict()}
                for name, (before, after, difference) in self.misplaced.items()
            },
            "swaps": [swap.to_dict() for swap in self.swaps],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that was found."""

    encoder: str
    n_projects: int
    n_profiles: int
    k: int
    judged_by: str  # what relevance is: nDCG@k by the truth or the feedback, or the mean cosine
    swaps: Sequence[SwapReport]
    exposure: Mapping[str, Sequence[GroupExposure]]
    mitigations: Sequence[Mitigation]

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "encoder": self.encoder,
            "n_projects": self.n_projects,
            "n_profiles": self.n_profiles,
            "k": self.k,
            "judged_by": self.judged_by,
            "swaps": [swap.to_dict() for swap in self.swaps],
            "exposure": {name: [group.to_dict() for group in groups] for name, groups in self.exposure.items()},
            "mitigations": [mitigation.to_dict() for mitigation in self.mitigations],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What an encoder makes of a task."""

    encoder: DocumentEncoder
    queries: Floats  # (n_projects, dim)
    vectors: Floats  # (n_profiles, dim)
    silent: NDArray[np.bool_]  # (n_profiles,), who has no word
    found: Sequence[Columns]  # per project, the pool, best first


def audit_matching(task: AuditTask, *, encoder: DocumentEncoder, settings: AuditSettings | None = None) -> Audit:
    """Audit how an encoder finds people for projects.

    Args:
        task: What is audited.
        encoder: Of projects and people, who are compared by the cosine.
        settings: How; by default as `AuditSettings` has it.

    Returns:
        The effect of every cue, the exposure of every group, and two kinds of remedy with their costs: texts without
        cues, and for each attribute a ranking in which every group has its share.
    """
    chosen = settings or AuditSettings()
    queries = encode_asked(encoder, task.projects)
    before = _read(encoder, queries, encoder.encode_profiles(task.profiles), k=chosen.k)
    told = _tell(task.profiles, _draw(before.found, chosen), seed=chosen.seed)
    groups = [Groups.by(name, values) for name, values in task.attributes.items()]
    weigh = _Scales(task, before, groups, chosen)
    shown = [columns[: chosen.k] for columns in before.found]
    after = _read_blind(task, before, k=chosen.k)
    return Audit(
        encoder=encoder.version,
        n_projects=len(task.projects),
        n_profiles=len(task.profiles),
        k=chosen.k,
        judged_by=f"nDCG@{chosen.k} by {task.judged_by}" if task.judged_by else f"mean cosine of the first {chosen.k}",
        swaps=_swap(before, told, chosen),
        exposure={
            one.attribute: group_exposures(shown, one, qualified=task.qualified, seed=chosen.seed) for one in groups
        },
        mitigations=[
            weigh("texts without cues", after.found, swaps=_swap(after, told, chosen)),
            *(weigh(f"shares by {one.attribute}", share_out(before.found, one, k=chosen.k)) for one in groups),
        ],
    )


def _read(encoder: DocumentEncoder, queries: Floats, vectors: Floats, *, k: int) -> _Reading:
    silent: NDArray[np.bool_] = np.logical_not(vectors.any(axis=1))
    depth = min(_POOL * k, int((~silent).sum()))
    cosines = (np.where(silent, np.float32(-np.inf), vectors @ query) for query in queries)
    found = [nearest(row, k=depth).astype(np.int64) for row in cosines]
    return _Reading(encoder=encoder, queries=queries, vectors=vectors, silent=silent, found=found)


def _read_blind(task: AuditTask, before: _Reading, *, k: int) -> _Reading:
    """Read what is left without cues; only those whose texts change are read again."""
    vectors, left = before.vectors.copy(), [blind(profile) for profile in task.profiles]
    rows = [row for row, (one, other) in enumerate(zip(left, task.profiles, strict=True)) if one != other]
    if rows:
        vectors[rows] = before.encoder.encode_profiles([left[row] for row in rows])
    queries = encode_asked(before.encoder, [blind(project) for project in task.projects])
    return _read(BlindEncoder(before.encoder), queries, vectors, k=k)


def _draw(found: Sequence[Columns], settings: AuditSettings) -> Columns:
    """Draw people from those near the top of any project: further down nothing that changes would be seen."""
    pool = np.unique(np.concatenate(found))
    drawn = np.random.default_rng(settings.seed).permutation(pool)[: settings.n_people]
    return np.sort(drawn).astype(np.int64)


def _tell(profiles: Sequence[Profile], rows: Columns, *, seed: int) -> list[tuple[str, int, Versions]]:
    """Tell people anew for every swap that has a place in their texts: name of the swap, row, versions."""
    told = []
    for row in rows.tolist():
        profile = profiles[row]
        language = profile.language or identify(whole_text(profile)) or ""
        for swap in SWAPS:
            versions = tell(swap, profile, language=language, seed=seed)
            if versions is not None:
                told.append((swap.name, row, versions))
    return told


def _swap(reading: _Reading, told: Sequence[tuple[str, int, Versions]], settings: AuditSettings) -> list[SwapReport]:
    """Report on every swap for which somebody was told anew."""
    if not told:
        return []
    texts = [version for _, _, versions in told for version in versions.all]
    standing = stand(
        reading.queries,
        reading.vectors,
        versions=reading.encoder.encode_profiles(texts).reshape(len(told), -1, reading.vectors.shape[1]),
        rows=np.array([row for _, row, _ in told]),
        silent=reading.silent,
    )
    places = {swap.name: [place for place, (name, _, _) in enumerate(told) if name == swap.name] for swap in SWAPS}
    return [_report(swap, standing.of(places[swap.name]), settings) for swap in SWAPS if places[swap.name]]


def _report(swap: Swap, standing: Standing, settings: AuditSettings) -> SwapReport:
    inside = near_the_top(standing, depth=_NEAR * settings.k)
    return SwapReport(
        name=swap.name,
        first=swap.first,
        second=swap.second,
        n_people=int(inside.any(axis=0).sum()),
        n_pairs=int(inside.sum()),
        effects=measure_effects(standing, inside, k=settings.k, seed=settings.seed),
    )


class _Scales:
    """Weighs what a remedy does to exposure against what it does to relevance."""

    def __init__(self, task: AuditTask, before: _Reading, groups: Sequence[Groups], settings: AuditSettings) -> None:
        """Weigh how it is without one."""
        self._task, self._reading, self._groups, self._settings = task, before, groups, settings
        self._before = [columns[: settings.k] for columns in before.found]
        self._relevance = self._relevances(self._before)

    def __call__(self, name: str, found: Sequence[Columns], *, swaps: Sequence[SwapReport] = ()) -> Mitigation:
        """Weigh rankings, of which only the first ranks count."""
        shown = [columns[: self._settings.k] for columns in found]
        after = self._relevances(shown)
        known = ~np.isnan(self._relevance)
        first, second = after[known], self._relevance[known]
        return Mitigation(
            name=name,
            relevance_before=_mean(second),
            relevance_after=_mean(first),
            relevance=_difference(
                first[:, None], second[:, None], lambda sums: sums[:, 0] / max(len(first), 1), self._settings
            ),
            misplaced={one.attribute: self._misplaced(shown, one) for one in self._groups},
            swaps=swaps,
        )

    def _relevances(self, shown: Sequence[Columns]) -> NDArray[np.float64]:
        """Of each project: nDCG, NaN where nobody fits; or, where nothing says who does, the mean cosine as it was."""
        gains, k = self._task.gains, self._settings.k
        if gains is not None:
            return np.array([normalized_gain(row, columns, k=k) for row, columns in zip(gains, shown, strict=True)])
        vectors = self._reading.vectors
        return np.array(
            [
                float((vectors[columns] @ query).mean())
                for query, columns in zip(self._reading.queries, shown, strict=True)
            ]
        )

    def _misplaced(self, shown: Sequence[Columns], groups: Groups) -> tuple[float, float, Difference]:
        before, after = expose(self._before, groups), expose(shown, groups)
        ends = [float(misplaced(exposure.sum(axis=0, keepdims=True), groups)[0]) for exposure in (before, after)]
        return ends[0], ends[1], _difference(after, before, lambda sums: misplaced(sums, groups), self._settings)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _difference(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    settings: AuditSettings,
) -> Difference:
    return paired_bootstrap(first[None], second[None], statistic, seed=settings.seed)
