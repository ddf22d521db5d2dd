"""Lists of short texts in: one per line, or one column of a table whose other columns are kept."""

import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Final, cast

from metier.data.csv_table import CsvTable
from metier.data.decoding import Lines, first_character
from metier.data.list_columns import JsonColumns, parquet_columns, unique_names
from metier.data.posting_formats import BadRow, Place
from metier.data.posting_rows import Columns
from metier.data.standard_input import standard_input
from metier.errors import InputError, MissingColumn

_STDIN: Final = "-"
_LINES: Final = {"text": "VARCHAR"}  # the one column of a list that is no table
_PARQUET_ROWS: Final = 1024  # fetched at once


@dataclass(frozen=True, slots=True)
class ListRow:
    """One entry of a list."""

    text: str  # with single spaces; empty where the cell is
    cells: Mapping[str, Any]  # every column of its row, as it came


@dataclass(frozen=True, slots=True)
class TextList:
    """A list, its rows one at a time."""

    columns: Mapping[str, str]  # name -> SQL type, in order
    rows: Iterator[ListRow | BadRow]


def given_list(texts: Iterable[str]) -> TextList:
    """Make a list of texts that are there already; what is white space only is left out."""
    return TextList(_LINES, (ListRow(text, {"text": text}) for text in map(_trimmed, texts) if text))


@contextmanager
def open_list(path: str | Path, *, column: str | None = None) -> Iterator[TextList]:
    """Open a list, or a table of which one column is the list.

    Args:
        path: A table (`.csv` or `.tsv`, with a header; `.jsonl`, `.parquet`), any other text with one entry per line,
            or `-` for standard input: JSON Lines if it begins with `{`, a table if a column is named, else lines.
        column: Which column of a table; not needed if it has only one.

    Yields:
        The list. Its rows are in order: an empty cell gives a row with an empty text, an empty line of a text none;
        a row that cannot be read is a `BadRow` in its place.

    Raises:
        InputError: If the file is not there, or is of another kind.
        MissingColumn: If the table has no such column, or has several and none was named.
    """
    source = "stdin" if str(path) == _STDIN else str(path)
    place = Place(source=source, stem=source, columns=Columns())
    with ExitStack() as stack:
        try:
            found = _read(stack, Path(path), place, column)
        except InputError as error:
            raise type(error)(str(error) if source in str(error) else f"{source}: {error}") from error
        yield found


def _read(stack: ExitStack, path: Path, place: Place, column: str | None) -> TextList:
    ending = path.suffix.lower()
    if place.source != "stdin" and not (path.is_file() and os.access(path, os.R_OK)):
        raise InputError(f"There is no file {path} that can be read.")
    if ending == ".json":
        raise InputError(f"{path} is one JSON value; a list is read from JSON Lines (.jsonl): an object per line.")
    if ending == ".parquet":
        return _parquet(stack, path, place, column)
    stream = stack.enter_context(standard_input() if place.source == "stdin" else path.open("rb"))
    if ending in (".jsonl", ".ndjson") or (place.source == "stdin" and first_character(stream) == "{"):
        return _json_lines(_seekable(stack, stream), place, column)
    if ending in (".csv", ".tsv") or column is not None:
        return _csv(CsvTable(stream), place, column)
    return TextList(_LINES, _lines(Lines(stream), place))


def _lines(lines: Lines, place: Place) -> Iterator[ListRow | BadRow]:
    for number, line in enumerate(lines, start=1):
        if lines.problem:
            yield place.bad(number, lines.problem, line.strip())
        elif text := _trimmed(line):
            yield ListRow(text, {"text": text})
        lines.forget()


def _csv(table: CsvTable, place: Place, column: str | None) -> TextList:
    chosen = _chosen(table.header, column)
    names = unique_names(table.header)
    own = names[table.header.index(chosen)]

    def rows() -> Iterator[ListRow | BadRow]:
        for row in table:
            if row.problem:
                yield place.bad(row.number, row.problem, " | ".join(row.values))
            elif row.values or len(names) == 1:  # of one column, an empty line is an empty cell
                cells = dict(zip(names, row.values or [""], strict=False))
                yield ListRow(_trimmed(cells[own]), cells)

    return TextList(dict.fromkeys(names, "VARCHAR"), rows())


def _json_lines(stream: BufferedReader, place: Place, column: str | None) -> TextList:
    found = JsonColumns()
    for row in _objects(stream, place):
        if not isinstance(row, BadRow):
            found.add(row[1])
    chosen = _chosen(tuple(found.types), column)
    stream.seek(0)
    return TextList(found.types, _of_cells(_objects(stream, place), chosen, place))


def _objects(stream: BufferedReader, place: Place) -> Iterator[tuple[int, Mapping[str, Any]] | BadRow]:
    lines = Lines(stream)
    for number, line in enumerate(lines, start=1):
        if lines.problem:
            yield place.bad(number, lines.problem, line)
        elif line.strip():
            yield _object(line, place, number)
        lines.forget()


def _object(line: str, place: Place, number: int) -> tuple[int, Mapping[str, Any]] | BadRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return place.bad(number, f"the line is not valid JSON ({error}).", line)
    if not isinstance(value, dict):
        return place.bad(number, f"a JSON object was expected, got {type(value).__name__}.", line)
    return number, value


def _parquet(stack: ExitStack, path: Path, place: Place, column: str | None) -> TextList:
    import duckdb

    connection = stack.enter_context(duckdb.connect(":memory:", config={"threads": "1", "temp_directory": ""}))
    try:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        columns = parquet_columns({str(name): str(sql_type) for name, sql_type, *_ in described})
        chosen = _chosen(tuple(columns.types), column)
        selected = connection.execute(f"SELECT {columns.selection} FROM read_parquet(?)", [str(path)])
    except duckdb.Error as error:
        raise InputError(f"{path} cannot be read as Parquet ({str(error).splitlines()[0]}).") from error

    def rows() -> Iterator[tuple[int, Mapping[str, Any]]]:
        number = 0
        while block := selected.fetchmany(_PARQUET_ROWS):
            for values in block:
                number += 1
                yield number, dict(zip(columns.types, map(_json_value, values), strict=True))

    return TextList(columns.types, _of_cells(rows(), chosen, place))


def _json_value(value: object) -> object:
    """None for NaN and infinities, which JSON has not."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _of_cells(
    rows: Iterable[tuple[int, Mapping[str, Any]] | BadRow], column: str, place: Place
) -> Iterator[ListRow | BadRow]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        number, cells = row
        value = cells.get(column)
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            yield place.bad(number, f"'{column}' holds {type(value).__name__}, and a text was expected.", str(value))
        else:
            yield ListRow("" if value is None else _trimmed(str(value)), cells)


def _chosen(names: Sequence[str], column: str | None) -> str:
    listed = ", ".join(names)
    if not names:
        raise InputError("there is no JSON object in it; one per line was expected.")
    if column is None and len(names) == 1:
        return names[0]
    if column is None:
        raise MissingColumn(f"the table has the columns {listed}; name one with --column.")
    if column not in names:
        raise MissingColumn(f"there is no column '{column}' among {listed}.")
    return column


def _seekable(stack: ExitStack, stream: BufferedReader) -> BufferedReader:
    """Give a stream that can be read twice: once for its columns, once for its rows."""
    if stream.seekable():
        return stream
    copy: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return cast(BufferedReader, copy)  # it can also be written to, which the type of the rest does not ask for


def _trimmed(text: str) -> str:
    return " ".join(text.split())
