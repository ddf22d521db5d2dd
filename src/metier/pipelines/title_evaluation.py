"""Title systems on the shared data: pairs split as for training, and titles with their occupations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from metier.data.title_benchmarks import read_jobbert_titles
from metier.data.title_pairs import PairSplit, TitlePair, read_title_pairs, split_pairs
from metier.domain import Occupation
from metier.errors import ConfigError, InputError
from metier.evaluation.title_comparison import TitleComparison, compare_titles
from metier.evaluation.title_neighbours import NeighbourAgreement, PlacedTitle, neighbour_agreement
from metier.evaluation.title_sheet import TitleSheet, compare_neighbours
from metier.evaluation.titles import candidate_titles
from metier.pipelines.title_systems import (
    SystemName,
    TitleTask,
    build_space,
    build_system,
    refuse_if_trained_otherwise,
)
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.job_titles import title_key


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSource:
    """Where pairs of title and description come from; training and evaluation give the same, for the same split."""

    data: Path  # holds `postings/*.jsonl`
    languages: Sequence[str]
    esco: Path | None = None

    def read(self) -> list[TitlePair]:
        """Read all pairs."""
        return read_title_pairs(self.data, languages=self.languages, esco=self.esco)


def evaluate_title_systems(
    systems: Sequence[SystemName],
    source: PairSource,
    *,
    split: str = "test",
    seed: int = 0,
    threads: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> tuple[TitleComparison, list[TitlePair]]:
    """Measure systems on the pairs of a split, each against all titles of that split.

    Args:
        systems: One at least, each name once; the others are measured against the first.
        source: Of the pairs.
        split: `dev` or `test`.
        seed: Of the intervals and of what is random.
        threads: Processors that a system may use where it can choose.
        progress: Called after each description.

    Returns:
        The comparison, and the pairs that it was made on.

    Raises:
        ConfigError: If a name comes twice, or there is no such split.
        InputError: If the data cannot be read, or the split is empty.
    """
    _check_names(systems)
    pairs = split_pairs(source.read())
    chosen = split_of(pairs, split)
    task = TitleTask(
        titles=candidate_titles(chosen), train=pairs.train, languages=source.languages, seed=seed, threads=threads
    )
    predictors = {system.name: build_system(system, task) for system in systems}
    return compare_titles(predictors, chosen, seed=seed, progress=progress), chosen


def evaluate_title_neighbours(
    systems: Sequence[SystemName],
    titles: Path,
    *,
    taxonomy: Taxonomy,
    unseen_in: PairSource | None = None,
    seed: int = 0,
    threads: int = 1,
) -> dict[str, NeighbourAgreement]:
    """Measure whether the nearest other title is of the same ISCO unit group and ESCO occupation.

    Args:
        systems: Of kinds that have title vectors.
        titles: CSV with `vacancyTitle` and `conceptUri`.
        taxonomy: Knows the occupations; rows of others are left out.
        unseen_in: Leave out titles that its pairs have, of whatever split.
        seed: Of the intervals.
        threads: Processors that a system may use where it can choose.

    Returns:
        System -> its figures.

    Raises:
        ConfigError: If a name comes twice, or a system has no title vectors.
        InputError: If the files cannot be read, or no title is left.
    """
    _check_names(systems)
    placed = placed_titles(titles, taxonomy=taxonomy)
    if unseen_in is not None:
        seen = {title_key(pair.title) for pair in unseen_in.read()}
        placed = [title for title in placed if title_key(title.title) not in seen]
    return {
        system.name: neighbour_agreement(build_space(system, threads=threads).titles, placed, seed=seed)
        for system in systems
    }


def placed_titles(path: Path, *, taxonomy: Taxonomy) -> list[PlacedTitle]:
    """Read titles with their ESCO occupation, and look up its ISCO unit group.

    Args:
        path: CSV with `vacancyTitle` and `conceptUri`.
        taxonomy: Knows the occupations.

    Returns:
        One title per row, in file order; rows whose occupation is unknown or whose title has no word are left out.

    Raises:
        InputError: If the file cannot be read.
    """
    isco = {job.uri: job.isco for job in taxonomy.occupations if isinstance(job, Occupation)}
    return [
        PlacedTitle(query.text, uri, isco[uri])
        for query in read_jobbert_titles(path)
        for uri in query.relevant
        if uri in isco and title_key(query.text)
    ]


def make_title_sheet(
    systems: Sequence[SystemName],
    source: PairSource,
    *,
    split: str = "test",
    n_titles: int = 100,
    seed: int = 0,
    threads: int = 1,
) -> TitleSheet:
    """Draw titles of a split, and put the neighbours that two systems give them side by side.

    Args:
        systems: Two, of kinds that have title vectors.
        source: Of the pairs whose titles are used.
        split: `dev` or `test`.
        n_titles: Titles to judge.
        seed: Of the titles and the sides.
        threads: Processors that a system may use where it can choose.

    Returns:
        The sheet.

    Raises:
        ConfigError: If there are not two systems of different names, or one has no title vectors or saw the titles.
        InputError: If the data cannot be read or has too few titles.
    """
    _check_names(systems)
    for system in systems:
        refuse_if_trained_otherwise(system, languages=source.languages)
    encoders = {system.name: build_space(system, threads=threads).titles for system in systems}
    titles = candidate_titles(split_of(split_pairs(source.read()), split))
    return compare_neighbours(encoders, titles, n_titles=n_titles, seed=seed)


def split_of(pairs: PairSplit, split: str) -> list[TitlePair]:
    """Give the pairs of a split by its name, `dev` or `test`; an error for any other, and if it is empty."""
    if split not in ("dev", "test"):
        raise ConfigError(f"There is no split '{split}' to evaluate on; give dev or test.")
    chosen = pairs.dev if split == "dev" else pairs.test
    if not chosen:
        raise InputError(f"The {split} split has no pairs; give data with more postings.")
    return chosen


def _check_names(systems: Sequence[SystemName]) -> None:
    names = [system.name for system in systems]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        raise ConfigError(
            f"Two systems are called {', '.join(twice)}; name each differently." if twice else "Name a system at least."
        )
