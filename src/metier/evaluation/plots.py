"""Pictures of the analyses, for a paper: PNG or SVG, by matplotlib (extra `plots`).

The colours are those of Okabe and Ito (2008), which readers who are colour-blind can tell apart; layers also differ in
their markers. Figures are made without pyplot, so that nothing global changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, Literal

from metier.data.files_out import check_writable, written_whole
from metier.errors import ConfigError, MissingExtra
from metier.evaluation.boundaries import PREDICTED_KINDS
from metier.evaluation.breakdowns import LENGTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS: Final = {"skill": "#0072B2", "knowledge": "#D55E00"}
_MARKERS: Final = {"skill": "o", "knowledge": "s"}
_STORE_STYLES: Final = (("#000000", "o"), ("#56B4E9", "s"), ("#D55E00", "D"), ("#009E73", "^"))
_KIND_COLOURS: Final = ("#009E73", "#56B4E9", "#0072B2", "#CC79A7", "#F0E442", "#BBBBBB")  # of PREDICTED_KINDS
_AXES: Final = {  # analysis -> its tables and what to write below their bins
    "lengths": {"by_length": "words in the span"},
    "frequency": {"by_frequency": "times the string is a gold span in training"},
    "sources": {"by_source": "source of the posting"},
    "seen": {"by_string": "string in training", "by_sentence": "sentence in training"},
}
_SMALL: Final = 8
_DPI: Final = 150


@dataclass(frozen=True, slots=True)
class _Style:
    label: str
    colour: str
    marker: str


def draw_analysis(analysis: Mapping[str, Mapping[str, Any]], *, subject: str) -> dict[str, "Figure"]:
    """Draw everything that `analyse_tagging` found.

    Args:
        analysis: What it gave.
        subject: Data set, split and model version, for the titles.

    Returns:
        By name: one figure per analysis, and `length-pairs`.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    headings = {
        "lengths": "F1 by span length",
        "frequency": "F1 by frequency in training",
        "sources": "F1 by source",
        "seen": "F1 on seen and unseen",
    }
    figures = {
        name: draw_breakdown(
            {label: analysis[name][table] for table, label in _AXES[name].items()},
            title=f"{heading}\n{subject}",
            caption=analysis[name]["note"],
        )
        for name, heading in headings.items()
        if name in analysis
    }
    figures["length-pairs"] = draw_length_pairs(
        analysis["lengths"]["words"], title=f"Predicted against gold length\n{subject}"
    )
    figures["errors"] = draw_errors(
        analysis["errors"]["predictions"],
        title=f"What the predictions are\n{subject}",
        caption=analysis["errors"]["note"],
    )
    return figures


def draw_breakdown(
    tables: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]], *, title: str, caption: str
) -> "Figure":
    """Draw F1 by bin with its intervals, a panel per table, and below each bin its number of gold spans.

    Args:
        tables: What is written below a panel -> layer -> the bins' `bin`, `f1`, `interval`, `n_gold`, `n_predicted`.
        title: Over the figure.
        caption: Under it.

    Returns:
        The figure: a series per layer, labelled with its name, without the bins that have neither gold nor predictions.
        Pooled is not drawn.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    n_bins = [len(layers["pooled"]) for layers in tables.values()]
    figure = new_figure(width=max(2.4 + 0.75 * sum(n_bins), 5.6), height=4.4)
    panels = figure.subplots(1, len(tables), sharey=True, squeeze=False, width_ratios=n_bins)[0]
    for axes, (label, layers) in zip(panels, tables.items(), strict=True):
        shown = _shown_layers(layers)
        for row, layer in enumerate(shown):
            _draw_series(
                axes,
                layers[layer],
                style=_Style(layer, _COLOURS[layer], _MARKERS[layer]),
                shift=0.18 * (row - (len(shown) - 1) / 2),
            )
        _name_bins(axes, {layer: layers[layer] for layer in shown}, label=label, is_first=axes is panels[0])
    panels[0].set_ylabel("strict F1 (%)")
    panels[0].set_ylim(0, 100)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", frameon=False, fontsize=_SMALL)
    return titled(figure, title=title, caption=caption)


def draw_length_pairs(words: Mapping[str, Mapping[str, Any]], *, title: str) -> "Figure":
    """Draw how long the predictions are that touch gold spans of each length, a panel per layer.

    Args:
        words: By layer: `pairs`, `mean_gold` and `mean_predicted`, as `compare_lengths` gives them.
        title: Over the figure.

    Returns:
        The figure; each cell has its number, and is shaded by its share of its row.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    import numpy as np

    shown = _shown_layers(words)
    figure = new_figure(width=1.2 + 4.6 * len(shown), height=5.2)
    for axes, layer in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        counts = np.array(words[layer]["pairs"])
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for row, column in zip(*np.nonzero(counts), strict=True):
            dark = shares[row, column] > 0.5
            axes.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                fontsize=7,
                color="white" if dark else "black",
            )
        axes.set_xticks(range(len(LENGTHS)), LENGTHS, fontsize=_SMALL)
        axes.set_yticks(range(len(LENGTHS)), LENGTHS, fontsize=_SMALL)
        means = f"mean {words[layer]['mean_gold']:.2f} gold, {words[layer]['mean_predicted']:.2f} predicted"
        axes.set_title(f"{layer}: {means}", fontsize=9, color=_COLOURS[layer])
        axes.set_xlabel("words in the prediction")
        axes.set_ylabel("words in the gold span")
    caption = "Pairs of a gold span and a prediction of the same layer that share a word. Shade: share of the row."
    return titled(figure, title=title, caption=caption)


