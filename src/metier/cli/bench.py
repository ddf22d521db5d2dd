"""`metier bench annotate`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Measure speed and memory on this machine.", no_args_is_help=True)
    commands.callback()(_hold)
    commands.command()(annotate)
    app.add_typer(commands, name="bench")


def annotate(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders of postings; by default the examples.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Processors that annotate may use.")] = 2,
    least: Annotated[int, typer.Option(min=1, help="Postings at least; fewer are repeated.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
) -> None:
    """Time annotate, and where torch is installed its encoder in torch fp32 over the same text.

    For example:

    `metier bench annotate`

    `metier bench annotate postings.jsonl --threads 4 --json`
    """
    from metier.pipelines.bench import bench_annotate

    print("measuring; this takes a minute or two", file=sys.stderr)
    figures = bench_annotate(paths or [], threads=threads, least=least).to_dict()
    if as_json or not sys.stdout.isatty():
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<20} {value:,.2f}" if isinstance(value, float) else f"{name:<20} {value}")


def _hold() -> None:
    """Keep `annotate` a sub-command although it is the only one."""
