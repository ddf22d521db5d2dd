"""SkillSkape sentences in: synthetic job-advertisement sentences with the labels of the skills they name."""

import ast
import csv
import gzip
import zlib
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
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {"sentence", "skills"} <= set(reader.fieldnames or ()):
                raise MissingColumn(f"{path} lacks a column: `sentence` and `skills` were expected.")
            return [_sentence(row, f"{path}, row {number}") for number, row in enumerate(reader, start=1)]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); give a UTF-8 CSV file.") from error


def _sentence(row: dict[str, str | None], where: str) -> tuple[str, tuple[str, ...]]:
    sentence, written = row["sentence"], row["skills"]
    if sentence is None or written is None:
        raise InputError(f"{where} has fewer fields than the header; expected a sentence and its skills.")
    try:
        labels = ast.literal_eval(written)
    except (ValueError, SyntaxError) as error:
        raise InputError(f"{where}: {written!r} is not a list of labels, such as ['use SQL'].") from error
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise InputError(f"{where}: {written!r} is not a list of labels, such as ['use SQL'].")
    return sentence, tuple(label for label in labels if label != UNKNOWN)
