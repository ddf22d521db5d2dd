"""`metier bench annotate | link`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Measure speed and memory on this machine.", no_args_is_help=True)
    commands.command()(annotate)
    commands.command()(link)
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
    _show(figures, as_json=as_json)


def link(
    path: Annotated[
        Path | None, typer.Argument(help="A text with one mention per line; by default the labels of the taxonomy.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The linker's encoder as transformers loads it, to be compared with.")
    ] = None,
    linker: Annotated[str, typer.Option(help="A shipped linker, or a folder.")] = "linker",
    taxonomy: Annotated[str, typer.Option(help="A shipped taxonomy, or a folder.")] = "esco",
    threads: Annotated[int, typer.Option(min=1, help="Processors that the linker may use.")] = 2,
    limit: Annotated[int, typer.Option(min=1, help="Different mentions at most, drawn at random.")] = 10_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed; the median counts.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
) -> None:
    """Time linking, and where weights are given the same bi-encoder in torch fp32 with the same exact search.

    For example:

    `metier bench link`

    `metier bench link skills.txt --weights runs/linker/weights --json`
    """
    from metier.pipelines.bench_link import Model, bench_link

    print("measuring; this takes a minute or two", file=sys.stderr)
    report = bench_link(
        path,
        weights=weights,
        model=Model(linker, taxonomy),
        threads=threads,
        limit=limit,
        n_rounds=rounds,
        seed=seed,
    )
    _show(report.to_dict(), as_json=as_json)


def _show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json or not sys.stdout.isatty():
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<20} {value:,.2f}" if isinstance(value, float) else f"{name:<20} {value}")
