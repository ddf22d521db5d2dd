"""Bytes to text: UTF-8, or UTF-16 where a byte order mark says so; line ends are kept."""

import codecs
import re
from collections.abc import Iterator
from io import BufferedReader
from typing import Final

from metier.errors import InputError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED: Final = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_BLOCK_BYTES: Final = 1 << 16
_HEAD_BYTES: Final = 4096  # enough for a page to declare its encoding, and for a binary file to show


def decode(content: bytes) -> str:
    """Read a whole text.

    Args:
        content: UTF-8, with or without a mark, UTF-16 with one, or a page that declares its encoding.

    Returns:
        The text, without the mark.

    Raises:
        InputError: If the bytes are binary, or not in that encoding; says where.
    """
    encoding = _marked(content)
    if encoding != "utf-16":
        _refuse_binary(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if (declared := _declared(content)) is not None:
            return content.decode(declared, errors="replace")
        raise InputError(_not_text(encoding, content[error.start], error.start)) from error


class Lines:
    """The lines of a stream, decoded one by one, so that one wrong byte spoils one row only.

    After each line `problem` says what was wrong with the bytes read since `forget` was called, if anything.
    """

    def __init__(self, stream: BufferedReader) -> None:
        """Read from where the stream stands.

        Args:
            stream: Bytes in UTF-8, or in UTF-16 with a mark.

        Raises:
            InputError: If the stream begins like a binary file.
        """
        head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
        encoding = _marked(head)
        if encoding != "utf-16":
            _refuse_binary(head)
        self.problem: str | None = None
        self._stream = stream
        self._wide = encoding == "utf-16"

    def __iter__(self) -> Iterator[str]:
        return self._utf16() if self._wide else self._utf8()

    def forget(self) -> None:
        """Start a new row: what was wrong before is not its fault."""
        self.problem = None

    def _utf8(self) -> Iterator[str]:
        offset = 0
        for line in self._stream:
            start = len(codecs.BOM_UTF8) if offset == 0 and line.startswith(codecs.BOM_UTF8) else 0
            try:
                yield line[start:].decode("utf-8")
            except UnicodeDecodeError as error:
                at = start + error.start
                self.problem = self.problem or _not_text("utf-8", line[at], offset + at)
                yield line[start:].decode("utf-8", errors="replace")
            offset += len(line)

    def _utf16(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-16")()
        pending, ended = "", False
        while not ended:
            block = self._stream.read(_BLOCK_BYTES)
            ended = not block
            try:
                *whole, pending = (pending + decoder.decode(block, final=ended)).split("\n")
            except UnicodeDecodeError as error:
                raise InputError(f"it is not UTF-16 all through ({error.reason}); save it as UTF-8.") from error
            yield from (line + "\n" for line in whole)
        if pending:
            yield pending


def first_character(stream: BufferedReader) -> str:
    """Look at the first character that is not white space; empty for an empty stream. Nothing is consumed."""
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    return head.decode(_marked(head), errors="replace").lstrip()[:1]


def _marked(content: bytes) -> str:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")


def _refuse_binary(content: bytes) -> None:
    at = content.find(b"\0")
    if at >= 0:
        raise InputError(
            f"byte {at} is NUL, so it is a binary file, or UTF-16 without a byte order mark; "
            "text in UTF-8 was expected: convert it first."
        )


def _declared(content: bytes) -> str | None:
    match = _DECLARED.search(content[:_HEAD_BYTES])
    if match is None:
        return None
    try:
        found = codecs.lookup(match[1].decode("ascii")).name
    except LookupError:
        return None
    return None if found in {"utf-8", "utf-16"} else found


def _not_text(encoding: str, byte: int, offset: int) -> str:
    name = "UTF-16" if encoding == "utf-16" else "UTF-8"
    return (
        f"byte {offset} is 0x{byte:02X}, which is not {name}; save it as UTF-8, "
        "for example: iconv -f WINDOWS-1252 -t UTF-8."
    )
