"""How well retrievers find people for projects: by feedback, by attributes, and by the truth where it is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Profile, Project
from metier.errors import InputError
from metier.measures.intervals import Interval
from metier.measures.resampling import resampled_sums
from metier.measures.retrieval import (
    area_under_curve,
    attribute_overlap,
    nearest,
    normalized_gain,
    reciprocal_rank,
    retrieved,
    score_recall_all,
    score_recall_single,
)
from metier.protocols import Retriever

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]

DEPTH: Final = 100  # ranks that are looked at
BY_FEEDBACK: Final = ("recall_single", "recall_all", "auc", "retrieved_positives@100", "retrieved_negatives@100")
BY_ATTRIBUTES: Final = ("category@10", "category@100", "skills@10", "skills@100")
BY_TRUTH: Final = ("recall@10", "recall@100", "ndcg@10", "ndcg@100", "mrr", "same_language@100", "other_language@100")
MEASURES: Final = (*BY_FEEDBACK, *BY_ATTRIBUTES, *BY_TRUTH)
# Of two means, over the projects that have both: of single projects it would often be a division by zero.
RATIOS: Final = {
    "positives_to_negatives@100": ("retrieved_positives@100", "retrieved_negatives@100"),
    "other_to_same_language@100": ("other_language@100", "same_language@100"),
}
_BLOCK: Final = 64  # projects compared at once: 64 x 32,000 profiles are 8 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalTask:
    """Projects, who may be found for them, and what is known of who fits; columns count `profiles` from 0."""

    name: str
    projects: Sequence[Project]
    profiles: Sequence[Profile]
    positives: Sequence[Columns]  # per project: those who said that they are interested
    negatives: Sequence[Columns]  # per project: those of whom somebody said that skills are missing
    asked: Sequence[frozenset[str]]  # per project: skills, as they are compared
    offered: Sequence[frozenset[str]]  # per profile
    truth: NDArray[np.float32] | None = None  # (n_projects, n_profiles), how well each fits, in [0, 1]; None: not known
    fits_from: float = 0.7  # a profile fits from here on: what recall and MRR count


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalRun:
    """What one retriever did on one task."""

    points: Floats  # (n_projects, n_measures), by `MEASURES`; NaN where undefined
    languages: tuple[str | None, ...]  # of the projects
    seconds: float  # per project, by the clock


@dataclass(frozen=True, slots=True)
class RetrievalFigure:
    """One measure over some projects."""

    mean: float
    n_projects: int  # for which it is defined; the others are left out
    interval: Interval  # 95 %, over projects

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; the interval is a list of its ends."""
        return {"mean": self.mean, "n_projects": self.n_projects, "interval": [self.interval.low, self.interval.high]}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """One retriever's figures over all tasks; measures that no project has are not there."""

    views: dict[str, dict[str, RetrievalFigure]]  # all, `language fr` … -> name of `MEASURES` or `RATIOS`
    tasks: list[dict[str, float]]  # the same means for each task by itself, all projects
    seconds: float  # per project, by the clock

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; `deviation` is that of the means of several tasks, with n - 1."""
        deviations = {
            name: float(np.std([means[name] for means in self.tasks], ddof=1))
            for name in self.views["all"]
            if len(self.tasks) > 1 and all(name in means for means in self.tasks)
        }
        return {
            "views": {
                view: {name: figure.to_dict() for name, figure in figures.items()}
                for view, figures in self.views.items()
            },
            "tasks": self.tasks,
            "deviation": deviations,
            "seconds_per_project": self.seconds,
        }


def evaluate_retriever(
    retriever: Retriever, task: RetrievalTask, *, seed: int = 0, progress: Callable[[], None] = lambda: None
) -> RetrievalRun:
    """Compare every project with every profile, without filters, and measure each project.

    Args:
        retriever: Made with the profiles of the task.
        task: At least one project.
        seed: Ties are broken by chance, the same for every retriever, so that the order of a file gives nothing away.
        progress: Called after each project.

    Returns:
        The measures of each project.

    Raises:
        InputError: If there are no projects or no profiles, or the retriever was made with other profiles.
    """
    if not task.projects or not task.profiles:
        raise InputError(f"{task.name} has no projects or no profiles to evaluate on; give a market that has some.")
    judge = _Judge(task, by_chance=np.random.default_rng(seed).permutation(len(task.profiles)))
    points, seconds = np.empty((len(task.projects), len(MEASURES))), 0.0
    for start in range(0, len(task.projects), _BLOCK):
        block = task.projects[start : start + _BLOCK]
        clock = perf_counter()
        similarities = retriever.compare(block)  # (block, n_profiles)
        seconds += perf_counter() - clock
        _check_shape(similarities, task, n_projects=len(block))
        for row, some in enumerate(similarities, start=start):
            points[row] = judge.points(row, some)
            progress()
    languages = tuple(project.language for project in task.projects)
    return RetrievalRun(points=points, languages=languages, seconds=seconds / len(task.projects))


def report_runs(runs: Sequence[RetrievalRun], *, seed: int = 0, n_resamples: int = 1000) -> RetrievalReport:
    """Average what one retriever did on one task or several, with intervals over all projects together.

    Args:
        runs: One at least.
        seed: Of the bootstrap over projects.
        n_resamples: Of the bootstrap.

    Returns:
        The figures of all projects and of those in each language, by name.
    """
    points = np.concatenate([run.points for run in runs])
    languages = np.array([language or "" for run in runs for language in run.languages])
    views = {"all": np.ones(len(points), dtype=np.bool_)}
    views |= {f"language {language}": languages == language for language in sorted(set(languages.tolist()) - {""})}
    return RetrievalReport(
        views={name: _figures(points[inside], seed=seed, n_resamples=n_resamples) for name, inside in views.items()},
        tasks=[_means(run.points) for run in runs],
        seconds=float(np.average([run.seconds for run in runs], weights=[len(run.points) for run in runs])),
    )


class _Judge:
    """Knows a task and measures one project at a time."""

    def __init__(self, task: RetrievalTask, *, by_chance: Columns) -> None:
        self._task = task
        self._by_chance = by_chance
        self._categories = [_category(profile) for profile in task.profiles]
        self._languages = np.array([profile.language or "" for profile in task.profiles])

    def points(self, row: int, similarities: NDArray[np.float32]) -> list[float]:
        """Give the measures of a project, in the order of `MEASURES`."""
        found = self._by_chance[nearest(similarities[self._by_chance], k=DEPTH)]
        return [
            *self._by_feedback(row, similarities, found),
            *self._by_attributes(row, found),
            *self._by_truth(row, found),
        ]

    def _by_feedback(self, row: int, similarities: NDArray[np.float32], found: Columns) -> list[float]:
        positives, negatives = self._task.positives[row], self._task.negatives[row]
        sides = similarities[positives], similarities[negatives]
        return [
            score_recall_single(*sides),
            score_recall_all(*sides),
            area_under_curve(*sides),
            retrieved(found, positives),
            retrieved(found, negatives),
        ]

    def _by_attributes(self, row: int, found: Columns) -> list[float]:
        category, skills = _category(self._task.projects[row]), self._task.asked[row]
        categories = [self._categories[column] for column in found]
        offered = [self._task.offered[column] for column in found]
        return [
            attribute_overlap(category, categories[:10]),
            attribute_overlap(category, categories),
            attribute_overlap(skills, offered[:10]),
            attribute_overlap(skills, offered),
        ]

    def _by_truth(self, row: int, found: Columns) -> list[float]:
        if self._task.truth is None:
            return [np.nan] * len(BY_TRUTH)
        gains = self._task.truth[row]
        fitting = np.flatnonzero(gains >= self._task.fits_from)
        same, other = self._by_language(fitting, language=self._task.projects[row].language)
        return [
            retrieved(found[:10], fitting),
            retrieved(found, fitting),
            normalized_gain(gains, found, k=10),
            normalized_gain(gains, found, k=DEPTH),
            reciprocal_rank(found, fitting),
            retrieved(found, same),
            retrieved(found, other),
        ]

    def _by_language(self, columns: Columns, *, language: str | None) -> tuple[Columns, Columns]:
        """Part profiles into those who write in a language and those who are known to write in another."""
        written = self._languages[columns]
        if not language:
            return columns[:0], columns[:0]
        return columns[written == language], columns[(written != language) & (written != "")]


def _category(document: Profile | Project) -> frozenset[str]:
    return frozenset([document.facts.category.casefold()] if document.facts.category else [])


def _check_shape(similarities: NDArray[np.float32], task: RetrievalTask, *, n_projects: int) -> None:
    if similarities.shape != (n_projects, len(task.profiles)):
        raise InputError(
            f"The retriever compared {n_projects} projects with {similarities.shape[-1]} profiles, and {task.name} has "
            f"{len(task.profiles)}; make it with these."
        )


def _sums(points: Floats) -> tuple[Floats, Floats]:
    """Write every figure as a sum over another: float64 (n_projects, n_figures) each, measures first, then ratios."""
    defined = ~np.isnan(points)
    above, below = [np.where(defined, points, 0.0)], [defined.astype(np.float64)]
    for pair in RATIOS.values():
        first, second = (MEASURES.index(name) for name in pair)
        both = defined[:, first] & defined[:, second]
        above.append(np.where(both, points[:, first], 0.0)[:, None])
        below.append(np.where(both, points[:, second], 0.0)[:, None])
    return np.concatenate(above, axis=1), np.concatenate(below, axis=1)


def _n_defined(points: Floats) -> list[int]:
    defined = ~np.isnan(points)
    pairs = [[MEASURES.index(name) for name in pair] for pair in RATIOS.values()]
    return [*defined.sum(axis=0).tolist(), *(int(defined[:, pair].all(axis=1).sum()) for pair in pairs)]


def _means(points: Floats) -> dict[str, float]:
    above, below = (side.sum(axis=0) for side in _sums(points))
    names = (*MEASURES, *RATIOS)
    return {name: float(one / other) for name, one, other in zip(names, above, below, strict=True) if other}


def _figures(points: Floats, *, seed: int, n_resamples: int) -> dict[str, RetrievalFigure]:
    means, counts = _means(points), dict(zip((*MEASURES, *RATIOS), _n_defined(points), strict=True))
    places = [place for place, name in enumerate((*MEASURES, *RATIOS)) if name in means]
    if not places:
        return {}
    columns = np.concatenate([side[:, places] for side in _sums(points)], axis=1)
    above, below = np.split(resampled_sums(columns, seed=seed, n_resamples=n_resamples), 2, axis=1)
    # a resample may hold none of the few projects that have a measure: it says nothing of that measure
    drawn = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
    ends = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return {
        name: RetrievalFigure(mean, counts[name], Interval(float(low), float(high)))
        for (name, mean), low, high in zip(means.items(), *ends, strict=True)
    }