def draw_errors(predictions: Mapping[str, Mapping[str, int]], *, title: str, caption: str) -> "Figure":
    """Draw what is wrong with the predictions, a bar per layer.

    Args:
        predictions: By layer: how many of each of `PREDICTED_KINDS`.
        title: Over the figure.
        caption: Under it.

    Returns:
        The figure; bars are per cent of the layer's predictions, with the numbers in them.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    shown = _shown_layers(predictions)
    figure = new_figure(width=8.4, height=1.9 + 0.55 * len(shown))
    axes = figure.subplots()
    totals = {layer: sum(predictions[layer].values()) for layer in shown}
    left = dict.fromkeys(shown, 0.0)
    for kind, colour in zip(PREDICTED_KINDS, _KIND_COLOURS, strict=True):
        widths = {layer: 100 * predictions[layer][kind] / max(totals[layer], 1) for layer in shown}
        label = kind.replace("_", " ")
        axes.barh(shown, list(widths.values()), left=list(left.values()), color=colour, edgecolor="white", label=label)
        for row, layer in enumerate(shown):
            if widths[layer] >= 3:  # a narrower piece has no room for its number
                ink = "white" if colour in ("#0072B2", "#009E73") else "black"
                place = left[layer] + widths[layer] / 2
                axes.text(
                    place, row, str(predictions[layer][kind]), ha="center", va="center", fontsize=_SMALL, color=ink
                )
            left[layer] += widths[layer]
    axes.set_yticks(range(len(shown)), [f"{layer}\nn = {totals[layer]:,}" for layer in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the predictions")
    without_frame(axes, grid="x")
    figure.legend(loc="outside upper right", ncols=3, frameon=False, fontsize=_SMALL)
    return titled(figure, title=title, caption=caption)


def draw_cross(figures: Sequence[Mapping[str, Any]], *, title: str, caption: str) -> "Figure":
    """Draw F1 by data set, a panel per data set that a tagger was trained on, a series per store.

    Args:
        figures: `trained_on`, `target`, `store`, `f1`, `interval`, `n_gold` of each.
        title: Over the figure.
        caption: Under it.

    Returns:
        The figure; a series is labelled with its store.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    trained_on, targets, stores = (
        list(dict.fromkeys(one[key] for one in figures)) for key in ("trained_on", "target", "store")
    )
    figure = new_figure(width=1.6 + 3.0 * len(trained_on), height=4.2)
    panels = figure.subplots(1, len(trained_on), sharey=True, squeeze=False)[0]
    for axes, source in zip(panels, trained_on, strict=True):
        for row, store in enumerate(stores):
            bins = [one for one in figures if (one["trained_on"], one["store"]) == (source, store)]
            style = _Style(store, *_STORE_STYLES[row])
            _draw_series(axes, bins, style=style, shift=0.18 * (row - (len(stores) - 1) / 2))
        n_gold = {one["target"]: one["n_gold"] for one in figures}
        axes.set_xticks(
            range(len(targets)), [f"{target}\n{n_gold[target]:,} spans" for target in targets], fontsize=_SMALL
        )
        axes.set_xlim(-0.6, len(targets) - 0.4)
        axes.set_title(f"trained on {source}", fontsize=9)
        without_frame(axes)
    panels[0].set_ylabel("strict F1 (%)")
    panels[0].set_ylim(0, 100)
    figure.legend(*panels[0].get_legend_handles_labels(), title="store", loc="outside right upper", frameon=False)
    return titled(figure, title=title, caption=caption)


