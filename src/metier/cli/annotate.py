"""`metier annotate`: postings in; sections, linked skills and keywords out."""

import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from metier.cli.bad_rows import BadRows, open_report
from metier.cli.terminal import console, json_lines, note, on_terminal, progress
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.data.outputs import Write
    from metier.domain import AnnotatedPosting
    from metier.taxonomy.taxonomy import Taxonomy

_TRAINED_ON: Final = "en"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(annotate)


def annotate(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files (.txt .html .json .jsonl .csv .parquet), folders, or `-` for standard input.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file: .jsonl, .csv or .parquet."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with the coloured text to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines, also on a terminal.")] = False,
    all_sections: Annotated[
        bool, typer.Option("--all-sections", help="Also find skills in company, benefits and legal text.")
    ] = False,
    min_precision: Annotated[
        float | None, typer.Option(help="Link only what is right with this probability.", min=0, max=1)
    ] = None,
    model: Annotated[str, typer.Option(help="A shipped tagger, or a folder.")] = "tagger-en",
    datastore: Annotated[
        Path | None, typer.Option(help="A datastore that was built for the tagger, with corrections maybe.")
    ] = None,
    linker: Annotated[str, typer.Option(help="A shipped linker, or a folder.")] = "linker",
    taxonomy: Annotated[str, typer.Option(help="A shipped taxonomy, or a folder.")] = "esco",
    threads: Annotated[int, typer.Option(help="Processors to use.", min=1)] = 2,
    text_column: Annotated[str | None, typer.Option(help="The column or field that holds the text.")] = None,
    id_column: Annotated[str | None, typer.Option(help="The column or field that holds the id.")] = None,
    title_column: Annotated[str | None, typer.Option(help="The column or field that holds the title.")] = None,
    limit: Annotated[int | None, typer.Option(help="Stop after this many postings.", min=0)] = None,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")] = False,
) -> None:
    """Find the skills of job postings and link them to the taxonomy.

    A terminal gets a readable view, a pipe JSON Lines. Rows that cannot be read are listed in OUT.errors.jsonl and
    the run goes on; the exit code is then 1.

    For example:

    `metier annotate posting.txt`

    `metier annotate postings/ more.csv --text-column description -o skills.parquet`

    `cat postings.jsonl | metier annotate - --html page.html > annotated.jsonl`
    """
    from metier.data.posting_rows import Columns
    from metier.data.postings import read_postings
    from metier.pipelines.build import build_annotator

    given = paths or _standard_input()
    _check_outputs(given, output, html)
    rows = read_postings(given, columns=Columns(text=text_column, id=id_column, title=title_column))
    annotator = build_annotator(
        tagger=model,
        datastore=datastore,
        linker=linker,
        taxonomy=taxonomy,
        threads=threads,
        min_precision=min_precision,
    )
    tally = _Tally()
    with ExitStack() as stack:
        writes = _open_writers(stack, annotator.taxonomy, output=output, html=html, as_json=as_json)
        report = open_report(stack, output)
        advance = stack.enter_context(progress("postings", shown=not no_progress))
        postings = islice(tally.bad.left_out(rows, report=report), limit)
        for annotated in annotator.annotate(postings, all_sections=all_sections):
            tally.add(annotated)
            for write in writes:
                write(annotated)
            advance()
    tally.show(output)
    if tally.bad.n:
        raise typer.Exit(1)


@dataclass(slots=True)
class _Tally:
    """What a run has met so far."""

    n_postings: int = 0
    n_mentions: int = 0
    n_linked: int = 0
    bad: BadRows = field(default_factory=BadRows)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, annotated: "AnnotatedPosting") -> None:
        """Count one result."""
        self.n_postings += 1
        self.n_mentions += len(annotated.links)
        self.n_linked += sum(any(part.concept for part in link.told) for link in annotated.links)
        self.languages[annotated.language or "unknown"] += 1

    def show(self, output: Path | None) -> None:
        """Say on stderr what the run came to."""
        foreign = {name: n for name, n in self.languages.items() if name.split("-")[0] != _TRAINED_ON}
        if foreign:
            counts = ", ".join(f"{name} {n}" for name, n in sorted(foreign.items()))
            note(
                f"note: {_counted(sum(foreign.values()), 'posting')} not in English ({counts}); "
                "the tagger was trained on English."
            )
        self.bad.show(output)
        note(
            f"{_counted(self.n_postings, 'posting')}, {_counted(self.n_mentions, 'mention')}, "
            f"{self.n_linked} linked{f' -> {output}' if output else ''}"
        )


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _standard_input() -> list[str]:
    if sys.stdin.isatty():
        raise ConfigError("No posting was given: name a file or a folder, or pipe one in.")
    return ["-"]


def _check_outputs(paths: list[str], output: Path | None, html: Path | None) -> None:
    """Refuse before the models are loaded what would fail after."""
    from metier.data.files_out import check_writable
    from metier.data.tables import check_ending

    if output is not None:
        check_ending(output)
    for path in (output, html):
        if path is not None:
            check_writable(path)
            if any(Path(given).resolve() == path.resolve() for given in paths):
                raise ConfigError(f"{path} is read and written by the same command; give another name.")


def _open_writers(
    stack: ExitStack, taxonomy: "Taxonomy", *, output: Path | None, html: Path | None, as_json: bool
) -> list["Write"]:
    from metier.data.outputs import annotated_to_dict, open_output

    writes: list[Write] = []
    if output is not None:
        writes.append(stack.enter_context(open_output(output, group_of=taxonomy.group)))
    if html is not None:
        from metier.pipelines.render_html import open_page

        writes.append(stack.enter_context(open_page(html, taxonomy=taxonomy)))
    if output is None and (as_json or not on_terminal()):
        write_row = json_lines()
        writes.append(lambda annotated: write_row(annotated_to_dict(annotated, group_of=taxonomy.group)))
    elif output is None and html is None:
        from metier.cli.posting_view import posting_view

        shown = console()
        writes.append(lambda annotated: shown.print(posting_view(annotated, taxonomy=taxonomy)))
    return writes
