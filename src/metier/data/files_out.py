"""Output files that appear under their name only when they are whole."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from metier.errors import InputError

_DISK_ERRORS: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a new, empty file beside `path`, which takes its name when the block ends well.

    Until then, and for ever if the block raises, `path` stays as it was. Runs that write to the same path at
    the same time do not meet: the last one to end wins.

    Args:
        path: Where the result goes; a link is followed, a file already there is replaced at the end.

    Yields:
        The path of the temporary file.

    Raises:
        InputError: If nothing can be written there.
    """
    final = check_writable(path)
    temporary = final.with_name(f".{final.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); give another place.") from error
    try:
        yield temporary
        temporary.replace(final)
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        raise InputError(f"{path} cannot be written ({error.strerror}); make room or give another place.") from error
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> Path:
    """Check that a file can be written, as far as can be told without writing it.

    Args:
        path: Where it is to go.

    Returns:
        The place itself, links followed.

    Raises:
        InputError: If it is a folder or a device, or its folder is not there or closed to us.
    """
    final = path.resolve()
    if final.is_dir():
        raise InputError(f"{path} is a folder; give the name of a file in it.")
    if final.exists() and not final.is_file():
        raise InputError(f"{path} is not a regular file; leave -o out and use a pipe.")
    if not final.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {final.parent}; make it first.")
    if not os.access(final.parent, os.W_OK):
        raise InputError(f"{path} cannot be written: the folder {final.parent} is closed to you.")
    return final
