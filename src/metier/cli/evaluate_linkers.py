"""`metier evaluate linkers`."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.evaluate_titles import AsJson, Output, Seed, Threads
from metier.cli.linkers_view import comparison_tables, markdown
from metier.cli.terminal import console, note, on_terminal, progress
from metier.errors import ConfigError

if TYPE_CHECKING:
    from metier.evaluation.linker_comparison import LinkerComparison

_LINKER_HELP = (
    "NAME=MODEL, NAME=MODEL+RERANKER, or a baseline: lexical, exact, bi-encoder:MODEL; repeat it to compare. "
    "MODEL@TAXONOMY: with an index of its own."
)


def linkers(
    data_set: Annotated[
        list[str], typer.Option("--set", help="NAME=FILE, a CSV file: sentence, span, sub_span, label; repeat it.")
    ],
    linker: Annotated[list[str], typer.Option(help=_LINKER_HELP)],
    taxonomy: Annotated[str, typer.Option(help="The taxonomy they link to: a shipped one, or a folder.")] = "esco",
    threads: Threads = 2,
    seed: Seed = 0,
    plots: Annotated[
        Path | None, typer.Option(help="A folder for linkers-accuracy.png and linkers-risk.png; it must exist.")
    ] = None,
    output: Output = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Tables for a Markdown page.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare linkers on the same sets: figures with intervals, abstention, speed, memory, size; the first with each.

    Each linker runs in a process of its own. Where there are several sets, their rows together are the set `pooled`.

    For example:

    `metier evaluate linkers --set tech=tech.csv --set house=house.csv --linker linker --linker lexical`

    `metier evaluate linkers --set test=test.csv --linker shipped=linker --linker reranked=linker+runs/reranker
    --linker other=runs/linker@runs/esco --plots . --json -o linkers.json`
    """
    from metier.data.files_out import check_writable
    from metier.pipelines.linker_comparison import compare_on_sets
    from metier.pipelines.linker_systems import parse_linker

    systems = [parse_linker(text) for text in linker]
    sets = _named(data_set)
    if output is not None:
        check_writable(output)
    if plots is not None:
        from metier.evaluation.plots import check_picture

        check_picture(plots / "linkers-accuracy.png")
    with progress("linkers", shown=True) as advance:
        comparison = compare_on_sets(systems, sets, taxonomy=taxonomy, threads=threads, seed=seed, progress=advance)
    figures = {"sets": {name: path.name for name, path in sets.items()}, "threads": threads, **comparison.to_dict()}
    if output is not None:
        _write(output, figures, sets, seed=seed)
    if plots is not None:
        _draw(plots, comparison, subject=" and ".join(path.name for path in sets.values()))
    if as_markdown:
        print(markdown(comparison_tables(figures)))
    elif as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def _named(options: Sequence[str]) -> dict[str, Path]:
    pairs = [value.partition("=") for value in options]
    if any(not (name and path) for name, _, path in pairs) or len({name for name, _, _ in pairs}) < len(pairs):
        raise ConfigError(f"Got --set {', '.join(options)}; expected NAME=FILE, each name once.")
    return {name: Path(path) for name, _, path in pairs}


def _write(output: Path, figures: Mapping[str, Any], sets: Mapping[str, Path], *, seed: int) -> None:
    from dataclasses import replace

    from metier.evaluation.record import file_sha256, make_record, write_record

    first = next(iter(sets.values()))
    versions = "; ".join(f"{name}={found['version']}" for name, found in figures["linkers"].items())
    record = make_record(first, command=" ".join(["metier", *sys.argv[1:]]), model=versions, seed=seed)
    names = ", ".join(path.name for path in sets.values())
    write_record(output, figures, replace(record, data=names, data_sha256=", ".join(map(file_sha256, sets.values()))))
    note(f"wrote {output}")


def _draw(folder: Path, comparison: "LinkerComparison", *, subject: str) -> None:
    from metier.evaluation.linking_plots import draw_accuracy, draw_risk
    from metier.evaluation.plots import save_figure

    reports = comparison.widest
    figures = {
        "linkers-accuracy.png": draw_accuracy(reports, title=f"Accuracy against k, all rows\n{subject}"),
        "linkers-risk.png": draw_risk(reports, title=f"Risk against coverage\n{subject}"),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / name)
        note(f"wrote {folder / name}")


def _show(figures: Mapping[str, Any]) -> None:
    from rich.table import Table

    for found in comparison_tables(figures):
        table = Table(title=found.title)
        for position, column in enumerate(found.columns):
            table.add_column(column, justify="left" if position < found.n_names else "right", overflow="fold")
        for row in found.rows:
            table.add_row(*row)
        console().print(table)
