"""`metier match audit`."""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from metier.cli.terminal import console, note, on_terminal, plain
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.pipelines.audit_task import AuditTask

_FEW: Final = 30  # projects: fewer say little of others


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("audit")(audit)


def audit(
    data: Annotated[Path | None, typer.Option(help="The folder of a market: its test projects and people.")] = None,
    profiles: Annotated[
        Path | None, typer.Option(help="People, instead of a market: .jsonl, .csv, .parquet, .json.")
    ] = None,
    projects: Annotated[
        Path | None, typer.Option(help="The work that they are wanted for: .jsonl, .csv, .parquet, .json.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="What reads the texts: sections (the shipped encoder), or a model's folder.")
    ] = "sections",
    by: Annotated[
        list[str] | None,
        typer.Option(help="Exposure by this: language, country, category or a column of --attributes; repeat it."),
    ] = None,
    attributes: Annotated[
        Path | None, typer.Option(help="More attributes of people: a .csv with profile_id and a column for each.")
    ] = None,
    k: Annotated[int, typer.Option("-k", "--matches", min=1, help="People whom a reader sees for each project.")] = 10,
    people: Annotated[int, typer.Option(min=1, help="People whose texts are changed, drawn by chance.")] = 300,
    fits_from: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Somebody qualifies from this true match on, if it is known.")
    ] = 0.7,
    seed: Annotated[int, typer.Option(help="Of what is drawn and of the intervals.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Processors that the encoder uses.")] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures to this .json, with what made them.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
) -> None:
    """Look for bias in matching: what a name, a gender, an origin or an age changes, and who is seen.

    Cues are put into people's texts or swapped, and the change of cosine, rank and place among the first is set
    against that of neutral words. Exposure is set against the shares of groups. Two remedies are tried, with their
    costs. This finds some biases and never shows that there are none.

    For example:

    `metier match audit --data market/ --encoder runs/retriever --by language -o audit.json --html audit.html`

    `metier match audit --profiles people.jsonl --projects work.jsonl --attributes people.csv --by gender`
    """
    from metier.pipelines.audit import AuditSettings, audit_matching
    from metier.pipelines.build import build_document_encoder

    _check(data, profiles, projects, outputs=(output, html))
    task = _read(data, profiles, projects, by=by or [], attributes=attributes, fits_from=fits_from)
    if len(task.projects) < _FEW:
        note(f"note: with fewer than {_FEW} projects, intervals and p-values say little.")
    note(f"projects: {len(task.projects):,}, people: {len(task.profiles):,}")
    reader = build_document_encoder(encoder, threads=threads)
    found = audit_matching(task, encoder=reader, settings=AuditSettings(k=k, n_people=people, seed=seed))
    figures = found.to_dict()
    if output is not None:
        files = [path for path in (profiles, projects, attributes) if path is not None]
        _write(output, figures, data=data, files=files, model=found.encoder, seed=seed)
    if html is not None:
        from metier.pipelines.audit_page import write_audit

        write_audit(html, figures)
        note(f"wrote {html}")
    _show(figures, as_json=as_json)


def _check(
    data: Path | None, profiles: Path | None, projects: Path | None, *, outputs: tuple[Path | None, Path | None]
) -> None:
    from metier.data.files_out import check_writable

    if (data is None) == (profiles is None):
        given = "Neither --data nor --profiles was given" if data is None else "Both --data and --profiles were given"
        raise ConfigError(f"{given}; give --data MARKET, or --profiles FILE and --projects FILE.")
    if (profiles is None) != (projects is None):
        raise ConfigError("--profiles and --projects go together; a market of --data has its own projects.")
    written = [path for path in outputs if path is not None]
    read = [path.resolve() for path in (profiles, projects) if path is not None]
    for path in written:
        check_writable(path)
        if path.resolve() in read:
            raise ConfigError(f"{path} is read and written by the same command; give another name.")
    if len({path.resolve() for path in written}) < len(written):
        raise ConfigError(f"{written[0]} is to be two files; give --html another name.")


def _read(
    data: Path | None,
    profiles: Path | None,
    projects: Path | None,
    *,
    by: list[str],
    attributes: Path | None,
    fits_from: float,
) -> "AuditTask":
    from metier.pipelines.audit_task import files_audit, market_audit

    if profiles is not None and projects is not None:
        return files_audit(profiles, projects, by=by, attributes=attributes)
    return market_audit(data or Path(), by=by, attributes=attributes, fits_from=fits_from)


def _write(
    output: Path, figures: Mapping[str, Any], *, data: Path | None, files: list[Path], model: str, seed: int
) -> None:
    from metier.evaluation.record import Record, source_commit, write_record
    from metier.pipelines.retrieval_evaluation import files_sha256, market_sha256

    record = Record(
        command=" ".join(["metier", *sys.argv[1:]]),
        model=model,
        data=", ".join(path.name for path in filter(None, (data, *files))),
        data_sha256=", ".join([*([market_sha256(data)] if data else []), *([files_sha256(files)] if files else [])]),
        seed=seed,
        metier=version("metier"),
        commit=source_commit(),
    )
    write_record(output, figures, record)
    note(f"wrote {output}")


def _show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
        return
    from rich.table import Table

    from metier.cli.audit_view import audit_views

    for view in audit_views(figures):
        table = Table(title=plain(view.title), title_justify="left", caption=view.caption, caption_justify="left")
        for position, column in enumerate(view.columns):
            table.add_column(plain(column), justify="left" if position == 0 else "right", overflow="fold")
        for row in view.rows:
            table.add_row(*map(plain, row))
        console().print(table)
