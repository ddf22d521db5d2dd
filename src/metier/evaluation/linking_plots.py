"""Pictures of how well linkers link: accuracy against k, and risk against coverage (extra `plots`)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from metier.evaluation.linking import MENTION_CUTS, LinkingReport, View
from metier.evaluation.linking_outcomes import Bools
from metier.evaluation.plots import new_figure, titled, without_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Zhang, van der Goot and Plank (2024), Entity Linking in the Job Market: the large models, from Wikipedia, on the test
# files of TECH and HOUSE together, all rows; at k = 1, 4, 8, 16, 32
PUBLISHED: Final = {"BLINK": (23.55, 32.63, 37.38, 43.25, 48.98), "GENRE": (11.48, 21.26, 27.40, 37.21, 49.78)}
_PUBLISHED_MARKERS: Final = ("x", "+")
# Okabe and Ito (2008); a linker beyond the seventh has the first one's colour with a broken line
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_LINES: Final = ("-", "--", ":")
_MARKERS: Final = ("o", "s", "D", "^", "v", "P", "*")
_FEWEST: Final = 20  # links given: the share of wrong ones among fewer says little
_NAMED_THRESHOLDS: Final = (0.9, 0.7, 0.5, 0.3, 0.1)
_SMALL: Final = 8


def draw_linking(report: LinkingReport, *, title: str) -> "Figure":
    """Draw one linker: risk against coverage, and accuracy against k in the views of its rows.

    Args:
        report: On one file.
        title: Over the figure.

    Returns:
        The figure, two panels.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    figure = new_figure(width=9.4, height=4.4)
    risk, accuracy = figure.subplots(1, 2)
    _draw_risk(risk, {"links": report})
    _name_thresholds(risk, report)
    risk.set_title(f"AURC {report.abstention.aurc.value:.3f}", fontsize=9)
    views = {
        "rows that have a concept": report.linkable,
        "all rows": report.every_row,
        "all rows, abstention is an answer": report.nil,
    }
    _draw_accuracy(accuracy, views)
    accuracy.legend(loc="lower right", frameon=False, fontsize=_SMALL)
    return titled(figure, title=title, caption=_risk_caption(report))


