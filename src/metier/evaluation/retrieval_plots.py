"""Pictures of how well retrievers find people: every system with its interval, and each language (extra `plots`)."""

from typing import TYPE_CHECKING, Final

from metier.evaluation.plots import new_figure, titled, without_frame
from metier.evaluation.retrieval import RetrievalFigure
from metier.evaluation.retrieval_comparison import RetrievalComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHOWN: Final = {
    "category@100": "category overlap @100",
    "skills@100": "skill overlap @100",
    "retrieved_positives@100": "retrieved positives @100",
    "ndcg@100": "true nDCG@100",
    "auc": "AUC of feedback",
    "other_to_same_language@100": "recall, other to same language",
}
_COLOUR: Final = "#0072B2"  # Okabe and Ito (2008)
_BASELINE: Final = "#D55E00"
_SMALL: Final = 8
_CAPTION: Final = "Means over the projects for which the measure is defined (n), with 95 % intervals over projects."


def draw_retrieval(comparison: RetrievalComparison, *, subject: str) -> dict[str, "Figure"]:
    """Draw the main measures of all systems, and in each language.

    Args:
        comparison: Of one system or more.
        subject: What it was made on, for the titles.

    Returns:
        By name: `systems`, and `languages` where there are two of them.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    views = next(iter(comparison.reports.values())).views
    languages = [view for view in views if view != "all"]
    figures = {"systems": _draw_grid(comparison, ["all"], title=f"Who finds the people\n{subject}")}
    if len(languages) > 1:
        figures["languages"] = _draw_grid(comparison, languages, title=f"In each language of the project\n{subject}")
    return figures


def _draw_grid(comparison: RetrievalComparison, views: list[str], *, title: str) -> "Figure":
    """Draw a row of panels per view, a panel per measure that anybody has."""
    known = [
        name
        for name in _SHOWN
        if any(name in report.views[view] for report in comparison.reports.values() for view in views)
    ]
    figure = new_figure(
        width=2.0 + 2.3 * max(len(known), 1), height=1.3 + (0.5 + 0.26 * len(comparison.reports)) * len(views)
    )
    panels = figure.subplots(len(views), max(len(known), 1), squeeze=False, sharey=True)
    for row, view in zip(panels, views, strict=True):
        for axes, name in zip(row, known, strict=False):
            _draw_measure(axes, comparison, view=view, name=name)
        row[0].set_ylabel("" if view == "all" else view.removeprefix("language "), rotation=0, labelpad=14)
    for axes, name in zip(panels[0], known, strict=False):
        axes.set_title(_SHOWN[name], fontsize=_SMALL + 1)
    return titled(figure, title=title, caption=_CAPTION)


def _draw_measure(axes: "Axes", comparison: RetrievalComparison, *, view: str, name: str) -> None:
    n_projects = 0
    for place, (system, report) in enumerate(comparison.reports.items()):
        if figure := report.views[view].get(name):
            _draw_figure(axes, figure, place=place, colour=_BASELINE if system == comparison.baseline else _COLOUR)
            n_projects = figure.n_projects
    axes.set_yticks(range(len(comparison.reports)), list(comparison.reports), fontsize=_SMALL)
    axes.set_ylim(len(comparison.reports) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=_SMALL)
    axes.set_xlabel(f"n = {n_projects:,}", fontsize=7)
    without_frame(axes, grid="x")


def _draw_figure(axes: "Axes", figure: RetrievalFigure, *, place: int, colour: str) -> None:
    below = max(figure.mean - figure.interval.low, 0)
    above = max(figure.interval.high - figure.mean, 0)
    axes.errorbar(figure.mean, place, xerr=[[below], [above]], fmt="o", color=colour, markersize=4.5, capsize=2)
