"""`metier agreement`."""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from metier.errors import ConfigError

_NOTES = """
Fleiss' kappa and Krippendorff's alpha compare the tags of words (B, I, O), and whether a word is inside a span at all.
F1 compares spans: strict, the very same words; loose, a word in common.

Examples:

`metier agreement anna.jsonl ben.jsonl`

`metier agreement anna.json ben.json carla.json --label-map Tool=knowledge --json`
"""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog=_NOTES)(agreement)


def agreement(
    files: Annotated[list[Path], typer.Argument(help="One file or BRAT folder per annotator, of the same texts.")],
    label_map: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW renames a label, OLD= leaves its spans out; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")] = False,
) -> None:
    """Measure how far annotators agree, in any format that `metier convert` reads."""
    from metier.cli.convert import parse_labels
    from metier.cli.terminal import json_lines, on_terminal
    from metier.data.annotation_formats import read_for_agreement
    from metier.evaluation.agreement import agreement_to_dict, measure_agreement

    if len(files) < 2:
        raise ConfigError(f"Agreement takes two annotators at least, got {len(files)} file; give one file for each.")
    labels = parse_labels(label_map or [])
    annotated = {}
    for name, path in _names(files).items():
        tell = partial(_tell, name)
        annotated[name] = read_for_agreement(path, labels=labels, tell=tell)
    figures = agreement_to_dict(measure_agreement(annotated))
    if as_json or not on_terminal():
        json_lines()(figures)
    else:
        _show(figures)


def _tell(name: str, message: str) -> None:
    from metier.cli.terminal import note

    note(f"note: {name}: {message}")


def _names(files: list[Path]) -> dict[str, Path]:
    """Call each annotator by the name of the file, or by the whole path where two are called the same."""
    seen = Counter(path.name for path in files)
    names = {path.name if seen[path.name] == 1 else str(path): path for path in files}
    if len(names) < len(files):
        raise ConfigError("A file was given twice; give one file for each annotator.")
    return names


def _show(figures: Mapping[str, Any]) -> None:
    from rich.table import Table

    from metier.cli.terminal import console

    words = Table("layer", "words", "compared", "Fleiss' kappa", "Krippendorff's alpha", title="words")
    spans = Table("layer", "annotators", "spans", "strict F1", "loose F1", title="spans")
    for name, layer in figures.items():
        for kind, shown in (("tags", "B, I, O"), ("inside", "inside or outside")):
            values = (layer[kind]["fleiss_kappa"], layer[kind]["krippendorff_alpha"])
            words.add_row(name, f"{layer['n_words']:,}", shown, *map(_cell, values))
        for pair in layer["pairs"]:
            n_spans = " / ".join(f"{n:,}" for n in pair["n_spans"])
            spans.add_row(
                name, " / ".join(pair["annotators"]), n_spans, _cell(pair["strict_f1"]), _cell(pair["loose_f1"])
            )
        spans.add_row(name, "mean", "", _cell(layer["mean_strict_f1"]), _cell(layer["mean_loose_f1"]))
    console().print(words, spans)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
