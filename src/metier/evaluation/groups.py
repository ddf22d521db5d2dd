"""How well spans are brought to their ESCO groups."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.data.kompetencer import CLASSES
from metier.evaluation.linking import Figure
from metier.measures.classes import accuracy, class_counts, f1_by_class, macro_f1, weighted_f1
from metier.measures.intervals import bootstrap_interval

_MEASURES: Final[Mapping[str, Callable[[NDArray[np.generic]], NDArray[np.float64]]]] = {
    "weighted_f1": weighted_f1,  # the figure of the papers
    "macro_f1": macro_f1,
    "accuracy": accuracy,
}


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class: how often it is right, how often it was guessed, and its F1."""

    code: str
    n_true: int
    n_guessed: int
    f1: float


@dataclass(frozen=True, slots=True)
class GroupReport:
    """A classifier's figures on one set of spans, or their means over repeated guesses."""

    n_spans: int
    n_repeats: int
    figures: dict[str, Figure]
    deviations: dict[str, float]  # of the figures over the repeats
    classes: tuple[ClassFigures, ...]  # counts per repeat, rounded; classes that neither occur nor are guessed left out

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values: the figures, and their intervals under `intervals`."""
        return {
            "n": self.n_spans,
            "n_repeats": self.n_repeats,
            **{name: figure.value for name, figure in self.figures.items()},
            "deviations": self.deviations,
            "intervals": {name: [figure.interval.low, figure.interval.high] for name, figure in self.figures.items()},
            "classes": {
                one.code: {"n_true": one.n_true, "n_guessed": one.n_guessed, "f1": one.f1} for one in self.classes
            },
        }


def evaluate_groups(
    gold: Sequence[str], *repeats: Sequence[str], seed: int = 0, n_resamples: int = 1000
) -> GroupReport:
    """Compare guesses with the right classes.

    Args:
        gold: The right class of each span.
        *repeats: The guesses, in the same order; several where they hang on chance, such as how folds were dealt.
        seed: Of the bootstrap over spans.
        n_resamples: Of the bootstrap.

    Returns:
        The mean of each figure over the repeats; its interval is that of the figure over all repeats' guesses.
    """
    counts = [class_counts(gold, guessed, CLASSES) for guessed in repeats]
    pooled = np.sum(counts, axis=0)
    figures, deviations = {}, {}
    for name, measure in _MEASURES.items():
        values = np.concatenate([measure(one.sum(axis=0, keepdims=True)) for one in counts])
        interval = bootstrap_interval(pooled, measure, seed=seed, n_resamples=n_resamples)
        figures[name] = Figure(float(values.mean()), interval)
        deviations[name] = float(values.std())
    return GroupReport(len(gold), len(repeats), figures, deviations, _by_class(pooled, len(repeats)))


def majority(codes: Sequence[str]) -> str:
    """Give the most frequent class, of several the first in order; at least one code is needed."""
    counts = Counter(codes)
    return min(counts, key=lambda code: (-counts[code], code))


def _by_class(pooled: NDArray[np.int64], n_repeats: int) -> tuple[ClassFigures, ...]:
    sums = pooled.sum(axis=0)
    f1 = f1_by_class(sums[None])[0].tolist()
    said, true = (np.rint(part / n_repeats).astype(int).tolist() for part in np.split(sums, 3)[1:])
    occurs = (np.split(sums, 3)[1] + np.split(sums, 3)[2] > 0).tolist()
    return tuple(
        ClassFigures(code, true[place], said[place], f1[place]) for place, code in enumerate(CLASSES) if occurs[place]
    )
