"""One reader per format: an open stream in, postings and bad rows out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from metier.data.csv_table import CsvTable
from metier.data.decoding import Lines, decode
from metier.data.posting_rows import Columns, find_columns, posting_from_row
from metier.domain import Posting
from metier.errors import InputError
from metier.text.html import looks_like_html
from metier.text.jobposting import posting_from_json, postings_in_page

_PARQUET_ROWS: Final = 64  # fetched at once
_EXCERPT: Final = 200  # characters


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row, or with `row` None a whole file, that gave no posting, and why.

    `row` is the line on which the row begins, from 1; in Parquet and inside a JSON list it counts the rows.
    """

    source: str
    row: int | None
    reason: str
    content_excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What the readers know about the file they read."""

    source: str
    stem: str
    columns: Columns

    def id_of_row(self, row: int | None) -> str:
        """The id of a posting whose row has none."""
        return self.stem if row is None else f"{self.stem}:{row}"

    def bad(self, row: int | None, reason: str, content: str) -> BadRow:
        """Report a row of this file."""
        return BadRow(self.source, row, reason, content[:_EXCERPT])


def read_text(stream: BufferedReader, place: Place) -> Iterator[Posting | BadRow]:
    """Read one plain text or one page; a page's own JobPosting data, where it has any, instead of its HTML.

    Args:
        stream: The whole file.
        place: What file it is.

    Yields:
        One posting, or as many as the page describes.

    Raises:
        InputError: If the file is empty, binary or in another encoding.
    """
    body = decode(stream.read())
    if not body.strip():
        raise InputError("the file is empty; a posting needs a text.")
    described = postings_in_page(body) if looks_like_html(body) else []
    described = [posting for posting in described if posting.body.strip()]
    for posting in described:
        yield replace(posting, source=posting.source or place.source)
    if not described:
        yield Posting(id=place.id_of_row(None), body=body, source=place.source)


def read_json(stream: BufferedReader, place: Place) -> Iterator[Posting | BadRow]:
    """Read a JSON file: schema.org JobPosting or our own fields; one object, a list, or a `@graph`.

    Args:
        stream: The whole file.
        place: What file it is.

    Yields:
        One posting or bad row per object.

    Raises:
        InputError: If the file is not JSON, or not text at all.
    """
    text = decode(stream.read())
    if not text.strip():
        raise InputError("the file is empty; a JSON object or a list of them was expected.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"it is not valid JSON ({error}).") from error
    items = _objects(value)
    if not items:
        raise InputError("it holds no posting; a JSON object or a list of them was expected.")
    for number, item in enumerate(items, start=1):
        yield _from_object(item, place, number if len(items) > 1 else None)


def read_jsonl(stream: BufferedReader, place: Place) -> Iterator[Posting | BadRow]:
    """Read JSON Lines, one posting per line; empty lines are passed over.

    Args:
        stream: Read line by line.
        place: What file it is.

    Yields:
        One posting or bad row per line.

    Raises:
        InputError: If there is no line, or the file is binary.
    """
    lines = Lines(stream)
    n_rows = 0
    for number, line in enumerate(lines, start=1):
        if lines.problem:
            yield place.bad(number, lines.problem, line)
        elif line.strip():
            yield _from_line(line, place, number)
        n_rows += bool(line.strip())
        lines.forget()
    if not n_rows:
        raise InputError("the file is empty; one JSON object per line was expected.")


def read_csv(stream: BufferedReader, place: Place) -> Iterator[Posting | BadRow]:
    """Read a table with a header; the delimiter is the one of `, ; tab |` that the header holds most of.

    Args:
        stream: Read row by row.
        place: What file it is.

    Yields:
        One posting or bad row per row.

    Raises:
        InputError: If there is no header, or the file is binary.
        MissingColumn: If no column holds the text.
    """
    table = CsvTable(stream)
    found = find_columns(tuple(table.header), place.columns)
    for row in table:
        if row.problem:
            yield place.bad(row.number, row.problem, " | ".join(row.values))
        elif row.values:
            yield _from_mapping(dict(zip(table.header, row.values, strict=False)), found, place, row.number)


def read_parquet(path: Path, place: Place) -> Iterator[Posting | BadRow]:
    """Read a Parquet file, a few rows at a time.

    Args:
        path: The file.
        place: The same file.

    Yields:
        One posting or bad row per row.

    Raises:
        InputError: If it is no Parquet file.
        MissingColumn: If no column holds the text.
    """
    import duckdb

    try:
        with duckdb.connect(":memory:", config={"threads": "1", "temp_directory": ""}) as connection:
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            found = find_columns(tuple(str(column[0]) for column in described), place.columns)
            names = sorted(set(found.values()))
            quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
            rows = connection.execute(f"SELECT {quoted} FROM read_parquet(?)", [str(path)])
            number = 0
            while block := rows.fetchmany(_PARQUET_ROWS):
                for values in block:
                    number += 1
                    yield _from_mapping(dict(zip(names, values, strict=True)), found, place, number)
    except duckdb.Error as error:
        raise InputError(f"it cannot be read as Parquet ({str(error).splitlines()[0]}).") from error


def _from_line(line: str, place: Place, number: int) -> Posting | BadRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return place.bad(number, f"the line is not valid JSON ({error}).", line)
    return _from_object(value, place, number)


def _from_object(value: object, place: Place, number: int | None) -> Posting | BadRow:
    if not isinstance(value, Mapping):
        return place.bad(number, f"a JSON object was expected, got {type(value).__name__}.", json.dumps(value))
    try:
        if _is_job_posting(value):
            posting = posting_from_json(value)
            if posting.body.strip():
                return replace(posting, source=posting.source or place.source)
            return place.bad(number, "the JobPosting has no description; a posting needs a text.", posting.title)
        found = find_columns(tuple(value), place.columns)
    except InputError as error:
        return place.bad(number, str(error), json.dumps(value, ensure_ascii=False))
    return _from_mapping(value, found, place, number)


def _from_mapping(
    row: Mapping[str, Any], found: Mapping[str, str], place: Place, number: int | None
) -> Posting | BadRow:
    try:
        return posting_from_row(row, found, fallback_id=place.id_of_row(number), source=place.source)
    except InputError as error:
        return place.bad(number, str(error), json.dumps(dict(row), ensure_ascii=False, default=str))


def _objects(value: object) -> list[Any]:
    """The objects of a file, with lists and `@graph` opened; of a graph only what is a posting."""
    if isinstance(value, list):
        return [item for element in value for item in _objects(element)]
    if isinstance(value, Mapping) and isinstance(graph := value.get("@graph"), list):
        return [item for item in graph if _is_job_posting(item)]
    return [value]


def _is_job_posting(value: object) -> bool:
    kind = value.get("@type") if isinstance(value, Mapping) else None
    return "JobPosting" in (kind if isinstance(kind, list) else [kind])
