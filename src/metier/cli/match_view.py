"""How `metier match` shows what it found: as rows of a file, as lines for a pipe, and as a table."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metier.cli.terminal import console, json_lines, on_terminal, plain

if TYPE_CHECKING:
    from metier.domain import Match, Profile, Project


def write_rows(output: Path, matches: "Sequence[Sequence[Match]]") -> None:
    """Write a file of matches.

    Args:
        output: Ends in `.jsonl`, `.csv` or `.parquet`; in CSV, skills stand between semicolons.
        matches: Of each project, best first.
    """
    from metier.data.match_rows import MATCH_COLUMNS, match_cells
    from metier.data.tables import open_rows

    is_csv = output.suffix.lower() == ".csv"
    with open_rows(output, columns=MATCH_COLUMNS) as write:
        for row in _rows(matches):
            write(match_cells(row) if is_csv else row)


def show_matches(
    projects: "Sequence[Project]",
    *,
    matches: "Sequence[Sequence[Match]]",
    people: "Mapping[str, Profile]",
    as_json: bool,
) -> None:
    """Show matches on standard output: tables on a terminal, else JSON Lines.

    Args:
        projects: What was asked for.
        matches: Of each project, best first.
        people: Id -> profile, of those who are in the matches.
        as_json: JSON Lines on a terminal too.
    """
    if as_json or not on_terminal():
        write = json_lines()
        for row in _rows(matches):
            write(row)
        return
    for project, found in zip(projects, matches, strict=True):
        _show_table(project, found, people)


def _rows(matches: "Sequence[Sequence[Match]]") -> Iterator[dict[str, Any]]:
    from metier.data.match_rows import match_to_dict

    for found in matches:
        for rank, one in enumerate(found, start=1):
            yield match_to_dict(one, rank=rank)


def _show_table(project: "Project", matches: "Sequence[Match]", people: "Mapping[str, Profile]") -> None:
    from rich.table import Table

    from metier.pipelines.match_page import document_name

    heading = " · ".join(filter(None, [project.id, document_name(project)]))
    if not matches:
        console().print(f"{plain(heading)}: nobody passes the filter")
        return
    ranked = any(one.probability is not None for one in matches)
    table = Table(title=plain(heading), title_justify="left", box=None)
    for name in ("", "person", *(["probability"] if ranked else []), "similarity", "shares", "lacks", "by its"):
        table.add_column(name, justify="right" if name in ("", "probability", "similarity") else "left")
    for rank, one in enumerate(matches, start=1):
        named = " · ".join(filter(None, [one.profile_id, document_name(people[one.profile_id])]))
        probability = [] if not ranked else ["–" if one.probability is None else f"{one.probability:.2f}"]
        skills = [", ".join(one.shared), ", ".join(one.missing)]
        cells = [str(rank), named, *probability, f"{one.similarity:.2f}", *skills, one.section or ""]
        table.add_row(*map(plain, cells))
    console().print(table)
