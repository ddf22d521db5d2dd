"""Matching systems on markets: people as of the split, test projects, and what came of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.data import market as files
from metier.data.market import Interaction, Market, Truth, read_market
from metier.domain import Profile, Project
from metier.errors import ConfigError
from metier.evaluation.record import file_sha256
from metier.evaluation.retrieval import Columns, RetrievalRun, RetrievalTask, evaluate_retriever
from metier.evaluation.retrieval_comparison import RetrievalComparison, compare_runs
from metier.matching.words import folded
from metier.pipelines.matching_systems import MatchingSystem, MatchingSystems

RANDOM: Final = MatchingSystem("random", "random")  # always among the systems
FITS_FROM: Final = 0.7
_FILES: Final = (files.PROFILES, files.PROJECTS, files.INTERACTIONS, files.VERSIONS, files.TRUTH, files.CARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalSettings:
    """How systems are evaluated."""

    baseline: str = (
        ""  # the name of the system that the others are measured against; empty: BM25's, else the random one's
    )
    fits_from: float = FITS_FROM  # a profile fits a project from this true match on
    seed: int = 0  # of the intervals, of ties and of what is random
    threads: int = 1  # that an encoder uses
    cache: Path | None = None  # where retrievers keep token vectors

    def baseline_of(self, systems: Sequence[MatchingSystem]) -> str:
        """Give the baseline among systems, of which one is random; an error if there is none of its name."""
        kinds = {system.kind: system.name for system in reversed(systems)}
        names = [system.name for system in systems]
        if self.baseline and self.baseline not in names:
            raise ConfigError(f"There is no system '{self.baseline}' to compare with; give one of {', '.join(names)}.")
        return self.baseline or kinds.get("bm25") or kinds[RANDOM.kind]


@dataclass(frozen=True, slots=True)
class Setting:
    """A task, and the systems as they are on it."""

    task: RetrievalTask
    systems: Sequence[MatchingSystem]


def evaluate_markets(
    systems: Sequence[MatchingSystem],
    folders: Sequence[Path],
    *,
    settings: RetrievalSettings | None = None,
    progress: Callable[[], None] = lambda: None,
) -> tuple[RetrievalComparison, list[dict[str, Any]]]:
    """Measure systems on the test projects of markets.

    Args:
        systems: Each name once; `random` is added where it is not among them. Folders may hold `{market}` and `{seed}`.
        folders: Of markets, such as the same one simulated with several seeds.
        settings: How; by default as `RetrievalSettings` has it.
        progress: Called after each project, once for each system.

    Returns:
        The comparison over the projects of all markets; and, as plain JSON values, what each market holds and which
        models were used on it.

    Raises:
        ConfigError: If a name comes twice, or there is no such baseline.
        InputError: If a market cannot be read or has nothing to test on.
        ModelError: If the model of a system cannot be used.
        MissingExtra: If a system needs an extra that is not installed.
    """
    chosen = settings or RetrievalSettings()
    statistics: list[dict[str, Any]] = []

    def each() -> Iterator[Setting]:
        for folder in folders:
            market = read_market(folder)
            task = market_task(market, name=folder.name, fits_from=chosen.fits_from)
            seed = market.card.get("settings", {}).get("seed")  # of its simulation
            here = [system.on(folder.name, seed=seed) for system in with_random(systems)]
            statistics.append({**task_statistics(task), "seed": seed, "models": [system.version for system in here]})
            yield Setting(task, here)

    baseline = chosen.baseline_of(with_random(systems))
    return compare_on(each(), baseline=baseline, settings=chosen, progress=progress), statistics


def compare_on(
    tasks: Iterator[Setting], *, baseline: str, settings: RetrievalSettings, progress: Callable[[], None] = lambda: None
) -> RetrievalComparison:
    """Run systems on tasks, one task and one system at a time, and compare them.

    Args:
        tasks: One at least, each with systems of the same names.
        baseline: The name of one.
        settings: Its seed and threads are used.
        progress: Called after each project, once for each system.

    Returns:
        The comparison over the projects of all tasks.
    """
    runs: dict[str, list[RetrievalRun]] = {}
    for setting in tasks:
        built = MatchingSystems(
            setting.task.profiles, seed=settings.seed, threads=settings.threads, cache=settings.cache
        )
        for system in setting.systems:
            retriever = built.build(system.kind, system.folder)
            run = evaluate_retriever(retriever, setting.task, seed=settings.seed, progress=progress)
            runs.setdefault(system.name, []).append(run)
    return compare_runs(runs, baseline=baseline, seed=settings.seed)


def with_random(systems: Sequence[MatchingSystem]) -> list[MatchingSystem]:
    """Give the systems with one that draws people by chance at the end, unless there is one; names must differ."""
    drawn = [] if any(system.kind == RANDOM.kind for system in systems) else [RANDOM]
    names = [system.name for system in (*systems, *drawn)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"Two systems are called {', '.join(twice)}; name each differently.")
    return [*systems, *drawn]


def market_task(market: Market, *, name: str, fits_from: float = FITS_FROM) -> RetrievalTask:
    """Make the task of a market: its test projects, everybody as of the split, and the test feedback.

    Args:
        market: Any.
        name: For messages.
        fits_from: A profile fits from this true match on.

    Returns:
        The task. Of several answers of a pair the last counts. Where the market knows concepts, skills are compared by
        them, whatever the texts say; else by their names.
    """
    truth = market.truth
    known = None if truth is None else set(truth.profile_ids)
    profiles = [profile for profile in market.test_profiles if known is None or profile.id in known]
    projects = market.test_projects
    positives, negatives = _feedback(market.test_interactions, projects, profiles)
    return RetrievalTask(
        name=name,
        projects=projects,
        profiles=profiles,
        positives=positives,
        negatives=negatives,
        asked=_skills(projects, truth.project_ids if truth else (), truth.required if truth else ()),
        offered=_skills(profiles, truth.profile_ids if truth else (), truth.held if truth else ()),
        truth=None if truth is None else _matches(truth, projects, profiles),
        fits_from=fits_from,
    )


def task_statistics(task: RetrievalTask) -> dict[str, str | int | float]:
    """Say what a task holds, as plain JSON values."""
    found: dict[str, str | int | float] = {
        "name": task.name,
        "n_projects": len(task.projects),
        "n_profiles": len(task.profiles),
        "n_positives": sum(map(len, task.positives)),
        "n_negatives": sum(map(len, task.negatives)),
    }
    if task.truth is not None:
        fitting = (task.truth >= task.fits_from).sum(axis=1)
        found |= {"fits_from": task.fits_from, "mean_n_fitting": float(fitting.mean()) if len(fitting) else 0.0}
    return found


def market_sha256(folder: Path) -> str:
    """The SHA-256 over those of a market's files and their names: 64 hexadecimal digits."""
    return files_sha256([path for name in _FILES if (path := folder / name).is_file()])


