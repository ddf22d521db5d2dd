"""Copies of files that are mostly holes: Edge makes room for far more than it holds, and a plain copy fills it."""

import errno
import os
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 2**24


def copy_sparse(source: str | Path, target: str | Path) -> str:
    """Copy a file, its holes as holes; for `shutil.copytree`.

    Args:
        source: A file.
        target: Where it goes.

    Returns:
        The target.

    Raises:
        OSError: If one cannot be read or the other not be written.
    """
    with Path(source).open("rb") as reading, Path(target).open("wb") as writing:
        size_bytes = os.fstat(reading.fileno()).st_size
        writing.truncate(size_bytes)
        place = _next_data(reading.fileno(), 0, size_bytes)
        while place < size_bytes:
            end = os.lseek(reading.fileno(), place, os.SEEK_HOLE)
            while place < end:
                block = os.pread(reading.fileno(), min(_BLOCK_BYTES, end - place), place)
                if not block:
                    raise OSError(errno.EIO, "cut short while it was copied", str(source))
                place += os.pwrite(writing.fileno(), block, place)
            place = _next_data(reading.fileno(), place, size_bytes)
    return str(target)


def _next_data(file: int, place: int, size_bytes: int) -> int:
    """Where the next data begins; the end of the file if there are none."""
    try:
        return os.lseek(file, place, os.SEEK_DATA)
    except OSError:
        return size_bytes
