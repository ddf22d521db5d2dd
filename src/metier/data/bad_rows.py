"""The errors file: the rows of a batch that gave no posting, and why."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from metier.data.files_out import written_whole
from metier.data.posting_formats import BadRow
from metier.data.tables import json_line


@contextmanager
def open_bad_rows(output: Path) -> Iterator[Callable[[BadRow], None]]:
    """Open the errors file of an output file: `out.jsonl.errors.jsonl` for `out.jsonl`.

    It is made with the first bad row, and appears when the block ends well; a run without any removes the one that
    an earlier run to the same output left.

    Args:
        output: Where the results go.

    Yields:
        A function to be called with each bad row.

    Raises:
        InputError: If nothing can be written there.
    """
    path = output.with_name(output.name + ".errors.jsonl")
    with ExitStack() as stack:
        streams: list[TextIO] = []

        def write(row: BadRow) -> None:
            if not streams:
                temporary = stack.enter_context(written_whole(path))
                streams.append(stack.enter_context(temporary.open("w", encoding="utf-8", newline="")))
            streams[0].write(json_line(asdict(row)))

        yield write
        if not streams:
            path.unlink(missing_ok=True)
