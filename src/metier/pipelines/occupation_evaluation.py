"""Evaluate the linker of occupations and encoders of titles, on the sets that are given."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from metier.data.title_benchmarks import read_jobbert_titles, read_melo, read_title_similarity
from metier.errors import InputError
from metier.evaluation.occupations import (
    DEPTH,
    Rank,
    System,
    by_characters,
    by_encoder,
    by_stems,
    character_occupations,
    evaluate_occupations,
    evaluate_search,
    fused,
    of_clean_titles,
)
from metier.evaluation.record import file_sha256
from metier.linking.occupations import OccupationLinker
from metier.pipelines.title_systems import SystemName, build_space
from metier.taxonomy.taxonomy import Taxonomy

_QUERIES: Final = ".queries.tsv"


def evaluate_jobbert(linker: OccupationLinker, path: Path, *, taxonomy: Taxonomy, seed: int = 0) -> dict[str, Any]:
    """Measure the linker on titles of vacancies, beside the baseline.

    Args:
        linker: To the occupations of the taxonomy.
        path: As `read_jobbert_titles` takes it.
        taxonomy: What the baseline ranks.
        seed: Of the intervals.

    Returns:
        See `metier.evaluation.occupations.evaluate_occupations`; the systems are `characters` and `linker`.
    """
    systems = {"characters": character_occupations(taxonomy.occupations), "linker": _ranked(linker)}
    return evaluate_occupations(systems, read_jobbert_titles(path), seed=seed)


def title_systems(linker: OccupationLinker, others: Sequence[SystemName], *, threads: int = 2) -> dict[str, System]:
    """Give what compares titles with labels and with titles.

    Args:
        linker: Whose encoder and weights are used.
        others: Systems with encoders of titles.
        threads: Processors to use.

    Returns:
        `characters` (the baseline), `encoder`, `fused` as in the linker, and the others by their names.
    """
    encoder = by_encoder(linker.encoder)
    return {
        "characters": by_characters,
        "encoder": encoder,
        "fused": fused(encoder, by_stems, weight=linker.fusion.characters),
        **{other.name: by_encoder(build_space(other, threads=threads).titles) for other in others},
    }


def evaluate_melo(systems: Mapping[str, System], folder: Path, *, name: str, seed: int = 0) -> dict[str, Any]:
    """Measure systems on one data set of MELO; see `metier.evaluation.occupations.evaluate_search`.

    The linker's stages, `fused`, read titles as the linker does: clean. The others read them as they came.
    """
    here = {**systems, "fused": of_clean_titles(systems["fused"])}
    return evaluate_search(here, read_melo(folder, name=name), seed=seed)


def evaluate_similarity(systems: Mapping[str, System], folder: Path, *, name: str, seed: int = 0) -> dict[str, Any]:
    """Measure systems on alike titles of one language; see `metier.evaluation.occupations.evaluate_search`."""
    return evaluate_search(systems, read_title_similarity(folder, language=name), seed=seed)


def set_names(folder: Path) -> list[str]:
    """List the data sets of a folder of MELO or of title similarity.

    Args:
        folder: Holds NAME.queries.tsv, packed or not.

    Returns:
        Their names, sorted.

    Raises:
        InputError: If there is none.
    """
    names = sorted({path.name.partition(_QUERIES)[0] for path in folder.glob(f"*{_QUERIES}*")})
    if not names:
        raise InputError(f"{folder} holds no file NAME{_QUERIES}; give the folder of MELO or of title similarity.")
    return names


def files_sha256(paths: Sequence[Path]) -> str:
    """Hash files, and the files of folders, by name and content."""
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.glob("*.tsv*")))]
    listed = "\n".join(f"{file.name} {file_sha256(file)}" for file in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def _ranked(linker: OccupationLinker) -> Rank:
    def rank(titles: Sequence[str]) -> list[list[str]]:
        return [[found.concept.uri for found in candidates] for candidates in linker.rank(titles, k=DEPTH)]

    return rank
