"""An audit as one page: tables, and bars that show which side of parity a group is on."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from metier.data.files_out import written_whole
from metier.pipelines.page_style import STYLE

_OWN_STYLE: Final = """
td.number, th.number { text-align: right; white-space: nowrap; padding-left: .8rem; }
td.number { font-variant-numeric: tabular-nums; }
td.bar { width: 15rem; } svg { display: block; width: 14rem; height: 1.1rem; }
.axis { stroke: var(--soft); stroke-dasharray: 2 2; } .range { stroke: var(--ink); }
.over { fill: var(--knowledge-edge); } .under { fill: var(--skill-edge); }
article { overflow-x: auto; } .beyond { color: var(--negated); font-weight: 600; }
"""
_HEAD: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Audit of matching</title>
<style>{STYLE}{_OWN_STYLE}</style>
</head>
<body>
<header>
<p class="legend">What cues change, who is seen, and what helps. An audit finds some biases; it never shows that there
are none.</p>
</header>
<main>
"""
_FOOT: Final = "</main>\n</body>\n</html>\n"
_WIDTH: Final = 200  # of a bar's picture, in its own units
_MEASURES: Final = (("cosine", "Cosine", 4), ("rank", "Rank", 2), ("top_k", "In the list", 3))


def write_audit(path: Path, figures: Mapping[str, Any]) -> None:
    """Write a page, all or nothing.

    Args:
        path: Where it goes.
        figures: What `metier.pipelines.audit.Audit.to_dict` gives.

    Raises:
        InputError: If nothing can be written there.
    """
    with written_whole(path) as temporary:
        temporary.write_text(render_audit(figures), encoding="utf-8", errors="replace", newline="")


def render_audit(figures: Mapping[str, Any]) -> str:
    """Give an audit as a page that stands alone: no script, nothing loaded, light and dark.

    Args:
        figures: What `metier.pipelines.audit.Audit.to_dict` gives.

    Returns:
        HTML; all texts are escaped.
    """
    about = (
        f"{figures['n_projects']:,} projects, {figures['n_profiles']:,} people, the first {figures['k']} of each "
        f"project; read by {figures['encoder']}"
    )
    articles = [
        _article("What cues change", _swaps(figures["swaps"]), about=about),
        *(_article(f"Who is seen, by {name}", _exposure(name, of)) for name, of in figures["exposure"].items()),
        _article("What helps, and what it costs", _remedies(figures)),
        *(
            _article(f"What cues still change: {remedy['name']}", _swaps(remedy["swaps"]))
            for remedy in figures["mitigations"]
            if remedy["swaps"]
        ),
    ]
    return _HEAD + "".join(articles) + _FOOT


def _article(title: str, body: str, *, about: str = "") -> str:
    return f'<article>\n<h1>{escape(title)}</h1>\n<p class="about">{escape(about)}</p>\n{body}</article>\n'


def _swaps(swaps: Sequence[Mapping[str, Any]]) -> str:
    """One table per measure: a bar for the change with its interval, and how much moved beside the noise."""
    parts = ["<p>Change: the second value minus the first; a higher rank is further down.</p>\n"]
    for name, title, digits in _MEASURES:
        effects = [swap["effects"][name] for swap in swaps]
        most = max((abs(end) for effect in effects for end in effect["change"]["interval"]), default=0.0)
        rows = [
            [
                escape(f"{swap['name']}: {swap['first']} → {swap['second']}"),
                _bar(effect["change"]["difference"], effect["change"]["interval"], most=most),
                _number(effect["change"]["difference"], digits),
                _number(effect["moved"], digits),
                _number(effect["noise"], digits),
                _beyond(effect["beyond_noise"]),
                f"{swap['n_pairs']:,}",
            ]
            for swap, effect in zip(swaps, effects, strict=True)
        ]
        parts.append(_table((title, "", "Change", "Moved", "Noise", "p, beyond noise", "Pairs"), rows, bar=1))
    return "".join(parts)


def _exposure(name: str, groups: Sequence[Mapping[str, Any]]) -> str:
    ratios = [group[kind] for group in groups for kind in ("to_people", "to_qualified") if group[kind]]
    most = max((abs(end - 1) for ratio in ratios for end in (ratio["value"], *ratio["interval"])), default=0.0)
    rows = []
    for group in groups:
        chosen = group["to_qualified"] or group["to_people"]
        ends = [end - 1 for end in chosen["interval"]]
        rows.append(
            [
                escape(group["group"]),
                _bar(chosen["value"] - 1, ends, most=most),
                f"{group['n_people']:,}",
                _number(group["share_of_people"], 3),
                _number(group["share_of_exposure"], 3),
                _ratio(group["to_people"]),
                "–" if group["share_of_qualified"] is None else _number(group["share_of_qualified"], 3),
                _ratio(group["to_qualified"]),
            ]
        )
    names = (name, "Ratio, from parity", "People", "Share", "Exposure", "To people", "Qualified", "To qualified")
    note = "<p>The bar is the ratio to the qualified, where it is known, else to people; the line is parity.</p>\n"
    return note + _table(names, rows, bar=1)


def _remedies(figures: Mapping[str, Any]) -> str:
    names = list(figures["exposure"])
    rows = [
        [
            escape(remedy["name"]),
            f"{remedy['relevance']['before']:.3f} → {remedy['relevance']['after']:.3f}",
            f"{remedy['relevance']['difference']:+.4f} "
            f"[{remedy['relevance']['interval'][0]:+.4f}, {remedy['relevance']['interval'][1]:+.4f}]",
            *(f"{one['before']:.3f} → {one['after']:.3f}" for one in (remedy["misplaced"][name] for name in names)),
        ]
        for remedy in figures["mitigations"]
    ]
    return _table(("Remedy", figures["judged_by"], "Cost", *(f"Misplaced by {name}" for name in names)), rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], *, bar: int | None = None) -> str:
    """A table of cells that are HTML already; the first column is text, `bar` a picture, the others are numbers."""
    kinds = ["" if place == 0 else ' class="bar"' if place == bar else ' class="number"' for place in range(len(names))]
    heads = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, names, strict=True))
    lines = ["".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, cells, strict=True)) for cells in rows]
    return f"<table><tr>{heads}</tr>\n" + "".join(f"<tr>{line}</tr>\n" for line in lines) + "</table>\n"


def _bar(value: float, ends: Sequence[float], *, most: float) -> str:
    """A bar from the middle, to the right for what is more, and a line for its interval."""
    middle = _WIDTH / 2

    def at(number: float) -> float:
        return middle + (middle - 2) * max(-1.0, min(1.0, number / most if most else 0.0))

    left, right = sorted((middle, at(value)))
    kind = "over" if value > 0 else "under"
    return (
        f'<svg viewBox="0 0 {_WIDTH} 16" role="img" aria-label="{value:+.4f}">'
        f'<rect class="{kind}" x="{left:.1f}" y="3" width="{right - left:.1f}" height="10"/>'
        f'<line class="axis" x1="{middle:.1f}" y1="0" x2="{middle:.1f}" y2="16"/>'
        f'<line class="range" x1="{at(ends[0]):.1f}" y1="8" x2="{at(ends[1]):.1f}" y2="8"/></svg>'
    )


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def _ratio(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "–"
    return f"{found['value']:.2f} [{found['interval'][0]:.2f}, {found['interval'][1]:.2f}]"


def _beyond(found: Mapping[str, Any]) -> str:
    kind = ' class="beyond"' if found["difference"] > 0 and found["p_value"] < 0.05 else ""
    return f"<span{kind}>{found['p_value']:.3f}</span>"
