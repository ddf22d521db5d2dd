"""The figures of retrievers as tables for a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

# Malt (2024), table 1, in its order; then what says whether more positives are only more of everybody
_PUBLISHED: Final = {
    "recall_single": "rec single",
    "recall_all": "rec all",
    "category@10": "cat@10",
    "category@100": "cat@100",
    "skills@10": "sk@10",
    "skills@100": "sk@100",
    "retrieved_positives@100": "ret+",
    "retrieved_negatives@100": "ret-",
}
_FEEDBACK: Final = {**_PUBLISHED, "positives_to_negatives@100": "ret+/ret-", "auc": "AUC"}
_TRUTH: Final = {
    "recall@10": "recall@10",
    "recall@100": "recall@100",
    "ndcg@10": "nDCG@10",
    "ndcg@100": "nDCG@100",
    "mrr": "MRR",
    "same_language@100": "same language",
    "other_language@100": "other language",
    "other_to_same_language@100": "other/same",
}
_ALL: Final = {**_FEEDBACK, **_TRUTH}


@dataclass(frozen=True, slots=True)
class View:
    """A table."""

    title: str
    columns: list[str]
    rows: list[list[str]]


def retrieval_views(figures: Mapping[str, Any]) -> list[View]:
    """Lay out what `RetrievalComparison.to_dict` gives.

    Args:
        figures: Of all systems.

    Returns:
        The columns of Malt (2024), table 1; the truth; each language; the differences to the baseline. Every table of
        figures says for how many projects each is defined. Without tables that would be empty.
    """
    systems: Mapping[str, Any] = figures["systems"]
    views = [
        _view_of(systems, "all", _FEEDBACK, title="by feedback and attributes"),
        _view_of(systems, "all", _TRUTH, title="by the truth"),
    ]
    languages = [view for view in next(iter(systems.values()))["views"] if view != "all"]
    if len(languages) > 1:
        chosen = {**_PUBLISHED, "ndcg@100": _TRUTH["ndcg@100"], "other_to_same_language@100": "other/same"}
        views += [_view_of(systems, language, chosen, title=language) for language in languages]
    views.append(_differences(figures))
    return [view for view in views if view.rows]


def _view_of(systems: Mapping[str, Any], view: str, names: Mapping[str, str], *, title: str) -> View:
    first = next(iter(systems.values()))["views"].get(view, {})
    known = [name for name in names if any(name in found["views"].get(view, {}) for found in systems.values())]
    counts = [f"{first[name]['n_projects']:,}" if name in first else "" for name in known]
    rows = [[name, *(_cell(found, view, measure) for measure in known)] for name, found in systems.items()]
    columns = ["system", *(names[name] for name in known)]
    return View(title, columns, [["projects", *counts], *rows] if known else [])


def _cell(found: Mapping[str, Any], view: str, measure: str) -> str:
    figure = found["views"].get(view, {}).get(measure)
    if figure is None:
        return ""
    deviation = found["deviation"].get(measure) if view == "all" else None
    return f"{figure['mean']:.3f}" + (f" ±{deviation:.3f}" if deviation is not None else "")


def _differences(figures: Mapping[str, Any]) -> View:
    rows = [
        [name, _ALL[measure], f"{found['difference']:+.3f}", _range(found["interval"]), f"{found['p_value']:.3f}"]
        for name, measures in figures["minus_baseline"].items()
        for measure, found in measures.items()
    ]
    return View(f"minus {figures['baseline']}", ["system", "measure", "difference", "95 % interval", "p"], rows)


def _range(interval: Sequence[float]) -> str:
    return f"{interval[0]:+.3f} to {interval[1]:+.3f}"
