"""`metier link`: a list of skills or of job titles in, concepts of the taxonomy out."""

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from metier.cli.bad_rows import BadRows, open_report
from metier.cli.link_view import Counts, row_writer
from metier.cli.terminal import note, progress
from metier.errors import ConfigError


class Kind(StrEnum):
    """What the texts name."""

    SKILL = "skill"
    OCCUPATION = "occupation"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(link)


def link(
    path: Annotated[
        str | None,
        typer.Argument(
            help="A table (.csv .tsv .jsonl .parquet), a text with one entry per line, or `-`.", show_default=False
        ),
    ] = None,
    text: Annotated[list[str] | None, typer.Option(help="Link this text; may be repeated.")] = None,
    column: Annotated[str | None, typer.Option(help="The column of the table that holds the texts.")] = None,
    kind: Annotated[Kind, typer.Option(help="What the texts name: skills, or jobs.")] = Kind.SKILL,
    isco_level: Annotated[
        int | None,
        typer.Option(
            help="Digits of the ISCO group that an occupation is counted under; all four by default.", min=1, max=4
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file: .jsonl, .csv or .parquet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines, also on a terminal.")] = False,
    min_precision: Annotated[
        float | None, typer.Option(help="Link only what is right with this probability.", min=0, max=1)
    ] = None,
    candidates: Annotated[int, typer.Option(help="Also list this many candidates.", min=0, max=32)] = 0,
    language: Annotated[
        str | None, typer.Option(help="The language of the texts, such as fr; refused if the linker does not read it.")
    ] = None,
    label_language: Annotated[
        str | None,
        typer.Option(help="Label concepts in this language; one without such a label keeps its own and says so."),
    ] = None,
    linker: Annotated[str, typer.Option(help="A shipped linker, or a folder.")] = "linker",
    reranker: Annotated[str | None, typer.Option(help="Let this re-ranker order its best candidates.")] = None,
    taxonomy: Annotated[str, typer.Option(help="A shipped taxonomy, or a folder.")] = "esco",
    threads: Annotated[int, typer.Option(help="Processors to use.", min=1)] = 2,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")] = False,
) -> None:
    """Link a list of skills or of job titles to the taxonomy.

    One row comes out for each that goes in, in order, with all its columns; equal texts are looked up once. An empty
    cell means nothing; an empty line of a text is passed over. A column of yours that is called like one of the
    result has `input_` put before its name. Rows that cannot be read are listed in OUT.errors.jsonl and the run goes
    on; the exit code is then 1.

    For example:

    `metier link --text python --text "project planning"`

    `metier link skills.csv --column name -o linked.csv --min-precision 0.9 --candidates 3`

    `metier link jobs.parquet --column job --kind occupation --isco-level 2 --label-language fr -o jobs-isco.parquet`
    """
    from metier.data.text_lists import given_list, open_list
    from metier.pipelines.link import link_rows, load_list_linking
    from metier.pipelines.link_columns import LinkColumns

    _check_options(kind, isco_level, reranker)
    _check_files(path, text, output)
    bad, counts = BadRows(), Counts()
    with ExitStack() as stack:
        entries = given_list(text) if text else stack.enter_context(open_list(path or "-", column=column))
        linking = load_list_linking(
            linker=linker,
            taxonomy=taxonomy,
            occupations=kind is Kind.OCCUPATION,
            reranker=reranker,
            threads=threads,
            min_precision=min_precision,
            language=language,
            n_candidates=candidates,
        )
        shown = LinkColumns(
            taxonomy=linking.taxonomy,
            label_language=label_language,
            isco_level=isco_level,
            n_candidates=candidates,
        )
        write = row_writer(stack, output, entries=entries, columns=shown, as_json=as_json)
        report = open_report(stack, output)
        advance = stack.enter_context(progress("rows", shown=not no_progress))
        for row, meaning in link_rows(bad.left_out(entries.rows, report=report), meanings=linking.meanings):
            write(row, meaning)
            counts.add(row, meaning)
            advance()
    note(counts.told(output))
    bad.stop_if_any(output)


def _check_options(kind: Kind, isco_level: int | None, reranker: str | None) -> None:
    if kind is Kind.SKILL and isco_level is not None:
        raise ConfigError("--isco-level is for job titles, and skills were given; add --kind occupation.")
    if kind is Kind.OCCUPATION and reranker is not None:
        raise ConfigError("--reranker is for skills, and job titles were given; leave it out.")


def _check_files(path: str | None, text: list[str] | None, output: Path | None) -> None:
    from metier.data.files_out import check_writable
    from metier.data.tables import check_ending

    if text and path:
        raise ConfigError(f"Both --text and the file {path} were given; give one of them.")
    if not text and path is None and sys.stdin.isatty():
        raise ConfigError("No text was given: name a file, pipe a list in, or use --text.")
    if output is None:
        return
    check_ending(output)
    check_writable(output)
    if path is not None and Path(path).resolve() == output.resolve():
        raise ConfigError(f"{path} is read and written by the same command; give another name.")
