"""Bad rows of a batch: shown, counted, written beside the output; the run goes on."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import typer

from metier.cli.terminal import note

if TYPE_CHECKING:
    from metier.data.postings import BadRow

_SHOWN: Final = 5
_Row = TypeVar("_Row")  # such as a posting


@dataclass(slots=True)
class BadRows:
    """What a run could not read so far."""

    n: int = 0

    def left_out(self, rows: "Iterable[_Row | BadRow]", *, report: "Callable[[BadRow], None]") -> "Iterator[_Row]":
        """Pass the good rows on; show the first bad ones on stderr, and report all of them."""
        from metier.data.postings import BadRow

        for row in rows:
            if not isinstance(row, BadRow):
                yield row
                continue
            self.n += 1
            report(row)
            if self.n <= _SHOWN:
                place = row.source if row.row is None else f"{row.source}, row {row.row}"
                note(f"error: {place}: {row.reason}")

    def show(self, output: Path | None) -> None:
        """Say how many there were, if there were any."""
        if self.n:
            where = f", see {output}.errors.jsonl" if output else ""
            note(f"note: {self.n:,} bad row{'' if self.n == 1 else 's'} left out{where}.")

    def stop_if_any(self, output: Path | None) -> None:
        """Say how many there were, and leave with exit code 1."""
        self.show(output)
        if self.n:
            raise typer.Exit(1)


def open_report(stack: ExitStack, output: Path | None) -> "Callable[[BadRow], None]":
    """Open the errors file of an output; without an output nothing is kept."""
    from metier.data.bad_rows import open_bad_rows

    return stack.enter_context(open_bad_rows(output)) if output is not None else lambda row: None
