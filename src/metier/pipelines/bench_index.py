"""How fast, how complete and how safe the index is, against numpy over the same rows in the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Profile, Project, Where
from metier.errors import ConfigError
from metier.index.generations import Generations, open_generations
from metier.index.where import format_where, passes
from metier.pipelines.bench_index_kill import bench_kill
from metier.pipelines.bench_index_rows import Rows, make_filters, make_rows, random_filter
from metier.pipelines.index_profiles import build_index, index_info, read_indexed_profiles, refresh_index
from metier.pipelines.own_process import in_own_process
from metier.protocols import DocumentEncoder, Floats

PARTS: Final = ("build", "search", "violations", "memory", "match", "refresh", "kill")
_K: Final = 100
_ROUNDING: Final = 1e-5  # two sums of one cosine differ by less
_CHANGED: Final = 0.01
_WARM_UP: Final = 3  # queries that are not timed
_SMAPS: Final = Path("/proc/self/smaps_rollup")  # of Linux

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexBench:
    """What is measured, and on what."""

    folder: Path  # of the index; one that was built from the same rows is used again
    n_rows: int = 700_000
    vectors: Path | None = None  # real ones, as .npy; None: drawn
    n_queries: int = 200
    n_filters: int = 10_000  # random ones, for violations
    n_kills: int = 50
    n_projects: int = 200
    seed: int = 0


class KnownVectors:
    """An encoder that costs nothing: it looks vectors up, so that what is timed is the index."""

    def __init__(self, rows: Rows, *, version: str) -> None:
        """Hold the rows.

        Args:
            rows: Whose ids are those of the profiles.
            version: Of the encoder.
        """
        self._rows, self.version, self.dim = rows, version, int(rows.vectors.shape[1])

    def encode_profiles(self, profiles: Sequence[Profile]) -> Floats:
        """Give the rows of the profiles; see `metier.protocols.DocumentEncoder`."""
        return self._rows.vectors[[int(profile.id[1:]) for profile in profiles]]

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give the queries whose numbers the projects' ids are; see `metier.protocols.DocumentEncoder`."""
        return self._rows.queries[[int(project.id) for project in projects]]


def bench_index(
    bench: IndexBench,
    *,
    only: Sequence[str] = PARTS,
    encoder: DocumentEncoder | None = None,
    note: Note = lambda _: None,
) -> dict[str, Any]:
    """Measure the index.

    Args:
        bench: What and on what.
        only: Some of `PARTS`; `build` is done in any case where the folder holds no index of these rows.
        encoder: What reads the projects of `match` and is timed for `refresh`; None: texts cost nothing.
        note: Told what is being done.

    Returns:
        Part -> its figures, as plain JSON values.

    Raises:
        ConfigError: If a part is not known.
        InputError: If the vectors cannot be read.
        VectorIndexError: If the index cannot be written or read.
        MissingExtra: If Qdrant Edge is not installed.
    """
    unknown = [part for part in only if part not in PARTS]
    if unknown:
        raise ConfigError(f"There is no part '{unknown[0]}' to measure, only {', '.join(PARTS)}.")
    figures: dict[str, Any] = {"rows": bench.n_rows, "real_vectors": bench.vectors is not None, "seed": bench.seed}
    if set(only) != {"kill"}:
        note(f"making {bench.n_rows:,} rows")
        rows = make_rows(bench.n_rows, vectors=bench.vectors, n_queries=bench.n_queries, seed=bench.seed)
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "search": lambda: bench_search(bench, rows),
            "violations": lambda: bench_violations(bench, rows),
            "memory": lambda: in_own_process(bench_memory, bench.folder, rows.queries[:50], _some_filters(rows, bench)),
            "match": lambda: bench_match(bench, rows, encoder),
            "refresh": lambda: bench_refresh(bench, rows, encoder),
        }
        known = KnownVectors(rows, version=_version(bench))
        if "build" in only or not _is_built(bench):
            note("building")
            figures["build"] = bench_build(bench, rows, known)
        for part in (part for part in parts if part in only):
            note(part)
            figures[part] = parts[part]()
    if "kill" in only:
        note("kill")
        figures["kill"] = bench_kill(bench.folder / "killed", n_trials=bench.n_kills, seed=bench.seed)
    return figures


def bench_build(bench: IndexBench, rows: Rows, encoder: KnownVectors) -> dict[str, Any]:
    """Time `build_index`: profiles with vectors that are known in, an index that can be searched out."""
    people = [rows.profile(row) for row in range(len(rows.ids))]
    seconds = _seconds(lambda: build_index(people, bench.folder, encoder=encoder))
    return {"seconds": seconds, "rows_per_s": len(people) / seconds, "size_bytes": index_info(bench.folder).size_bytes}


