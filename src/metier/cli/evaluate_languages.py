"""`metier evaluate languages`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from metier.cli.evaluate_titles import AsJson, Output, Seed, Split, Threads
from metier.cli.terminal import console, note, on_terminal
from metier.errors import ConfigError


def languages(
    esco: Annotated[Path, typer.Option(help="An ESCO release folder that holds other languages.")],
    encoder: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER, or a shipped encoder's name; repeat it to compare.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only these languages; repeat it. By default all.")] = None,
    split: Split = Split.TEST,
    threads: Threads = 2,
    seed: Seed = 0,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Measure how often the label of a concept in another language finds the concept among all English ones.

    Only concepts are asked for whose other languages the shipped encoder was not trained on.

    For example:

    `metier evaluate languages --esco esco/ --language fr --language fi`

    `metier evaluate languages --esco esco/ --encoder ours=encoder-multilingual --encoder mine=my-encoder/ --json`
    """
    from metier.data.files_out import check_writable
    from metier.pipelines.languages import evaluate_encoders

    encoders = dict(_named(text) for text in encoder or ["encoder-multilingual"])
    if output is not None:
        check_writable(output)
    figures = evaluate_encoders(encoders, esco, languages=language or (), split=split.value, threads=threads, seed=seed)
    if output is not None:
        _write(output, {"split": split.value, **figures}, esco, encoders, seed=seed)
    if as_json or not on_terminal():
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def _named(text: str) -> tuple[str, str]:
    name, _, folder = text.partition("=")
    if not name or text.endswith("="):
        raise ConfigError(f"--encoder is '{text}'; expected NAME=FOLDER, or a shipped encoder's name.")
    return name, folder or name


def _write(output: Path, figures: Mapping[str, Any], esco: Path, encoders: Mapping[str, str], *, seed: int) -> None:
    from metier.evaluation.record import make_record, write_record

    command = " ".join(["metier", *sys.argv[1:]])
    labels = next(iter(sorted(esco.glob("skills_*.csv*"))))
    write_record(output, figures, make_record(labels, command=command, model="; ".join(encoders.values()), seed=seed))
    note(f"wrote {output}")


def _show(figures: Mapping[str, Any]) -> None:
    from rich.table import Table

    for family, systems in figures.items():
        names = list(systems)
        table = Table(
            "language", "labels", *(f"{name}, Acc@1 %" for name in names), title=f"{family}: label to concept"
        )
        first = systems[names[0]]["languages"]
        for language, figure in first.items():
            cells = [f"{100 * systems[name]['languages'][language]['acc@1']:.1f}" for name in names]
            table.add_row(language, f"{figure['n']:,}", *cells)
        table.add_row("mean", "", *(f"{100 * systems[name]['mean'].get('acc@1', 0):.1f}" for name in names))
        console().print(table)
