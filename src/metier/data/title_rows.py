"""Raw titles in: one per line of a text, or a column of a table or of JSON."""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

from metier.data.decoding import Lines, first_character
from metier.data.posting_formats import BadRow, Place, read_jsonl
from metier.data.posting_rows import Columns
from metier.data.postings import read_postings
from metier.data.standard_input import standard_input
from metier.domain import Posting
from metier.errors import InputError

_STDIN: Final = "-"


def read_title_rows(path: str | Path, *, column: str = "title") -> Iterator[Posting | BadRow]:
    """Read raw titles one at a time; what cannot be read comes out as a `BadRow` in its place.

    Args:
        path: A table (`.csv`, `.tsv`, `.parquet`) or JSON (`.jsonl`, `.json`), a `.txt` file with one title per line,
            or `-` for standard input: JSON Lines if it begins with `{`, else one title per line.
        column: The column or field of a table or of JSON that holds the titles.

    Yields:
        Postings whose body is the title. One without an id has the file's stem for one and the row's number behind a
        colon. Empty lines of a text are passed over; an empty cell of a table is a bad row.

    Raises:
        InputError: If there is no such file, or a text is binary.
    """
    columns = Columns(text=column)
    if str(path) == _STDIN:
        with standard_input() as stream:
            if first_character(stream) == "{":
                yield from read_jsonl(stream, Place(source="stdin", stem="stdin", columns=columns))
            else:
                yield from _lines(stream, "stdin")
    elif Path(path).suffix.lower() == ".txt":
        if not Path(path).is_file():
            raise InputError(f"There is no file {path}.")
        with Path(path).open("rb") as stream:
            yield from _lines(stream, str(path))
    else:
        yield from read_postings([path], columns=columns)


def _lines(stream: BufferedReader, source: str) -> Iterator[Posting | BadRow]:
    lines, stem = Lines(stream), Path(source).stem
    n_titles = 0
    for number, line in enumerate(lines, start=1):
        if lines.problem:
            yield BadRow(source, number, lines.problem, line.strip())
        elif title := line.strip():
            yield Posting(id=f"{stem}:{number}", body=title, source=source)
        n_titles += bool(line.strip())
        lines.forget()
    if not n_titles:
        yield BadRow(source, None, "the file is empty; one title per line was expected.")
