"""The figures of an audit as tables for a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SHOWN: Final = 15  # groups of an attribute, the largest
_SWAP_CAPTION: Final = (
    "Change: second minus first, with its 95 % interval; a higher rank is further down. Moved: without its sign, "
    "beside that of two neutral words; * where it is more, p < 0.05."
)
_EXPOSURE_CAPTION: Final = "Ratios: share of exposure over share of people, with their 95 % intervals; 1 is parity."
_COST_CAPTION: Final = (
    "Misplaced: the share of exposure that would have to go to other groups for all to have their share of people."
)


@dataclass(frozen=True, slots=True)
class View:
    """A table."""

    title: str
    caption: str
    columns: list[str]
    rows: list[list[str]]


def audit_views(figures: Mapping[str, Any]) -> list[View]:
    """Lay out what `metier.pipelines.audit.Audit.to_dict` gives.

    Args:
        figures: Of an audit.

    Returns:
        Cues; exposure by each attribute; remedies. A table that would have no rows is left out.
    """
    views = [_swaps(figures["swaps"], title=f"What cues change, for people near the first {figures['k']}")]
    views += [_exposure(name, groups, k=figures["k"]) for name, groups in figures["exposure"].items()]
    views.append(_remedies(figures))
    views += [
        _swaps(remedy["swaps"], title=f"What cues still change: {remedy['name']}")
        for remedy in figures["mitigations"]
        if remedy["swaps"]
    ]
    return [view for view in views if view.rows]


def interval(found: Mapping[str, Any], value: str, *, digits: int) -> str:
    """Write a value and its interval, such as `1.20 [1.05, 1.40]`."""
    low, high = found["interval"]
    return f"{found[value]:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _swaps(swaps: list[dict[str, Any]], *, title: str) -> View:
    columns = ["cue", "pairs", "cosine ±", "moved / noise", "rank ±", "moved / noise", "in the list ±", "moved / noise"]
    rows = []
    for swap in swaps:
        cells = [f"{swap['name']}: {swap['first']} → {swap['second']}", f"{swap['n_pairs']:,}"]
        for name, digits in (("cosine", 4), ("rank", 2), ("top_k", 3)):
            effect = swap["effects"][name]
            beyond = effect["beyond_noise"]
            star = "*" if beyond["difference"] > 0 and beyond["p_value"] < 0.05 else ""
            cells.append(interval(effect["change"], "difference", digits=digits))
            cells.append(f"{effect['moved']:.{digits}f} / {effect['noise']:.{digits}f}{star}")
        rows.append(cells)
    return View(title, _SWAP_CAPTION, columns, rows)


def _exposure(name: str, groups: list[dict[str, Any]], *, k: int) -> View:
    columns = [name, "people", "share", "exposure", "to people", "qualified", "to qualified"]
    rows = [
        [
            group["group"],
            f"{group['n_people']:,}",
            f"{group['share_of_people']:.3f}",
            f"{group['share_of_exposure']:.3f}",
            interval(group["to_people"], "value", digits=2),
            "" if group["share_of_qualified"] is None else f"{group['share_of_qualified']:.3f}",
            "" if group["to_qualified"] is None else interval(group["to_qualified"], "value", digits=2),
        ]
        for group in groups[:_SHOWN]
    ]
    left = f" The {_SHOWN} largest of {len(groups)}." if len(groups) > _SHOWN else ""
    return View(f"Who is seen among the first {k}, by {name}", _EXPOSURE_CAPTION + left, columns, rows)


def _remedies(figures: Mapping[str, Any]) -> View:
    names = list(figures["exposure"])
    columns = ["remedy", figures["judged_by"], "difference", *(f"misplaced by {name}" for name in names)]
    rows = []
    for remedy in figures["mitigations"]:
        relevance = remedy["relevance"]
        moved = [remedy["misplaced"][name] for name in names]
        rows.append(
            [
                remedy["name"],
                f"{relevance['before']:.3f} → {relevance['after']:.3f}",
                interval(relevance, "difference", digits=4),
                *(f"{one['before']:.3f} → {one['after']:.3f}" for one in moved),
            ]
        )
    return View("What helps, and what it costs", _COST_CAPTION, columns, rows)