def draw_risk(reports: Mapping[str, LinkingReport], *, title: str) -> "Figure":
    """Draw the risk of several linkers against their coverage.

    Args:
        reports: By the linkers' names, on the same rows, one at least.
        title: Over the figure.

    Returns:
        The figure, a line per linker, and a dot where the linker's own threshold stands.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    figure = new_figure(width=7.4, height=4.6)
    axes = figure.subplots()
    _draw_risk(axes, reports)
    figure.legend(loc="outside right upper", frameon=False, fontsize=_SMALL)
    return titled(figure, title=title, caption=_risk_caption(next(iter(reports.values()))))


def draw_accuracy(reports: Mapping[str, LinkingReport], *, title: str) -> "Figure":
    """Draw how often the right concept is among the first k, by several linkers and as published.

    Args:
        reports: By the linkers' names, on the same rows, one at least.
        title: Over the figure.

    Returns:
        The figure, a line per linker, with 95 % intervals, and marks for BLINK and GENRE.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    figure = new_figure(width=7.4, height=4.6)
    axes = figure.subplots()
    _draw_accuracy(axes, {name: report.every_row for name, report in reports.items()})
    for (name, percents), marker in zip(PUBLISHED.items(), _PUBLISHED_MARKERS, strict=True):
        axes.plot(
            MENTION_CUTS,
            percents,
            color="#555555",
            linestyle=":",
            linewidth=0.8,
            marker=marker,
            markersize=7,
            label=f"{name}, published",
            zorder=3,
        )
    first = next(iter(reports.values()))
    most = 100 * first.linkable.n / max(first.every_row.n, 1)
    axes.set_ylim(0, min(10 * (most // 10 + 2), 100))
    axes.axhline(most, color="#555555", linewidth=0.8, linestyle="--")
    axes.annotate(
        f"{most:.1f} % of the rows have a concept",
        xy=(0.02, most),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=_SMALL,
        color="#555555",
    )
    handles, labels = axes.get_legend_handles_labels()  # the published ones come first
    order = [*range(len(PUBLISHED), len(labels)), *range(len(PUBLISHED))]
    figure.legend(
        [handles[i] for i in order],
        [labels[i] for i in order],
        loc="outside right upper",
        frameon=False,
        fontsize=_SMALL,
    )
    caption = (
        f"{first.every_row.n:,} rows; one without a concept counts as wrong. Bars: 95 % intervals. Published: Zhang, "
        "van der Goot and Plank (2024), on the test files of TECH and HOUSE."
    )
    return titled(figure, title=title, caption=caption)


def _draw_accuracy(axes: "Axes", views: Mapping[str, View]) -> None:
    shift = 0.012  # of the intervals against each other, as a power of ten: k runs over a logarithmic axis
    for (name, view), (colour, line, marker), row in zip(views.items(), _styles(), range(len(views)), strict=False):
        figures = [view.figures[f"acc@{k}"] for k in MENTION_CUTS]
        percents = [100 * figure.value for figure in figures]
        below = [max(100 * (figure.value - figure.interval.low), 0) for figure in figures]
        above = [max(100 * (figure.interval.high - figure.value), 0) for figure in figures]
        axes.errorbar(
            [k * 10 ** (shift * (row - (len(views) - 1) / 2)) for k in MENTION_CUTS],
            percents,
            yerr=[below, above],
            color=colour,
            linestyle=line,
            marker=marker,
            label=name,
            markersize=4,
            capsize=2,
            linewidth=1.2,
            clip_on=False,
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(MENTION_CUTS, [str(k) for k in MENTION_CUTS])
    axes.minorticks_off()
    axes.set_xlabel("k: candidates looked at")
    axes.set_ylabel("rows with the right concept among them (%)")
    axes.set_ylim(0, 100)
    without_frame(axes)


def _draw_risk(axes: "Axes", reports: Mapping[str, LinkingReport]) -> None:
    for (name, report), (colour, line, marker) in zip(reports.items(), _styles(), strict=False):
        abstention, drawn = report.abstention, _is_drawn(report)
        axes.plot(
            100 * abstention.curve.coverage[drawn],
            100 * abstention.curve.risk[drawn],
            color=colour,
            linestyle=line,
            label=f"{name} (AURC {abstention.aurc.value:.3f})",
            linewidth=1.4,
        )
        if abstention.coverage:
            axes.plot(
                100 * abstention.coverage,
                100 * (1 - abstention.links.precision),
                marker=marker,
                color=colour,
                markersize=7,
                clip_on=False,
            )
    axes.set_xlabel("coverage: rows that get a concept (%)")
    axes.set_ylabel("risk: wrong ones among them (%)")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    without_frame(axes, grid="both")


def _name_thresholds(axes: "Axes", report: LinkingReport) -> None:
    """Write beside the curve from which probability on concepts are given there."""
    curve = report.abstention.curve
    for threshold in _NAMED_THRESHOLDS:
        n_points = int((curve.thresholds >= threshold).sum())
        if n_points and _is_drawn(report)[n_points - 1]:
            at = (100 * float(curve.coverage[n_points - 1]), 100 * float(curve.risk[n_points - 1]))
            axes.plot(*at, marker=".", color="#000000", markersize=4)
            axes.annotate(
                f"≥ {threshold}", xy=at, xytext=(4, -9), textcoords="offset points", fontsize=_SMALL, color="#444444"
            )


def _is_drawn(report: LinkingReport) -> Bools:
    """Which points are: where enough concepts are given, and none that are not there (their probability is 0)."""
    curve = report.abstention.curve
    shown: Bools = (curve.coverage * report.every_row.n > _FEWEST - 0.5) & (curve.thresholds > 0)
    return shown


def _styles() -> Iterator[tuple[str, str, str]]:
    """A colour, a line and a marker for each series; after 21 there are no more."""
    return ((colour, line, marker) for line in _LINES for colour, marker in zip(_COLOURS, _MARKERS, strict=True))


def _risk_caption(report: LinkingReport) -> str:
    return (
        f"Rows: {report.every_row.n:,}, of which {report.every_row.n - report.linkable.n:,} have no concept in the "
        f"taxonomy: any concept given to them is wrong. Drawn from {_FEWEST} concepts on. "
        "Large mark: the linker's own threshold. A line ends where the linker has no more candidates."
    )
