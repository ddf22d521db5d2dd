"""Run every linker on every set, each linker in a process of its own, and compare them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metier.data.linking_rows import LinkingRow, read_linking
from metier.domain import Mention
from metier.errors import ConfigError, InputError
from metier.evaluation.linker_comparison import POOLED, LinkerComparison, LinkerRun, compare_linkers
from metier.evaluation.linking_outcomes import judge_linking
from metier.pipelines.linker_systems import LinkerName, build_linker, size_mb
from metier.pipelines.own_process import in_own_process, peak_rss_mb
from metier.protocols import Linker

_N_TIMED: Final = 200  # different mentions: enough for a mean, and a slow linker is done with them in a minute
_LEAST_S: Final = 2.0  # a fast one reads them again and again for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkerTask:
    """One linker and what it is to be run on."""

    linker: LinkerName
    sets: Mapping[str, Path]
    taxonomy: str
    threads: int


def compare_on_sets(
    linkers: Sequence[LinkerName],
    sets: Mapping[str, Path],
    *,
    taxonomy: str = "esco",
    threads: int = 2,
    seed: int = 0,
    n_resamples: int = 1000,
    progress: Callable[[], None] = lambda: None,
) -> LinkerComparison:
    """Run linkers on files of labelled mentions, one after the other, and compare them.

    Args:
        linkers: One at least, each name once; the first is the one that the others are measured against.
        sets: Name -> file as `metier.data.linking_rows.read_linking` takes it, one at least.
        taxonomy: What the linkers link to, unless one names its own.
        threads: Processors that a linker may use.
        seed: Of all resamples.
        n_resamples: Of all intervals and tests.
        progress: Called after each linker.

    Returns:
        The comparison.

    Raises:
        ConfigError: If a name comes twice, there is no linker or no set, or a set is called `pooled`.
        InputError: If a file cannot be read, or has no rows.
        ModelError: If a linker cannot be used.
        MissingExtra: If a linker needs an extra that is not installed.
    """
    _check(linkers, sets)
    runs = {}
    for linker in linkers:
        task = LinkerTask(linker=linker, sets=dict(sets), taxonomy=taxonomy, threads=threads)
        runs[linker.name] = in_own_process(run_linker, task)
        progress()
    return compare_linkers(runs, seed=seed, n_resamples=n_resamples)


def run_linker(task: LinkerTask) -> LinkerRun:
    """Run a linker on all sets in this process.

    Args:
        task: The linker and the sets.

    Returns:
        Its outcomes, its speed once it is warm, and the peak memory of this process, loading included.
    """
    parts = build_linker(task.linker, taxonomy=task.taxonomy, threads=task.threads)
    sets = {name: read_linking(path) for name, path in task.sets.items()}
    speed = _mentions_per_s(parts.linker, [row for rows in sets.values() for row in rows])
    labels = [skill.label for skill in parts.taxonomy.skills]
    outcomes = {name: judge_linking(parts.linker, rows, labels=labels) for name, rows in sets.items()}
    return LinkerRun(
        version=parts.linker.version,
        calibrated=task.linker.baseline is None,
        outcomes=outcomes,
        mentions_per_s=speed,
        peak_rss_mb=peak_rss_mb(),
        size_mb=size_mb(task.linker, taxonomy=task.taxonomy),
    )


def _mentions_per_s(linker: Linker, rows: Sequence[LinkingRow]) -> float:
    """Time the linking of mentions that all differ, so that a linker that reads equal ones once wins nothing by it."""
    different = list({row.text: row for row in rows}.values())
    timed = different[:: -(-len(different) // _N_TIMED)]
    texts = [row.sentence for row in timed]
    mentions = [[Mention(row.span, row.text, "skill", 1.0)] for row in timed]
    linker.link(texts[:1], mentions[:1])  # warm
    n_passes, started = 0, time.perf_counter()
    while n_passes == 0 or time.perf_counter() - started < _LEAST_S:
        linker.link(texts, mentions)
        n_passes += 1
    return n_passes * len(timed) / (time.perf_counter() - started)


def _check(linkers: Sequence[LinkerName], sets: Mapping[str, Path]) -> None:
    """Fail now, not after the minutes of linking."""
    names = [linker.name for linker in linkers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"Several linkers are called {', '.join(twice)}; write NAME=MODEL, each name once.")
    if not (linkers and sets):
        raise ConfigError("Nothing can be compared without a linker and a set; give one of each at least.")
    if POOLED in sets:
        raise ConfigError(f"A set is called {POOLED}, which is the name of all sets together; give it another name.")
    for path in sets.values():
        if not read_linking(path):
            raise InputError(f"{path} has no rows; give a file with labelled mentions.")
