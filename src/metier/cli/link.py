"""`metier link`: a plain list of skills in, concepts of the taxonomy out."""

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from metier.cli.terminal import console, json_lines, note, on_terminal, plain, progress
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.domain import Link
    from metier.taxonomy.taxonomy import Taxonomy

_COLUMNS: Final = {
    "text": "VARCHAR",
    "uri": "VARCHAR",
    "label": "VARCHAR",
    "group": "VARCHAR",
    "probability": "DOUBLE",
}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(link)


def link(
    path: Annotated[
        str | None,
        typer.Argument(help="A file with one skill per line, a .csv or .tsv, or `-`.", show_default=False),
    ] = None,
    text: Annotated[list[str] | None, typer.Option(help="Link this text; may be repeated.")] = None,
    column: Annotated[str | None, typer.Option(help="The column of the table that holds the skills.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file: .jsonl, .csv or .parquet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines, also on a terminal.")] = False,
    min_precision: Annotated[
        float | None, typer.Option(help="Link only what is right with this probability.", min=0, max=1)
    ] = None,
    candidates: Annotated[int, typer.Option(help="Also list this many candidates (JSON only).", min=0)] = 0,
    linker: Annotated[str, typer.Option(help="A shipped linker, or a folder.")] = "linker-en",
    taxonomy: Annotated[str, typer.Option(help="A shipped taxonomy, or a folder.")] = "esco",
    threads: Annotated[int, typer.Option(help="Processors to use.", min=1)] = 2,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")] = False,
) -> None:
    """Link a list of skills to the taxonomy; each different text once.

    For example:

    `metier link --text python --text "project planning"`

    `metier link skills.csv --column name -o linked.csv --min-precision 0.9`
    """
    from metier.pipelines.build import build_linking
    from metier.pipelines.link import link_texts

    texts = _texts(path, text, column)
    if output is not None:
        _check_output(output)
    parts = build_linking(linker=linker, taxonomy=taxonomy, threads=threads, min_precision=min_precision)
    n_texts = n_linked = 0
    with ExitStack() as stack:
        write = _open_writer(stack, output, as_json=as_json)
        advance = stack.enter_context(progress("skills", shown=not no_progress))
        for found in link_texts(texts, linker=parts.linker):
            write(_row(found, parts.taxonomy, n_candidates=candidates))
            n_texts += 1
            n_linked += found.concept is not None
            advance()
    note(f"{n_texts:,} different texts, {n_linked:,} linked{f' -> {output}' if output else ''}")


def _texts(path: str | None, given: list[str] | None, column: str | None) -> Iterable[str]:
    from metier.data.skill_lists import read_skills

    if given and path:
        raise ConfigError(f"Both --text and the file {path} were given; give one of them.")
    if given:
        return list(dict.fromkeys(trimmed for each in given if (trimmed := " ".join(each.split()))))
    if path is None and sys.stdin.isatty():
        raise ConfigError("No skill was given: name a file, pipe a list in, or use --text.")
    return read_skills(path or "-", column=column)


def _check_output(output: Path) -> None:
    from metier.data.files_out import check_writable
    from metier.data.tables import check_ending

    check_ending(output)
    check_writable(output)


def _row(found: "Link", taxonomy: "Taxonomy", *, n_candidates: int) -> dict[str, Any]:
    from metier.data.outputs import candidates_to_list

    concept = found.concept
    row: dict[str, Any] = {
        "text": found.mention.text,
        "uri": concept.uri if concept else None,
        "label": concept.label if concept else None,
        "group": taxonomy.group(concept) if concept else None,
        "probability": round(found.probability, 4),
    }
    if n_candidates:
        row["candidates"] = candidates_to_list(found, limit=n_candidates)
    return row


def _open_writer(stack: ExitStack, output: Path | None, *, as_json: bool) -> Callable[[Mapping[str, Any]], None]:
    from metier.data.tables import open_rows

    if output is not None:
        write_row = stack.enter_context(open_rows(output, columns=_COLUMNS))
        whole = output.suffix.lower() == ".jsonl"
        return lambda row: write_row(row if whole else {name: row[name] for name in _COLUMNS})
    if as_json or not on_terminal():
        return json_lines()
    shown = console()
    return lambda row: shown.print(_line(row))


def _line(row: Mapping[str, Any]) -> str:
    found = f"{row['label']} ({row['group']}, {row['probability']:.2f})" if row["label"] else "not in the taxonomy"
    others = "; ".join(f"{other['label']} {other['probability']:.2f}" for other in row.get("candidates", ()))
    return plain(f"{row['text']} → {found}" + (f" · {others}" if others else ""))