def bench_search(bench: IndexBench, rows: Rows) -> dict[str, Any]:
    """Compare every kind of filter with numpy: recall@100, and milliseconds per query, one query at a time.

    Numpy is timed twice: over all rows and then the filter, and over a copy of the rows that pass.
    """
    figures: dict[str, Any] = {}
    with open_generations(bench.folder) as index:
        for kind, filters in make_filters(rows, seed=bench.seed).items():
            figures[kind] = _compare(index, rows, filters)
    return figures


def bench_violations(bench: IndexBench, rows: Rows) -> dict[str, Any]:
    """Ask random filters, and count hits that do not pass, and answers with fewer hits than there are."""
    draw = np.random.default_rng(bench.seed + 1)
    n_hits = n_violations = n_short = 0
    examples: list[str] = []
    with open_generations(bench.folder) as index:
        for number in range(bench.n_filters):
            where = random_filter(rows, draw)
            query = rows.queries[number % len(rows.queries)]
            hits = index.search(query[None], k=10, where=where)[0]
            wrong = [hit for hit in hits if not passes(rows.facts[int(hit.id[1:])], hit.id, where)]
            short = len(hits) < min(10, int(rows.mask(where).sum()))
            n_hits, n_violations, n_short = n_hits + len(hits), n_violations + len(wrong), n_short + short
            if (wrong or short) and len(examples) < 5:
                examples.append(format_where(where))
    found = {"filters": bench.n_filters, "hits": n_hits, "violations": n_violations, "short_answers": n_short}
    return {**found, "examples": examples}


def bench_memory(folder: Path, queries: Floats, filters: Sequence[Where]) -> dict[str, Any]:
    """Open the index in this process, search it, and say what is resident and what of it is not of a file."""
    before = _memory_mb()
    with open_generations(folder) as index:
        opened = _memory_mb()
        for where in filters:
            index.search(queries, k=_K, where=where)
        return {"before_mb": before, "opened_mb": opened, "after_queries_mb": _memory_mb()}


def bench_match(bench: IndexBench, rows: Rows, encoder: DocumentEncoder | None) -> dict[str, Any]:
    """Time a project's way from its text to 100 people with their texts."""
    reader = encoder or KnownVectors(rows, version=_version(bench))
    kinds = make_filters(rows, seed=bench.seed)
    if reader.dim != rows.vectors.shape[1]:
        raise ConfigError(f"{reader.version} makes {reader.dim} numbers, and the vectors have {rows.vectors.shape[1]}.")
    figures: dict[str, Any] = {"encoder": reader.version}
    with open_generations(bench.folder) as index:
        for kind in ("none", "5 %"):
            times = []
            for number in range(bench.n_projects):
                query = number % len(rows.queries)
                times.append(_seconds(lambda q=query, w=kinds[kind]: _match(index, reader, q, w[q], bench.folder)))  # type: ignore[misc]
            figures[kind] = _milliseconds(times[_WARM_UP:])
    return figures


def bench_refresh(bench: IndexBench, rows: Rows, encoder: DocumentEncoder | None) -> dict[str, Any]:
    """Time a refresh with 1 % changed against building everything again, both without the cost of encoding.

    With an encoder, also say what both would take with it: seconds per profile, from a sample, times the profiles.
    """
    known = KnownVectors(rows, version=_version(bench))
    step = round(1 / _CHANGED)
    people = [rows.profile(row) for row in range(len(rows.ids))]
    changed = [rows.profile(row, note=" changed") if row % step == 0 else person for row, person in enumerate(people)]
    refresh_s = _seconds(lambda: refresh_index(changed, bench.folder, encoder=known))
    n_changed = index_info(bench.folder).n_changed
    rebuild_s = _seconds(lambda: build_index(people, bench.folder, encoder=known))  # and it is as it was
    figures: dict[str, Any] = {
        "changed": n_changed,
        "refresh_s": refresh_s,
        "rebuild_s": rebuild_s,
        "cheaper": rebuild_s / refresh_s,
    }
    if encoder is not None:
        sample = [_person(number) for number in range(200)]
        each_s = _seconds(lambda: encoder.encode_profiles(sample)) / len(sample)
        with_encoding = (rebuild_s + each_s * len(changed)) / (refresh_s + each_s * n_changed)
        figures |= {"encoder": encoder.version, "encode_s_per_profile": each_s, "cheaper_with_encoding": with_encoding}
    return figures


