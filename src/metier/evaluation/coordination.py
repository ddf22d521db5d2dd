"""How well coordinated skills are taken apart."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from metier.data.coordination_cases import CoordinationCase
from metier.domain import SkillPart, Span
from metier.measures.intervals import Interval, mean_interval
from metier.measures.spans import PrecisionRecall, f1_interval, precision_recall

Split = Callable[[str, Span], tuple[SkillPart, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationFigures:
    """Of the cases of one split: whole cases, and parts pooled over the cases."""

    n_cases: int
    n_whole: int  # that are to stay whole
    exact: float  # share of the cases with just the right set of parts
    exact_interval: Interval
    split_wrongly: float  # share of those to stay whole that were split
    parts: PrecisionRecall
    parts_interval: Interval  # of their F1


def evaluate_coordination(
    split: Split, cases: Sequence[CoordinationCase], *, seed: int = 0
) -> dict[str, CoordinationFigures]:
    """Split each case and compare with its skills, as sets of texts.

    Args:
        split: What to evaluate, such as `split_coordinated`.
        cases: Phrases with the skills that they name.
        seed: Of the bootstrap over cases.

    Returns:
        The figures by split of the cases, in the order in which the splits first come.
    """
    names = dict.fromkeys(case.split for case in cases)
    return {name: _figures(split, [case for case in cases if case.split == name], seed) for name in names}


def figures_to_dict(figures: dict[str, CoordinationFigures]) -> dict[str, Any]:
    """Give plain JSON values, with the intervals as lists."""
    return {
        name: {
            **asdict(figure),
            "exact_interval": [figure.exact_interval.low, figure.exact_interval.high],
            "parts_interval": [figure.parts_interval.low, figure.parts_interval.high],
        }
        for name, figure in figures.items()
    }


def _figures(split: Split, cases: Sequence[CoordinationCase], seed: int) -> CoordinationFigures:
    found = [frozenset(part.text for part in split(case.text, Span(0, len(case.text)))) for case in cases]
    pairs = list(zip(found, cases, strict=True))
    exact = np.array([parts == case.skills for parts, case in pairs])
    right = [len(parts & case.skills) for parts, case in pairs]
    counts = np.array(  # as `f1_interval` takes them: right, found, right, gold
        [(n, len(parts), n, len(case.skills)) for n, (parts, case) in zip(right, pairs, strict=True)], dtype=np.int64
    )
    whole = [bool(parts) for parts, case in pairs if not case.skills]
    return CoordinationFigures(
        n_cases=len(cases),
        n_whole=len(whole),
        exact=float(exact.mean()),
        exact_interval=mean_interval(exact, seed=seed),
        split_wrongly=sum(whole) / max(len(whole), 1),
        parts=precision_recall(counts),
        parts_interval=f1_interval(counts, seed=seed),
    )
