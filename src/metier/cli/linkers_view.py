"""The tables of a comparison of linkers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_SENTENCE: Final = ("mrr", "rp@1", "rp@5", "rp@10")
_MENTION: Final = ("mrr", "acc@1", "acc@4", "acc@8", "acc@16", "acc@32")
_VIEWS: Final = ("all", "linkable", "nil", "multi_gold")
_PARTS: Final = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table: the first `n_names` columns say what a row is about, the others hold figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    n_names: int


def comparison_tables(figures: Mapping[str, Any]) -> list[TableView]:
    """Lay the figures out.

    Args:
        figures: As `metier.evaluation.linker_comparison.LinkerComparison.to_dict` gives them.

    Returns:
        Sentences, mentions, abstention, cost; where there are several linkers the differences to the first on all rows.
    """
    found = [_sentences(figures), _mentions(figures), _abstention(figures), _cost(figures)]
    return [*found, _differences(figures)] if figures["first_minus"] else found


def markdown(views: Sequence[TableView]) -> str:
    """Write tables as Markdown, each under its title in bold."""
    return "\n\n".join("\n".join(_markdown_lines(view)) for view in views)


def _markdown_lines(view: TableView) -> Iterator[str]:
    yield f"**{view.title}**\n"
    yield _markdown_row(view.columns)
    yield _markdown_row(["---" if number < view.n_names else "---:" for number in range(len(view.columns))])
    yield from map(_markdown_row, view.rows)


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _by_set(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Set, linker, report: the linkers of a set beside each other."""
    linkers = figures["linkers"]
    for name in next(iter(linkers.values()))["sets"]:
        for linker, found in linkers.items():
            yield name, linker, found["sets"][name]


def _sentences(figures: Mapping[str, Any]) -> TableView:
    rows = [[name, linker, *_cells(report["sentence"], _SENTENCE)] for name, linker, report in _by_set(figures)]
    columns = ["set", "linker", "sentences", *map(_heading, _SENTENCE)]
    return TableView(title="Sentences (%)", columns=columns, rows=rows, n_names=2)


def _mentions(figures: Mapping[str, Any]) -> TableView:
    rows = [
        [name, view.replace("_", " "), linker, *_cells(report["mention"][view], _MENTION)]
        for view in _VIEWS
        for name, linker, report in _by_set(figures)
    ]
    columns = ["set", "view", "linker", "mentions", *map(_heading, _MENTION)]
    return TableView(title="Mentions (%)", columns=columns, rows=rows, n_names=3)


def _abstention(figures: Mapping[str, Any]) -> TableView:
    rows = []
    for name, linker, report in _by_set(figures):
        mention = report["mention"]
        abstention = mention["abstention"]
        ece = f"{mention['ece']:.3f}" if figures["linkers"][linker]["calibrated"] else "-"
        areas = [f"{abstention['aurc']:.3f}", _range(abstention["aurc_interval"]), f"{abstention['excess_aurc']:.3f}"]
        parts = [_percent(some[part]) for some in (mention["nil"], abstention["links"]) for part in _PARTS]
        rows.append([name, linker, ece, *areas, *parts])
    areas = ["AURC", "95 % interval", "excess AURC"]
    parts = [f"{kind} {part}" for kind in ("NIL", "link") for part in ("precision", "recall", "F1")]
    title = "Abstention (precision, recall and F1 in %; ECE of calibrated linkers)"
    return TableView(title=title, columns=["set", "linker", "ECE", *areas, *parts], rows=rows, n_names=2)


def _cost(figures: Mapping[str, Any]) -> TableView:
    rows = [
        [
            linker,
            f"{found['ms_per_mention']:.2f}",
            f"{found['mentions_per_s']:,.0f}",
            f"{found['peak_rss_mb']:,.0f}",
            f"{found['size_mb']:,.1f}",
        ]
        for linker, found in figures["linkers"].items()
    ]
    columns = ["linker", "ms per mention", "mentions/s", "peak memory, MB", "on disk with the taxonomy, MB"]
    return TableView(title=f"Cost, {figures['threads']} threads", columns=columns, rows=rows, n_names=1)


def _differences(figures: Mapping[str, Any]) -> TableView:
    rows = [
        [
            measure,
            set_name,
            linker,
            _percent(found["difference"]),
            " to ".join(map(_percent, found["interval"])),
            f"{found['p_value']:.3f}",
        ]
        for linker, sets in figures["first_minus"].items()
        for set_name in list(sets)[-1:]  # those of each set by itself are in the JSON
        for measure, found in sets[set_name].items()
    ]
    columns = ["measure", "set", "linker", "points", "95 % interval", "p"]
    first = next(iter(figures["linkers"]))
    return TableView(title=f"{first} minus the others, paired bootstrap", columns=columns, rows=rows, n_names=3)


def _cells(view: Mapping[str, Any], measures: Sequence[str]) -> list[str]:
    return [f"{view['n']:,}", *(_percent(view[measure]) for measure in measures)]


def _heading(measure: str) -> str:
    return measure.upper() if "@" not in measure or measure.startswith("rp") else measure.capitalize()


def _range(interval: Sequence[float]) -> str:
    return " to ".join(f"{end:.3f}" for end in interval)


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"
