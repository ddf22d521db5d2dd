"""Plain lists of skills in: one per line, or one column of a table; each comes out once."""

import csv
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import BufferedReader
from pathlib import Path
from typing import Final

from metier.data.decoding import Lines
from metier.data.standard_input import standard_input
from metier.errors import InputError, MissingColumn

_TABLE_DELIMITERS: Final = {".csv": ",", ".tsv": "\t"}


def read_skills(path: str | Path, *, column: str | None = None) -> Iterator[str]:
    """Read a list of skills, line by line.

    Args:
        path: A text file with one skill per line, a `.csv` or `.tsv` file with a header, or `-` for standard input.
        column: Which column of a table; not needed if it has only one.

    Yields:
        Each different text once, trimmed, in order; empty ones are passed over.

    Raises:
        InputError: If the file is not there, or is not text in UTF-8.
        MissingColumn: If the table has no such column, or has several and none was named.
    """
    seen: set[str] = set()
    with _open(path) as stream:
        lines = Lines(stream)
        delimiter = _TABLE_DELIMITERS.get(Path(path).suffix.lower(), "," if column else None)
        texts = iter(lines) if delimiter is None else _column(lines, delimiter=delimiter, column=column)
        for text in texts:
            if lines.problem:
                raise InputError(f"{path}: {lines.problem}")
            if (trimmed := " ".join(text.split())) and trimmed not in seen:
                seen.add(trimmed)
                yield trimmed


def _column(lines: Lines, *, delimiter: str, column: str | None) -> Iterator[str]:
    rows = csv.reader(lines, delimiter=delimiter)
    header = next(rows, [])
    if column is None and len(header) != 1:
        raise MissingColumn(f"the table has the columns {', '.join(header)}; name one with --column.")
    if column is not None and column not in header:
        raise MissingColumn(f"there is no column '{column}' among {', '.join(header)}.")
    at = header.index(column) if column is not None else 0
    for row in rows:
        yield row[at] if at < len(row) else ""


def _open(path: str | Path) -> AbstractContextManager[BufferedReader]:
    if str(path) == "-":
        return standard_input()
    if not Path(path).is_file() or not os.access(path, os.R_OK):
        raise InputError(f"There is no file {path} that can be read.")
    return Path(path).open("rb")
