"""`metier evaluate titles | title-neighbours`."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli.terminal import console, note, on_terminal, progress

if TYPE_CHECKING:
    from metier.pipelines.title_evaluation import PairSource
    from metier.pipelines.title_systems import SystemName

_SYSTEM_HELP = "NAME=KIND:FOLDER; repeat it to compare. Kinds: job2vec, word-sum (of a job2vec folder), bi-encoder"
_SHOWN = ("accuracy@1", "accuracy@5", "accuracy@10", "bleu_1@1", "bleu_1@10", "bleu_4@10", "any_title@10")

Data = Annotated[Path, typer.Option(help="A folder that holds postings/*.jsonl, packed or not.")]
Esco = Annotated[
    Path | None, typer.Option(help="An ESCO release folder: adds the pairs of its occupations. As in the training.")
]
Language = Annotated[
    list[str] | None,
    typer.Option(help="Repeat it for more; all those of the training, or the split is another. By default en."),
]
Threads = Annotated[int, typer.Option(min=1, help="Processors that a system may use, where it can choose.")]
Seed = Annotated[int, typer.Option(help="Of the intervals, and of what is random.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Also write the figures to this file, with what made them.")
]


class Split(StrEnum):
    """What may be evaluated on."""

    DEV = "dev"
    TEST = "test"


def titles(
    data: Data,
    system: Annotated[
        list[str],
        typer.Option(help=f"{_SYSTEM_HELP}, sequence, sequence-restricted; tf-idf and random need no folder."),
    ],
    esco: Esco = None,
    split: Split = Split.TEST,
    language: Language = None,
    threads: Threads = 1,
    seed: Seed = 0,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Measure the prediction of titles from descriptions, masked and not, by one system or several.

    Every system chooses among the titles of the split. The first is compared with each of the others.

    For example:

    `metier evaluate titles --data data/ --system joaps=job2vec:runs/titles --system tf-idf --system random`

    `metier evaluate titles --data data/ --esco esco/ --language en --language fr --split dev
    --system joaps=job2vec:runs/titles --system seq=sequence:runs/title-sequence --json -o results/titles.json`
    """
    from metier.data.files_out import check_writable
    from metier.evaluation.titles import pairs_sha256
    from metier.pipelines.title_evaluation import PairSource, evaluate_title_systems
    from metier.pipelines.title_systems import parse_system

    systems = [parse_system(text) for text in system]
    if output is not None:
        check_writable(output)
    source = PairSource(data=data, languages=language or ["en"], esco=esco)
    with progress("descriptions", shown=True) as advance:
        comparison, pairs = evaluate_title_systems(
            systems, source, split=split.value, seed=seed, threads=threads, progress=advance
        )
    figures = {"split": split.value, "threads": threads, **comparison.to_dict()}
    _write(output, figures, systems, source=source, data_sha256=pairs_sha256(pairs), seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show_titles(figures)


def title_neighbours(
    titles: Annotated[Path, typer.Argument(help="CSV with vacancyTitle and conceptUri.")],
    system: Annotated[list[str], typer.Option(help=f"{_SYSTEM_HELP}.")],
    taxonomy: Annotated[str, typer.Option(help="The taxonomy of the occupations.")] = "esco",
    data: Annotated[
        Path | None, typer.Option(help="Leave out titles of its pairs; a folder as for `metier evaluate titles`.")
    ] = None,
    esco: Esco = None,
    language: Language = None,
    threads: Threads = 1,
    seed: Seed = 0,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Measure how often the nearest other title is of the same ISCO unit group and ESCO occupation.

    For example:

    `metier evaluate title-neighbours titles.csv --data data/ --system joaps=job2vec:runs/titles
    --system sum=word-sum:runs/titles`
    """
    from metier.evaluation.record import file_sha256
    from metier.pipelines.title_evaluation import PairSource, evaluate_title_neighbours
    from metier.pipelines.title_systems import parse_system
    from metier.taxonomy.taxonomy import Taxonomy

    systems = [parse_system(text) for text in system]
    source = PairSource(data=data, languages=language or ["en"], esco=esco) if data else None
    found = evaluate_title_neighbours(
        systems, titles, taxonomy=Taxonomy.load(taxonomy), unseen_in=source, seed=seed, threads=threads
    )
    figures = {"titles": titles.name, "systems": {name: agreement.to_dict() for name, agreement in found.items()}}
    _write(output, figures, systems, source=source, data_sha256=file_sha256(titles), seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show_neighbours(figures)


def _write(
    output: Path | None,
    figures: Mapping[str, Any],
    systems: Sequence["SystemName"],
    *,
    source: "PairSource | None",
    data_sha256: str,
    seed: int,
) -> None:
    if output is None:
        return
    from metier.evaluation.record import Record, source_commit, write_record
    from metier.pipelines.title_systems import system_version

    read = "postings" + (" and occupations" if source and source.esco else "")
    record = Record(
        command=" ".join(["metier", *sys.argv[1:]]),
        model="; ".join(map(system_version, systems)),
        data=f"{read} in {', '.join(source.languages)}" if source else str(figures["titles"]),
        data_sha256=data_sha256,
        seed=seed,
        metier=version("metier"),
        commit=source_commit(),
    )
    write_record(output, figures, record)
    note(f"wrote {output}")


def _show_titles(figures: Mapping[str, Any]) -> None:
    for setting in ("masked", "unmasked"):
        reports = {name: found[setting] for name, found in figures["systems"].items()}
        n_titles = next(iter(reports.values()))["n_titles"]
        rows = [
            [view, name, *_cells(report["views"][view])]
            for view in next(iter(reports.values()))["views"]
            if not view.startswith("source ")  # these are in the JSON
            for name, report in reports.items()
        ]
        columns = ["view", "system", "items", *_SHOWN, "abstained"]
        _show_table(columns, rows, title=f"{figures['split']}, title {setting}, among {n_titles:,} titles (%)")
    _show_times(figures)
    _show_differences(figures)


def _cells(of_view: Mapping[str, Any]) -> list[str]:
    return [f"{of_view['n_items']:,}", *(_percent(of_view[measure]) for measure in (*_SHOWN, "abstained"))]


def _show_times(figures: Mapping[str, Any]) -> None:
    rows = [
        [name, *(f"{1000 * found['unmasked'][f'{clock}seconds_per_prediction']:.2f}" for clock in ("", "processor_"))]
        for name, found in figures["systems"].items()
    ]
    _show_table(["system", "ms by the clock", "ms on one processor"], rows, title="time per prediction")


def _show_differences(figures: Mapping[str, Any]) -> None:
    first = next(iter(figures["systems"]))
    rows = [
        [
            setting,
            view,
            name,
            measure,
            _percent(found["difference"]),
            _range(found["interval"]),
            f"{found['p_value']:.3f}",
        ]
        for name, settings in figures["first_minus"].items()
        for setting, views in settings.items()
        for view, measures in views.items()
        for measure, found in measures.items()
    ]
    if rows:
        columns = ["title", "view", "system", "measure", "points", "95 % interval", "p"]
        _show_table(columns, rows, title=f"{first} minus the others")


def _show_neighbours(figures: Mapping[str, Any]) -> None:
    rows = [
        [
            name,
            f"{found['n_titles']:,}",
            *(text for kind in ("isco", "occupation") for text in _with_range(found, kind)),
            f"{found['n_unplaced']:,}",
        ]
        for name, found in figures["systems"].items()
    ]
    columns = ["system", "titles", "same ISCO group", "95 % interval", "same occupation", "95 % interval", "unknown"]
    _show_table(columns, rows, title=f"nearest other title, {figures['titles']} (%)")


def _with_range(found: Mapping[str, Any], kind: str) -> tuple[str, str]:
    return _percent(found[kind]), _range(found[f"{kind}_interval"])


def _show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str) -> None:
    from rich.table import Table

    table = Table(title=title)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console().print(table)


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _range(interval: Sequence[float]) -> str:
    return f"{_percent(interval[0])} to {_percent(interval[1])}"
