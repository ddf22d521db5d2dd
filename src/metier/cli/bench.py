"""`metier bench annotate | link | index`."""

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
    commands.command()(index)
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


def index(
    rows: Annotated[int, typer.Option(min=1000, help="People in the index.")] = 700_000,
    vectors: Annotated[
        Path | None, typer.Option(help="A .npy of real vectors; noised copies fill it up. By default they are drawn.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the index goes, and stays to be measured again; by default it goes.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="build, search, violations, memory, match, refresh or kill; repeat it. By default all."),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="What reads projects: sections, or a model's folder. By default texts cost nothing."),
    ] = None,
    filters: Annotated[int, typer.Option(min=1, help="Random filters that no hit may violate.")] = 10_000,
    queries: Annotated[int, typer.Option(min=10, help="Queries of each kind.")] = 200,
    kills: Annotated[int, typer.Option(min=1, help="How often a writer is killed.")] = 50,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures to this file, with what made them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
) -> None:
    """Measure the index of people: recall and speed against numpy, filters, refreshes, memory, killed writers.

    For example:

    `metier bench index --rows 20000 --only search`

    `metier bench index --vectors people.npy --encoder sections --folder bench.index -o results/index.json`
    """
    import tempfile

    from metier.pipelines.bench_index import PARTS, IndexBench, bench_index
    from metier.pipelines.build import build_document_encoder

    with tempfile.TemporaryDirectory() as temporary:
        bench = IndexBench(
            folder=folder or Path(temporary) / "index",
            n_rows=rows,
            vectors=vectors,
            n_queries=queries,
            n_filters=filters,
            n_kills=kills,
            seed=seed,
        )
        figures = bench_index(
            bench,
            only=only or PARTS,
            encoder=None if encoder is None else build_document_encoder(encoder),
            note=lambda message: print(message, file=sys.stderr),
        )
    if output is not None:
        _write(output, figures, vectors=vectors, encoder=encoder, seed=seed)
    _show_parts(figures, as_json=as_json)


def _write(output: Path, figures: Mapping[str, Any], *, vectors: Path | None, encoder: str | None, seed: int) -> None:
    from importlib.metadata import version

    from metier.evaluation.record import Record, make_record, source_commit, write_record

    command = " ".join(["metier", *sys.argv[1:]])
    model = encoder or "none"
    if vectors is not None:
        record = make_record(vectors, command=command, model=model, seed=seed)
    else:
        record = Record(
            command=command,
            model=model,
            data="drawn",
            data_sha256="",
            seed=seed,
            metier=version("metier"),
            commit=source_commit(),
        )
    write_record(output, figures, record)


def _show_parts(figures: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json or not sys.stdout.isatty():
        print(json.dumps(figures))
        return
    for part, measured in figures.items():
        print(f"{part}" if isinstance(measured, dict) else f"{part:<20} {measured}")
        for name, value in measured.items() if isinstance(measured, dict) else ():
            print(f"  {name:<18} {json.dumps(value)}")


def _show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json or not sys.stdout.isatty():
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<20} {value:,.2f}" if isinstance(value, float) else f"{name:<20} {value}")
