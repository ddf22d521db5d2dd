"""Standard input as bytes that can be looked at before they are read."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from typing import cast


@contextmanager
def standard_input() -> Iterator[BufferedReader]:
    """Give standard input; it stays open when the block ends."""
    if isinstance(sys.stdin.buffer, BufferedReader):
        yield sys.stdin.buffer
        return
    # A test's or a notebook's stand-in; the cast is for the type checker, which knows only one kind of reader.
    stream = cast(BufferedReader, BufferedReader(cast(RawIOBase, sys.stdin.buffer)))
    try:
        yield stream
    finally:
        stream.detach()