def files_sha256(paths: Sequence[Path]) -> str:
    """The SHA-256 over those of several files and their names: 64 hexadecimal digits."""
    return sha256("".join(f"{path.name} {file_sha256(path)}\n" for path in paths).encode()).hexdigest()


def _feedback(
    interactions: Sequence[Interaction], projects: Sequence[Project], profiles: Sequence[Profile]
) -> tuple[list[Columns], list[Columns]]:
    """Give the columns of the profiles with good and with bad feedback on each project."""
    columns = {profile.id: column for column, profile in enumerate(profiles)}
    answers: dict[str, dict[int, int]] = {project.id: {} for project in projects}
    for each in interactions:
        if each.project_id in answers and each.profile_id in columns:
            answers[each.project_id][columns[each.profile_id]] = each.feedback

    def with_feedback(feedback: int) -> list[Columns]:
        return [
            np.array(sorted(column for column, given in found.items() if given == feedback), dtype=np.int64)
            for found in answers.values()
        ]

    return with_feedback(1), with_feedback(-1)


def _skills(
    documents: Sequence[Project] | Sequence[Profile], ids: Sequence[str], concepts: Sequence[Sequence[str]]
) -> list[frozenset[str]]:
    """Give the concepts of each document where they are known, else its (mandatory) skills, written one way."""
    known = dict(zip(ids, concepts, strict=False)) if concepts else {}
    return [
        frozenset(known[document.id]) if known else frozenset(filter(None, map(folded, document.skills)))
        for document in documents
    ]


def _matches(truth: Truth, projects: Sequence[Project], profiles: Sequence[Profile]) -> NDArray[np.float32]:
    """Put the true matches in the order of projects and profiles."""
    rows, columns = (
        {identity: place for place, identity in enumerate(ids)} for ids in (truth.project_ids, truth.profile_ids)
    )
    places = [rows[project.id] for project in projects], [columns[profile.id] for profile in profiles]
    if places == ([*range(len(rows))], [*range(len(columns))]):
        return truth.skill_match  # half a gigabyte that need not be copied
    return truth.skill_match[np.ix_(*places)]
