"""Rows out: as JSON Lines, CSV or Parquet, in constant memory."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from metier.data.files_out import written_whole
from metier.errors import ConfigError

WriteRow = Callable[[Mapping[str, Any]], None]
Columns = Mapping[str, str]  # name -> SQL type

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def json_line(value: Mapping[str, Any]) -> str:
    """Give one line of JSON, as readable as UTF-8 allows; lone surrogates stay escaped."""
    line = json.dumps(value, ensure_ascii=False)
    return (json.dumps(value) if _LONE_SURROGATE.search(line) else line) + "\n"


def check_ending(path: Path) -> None:
    """Check that rows can be written in the form that a file name asks for.

    Args:
        path: Where they are to go.

    Raises:
        ConfigError: If the ending is not `.jsonl`, `.csv` or `.parquet`.
    """
    if path.suffix.lower() not in _WRITERS:
        given = f"ends in '{path.suffix}'" if path.suffix else "has no ending"
        raise ConfigError(f"{path} {given}; results are written to {', '.join(_WRITERS)}.")


def open_rows(path: Path, *, columns: Columns) -> AbstractContextManager[WriteRow]:
    """Open a file for rows; it appears under its name only when all of them are in.

    Args:
        path: Where they go; its ending says in which form: `.jsonl`, `.csv` or `.parquet`.
        columns: Names and SQL types of the columns; JSON Lines takes any row.

    Returns:
        A context manager that gives a function, to be called with each row.

    Raises:
        ConfigError: If the ending is another one.
    """
    check_ending(path)
    return _WRITERS[path.suffix.lower()](path, columns)


@contextmanager
def _jsonl(path: Path, columns: Columns) -> Iterator[WriteRow]:
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:

        def write(row: Mapping[str, Any]) -> None:
            stream.write(json_line(row))

        yield write


@contextmanager
def _csv(path: Path, columns: Columns) -> Iterator[WriteRow]:
    with (
        written_whole(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="replace", newline="") as stream,
    ):
        table = csv.DictWriter(stream, list(columns), lineterminator="\n")
        table.writeheader()
        yield table.writerow


@contextmanager
def _parquet(path: Path, columns: Columns) -> Iterator[WriteRow]:
    with written_whole(path) as temporary:
        rows = temporary.with_name(temporary.name + ".rows")
        try:
            with rows.open("w", encoding="utf-8", newline="") as stream:

                def write(row: Mapping[str, Any]) -> None:
                    stream.write(_LONE_SURROGATE.sub("?", json.dumps(row, ensure_ascii=False)) + "\n")

                yield write
            _copy_to_parquet(rows, temporary, columns)
        finally:
            rows.unlink(missing_ok=True)


def _copy_to_parquet(rows: Path, path: Path, columns: Columns) -> None:
    import duckdb

    typed = ", ".join(f"{_quoted(name)}: {_quoted(sql_type)}" for name, sql_type in columns.items())
    with duckdb.connect(":memory:", config={"threads": "1", "temp_directory": ""}) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_json(?, columns={{{typed}}}, format='newline_delimited')) "
            f"TO {_quoted(str(path))} (FORMAT parquet)",
            [str(rows)],
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_WRITERS: Final[dict[str, Callable[[Path, Columns], AbstractContextManager[WriteRow]]]] = {
    ".jsonl": _jsonl,
    ".csv": _csv,
    ".parquet": _parquet,
}
