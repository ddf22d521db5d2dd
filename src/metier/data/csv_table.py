"""CSV row by row: what a row holds, or what is wrong with it; one bad row costs no other."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Final

from metier.data.decoding import Lines
from metier.errors import InputError

_DELIMITERS: Final = ",;\t|"
_FIELD_LIMIT: Final = 1 << 28  # characters in one field; a posting of 10 MB is far below


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row; `problem` says why it cannot be used, where it cannot."""

    number: int  # the line on which it begins; the header is line 1
    values: list[str]  # none for an empty line
    problem: str | None = None


class CsvTable:
    """A table with a header; the delimiter is the one of `, ; tab |` that the header holds most of."""

    def __init__(self, stream: BufferedReader) -> None:
        """Read the header.

        Args:
            stream: Bytes in UTF-8, or in UTF-16 with a mark; read row by row.

        Raises:
            InputError: If there is no header, or the file is binary.
        """
        csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))
        self._lines = Lines(stream)
        self._decoded = iter(self._lines)
        header_line = next(self._decoded, "")
        if not header_line.strip():
            raise InputError("the file is empty; a header and rows were expected.")
        self.delimiter = _delimiter(header_line)
        self.header = next(csv.reader([header_line], delimiter=self.delimiter))

    def __iter__(self) -> Iterator[CsvRow]:
        reader = csv.reader(self._decoded, delimiter=self.delimiter, strict=True)
        while True:
            self._lines.forget()
            number = reader.line_num + 2
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield CsvRow(number, [], f"the row is not valid CSV ({error}); look at its quotes.")
            else:
                yield CsvRow(number, values, self._problem(values) if values else self._lines.problem)

    def _problem(self, values: list[str]) -> str | None:
        if self._lines.problem:
            return self._lines.problem
        if len(values) < len(self.header) or any(values[len(self.header) :]):
            return f"the row has {len(values)} fields and the header {len(self.header)}; look at its quotes."
        return None


def _delimiter(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    counts = Counter(character for character in outside_quotes if character in _DELIMITERS)
    return max(_DELIMITERS, key=lambda character: counts[character])
