"""Postings in: from files, folders and standard input, one at a time, however large the file."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Final, cast

from metier.data.decoding import first_character
from metier.data.posting_formats import (
    BadRow,
    Place,
    read_csv,
    read_json,
    read_jsonl,
    read_parquet,
    read_text,
)
from metier.data.posting_rows import Columns
from metier.data.standard_input import standard_input
from metier.domain import Posting
from metier.errors import InputError

__all__ = ["BadRow", "Columns", "read_postings"]

STDIN: Final = "-"
_STREAM_READERS: Final = {
    ".txt": read_text,
    ".html": read_text,
    ".htm": read_text,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_csv,
    ".tsv": read_csv,
}
ENDINGS: Final = (*_STREAM_READERS, *(f"{ending}.gz" for ending in _STREAM_READERS), ".parquet")


def read_postings(paths: Sequence[str | Path], *, columns: Columns | None = None) -> Iterator[Posting | BadRow]:
    """Read postings one at a time; what cannot be read comes out as a `BadRow` in its place.

    Args:
        paths: Files of `ENDINGS`, folders
            (read recursively, by name; hidden files are passed over), or `-` for standard input: JSON Lines
            if it begins with `{`, else one text or page.
        columns: Names of columns, where they are not among the usual ones.

    Returns:
        Postings and bad rows in reading order. A posting without an id has the file's stem for one, and the
        row's number behind a colon if the file holds rows.

    Raises:
        InputError: If a single path is given and there is nothing there.
    """
    if len(paths) == 1 and str(paths[0]) != STDIN and not Path(paths[0]).exists():
        raise InputError(f"There is no file or folder {paths[0]}.")
    return _read_all(paths, columns or Columns())


def _read_all(paths: Iterable[str | Path], columns: Columns) -> Iterator[Posting | BadRow]:
    for path in paths:
        if str(path) == STDIN:
            yield from _read_file(path, columns)
        elif Path(path).is_dir():
            yield from _read_folder(Path(path), columns)
        else:
            yield from _read_file(path, columns)


def _read_folder(folder: Path, columns: Columns) -> Iterator[Posting | BadRow]:
    paths = sorted(path for path in folder.rglob("[!.]*") if path.is_file() and _ending(path) in ENDINGS)
    if not paths:
        yield BadRow(str(folder), None, f"the folder holds no file with a known ending: {', '.join(ENDINGS)}.")
    for path in paths:
        yield from _read_file(path, columns)


def _read_file(path: str | Path, columns: Columns) -> Iterator[Posting | BadRow]:
    """Read one file; whatever stops the reading is the last row that comes out."""
    source = "stdin" if str(path) == STDIN else str(path)
    try:
        yield from _read_open(path, Place(source=source, stem=_stem(source), columns=columns))
    except InputError as error:
        yield BadRow(source, None, str(error))
    except FileNotFoundError:
        yield BadRow(source, None, "there is no such file.")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield BadRow(source, None, f"the gzip file is damaged ({error}); copy it again.")
    except OSError as error:
        yield BadRow(source, None, f"the file cannot be read ({error.strerror or error}).")


def _read_open(path: str | Path, place: Place) -> Iterator[Posting | BadRow]:
    if str(path) == STDIN:
        with standard_input() as stream:
            reader = read_jsonl if first_character(stream) == "{" else read_text
            yield from reader(stream, place)
        return
    ending = _ending(Path(path))
    if ending == ".parquet":
        yield from read_parquet(Path(path), place)
        return
    reader_of_ending = _STREAM_READERS.get(ending.removesuffix(".gz"))
    if reader_of_ending is None:
        raise InputError(f"its ending is not one of {', '.join(ENDINGS)}; rename it, or pipe it to '-'.")
    with _open(Path(path)) as stream:
        yield from reader_of_ending(stream, place)


def _open(path: Path) -> BufferedReader:
    if path.suffix.lower() == ".gz":
        return cast(BufferedReader, BufferedReader(cast(RawIOBase, gzip.open(path, "rb"))))
    return path.open("rb")


def _ending(path: Path) -> str:
    name = path.name.lower()
    return "".join(Path(name).suffixes[-2:]) if name.endswith(".gz") else Path(name).suffix


def _stem(source: str) -> str:
    path = Path(source)
    return path.name[: len(path.name) - len(_ending(path))] or path.name
