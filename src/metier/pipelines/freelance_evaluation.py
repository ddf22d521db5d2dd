"""Matching systems on real texts, where shared skill tags stand in for the truth."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.freelance import Freelance, freelance_files, read_freelance
from metier.errors import ConfigError
from metier.evaluation.retrieval import RetrievalTask
from metier.evaluation.retrieval_comparison import RetrievalComparison
from metier.pipelines.matching_systems import MatchingSystem
from metier.pipelines.retrieval_evaluation import (
    RetrievalSettings,
    Setting,
    compare_on,
    files_sha256,
    task_statistics,
    with_random,
)

FITS_FROM: Final = 0.5  # half of the tags; hardly anybody has all five
# What needs no training. The overlap of skills is the truth itself here, and so no system; the mean of the sections is
# that of one section, and so the whole document.
UNTRAINED: Final = tuple(
    MatchingSystem(kind, kind) for kind in ("bm25", "tf-idf", "whole-document", "hybrid", "random")
)


def evaluate_freelance(
    systems: Sequence[MatchingSystem],
    folder: Path,
    *,
    settings: RetrievalSettings | None = None,
    progress: Callable[[], None] = lambda: None,
) -> tuple[RetrievalComparison, dict[str, str | int | float]]:
    """Measure systems on Upwork projects against freelancer profiles.

    The texts are the project's title and the freelancer's biography, without their tags. The truth is weak: two people
    may call one skill by different tags, and nobody tags all of theirs.

    Args:
        systems: Each name once; `random` is added where it is not among them.
        folder: See `metier.data.freelance.read_freelance`.
        settings: How; by default as `RetrievalSettings` has it, and fitting from half of the tags on.
        progress: Called after each project, once for each system.

    Returns:
        The comparison, and what the data hold.

    Raises:
        ConfigError: If a name comes twice, there is no such baseline, or a system compares skills.
        InputError: If the data cannot be read.
        ModelError: If the model of a system cannot be used.
        MissingExtra: If a system needs an extra that is not installed.
    """
    if any(system.kind == "skill-overlap" for system in systems):
        raise ConfigError("The overlap of skills is what is judged by here, and sees no skills; leave the system out.")
    chosen = settings or RetrievalSettings(fits_from=FITS_FROM)
    task = freelance_task(read_freelance(folder), fits_from=chosen.fits_from)
    here = with_random(systems)
    baseline = chosen.baseline_of(here)
    comparison = compare_on(iter([Setting(task, here)]), baseline=baseline, settings=chosen, progress=progress)
    return comparison, task_statistics(task)


def freelance_task(data: Freelance, *, fits_from: float = FITS_FROM) -> RetrievalTask:
    """Make a task whose truth is the share of a project's tags that a profile has.

    Args:
        data: Any.
        fits_from: A profile fits from this share on.

    Returns:
        The task; without feedback.
    """
    nobody = [np.array([], dtype=np.int64)] * len(data.projects)
    return RetrievalTask(
        name="freelance",
        projects=data.projects,
        profiles=data.profiles,
        positives=nobody,
        negatives=nobody,
        asked=data.project_tags,
        offered=data.profile_tags,
        truth=_shared_tags(data),
        fits_from=fits_from,
    )


def freelance_sha256(folder: Path) -> str:
    """The SHA-256 over those of both files and their names: 64 hexadecimal digits."""
    return files_sha256(freelance_files(folder))


def _shared_tags(data: Freelance) -> NDArray[np.float32]:
    shares = np.zeros((len(data.projects), len(data.profiles)), dtype=np.float32)
    for row, asked in zip(shares, data.project_tags, strict=True):
        row[:] = [len(asked & offered) / max(len(asked), 1) for offered in data.profile_tags]
    return shares
