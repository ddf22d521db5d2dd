"""What a release of ESCO says in languages other than that of its concepts, text by text."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from metier.errors import InputError
from metier.taxonomy.table import alternatives, collapse, read_table
from metier.taxonomy.taxonomy import Taxonomy

_STEMS: Final = ("skills", "occupations")
_FILE: Final = re.compile(r"(?:skills|occupations)_([a-z]{2})\.csv(?:\.gz)?")
_SAYS_NOTHING: Final = 4  # letters of a description that is a dash or "n/a"

_TEST_SHARE: Final = 0.1
_DEV_SHARE: Final = 0.02

Part = Literal["label", "alternative", "description"]
Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class ParallelText:
    """A text about a concept in one language; the concept's own texts say the same in the taxonomy's language."""

    text: str
    language: str
    concept: int  # its row in `Taxonomy.concepts`
    part: Part


def release_languages(folder: Path) -> list[str]:
    """List the languages that a release folder has skills or occupations in.

    Args:
        folder: Holds `skills_XX.csv` and `occupations_XX.csv`, gzipped or not.

    Returns:
        Two-letter codes, sorted.

    Raises:
        InputError: If the folder has no such file.
    """
    found = sorted({match[1] for path in folder.glob("*") if (match := _FILE.fullmatch(path.name))})
    if not found:
        raise InputError(f"{folder} has no skills_XX.csv or occupations_XX.csv; give the folder of an ESCO release.")
    return found


def parallel_split(uri: str) -> Split:
    """Say which concepts a multilingual encoder learns from, and which it is measured on.

    Args:
        uri: Of the concept; it alone decides.

    Returns:
        `test` for about a tenth of the concepts, `dev` for a fiftieth, `train` for the others.
    """
    share = int(hashlib.sha256(uri.encode()).hexdigest()[:8], 16) / 16**8
    return "test" if share < _TEST_SHARE else "dev" if share < _TEST_SHARE + _DEV_SHARE else "train"


def read_parallel(folder: Path, taxonomy: Taxonomy, *, languages: Sequence[str]) -> list[ParallelText]:
    """Read labels, alternative labels and descriptions in some languages.

    Args:
        folder: As for `release_languages`; a language without a file of skills has none.
        taxonomy: Whose concepts are looked for; rows of other concepts are passed over.
        languages: Two-letter codes.

    Returns:
        By language as given, then in file order. Labels that are empty are left out; those that are the same in the
        taxonomy's own language stay.

    Raises:
        InputError: If a file cannot be read.
    """
    rows = {concept.uri: row for row, concept in enumerate(taxonomy.concepts)}
    return [text for language in languages for stem in _STEMS for text in _texts(folder, stem, language, rows)]


def _texts(folder: Path, stem: str, language: str, rows: dict[str, int]) -> Iterator[ParallelText]:
    paths = [folder / f"{stem}_{language}{ending}" for ending in (".csv", ".csv.gz")]
    path = next((path for path in paths if path.is_file()), None)
    for record in read_table(path, needed=("conceptUri", "preferredLabel")) if path else ():
        row = rows.get(record["conceptUri"])
        label = collapse(record["preferredLabel"])
        if row is None or not label:
            continue
        yield ParallelText(label, language, row, "label")
        for other in alternatives(record.get("altLabels", ""), label=label):
            yield ParallelText(other, language, row, "alternative")
        description = collapse(record.get("description", ""))
        if len(description) > _SAYS_NOTHING:
            yield ParallelText(description, language, row, "description")
