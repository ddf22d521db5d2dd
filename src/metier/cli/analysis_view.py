"""Analyses of taggers as tables on a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from metier.cli.terminal import console, plain

if TYPE_CHECKING:
    from rich.table import Table

_TABLES: Final = (  # analysis, table of it, what its bins are
    ("lengths", "by_length", "words"),
    ("frequency", "by_frequency", "times in training"),
    ("sources", "by_source", "source"),
    ("seen", "by_string", "string in training"),
    ("seen", "by_sentence", "sentence in training"),
)


def show_analysis(analysis: Mapping[str, Mapping[str, Any]], *, title: str) -> None:
    """Print what `analyse_tagging` found: F1 with its interval and the number of gold spans, a table per analysis.

    Args:
        analysis: What it gave.
        title: Data set, split and model version.
    """
    screen = console()
    screen.print(plain(title))
    for name, key, label in _TABLES:
        if name in analysis:
            screen.print(_breakdown(analysis[name][key], label=label))
    screen.print(_tally(analysis["errors"]["predictions"], label="predictions"))
    screen.print(_tally(analysis["errors"]["gold"], label="gold spans"))
    for layer, words in analysis["lengths"]["words"].items():
        screen.print(f"{layer}: {words['mean_gold']:.2f} words per gold span, {words['mean_predicted']:.2f} predicted")


def show_comparison(layers: Mapping[str, Mapping[str, Any]], *, title: str) -> None:
    """Print two sides, their difference and the tests, a row per layer.

    Args:
        layers: By layer, what `LayerComparison.to_dict` gives.
        title: Both versions and the file.
    """
    table = _table("layer", "first F1", "second F1", "difference", "95 % interval", "p", "ASO bound", title=title)
    for layer, figures in layers.items():
        order = figures["stochastic_order"]
        table.add_row(
            layer,
            *(_percent(sum(figures[side]) / len(figures[side])) for side in ("first", "second")),
            f"{100 * figures['difference']:+.1f}",
            _range(figures["interval"]),
            f"{figures['p_value']:.3f}",
            f"{order['bound']:.2f}" if order else "",
        )
    console().print(table)


def show_cross(figures: Sequence[Mapping[str, Any]], *, gains: Mapping[str, float], title: str) -> None:
    """Print F1 by what the tagger was trained on and the target, a column per store.

    Args:
        figures: `trained_on`, `target`, `store`, `f1` of each.
        gains: By store, the mean gain between different data sets.
        title: Over the table.
    """
    stores = list(dict.fromkeys(one["store"] for one in figures))
    table = _table("trained on", "target", *stores, title=title)
    rows: dict[tuple[str, str], list[str]] = {}
    for one in figures:
        rows.setdefault((one["trained_on"], one["target"]), []).append(_percent(one["f1"]))
    for pair, cells in rows.items():
        table.add_row(*pair, *cells)
    console().print(table)
    for store, gain in gains.items():
        console().print(f"{store}: {100 * gain:+.1f} on average between different data sets")


def _breakdown(layers: Mapping[str, Sequence[Mapping[str, Any]]], *, label: str) -> "Table":
    table = _table(label, *(column for layer in layers for column in (f"{layer} F1", "95 %", "gold")))
    for bins in zip(*layers.values(), strict=True):
        cells = [
            cell
            for figures in bins
            for cell in (_percent(figures["f1"]), _range(figures["interval"]), f"{figures['n_gold']:,}")
        ]
        table.add_row(bins[0]["bin"], *cells)
    return table


def _tally(layers: Mapping[str, Mapping[str, int]], *, label: str) -> "Table":
    kinds = list(next(iter(layers.values()), {}))
    table = _table(label, *(kind.replace("_", " ") for kind in kinds))
    for layer, counts in layers.items():
        table.add_row(layer, *(f"{counts[kind]:,}" for kind in kinds))
    return table


def _table(*columns: str, title: str | None = None) -> "Table":
    from rich.table import Table

    table = Table(title=title and plain(title))
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right", no_wrap=True)
    return table


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _range(interval: Sequence[float]) -> str:
    return f"{_percent(interval[0])}–{_percent(interval[1])}"
