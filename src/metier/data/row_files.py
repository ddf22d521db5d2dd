"""Rows in: JSON Lines, JSON, CSV, Parquet or a plain text, one at a time, each as it came."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, Final, cast

from metier.data.csv_table import CsvTable
from metier.data.decoding import Lines, decode
from metier.data.posting_formats import BadRow, Place
from metier.data.posting_rows import Columns
from metier.data.standard_input import standard_input
from metier.errors import InputError

STDIN: Final = "-"
TEXT: Final = "text"  # the field that holds a file that is no table
_PARQUET_ROWS: Final = 1024  # fetched at once
_ENDINGS: Final = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".txt", ".md")


@dataclass(frozen=True, slots=True)
class Row:
    """A row and where it stands."""

    cells: Mapping[str, Any]
    place: Place
    number: int | None  # None: it is the whole file

    @property
    def fallback_id(self) -> str:
        """The id of a row that has none: the file's stem, and the row's number where the file holds rows."""
        return self.place.id_of_row(self.number)

    def bad(self, reason: str) -> BadRow:
        """Report it."""
        return self.place.bad(self.number, reason, json.dumps(dict(self.cells), ensure_ascii=False, default=str))


def read_rows(path: str | Path) -> Iterator[Row | BadRow]:
    """Read the rows of a file one at a time; what cannot be read comes out as a `BadRow` in its place.

    Args:
        path: `.jsonl`, `.csv` (`.tsv`), `.parquet`; `.json`: one object or a list of them; `.txt` or `.md`: one row
            with the field `text`; `-`: standard input, read whole: JSON or JSON Lines if it begins with `{` or `[`,
            else a text.

    Yields:
        Rows in order. A file that cannot be read at all is one bad row without a number.
    """
    is_stdin = str(path) == STDIN
    source = "stdin" if is_stdin else str(path)
    place = Place(source=source, stem="stdin" if is_stdin else Path(path).stem, columns=Columns())
    try:
        yield from _stdin(place) if is_stdin else _file(Path(path), place)
    except InputError as error:
        yield BadRow(source, None, str(error))
    except FileNotFoundError:
        yield BadRow(source, None, "there is no such file.")
    except OSError as error:
        yield BadRow(source, None, f"the file cannot be read ({error.strerror or error}).")


def _file(path: Path, place: Place) -> Iterator[Row | BadRow]:
    ending = path.suffix.lower()
    if ending == ".parquet":
        yield from _parquet(path, place)
        return
    if ending not in _ENDINGS:
        raise InputError(f"its ending is not one of {', '.join(_ENDINGS)}; rename it, or pipe it to '-'.")
    with path.open("rb") as stream:
        if ending in (".jsonl", ".ndjson"):
            yield from _json_lines(stream, place)
        elif ending in (".csv", ".tsv"):
            yield from _csv(stream, place)
        elif ending == ".json":
            yield from _json(_text(stream.read()), place)
        else:
            yield Row({TEXT: _text(stream.read())}, place, None)


def _stdin(place: Place) -> Iterator[Row | BadRow]:
    with standard_input() as stream:
        content = stream.read()
    text = _text(content)
    if text.lstrip()[0] not in "{[":
        yield Row({TEXT: text}, place, None)
    elif _is_json(text):
        yield from _json(text, place)
    else:
        yield from _json_lines(cast(BufferedReader, BufferedReader(cast(Any, BytesIO(content)))), place)


def _text(content: bytes) -> str:
    text = decode(content)
    if not text.strip():
        raise InputError("the file is empty; a text, a JSON object or rows were expected.")
    return text


def _is_json(text: str) -> bool:
    """Whether it is one value: of JSON Lines it is only where there is a single line."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _json(text: str, place: Place) -> Iterator[Row | BadRow]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"it is not valid JSON ({error}).") from error
    if not isinstance(value, list):
        yield _row(value, place, None)
        return
    if not value:
        raise InputError("its list is empty; a JSON object or a list of them was expected.")
    for number, item in enumerate(value, start=1):
        yield _row(item, place, number)


def _json_lines(stream: BufferedReader, place: Place) -> Iterator[Row | BadRow]:
    lines = Lines(stream)
    n_rows = 0
    for number, line in enumerate(lines, start=1):
        if lines.problem:
            yield place.bad(number, lines.problem, line)
        elif line.strip():
            yield _line(line, place, number)
        n_rows += bool(line.strip())
        lines.forget()
    if not n_rows:
        raise InputError("the file is empty; one JSON object per line was expected.")


def _line(line: str, place: Place, number: int) -> Row | BadRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return place.bad(number, f"the line is not valid JSON ({error}).", line)
    return _row(value, place, number)


def _row(value: object, place: Place, number: int | None) -> Row | BadRow:
    if not isinstance(value, dict):
        return place.bad(number, f"a JSON object was expected, got {type(value).__name__}.", json.dumps(value))
    return Row(value, place, number)


def _csv(stream: BufferedReader, place: Place) -> Iterator[Row | BadRow]:
    table = CsvTable(stream)
    names = [name.strip() for name in table.header]
    for row in table:
        if row.problem:
            yield place.bad(row.number, row.problem, " | ".join(row.values))
        elif row.values:
            yield Row(dict(zip(names, row.values, strict=False)), place, row.number)


def _parquet(path: Path, place: Place) -> Iterator[Row | BadRow]:
    import duckdb

    if not path.is_file():
        raise FileNotFoundError
    try:
        with duckdb.connect(":memory:", config={"threads": "1", "temp_directory": ""}) as connection:
            rows = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
            names = [str(column[0]) for column in rows.description]
            number = 0
            while block := rows.fetchmany(_PARQUET_ROWS):
                for values in block:
                    number += 1
                    yield Row(dict(zip(names, values, strict=True)), place, number)
    except duckdb.Error as error:
        raise InputError(f"it cannot be read as Parquet ({str(error).splitlines()[0]}).") from error
