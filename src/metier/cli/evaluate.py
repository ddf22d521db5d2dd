"""`metier evaluate tagging | linking | linkers | titles | title-neighbours | occupations | groups | retrieval | …`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metier.cli import (
    evaluate_languages,
    evaluate_linkers,
    evaluate_occupations,
    evaluate_retrieval,
    evaluate_titles,
    groups,
)

if TYPE_CHECKING:
    from metier.pipelines.build import Linking
    from metier.protocols import Tagger

_AsJson = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Also write the figures to this file, with what made them."),
]
_Seed = Annotated[int, typer.Option(help="Of the bootstrap intervals.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    commands = typer.Typer(help="Measure a model on labelled data.", no_args_is_help=True)
    commands.command()(tagging)
    commands.command()(linking)
    commands.command()(evaluate_linkers.linkers)
    commands.command()(coordination)
    commands.command()(evaluate_titles.titles)
    commands.command()(evaluate_titles.title_neighbours)
    commands.command()(evaluate_occupations.occupations)
    commands.command()(evaluate_languages.languages)
    commands.command()(evaluate_retrieval.retrieval)
    commands.command()(evaluate_retrieval.upwork)
    commands.command("groups", epilog=groups.EVALUATE_NOTES)(groups.evaluate_groups)
    app.add_typer(commands, name="evaluate")


def tagging(
    data: Annotated[Path, typer.Option(help="A file in the form of SkillSpan, or a folder with a file per split.")],
    model: Annotated[str, typer.Option(help="A shipped tagger, or a folder.")] = "tagger-en",
    datastore: Annotated[Path | None, typer.Option(help="A datastore that was built for the tagger.")] = None,
    split: Annotated[str, typer.Option(help="Which file of the folder.")] = "test",
    data_set: Annotated[
        str | None, typer.Option(help="Whose heads to use, of a tagger that was trained on several data sets.")
    ] = None,
    merged: Annotated[bool, typer.Option("--merged", help="One layer without types: skill wins.")] = False,
    seed: _Seed = 0,
    output: _Output = None,
    as_json: _AsJson = False,
) -> None:
    """Measure a tagger: precision, recall and F1 over spans, with 95 % intervals; calibration.

    For example:

    `metier evaluate tagging --data skillspan/ --split dev`

    `metier evaluate tagging --model my-tagger --data test.jsonl --json -o results/my-tagger.json`
    """
    from metier.data.skillspan import find_split, merged_layers
    from metier.data.tagged_sets import read_tagged
    from metier.evaluation.tagging import evaluate_tagging

    path = find_split(data, split)
    sentences = [merged_layers(sentence) if merged else sentence for sentence in read_tagged(path)]
    tagger = load_tagger(model, data_set=data_set, datastore=datastore)
    figures = evaluate_tagging(tagger, sentences, seed=seed).to_dict()
    _write(output, figures, data=path, model=tagger.version, seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show_tagging(figures, title=f"{tagger.version} on {path.name}")


def linking(
    data: Annotated[Path, typer.Option(help="A CSV file: sentence, span, sub_span, label.")],
    model: Annotated[str, typer.Option(help="A shipped linker, or a folder.")] = "linker",
    taxonomy: Annotated[str, typer.Option(help="The taxonomy it links to: a shipped one, or a folder.")] = "esco",
    reranker: Annotated[str | None, typer.Option(help="Let this re-ranker order its best candidates.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Also draw risk against coverage and accuracy against k: .png or .svg.")
    ] = None,
    seed: _Seed = 0,
    output: _Output = None,
    as_json: _AsJson = False,
) -> None:
    """Measure a linker: over sentences and over mentions, with three views on mentions without a concept.

    For example:

    `metier evaluate linking --data tech_test_annotations.csv`

    `metier evaluate linking --model my-linker --data test.csv --json -o results/my-linker.json`

    `metier evaluate linking --data test.csv --plot risk.png`
    """
    from metier.data.linking_rows import read_linking
    from metier.evaluation.linking import evaluate_linking

    rows = read_linking(data)
    if plot is not None:
        from metier.evaluation.plots import check_picture

        check_picture(plot)
    links = load_linking(model, taxonomy=taxonomy, reranker=reranker)
    labels = [skill.label for skill in links.taxonomy.skills]
    report = evaluate_linking(links.linker, rows, labels=labels, seed=seed)
    figures, title = report.to_dict(), f"{links.linker.version} on {data.name}"
    _write(output, figures, data=data, model=links.linker.version, seed=seed)
    if plot is not None:
        from metier.evaluation.linking_plots import draw_linking
        from metier.evaluation.plots import save_figure

        save_figure(draw_linking(report, title=title), plot)
        print(f"wrote {plot}", file=sys.stderr)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show_linking(figures, title=title)


def coordination(
    cases: Annotated[Path, typer.Argument(help="JSON lines with split, text and the list skills.")],
    seed: _Seed = 0,
    output: _Output = None,
    as_json: _AsJson = False,
) -> None:
    """Measure how coordinated skills are taken apart: whole cases that are right, and F1 over parts.

    For example:

    `metier evaluate coordination cases.jsonl --json -o results/coordination.json`
    """
    from metier.data.coordination_cases import read_cases
    from metier.evaluation.coordination import evaluate_coordination, figures_to_dict
    from metier.tagging.coordination import split_coordinated

    figures = figures_to_dict(evaluate_coordination(split_coordinated, read_cases(cases), seed=seed))
    _write(output, figures, data=cases, model="rules of metier.tagging.coordination", seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show_coordination(figures, title=cases.name)


def on_terminal() -> bool:
    """Say whether a person reads the output; a seam for tests."""
    return sys.stdout.isatty()


def load_tagger(name: str, *, data_set: str | None = None, datastore: Path | None = None) -> "Tagger":
    """Load the tagger to measure; a seam for tests."""
    from metier.pipelines.build import build_tagger

    return build_tagger(name, data_set=data_set, datastore=datastore)


def load_linking(name: str, *, taxonomy: str, reranker: str | None = None) -> "Linking":
    """Load the linker to measure and its taxonomy; a seam for tests."""
    from metier.pipelines.build import build_linking

    return build_linking(linker=name, taxonomy=taxonomy, reranker=reranker)


def _write(output: Path | None, figures: Mapping[str, Any], *, data: Path, model: str, seed: int) -> None:
    if output is None:
        return
    from metier.evaluation.record import make_record, write_record

    command = " ".join(["metier", *sys.argv[1:]])
    write_record(output, figures, make_record(data, command=command, model=model, seed=seed))
    print(f"wrote {output}", file=sys.stderr)


def _show_tagging(figures: Mapping[str, Any], *, title: str) -> None:
    rows = [
        [
            name,
            *(_percent(figures[name][measure]) for measure in ("precision", "recall", "f1")),
            _range(figures[name]["interval"]),
            _percent(figures["lenient"][name]["f1"]),
            _percent(figures["seqeval_default"][name]["f1"]),
        ]
        for name in figures["lenient"]
    ]
    columns = ["layer", "precision", "recall", "F1", "95 % interval", "lenient F1", "seqeval F1"]
    _print_table(columns, rows, title=title)
    print(f"{figures['n_sentences']:,} sentences; expected calibration error {figures['ece']:.3f}")


def _show_linking(figures: Mapping[str, Any], *, title: str) -> None:
    _print_table(["sentences", "measure", "%", "95 % interval"], _view_rows(figures["sentence"]), title=title)
    mention = figures["mention"]
    rows = [[view, *row] for view in ("all", "linkable", "nil", "multi_gold") for row in _view_rows(mention[view])]
    _print_table(["view", "mentions", "measure", "%", "95 % interval"], rows, title=title)
    nil = " ".join(f"{measure} {_percent(mention['nil'][measure])}" for measure in ("precision", "recall", "f1"))
    print(f"abstention: {nil}; expected calibration error {mention['ece']:.3f}")
    kept = mention["abstention"]
    links = " ".join(f"{measure} {_percent(kept['links'][measure])}" for measure in ("precision", "recall", "f1"))
    print(f"links given: {links}, coverage {_percent(kept['coverage'])}; area under risk-coverage {kept['aurc']:.3f}")
    for label in figures["unknown_labels"]:
        print(f"note: no concept is called '{label}'; its rows count as wrong.", file=sys.stderr)


def _show_coordination(figures: Mapping[str, Any], *, title: str) -> None:
    rows = [
        [
            name,
            f"{some['n_cases']:,}",
            _percent(some["exact"]),
            _range(some["exact_interval"]),
            *(_percent(some["parts"][measure]) for measure in ("precision", "recall", "f1")),
            _percent(some["split_wrongly"]),
        ]
        for name, some in figures.items()
    ]
    columns = ["split", "cases", "exact", "95 % interval", "precision", "recall", "F1", "split wrongly"]
    _print_table(columns, rows, title=title)


def _view_rows(view: Mapping[str, Any]) -> list[list[str]]:
    return [
        [f"{view['n']:,}", name, _percent(view[name]), _range(interval)] for name, interval in view["intervals"].items()
    ]


def _print_table(columns: list[str], rows: list[list[str]], *, title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _range(interval: list[float]) -> str:
    return f"{_percent(interval[0])}–{_percent(interval[1])}"
