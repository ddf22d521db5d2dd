"""`metier title predict | similar | map | compare`."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from metier.cli import title_compare
from metier.cli.bad_rows import BadRows, open_report
from metier.cli.terminal import console, json_lines, note, on_terminal, plain, progress
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.domain import Posting
    from metier.pipelines.titles import TitlePrediction, TitleReader

_CHUNK: Final = 32  # descriptions read at once
_COLUMNS: Final = {
    "id": "VARCHAR",
    "raw": "VARCHAR",
    "title": "VARCHAR",
    "seniority": "VARCHAR",
    "occupation_uri": "VARCHAR",
    "occupation": "VARCHAR",
    "isco": "VARCHAR",
    "isco_label": "VARCHAR",
    "probability": "DOUBLE",
}

_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
_Model = Annotated[str | None, typer.Option(help="A model of titles, or a folder. By default the shipped one.")]
_Linker = Annotated[str, typer.Option(help="A shipped linker, or a folder.")]
_Taxonomy = Annotated[str, typer.Option(help="A shipped taxonomy, or a folder.")]
_Threads = Annotated[int, typer.Option(help="Processors to use.", min=1)]
_NoProgress = Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")]
_MinProbability = Annotated[
    float | None, typer.Option(help="Name only occupations that are right with this probability.", min=0, max=1)
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    commands = typer.Typer(help="Name a job, find what is like it, map titles to occupations.", no_args_is_help=True)
    commands.command()(predict)
    commands.command()(similar)
    commands.command("map")(map_titles)
    commands.command()(title_compare.compare)
    app.add_typer(commands, name="title")


def predict(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files (.txt .html .json .jsonl .csv .parquet), folders, or `-`.", show_default=False),
    ],
    k: Annotated[int, typer.Option("-k", "--titles", help="Titles per description at most.", min=1)] = 5,
    html: Annotated[
        Path | None, typer.Option(help="Write a page to this file, with the words that speak for each title.")
    ] = None,
    as_json: _AsJson = False,
    text_column: Annotated[str | None, typer.Option(help="The column or field that holds the description.")] = None,
    min_probability: _MinProbability = None,
    model: _Model = None,
    linker: _Linker = "linker",
    taxonomy: _Taxonomy = "esco",
    threads: _Threads = 2,
    no_progress: _NoProgress = False,
) -> None:
    """Say what a description may be called, and which words make it so; or why nothing can be said.

    For example:

    `metier title predict description.txt`

    `metier title predict postings.jsonl --html page.html > titles.jsonl`
    """
    from metier.data.files_out import check_writable
    from metier.data.posting_rows import Columns
    from metier.data.postings import read_postings
    from metier.pipelines.title_colours import write_colours
    from metier.pipelines.titles import explained

    if html is not None:
        check_writable(html)
    rows = read_postings(paths, columns=Columns(text=text_column))
    reader = _load(model or "titles", linker, taxonomy, threads=threads, min_probability=min_probability)
    bad = BadRows()
    articles = []
    with ExitStack() as stack:
        show = _prediction_writer(reader, as_json=as_json)
        advance = stack.enter_context(progress("descriptions", shown=not no_progress))
        for posting, found in _predictions(reader, bad.left_out(rows, report=lambda row: None), k=k):
            show(posting, found)
            advance()
            if html is not None:
                articles.append(explained(reader, posting, k=k))
    if html is not None:
        write_colours(html, articles)
        note(f"wrote {html}")
    bad.stop_if_any(None)


def similar(
    title: Annotated[str, typer.Argument(help="Any job title; it need not be known.")],
    language: Annotated[
        str | None, typer.Option(help="Answer with titles and labels in this language, such as fr.")
    ] = None,
    k: Annotated[int, typer.Option("-k", "--titles", help="Titles, and occupations, at most.", min=1)] = 10,
    as_json: _AsJson = False,
    model: _Model = None,
    linker: _Linker = "linker",
    taxonomy: _Taxonomy = "esco",
    threads: _Threads = 2,
) -> None:
    """List the titles and the occupations that are nearest to a title.

    For example:

    `metier title similar "data engineer"`

    `metier title similar "data engineer" --language fr --taxonomy esco-fr --json`
    """
    from metier.pipelines.build import shipped_titles

    reader = _load(model or shipped_titles(), linker, taxonomy, threads=threads)
    found = reader.similar(title, k=k, language=language)
    if not found.title:
        note(f"note: '{title}' names no job; nothing is like it.")
    elif reader.model is None:
        note("note: no model of titles is there, so that only occupations are listed; name one with --model.")
    if as_json or not on_terminal():
        print(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    shown = found.to_dict()
    _show("titles", [(near["title"], f"{near['cosine']:.2f}") for near in shown["titles"]])
    _show("occupations", [_occupation_cells(job) for job in shown["occupations"]])


def map_titles(
    path: Annotated[str, typer.Argument(help="A table, JSON Lines, a text with one title per line, or `-`.")],
    column: Annotated[str, typer.Option(help="The column or field that holds the titles.")] = "title",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file: .jsonl, .csv or .parquet.")
    ] = None,
    as_json: _AsJson = False,
    min_probability: _MinProbability = None,
    linker: _Linker = "linker",
    taxonomy: _Taxonomy = "esco",
    threads: _Threads = 2,
    no_progress: _NoProgress = False,
) -> None:
    """Turn a column of raw titles into clean titles, seniority, occupations and ISCO codes.

    One row comes out for each that can be read, in order. Rows that cannot are listed in OUT.errors.jsonl and the run
    goes on; the exit code is then 1.

    For example:

    `metier title map vacancies.csv --column title -o mapped.csv`

    `cut -f2 vacancies.tsv | metier title map - > mapped.jsonl`
    """
    from metier.data.title_rows import read_title_rows

    if output is not None:
        _check_output(output, path)
    rows = read_title_rows(path, column=column)
    reader = _load(None, linker, taxonomy, threads=threads, min_probability=min_probability)
    bad = BadRows()
    n_titles = n_mapped = 0
    with ExitStack() as stack:
        write = _row_writer(stack, output, as_json=as_json)
        report = open_report(stack, output)
        advance = stack.enter_context(progress("titles", shown=not no_progress))
        for row in _mapped(reader, bad.left_out(rows, report=report)):
            write(row)
            advance()
            n_titles += 1
            n_mapped += row["occupation"] is not None
    note(f"{n_titles:,} titles, {n_mapped:,} with an occupation{f' -> {output}' if output else ''}")
    bad.stop_if_any(output)


def _load(
    model: str | None, linker: str, taxonomy: str, *, threads: int, min_probability: float | None = None
) -> "TitleReader":
    from metier.pipelines import build

    return build.build_titles(
        model=model, linker=linker, taxonomy=taxonomy, threads=threads, min_probability=min_probability
    )


def _predictions(
    reader: "TitleReader", postings: "Iterator[Posting]", *, k: int
) -> "Iterator[tuple[Posting, TitlePrediction]]":
    while chunk := list(islice(postings, _CHUNK)):
        yield from zip(chunk, reader.predict([posting.body for posting in chunk], k=k), strict=True)


def _prediction_writer(reader: "TitleReader", *, as_json: bool) -> "Callable[[Posting, TitlePrediction], None]":
    if as_json or not on_terminal():
        write = json_lines()
        versions = reader.versions
        return lambda posting, found: write({"id": posting.id, **found.to_dict(), "provenance": versions})
    return _show_prediction


def _show_prediction(posting: "Posting", found: "TitlePrediction") -> None:
    if found.reason:
        console().print(plain(f"{posting.id}: no title; {found.reason}."))
        return
    rows = []
    for title in found.titles:
        told = sorted(title.words, key=lambda word: -word.weight)[:3]
        words = ", ".join(posting.body[word.span.start : word.span.end] for word in told)
        job = title.to_dict()["occupation"]
        rows.append((title.title, f"{title.cosine:.2f}", *(_occupation_cells(job) if job else ("", "", "")), words))
    _show(posting.id, rows, columns=("title", "cosine", "occupation", "ISCO", "p", "by the words"))


def _occupation_cells(job: Mapping[str, Any]) -> tuple[str, str, str]:
    return job["label"], job["isco"], f"{job['probability']:.2f}"


def _show(heading: str, rows: Sequence[Sequence[str]], *, columns: Sequence[str] = ()) -> None:
    from rich.table import Table

    table = Table(*columns, box=None, title=plain(heading), title_justify="left", show_header=bool(columns))
    for row in rows:
        table.add_row(*map(plain, row))
    console().print(table if rows else f"{plain(heading)}: none")


def _check_output(output: Path, path: str) -> None:
    from metier.data.files_out import check_writable
    from metier.data.tables import check_ending

    check_ending(output)
    check_writable(output)
    if Path(path).resolve() == output.resolve():
        raise ConfigError(f"{path} is read and written by the same command; give another name.")


def _mapped(reader: "TitleReader", postings: "Iterator[Posting]") -> Iterator[dict[str, Any]]:
    ids: deque[str] = deque()  # of the titles that were taken and have not come back

    def titles() -> Iterator[str]:
        for posting in postings:
            ids.append(posting.id)
            yield posting.body

    for mapped in reader.map(titles()):
        yield {"id": ids.popleft(), **mapped.to_dict()}


def _row_writer(stack: ExitStack, output: Path | None, *, as_json: bool) -> Callable[[Mapping[str, Any]], None]:
    from metier.data.tables import open_rows

    if output is not None:
        return stack.enter_context(open_rows(output, columns=_COLUMNS))
    if as_json or not on_terminal():
        return json_lines()
    shown = console()
    return lambda row: shown.print(_line(row))


def _line(row: Mapping[str, Any]) -> str:
    meant = f"{row['occupation']} ({row['isco']}, {row['probability']:.2f})" if row["occupation"] else "no occupation"
    return plain(f"{row['raw']} → {row['title'] or 'no title'} · {row['seniority'] or '–'} · {meant}")
