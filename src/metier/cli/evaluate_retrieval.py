"""`metier evaluate retrieval | upwork`."""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.terminal import console, note, on_terminal, progress

if TYPE_CHECKING:
    from metier.evaluation.retrieval_comparison import RetrievalComparison

_KINDS = (
    "Kinds: retriever, projection, fine-tuned and hybrid (of a retriever and BM25), each with its folder; sections, "
    "whole-document and hybrid also with an encoder or nothing; bm25, tf-idf, skill-overlap, random."
)

System = Annotated[list[str], typer.Option(help=f"NAME=KIND:FOLDER; repeat it to compare. {_KINDS}")]
Baseline = Annotated[
    str, typer.Option(help="The name of the system that the others are measured against; BM25 if left out.")
]
Threads = Annotated[int, typer.Option(min=1, help="Processors that an encoder uses.")]
Seed = Annotated[int, typer.Option(help="Of the intervals, of ties, and of what is random.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Also write the figures to this file, with what made them.")
]
Plot = Annotated[Path | None, typer.Option(help="A folder for pictures; needs the extra plots.")]


def retrieval(
    data: Annotated[
        list[Path], typer.Option(help="The folder of a market; repeat it for more, such as other seeds of one.")
    ],
    system: System,
    baseline: Baseline = "",
    fits_from: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="A profile fits from this true match on: what recall and MRR count.")
    ] = 0.7,
    cache: Annotated[
        Path | None, typer.Option(help="A folder where retrievers keep what their encoder read, as in training.")
    ] = None,
    threads: Threads = 1,
    seed: Seed = 0,
    plot: Plot = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well systems find people for projects, by feedback, attributes and the truth.

    Every system compares all test projects with everybody as of the test's first day; a random one is always among
    them. In folders, {market} and {seed} stand for the name and the seed of the market.

    For example:

    `metier evaluate retrieval --data market/ --system ours=retriever:runs/retriever --system bm25 --system sections`

    `metier evaluate retrieval --data m1/ --data m2/ --system 'ours=retriever:runs/retriever-{seed}' --system bm25
    --baseline bm25 --plot pictures/ --json -o results/retrieval.json`
    """
    from metier.pipelines.matching_systems import parse_matching_system
    from metier.pipelines.retrieval_evaluation import RetrievalSettings, evaluate_markets, market_sha256

    systems = [parse_matching_system(text) for text in system]
    _check_places(output, plot)
    settings = RetrievalSettings(baseline=baseline, fits_from=fits_from, seed=seed, threads=threads, cache=cache)
    with progress("projects", shown=True) as advance:
        comparison, markets = evaluate_markets(systems, data, settings=settings, progress=advance)
    figures = {"markets": markets, **comparison.to_dict()}
    hashes = ", ".join(map(market_sha256, data))
    models = [model for market in markets for model in market["models"]]
    _write(
        output, figures, data=", ".join(folder.name for folder in data), data_sha256=hashes, models=models, seed=seed
    )
    _draw(plot, comparison, subject=", ".join(folder.name for folder in data))
    _show(figures, as_json=as_json)


def upwork(
    data: Annotated[
        Path,
        typer.Option(help="A folder with upwork_projects_en.jsonl and freelancer_profiles_en.jsonl, packed or not."),
    ],
    system: Annotated[
        list[str] | None, typer.Option(help="NAME=KIND:FOLDER; repeat it. All that need no training, if left out.")
    ] = None,
    baseline: Baseline = "",
    fits_from: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="A profile fits from this share of the project's tags on.")
    ] = 0.5,
    threads: Threads = 1,
    seed: Seed = 0,
    plot: Plot = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Measure systems on real texts: Upwork projects against freelancer profiles.

    The texts are titles and biographies without their skill tags. Shared tags stand in for the truth, which is weak:
    it orders systems, and says little of how good one is.

    For example:

    `metier evaluate upwork --data freelance/ --system ours=retriever:runs/retriever --system bm25`
    """
    from metier.pipelines.freelance_evaluation import UNTRAINED, evaluate_freelance, freelance_sha256
    from metier.pipelines.matching_systems import parse_matching_system
    from metier.pipelines.retrieval_evaluation import RetrievalSettings

    systems = [parse_matching_system(text) for text in system] if system else list(UNTRAINED)
    _check_places(output, plot)
    settings = RetrievalSettings(baseline=baseline, fits_from=fits_from, seed=seed, threads=threads)
    with progress("projects", shown=True) as advance:
        comparison, found = evaluate_freelance(systems, data, settings=settings, progress=advance)
    figures = {"truth": "weak: shared skill tags", "data": found, **comparison.to_dict()}
    versions = [one.version for one in systems]
    _write(output, figures, data=data.name, data_sha256=freelance_sha256(data), models=versions, seed=seed)
    _draw(plot, comparison, subject=f"{data.name}, weak truth")
    note("the truth is weak: shared skill tags")
    _show(figures, as_json=as_json)


def _check_places(output: Path | None, plot: Path | None) -> None:
    """Check before the work that its results can be written."""
    from metier.data.files_out import check_writable

    if output is not None:
        check_writable(output)
    if plot is not None:
        from metier.evaluation.plots import check_picture

        check_picture(plot / "systems.png")


def _write(
    output: Path | None, figures: Mapping[str, Any], *, data: str, data_sha256: str, models: Sequence[str], seed: int
) -> None:
    if output is None:
        return
    from metier.evaluation.record import Record, source_commit, write_record

    record = Record(
        command=" ".join(["metier", *sys.argv[1:]]),
        model="; ".join(dict.fromkeys(models)),
        data=data,
        data_sha256=data_sha256,
        seed=seed,
        metier=version("metier"),
        commit=source_commit(),
    )
    write_record(output, figures, record)
    note(f"wrote {output}")


def _draw(folder: Path | None, comparison: "RetrievalComparison", *, subject: str) -> None:
    if folder is None:
        return
    from metier.evaluation.plots import save_figure
    from metier.evaluation.retrieval_plots import draw_retrieval

    for name, figure in draw_retrieval(comparison, subject=subject).items():
        save_figure(figure, folder / f"{name}.png")
        note(f"wrote {folder / f'{name}.png'}")


def _show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
        return
    from rich.table import Table

    from metier.cli.retrieval_view import retrieval_views

    for view in retrieval_views(figures):
        table = Table(title=view.title)
        for position, column in enumerate(view.columns):
            table.add_column(column, justify="left" if position == 0 else "right", overflow="fold")
        for row in view.rows:
            table.add_row(*row)
        console().print(table)
