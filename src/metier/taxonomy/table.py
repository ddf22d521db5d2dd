"""CSV files, gzipped or not, as rows by column name."""

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from metier.errors import InputError, MissingColumn

Row = dict[str, str]


def read_table(path: Path, *, needed: Collection[str]) -> list[Row]:
    """Read a UTF-8 CSV file with a header row.

    Args:
        path: `.csv`, or `.csv.gz` for a gzipped one.
        needed: Columns that must be there; others may be.

    Returns:
        The rows in file order; a row that is cut short has empty cells at its end.

    Raises:
        InputError: If the file cannot be read as UTF-8 CSV.
        MissingColumn: If a needed column is not there.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 ({error.reason}); save it as UTF-8.") from error
    records = read_records(text, delimiter=",", source=str(path))
    header = next(records, [])
    missing = [column for column in needed if column not in header]
    if missing:
        raise MissingColumn(
            f"{path} lacks the column {', '.join(missing)}; its columns are {', '.join(header) or 'none'}."
        )
    blank = dict.fromkeys(header, "")
    return [blank | dict(zip(header, record, strict=False)) for record in records if record]


def read_bytes(path: Path) -> bytes:
    """Give the content of a file, unpacked where its name ends in `.gz`.

    Args:
        path: Any file.

    Returns:
        Its bytes.

    Raises:
        InputError: If it cannot be opened or unpacked.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); check the path and the download.") from error


def read_records(text: str, *, delimiter: str, source: str) -> Iterator[list[str]]:
    """Cut CSV text into records.

    Args:
        text: With quoted cells that may hold newlines.
        delimiter: What stands between cells.
        source: What to call the text in an error.

    Yields:
        list[str]: One list of cells per record, the header first; an empty line gives an empty list.

    Raises:
        InputError: If a record cannot be cut.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise InputError(f"{source}, line {reader.line_num}, is not CSV ({error}); correct the line.") from error


def collapse(text: str) -> str:
    """Collapse white space: the form in which labels are kept."""
    return " ".join(text.split())


def alternatives(cell: str, *, label: str) -> tuple[str, ...]:
    """Cut a cell of newline-separated labels.

    Args:
        cell: As it stands in the file.
        label: The preferred label, which is no alternative to itself.

    Returns:
        The alternatives in order, each once, white space collapsed.
    """
    found = dict.fromkeys(collapse(line) for line in cell.splitlines())
    return tuple(one for one in found if one and one != label)
