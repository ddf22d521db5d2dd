"""What commands show on a terminal: results on stdout, progress and notes on stderr."""

import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console

# Escape sequences in a posting must not reach the terminal; tabs and line ends may.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def on_terminal() -> bool:
    """Tell whether a person reads the results as they come."""
    return sys.stdout.isatty()


def console() -> "Console":
    """The console for results; takes no markup from what it shows."""
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False)


def plain(text: str) -> str:
    """The text on one line, without characters that would steer a terminal."""
    return _CONTROL.sub("�", " ".join(text.split()))


def json_lines() -> Callable[[Mapping[str, Any]], None]:
    """Give a function that writes a row to stdout as one line of JSON, in UTF-8 whatever the locale."""
    from metier.data.tables import json_line

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")

    def write(row: Mapping[str, Any]) -> None:
        print(json_line(row), end="", flush=True)

    return write


def note(message: str) -> None:
    """Say something beside the results: on stderr."""
    print(plain(message), file=sys.stderr)


@contextmanager
def progress(description: str, *, shown: bool) -> Iterator[Callable[[], None]]:
    """Show on stderr how many items are done and how fast it goes, if stderr is a terminal.

    Args:
        description: What the items are.
        shown: False: show nothing.

    Yields:
        A function to be called after each item.
    """
    if not (shown and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f} ({task.fields[rate]:.1f}/s)"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=None, rate=0.0)

        def advance() -> None:
            bar.advance(task)
            bar.update(task, rate=bar.tasks[0].completed / max(bar.tasks[0].elapsed or 0.0, 1e-3))

        yield advance
