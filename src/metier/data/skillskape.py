"""SkillSkape sentences in: synthetic job-advertisement sentences with the labels of the skills they name."""

import ast
import csv
import gzip
from pathlib import Path

from metier.errors import InputError, MissingColumn

UNKNOWN = "UNK"


def read_skillskape(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Read a split of SkillSkape (Magron, Dai, Zhang, Montariol and Bosselut, 2024).

    Args:
        path: A CSV file, gzipped or not, with the columns `sentence` and `skills` (a list written as Python).

    Returns:
        Each sentence and its ESCO labels, in file order; no labels where the file says `UNK`.

    Raises:
        InputError: If the file cannot be read or a list is malformed; names the row.
        MissingColumn: If a column is not there.
    """
    try:
        opened = gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else None
        with opened or path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {"sentence", "skills"} <= set(reader.fieldnames or ()):
                raise MissingColumn(f"{path} lacks a column: `sentence` and `skills` were expected.")
            return [
                (row["sentence"], _labels(row["skills"], f"{path}, row {number}"))
                for number, row in enumerate(reader, start=1)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read ({error}); give a UTF-8 CSV file.") from error


def _labels(written: str, where: str) -> tuple[str, ...]:
    try:
        labels = ast.literal_eval(written)
    except (ValueError, SyntaxError) as error:
        raise InputError(f"{where}: {written!r} is not a list of labels.") from error
    return tuple(label for label in labels if label != UNKNOWN)