def save_figure(figure: "Figure", path: Path) -> None:
    """Write a figure, all or nothing, and the same for the same data.

    Args:
        figure: Any of the above.
        path: Ends in `.png` or `.svg`; replaced if it is there.

    Raises:
        InputError: If it cannot be written there.
    """
    from matplotlib import rc_context

    ending = path.suffix.removeprefix(".")
    metadata = {"Date": None} if ending == "svg" else {"Software": None}
    with written_whole(path) as temporary, rc_context({"svg.hashsalt": "metier"}):
        figure.savefig(temporary, format=ending, dpi=_DPI, metadata=metadata)


def check_picture(path: Path) -> None:
    """Check, before the work, that a picture can be drawn and written.

    Args:
        path: Where it is to go.

    Raises:
        ConfigError: If it does not end in `.png` or `.svg`.
        InputError: If nothing can be written there.
        MissingExtra: If matplotlib is not installed.
    """
    if path.suffix not in (".png", ".svg"):
        raise ConfigError(f"{path} is no picture that can be drawn; give a name that ends in .png or .svg.")
    require_matplotlib()
    check_writable(path)


def require_matplotlib() -> None:
    """Check that pictures can be drawn.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingExtra("plots", "Drawing the analyses")


def new_figure(*, width: float, height: float) -> "Figure":
    """Make an empty figure that lays out its parts by itself.

    Args:
        width: In inches.
        height: In inches.

    Returns:
        The figure.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def titled(figure: "Figure", *, title: str, caption: str) -> "Figure":
    """Give the figure with a title over it and a caption, in lines that fit, under it."""
    n_letters = int(17 * figure.get_figwidth())
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    figure.supxlabel(fill(caption, n_letters), x=0.01, ha="left", fontsize=7.5, color="#444444")
    return figure


def _shown_layers(layers: Mapping[str, Any]) -> list[str]:
    """The layers by themselves; pooled beside them, where there are two, says the mean only."""
    return [layer for layer in layers if layer != "pooled"]


def _draw_series(axes: "Axes", bins: Sequence[Mapping[str, Any]], *, style: _Style, shift: float) -> None:
    drawn = [(place, figures) for place, figures in enumerate(bins) if figures["n_gold"] + figures["n_predicted"]]
    f1 = [100 * figures["f1"] for _, figures in drawn]
    below = [max(middle - 100 * figures["interval"][0], 0) for middle, (_, figures) in zip(f1, drawn, strict=True)]
    above = [max(100 * figures["interval"][1] - middle, 0) for middle, (_, figures) in zip(f1, drawn, strict=True)]
    axes.errorbar(
        [place + shift for place, _ in drawn],
        f1,
        yerr=[below, above],
        fmt=style.marker,
        color=style.colour,
        label=style.label,
        markersize=5,
        capsize=2.5,
        linewidth=1.2,
        clip_on=False,
    )


def _name_bins(axes: "Axes", layers: Mapping[str, Sequence[Mapping[str, Any]]], *, label: str, is_first: bool) -> None:
    bins = [figures["bin"].replace("-", "–").replace(">", "> ") for figures in next(iter(layers.values()))]
    axes.set_xticks(range(len(bins)), bins)
    axes.set_xlim(-0.6, len(bins) - 0.4)
    axes.set_xlabel(label, labelpad=6 + 11 * len(layers))
    for row, (layer, figures) in enumerate(layers.items()):
        drop = -22 - 11 * row  # points below the axis
        for place, some in enumerate(figures):
            _write_below(axes, f"{some['n_gold']:,}", place=place, drop=drop, colour=_COLOURS[layer])
        if is_first:
            _write_below(axes, f"gold {layer}", place=-0.62, drop=drop, colour=_COLOURS[layer], align="right")
    without_frame(axes)


def _write_below(axes: "Axes", text: str, *, place: float, drop: float, colour: str, align: str = "center") -> None:
    axes.annotate(
        text,
        xy=(place, 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, drop),
        textcoords="offset points",
        ha=align,
        va="center",
        fontsize=7,
        color=colour,
    )


def without_frame(axes: "Axes", *, grid: Literal["x", "y", "both"] = "y") -> None:
    """Leave out the frame above and to the right, and draw a light grid."""
    axes.grid(axis=grid, color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
