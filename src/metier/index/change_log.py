"""A file of changes to an index, to which records are only ever added: rows put in, and ids taken out.

A record is a header of four numbers (bytes of JSON, bytes of vectors, CRC-32 of both, CRC-32 of the header before it),
the JSON and the vectors. One that was acknowledged is on the disk; a process that is killed leaves at most the
beginning of another, which readers pass over and the next writer cuts off.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from metier.domain import Facts
from metier.errors import VectorIndexError
from metier.index.payload import pack_payload, unpack_payload
from metier.protocols import Floats

_HEADER: Final = struct.Struct("<IIII")
_CHECKED: Final = 12  # bytes of the header before its own checksum
_ROWS: Final = 500  # of one record


@dataclass(frozen=True, slots=True)
class Change:
    """One record: rows to put in, or, without vectors, ids to take out."""

    ids: tuple[str, ...]
    vectors: Floats | None
    facts: tuple[Facts, ...]
    end: int  # where the next record begins


class ChangeLog:
    """The writing end; one process at a time, which the caller sees to."""

    def __init__(self, path: Path) -> None:
        """Open a log, and cut off what a killed process has left at its end.

        Args:
            path: The file; begun if it is not there.

        Raises:
            VectorIndexError: If it is damaged.
            OSError: If it cannot be written.
        """
        self._path = path
        self._end = 0
        if path.exists():
            for change in read_changes(path):
                self._end = change.end
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        os.ftruncate(self._file, self._end)
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    @property
    def size_bytes(self) -> int:
        """How long the log is."""
        return self._end

    def put(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add rows; they are on the disk when this returns.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim).
            facts: Of each item.

        Raises:
            OSError: If the disk is full or cannot be written; the log is as it was, or holds the first of the rows.
        """
        for start in range(0, len(ids), _ROWS):
            here = slice(start, start + _ROWS)
            rows = [pack_payload(item, known) for item, known in zip(ids[here], facts[here], strict=True)]
            self._append({"rows": rows}, np.ascontiguousarray(vectors[here], dtype="<f4").tobytes())
        os.fsync(self._file)

    def delete(self, ids: Sequence[str]) -> None:
        """Take ids out; this is on the disk when it returns.

        Args:
            ids: Any.

        Raises:
            OSError: If the disk is full or cannot be written; the log is as it was.
        """
        self._append({"deleted": list(ids)}, b"")
        os.fsync(self._file)

    def _append(self, content: dict[str, object], vectors: bytes) -> None:
        text = json.dumps(content, ensure_ascii=False).encode()
        sizes = struct.pack("<III", len(text), len(vectors), zlib.crc32(vectors, zlib.crc32(text)))
        record = sizes + struct.pack("<I", zlib.crc32(sizes)) + text + vectors
        try:
            written = 0
            while written < len(record):
                written += os.pwrite(self._file, memoryview(record)[written:], self._end + written)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(record)


def read_changes(path: Path, *, start: int = 0) -> Iterator[Change]:
    """Read the whole records of a log; it may be written to meanwhile.

    Args:
        path: The file.
        start: Where a record begins.

    Yields:
        The records in the order in which they were written.

    Raises:
        VectorIndexError: If a record is not what was written.
        OSError: If the file cannot be read.
    """
    with path.open("rb") as stream:
        stream.seek(start)
        while (change := _read(stream, path)) is not None:
            yield change


def _read(stream: BinaryIO, path: Path) -> Change | None:
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    n_text, n_vectors, checksum, header_checksum = _HEADER.unpack(header)
    if zlib.crc32(header[:_CHECKED]) != header_checksum:
        if not any(header) and not any(stream.read()):
            return None  # a system that went down may leave room that was never written
        raise _damaged(path, stream.tell())
    text, vectors = stream.read(n_text), stream.read(n_vectors)
    if len(text) + len(vectors) < n_text + n_vectors:
        return None
    if zlib.crc32(vectors, zlib.crc32(text)) != checksum:
        raise _damaged(path, stream.tell())
    content, end = json.loads(text), stream.tell()
    if "deleted" in content:
        return Change(tuple(content["deleted"]), None, (), end)
    ids, facts = zip(*map(unpack_payload, content["rows"]), strict=True)
    return Change(ids, np.frombuffer(vectors, dtype="<f4").reshape(len(ids), -1), facts, end)


def _damaged(path: Path, place: int) -> VectorIndexError:
    return VectorIndexError(
        f"{path} is damaged before byte {place}; build the index again from its documents, or restore the file."
    )