def _compare(index: Generations, rows: Rows, filters: Sequence[Where]) -> dict[str, Any]:
    recalls, shares = [], []
    times: dict[str, list[float]] = {"index": [], "numpy_all": [], "numpy_subset": []}
    for query, where in zip(rows.queries, filters, strict=True):
        begun = time.perf_counter()
        hits = index.search(query[None], k=_K, where=where)[0]
        times["index"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        expected = _best_of_all(rows, query, where)
        times["numpy_all"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        _best_of_subset(rows, query, where)
        times["numpy_subset"].append(time.perf_counter() - begun)
        found = rows.vectors[[int(hit.id[1:]) for hit in hits]] @ query
        recalls.append(_recall(found, rows.vectors[expected] @ query))
        shares.append(float(rows.mask(where).mean()))
    measured = {name: _milliseconds(seconds[_WARM_UP:]) for name, seconds in times.items()}
    fastest = min(measured["numpy_all"]["p95_ms"], measured["numpy_subset"]["p95_ms"])
    return {
        "share": float(np.mean(shares)),
        "recall": float(np.mean(recalls)),
        "least_recall": float(np.min(recalls)),
        **measured,
        "faster_than_numpy_all": measured["numpy_all"]["p95_ms"] / measured["index"]["p95_ms"],
        "faster_than_best_numpy": fastest / measured["index"]["p95_ms"],
    }


def _best_of_all(rows: Rows, query: Floats, where: Where) -> NDArray[np.intp]:
    """Compare all rows, then leave out those that do not pass."""
    cosines = rows.vectors @ query
    if where:
        cosines[~rows.mask(where)] = -np.inf
    best = _top(cosines)
    return best[cosines[best] > -np.inf]


def _best_of_subset(rows: Rows, query: Floats, where: Where) -> NDArray[np.intp]:
    """Compare the rows that pass."""
    if not where:
        return _top(rows.vectors @ query)
    passing = np.flatnonzero(rows.mask(where))
    return passing[_top(rows.vectors[passing] @ query)]


def _top(cosines: Floats) -> NDArray[np.intp]:
    k = min(_K, len(cosines))
    best = np.argpartition(cosines, len(cosines) - k)[len(cosines) - k :] if k else np.zeros(0, dtype=np.intp)
    return best[np.argsort(-cosines[best])]


def _recall(found: Floats, expected: Floats) -> float:
    """Share of the expected cosines that were reached; a tie with the last of them counts."""
    return float((found >= expected[-1] - _ROUNDING).sum()) / len(expected) if len(expected) else 1.0


def _match(index: Generations, encoder: DocumentEncoder, number: int, where: Where, folder: Path) -> list[Profile]:
    known = isinstance(encoder, KnownVectors)
    project = Project(str(number), {} if known else {"title": _title(number), "description": _description(number)})
    hits = index.search(encoder.encode_projects([project]), k=_K, where=where)[0]
    return read_indexed_profiles(folder, [hit.id for hit in hits])


def _person(number: int) -> Profile:
    return Profile(f"x{number}", {"title": _title(number), "description": _description(number)})


_TRADES: Final = ("backend developer", "nurse", "comptable", "Elektriker", "data analyst", "diseñadora", "jurist")
_TASKS: Final = (
    "You plan the work of a small team and answer for its results.",
    "Vous tenez les comptes de plusieurs clients et préparez les bilans.",
    "Sie prüfen Anlagen, finden Fehler und beheben sie vor Ort.",
    "Experience with Python, SQL and a cloud platform is expected.",
    "Diseñas interfaces claras y las pruebas con sus usuarios.",
    "You write documentation that other people can follow.",
    "Een rijbewijs en goede kennis van het Nederlands zijn nodig.",
)


def _title(number: int) -> str:
    return f"{_TRADES[number % 7]} {number}"


def _description(number: int) -> str:
    """Some 150 words: a posting of usual length."""
    return " ".join(_TASKS[(number + step) % 7] for step in range(14))


def _some_filters(rows: Rows, bench: IndexBench) -> list[Where]:
    return [filters[0] for filters in make_filters(rows, seed=bench.seed).values()]


def _version(bench: IndexBench) -> str:
    source = "drawn" if bench.vectors is None else bench.vectors.name
    return f"bench-{source}-{bench.n_rows}-{bench.seed}@0"


def _is_built(bench: IndexBench) -> bool:
    return (bench.folder / "CURRENT").exists() and index_info(bench.folder).encoder_version == _version(bench)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    median, slow = np.percentile(seconds, (50, 95)) * 1000
    return {"p50_ms": float(median), "p95_ms": float(slow)}


def _memory_mb() -> dict[str, float]:
    """What this process holds, in megabytes (10^6 bytes); empty where the system does not tell."""
    if not _SMAPS.is_file():
        return {}
    lines = (line.split() for line in _SMAPS.read_text().splitlines())
    held = {line[0].rstrip(":"): int(line[1]) * 1024 / 1e6 for line in lines if len(line) == 3 and line[2] == "kB"}
    return {"resident": held["Rss"], "anonymous": held["Anonymous"]}
