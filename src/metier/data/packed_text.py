"""Whole text files in and out: UTF-8, packed with gzip or not."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from metier.data.decoding import decode
from metier.data.files_out import written_whole
from metier.errors import InputError

_GZIP: Final = b"\x1f\x8b"


def read_bytes(path: Path) -> bytes:
    """Read a file, unpacked if it is packed with gzip.

    Args:
        path: The file.

    Returns:
        Its content.

    Raises:
        InputError: If it cannot be read or unpacked.
    """
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}); give a file that is there and whole.") from error


def read_text(path: Path) -> str:
    """Read a text file, unpacked if it is packed with gzip; line ends are kept.

    Args:
        path: The file.

    Returns:
        Its text, without a byte order mark.

    Raises:
        InputError: If it cannot be read, or is not text.
    """
    try:
        return decode(read_bytes(path))
    except InputError as error:
        raise InputError(str(error) if str(path) in str(error) else f"{path}: {error}") from error


def read_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read a file of JSON lines, packed with gzip or not.

    Args:
        path: One object per line; empty lines are passed over.

    Yields:
        The file and the row, for messages, and the object.

    Raises:
        InputError: If the file cannot be read, or a line is no object.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, row {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{where} is not valid JSON ({error}); expected one object per line.") from error
        if not isinstance(row, dict):
            raise InputError(f"{where} is a JSON {type(row).__name__}; expected an object per line.")
        yield where, row


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, packed with gzip if its name ends in `.gz`; it appears when it is whole.

    Args:
        path: The file; one that is there is replaced.
        content: A text, in UTF-8, or bytes.

    Raises:
        InputError: If it cannot be written, or the text holds a lone surrogate.
    """
    try:
        packed = content.encode() if isinstance(content, str) else content
    except UnicodeEncodeError as error:
        raise InputError(f"{path} cannot be written: {error.reason}; remove that character from the text.") from error
    if path.suffix == ".gz":
        packed = gzip.compress(packed, mtime=0)
    with written_whole(path) as temporary:
        temporary.write_bytes(packed)
