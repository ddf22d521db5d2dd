"""How `metier link` shows what it found: as rows of a file, as lines for a pipe or a terminal, and as counts."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from metier.cli.terminal import console, json_lines, on_terminal, plain

if TYPE_CHECKING:
    from metier.data.text_lists import ListRow, TextList
    from metier.pipelines.link import Meaning
    from metier.pipelines.link_columns import LinkColumns

_N_COMMON: Final = 3
_Write = Callable[["ListRow", "Meaning"], None]


@dataclass(slots=True)
class Counts:
    """What a run has done so far."""

    n_rows: int = 0
    n_empty: int = 0
    labels: Counter[str] = field(default_factory=Counter)  # how often each concept was meant

    def add(self, row: "ListRow", meaning: "Meaning") -> None:
        """Count a row."""
        self.n_rows += 1
        self.n_empty += not row.text
        if meaning.concept is not None:
            self.labels[meaning.concept.label] += 1

    def told(self, output: Path | None) -> str:
        """Say it in one line, the concepts that were meant several times too."""
        empty = f", {self.n_empty:,} empty" if self.n_empty else ""
        common = ", ".join(f"{label} ({n:,})" for label, n in self.labels.most_common(_N_COMMON) if n > 1)
        return (
            f"{self.n_rows:,} row{'' if self.n_rows == 1 else 's'}{empty}, {self.labels.total():,} linked to "
            f"{len(self.labels):,} concept{'' if len(self.labels) == 1 else 's'}"
            f"{f' -> {output}' if output else ''}{f'; most often {common}' if common else ''}"
        )


def row_writer(
    stack: ExitStack, output: Path | None, *, entries: "TextList", columns: "LinkColumns", as_json: bool
) -> _Write:
    """Open what the rows go to: a file, a pipe, or a terminal.

    Args:
        stack: Closes the file; it appears under its name only then.
        output: The file; None: standard output.
        entries: The list that is read; its columns come first.
        columns: Those of the concepts.
        as_json: Lines of JSON on a terminal too.

    Returns:
        A function to be called with each row and its meaning.
    """
    if output is None and on_terminal() and not as_json:
        shown = console()
        return lambda row, meaning: shown.print(_line(row.text, columns(meaning)))
    from metier.pipelines.link_columns import kept_names

    names = kept_names(entries.columns, columns.types)
    types = {**{names[name]: sql_type for name, sql_type in entries.columns.items()}, **columns.types}
    write = json_lines() if output is None else _table_writer(stack, output, types, columns)

    def write_row(row: "ListRow", meaning: "Meaning") -> None:
        write({**{names[name]: value for name, value in row.cells.items()}, **columns(meaning)})

    return write_row


def _table_writer(
    stack: ExitStack, output: Path, types: Mapping[str, str], columns: "LinkColumns"
) -> Callable[[Mapping[str, Any]], None]:
    from metier.data.tables import open_rows
    from metier.pipelines.link_columns import readable

    write = stack.enter_context(open_rows(output, columns=types))
    if output.suffix.lower() != ".csv":
        return write

    def write_cells(row: Mapping[str, Any]) -> None:
        told = (
            {"candidates": readable(row["candidates"], language=columns.label_language)} if "candidates" in row else {}
        )
        write({name: _cell(value) for name, value in {**row, **told}.items()})

    return write_cells


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _line(text: str, row: Mapping[str, Any]) -> str:
    if row["probability"] is None:
        return "(empty)"
    codes = ", ".join(code for code in dict.fromkeys([row["group"], row["code"]]) if code)
    found = f"{row['label']} ({codes}; {row['probability']:.2f})" if row["uri"] else "not in the taxonomy"
    others = "; ".join(f"{other['label']} {other['probability']:.2f}" for other in row.get("candidates", ()))
    return plain(f"{text} → {found}" + (f" · {others}" if others else ""))
