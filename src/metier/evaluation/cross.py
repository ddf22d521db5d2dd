"""Taggers trained on one data set, measured on another, with and without stores of neighbours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from metier.data.skillspan import TaggedSentence
from metier.evaluation.tagging import evaluate_tagging
from metier.measures.intervals import Interval
from metier.measures.spans import PrecisionRecall
from metier.protocols import Tagger

Store = Literal["none", "in-data", "all-data", "all-but-target"]
STORES: Final[tuple[Store, ...]] = get_args(Store)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFigures:
    """One tagger with one store on one data set; spans have one layer."""

    trained_on: str
    target: str
    store: Store
    strict: PrecisionRecall
    interval: Interval  # of F1
    n_gold: int
    n_predicted: int


def cross_data_sets(
    tagger_for: Callable[[str, str, Store], Tagger],
    *,
    trained_on: Sequence[str],
    targets: Mapping[str, Sequence[TaggedSentence]],
    stores: Sequence[Store] = STORES,
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
) -> list[CrossFigures]:
    """Measure every tagger on every data set with every store.

    Args:
        tagger_for: Gives the tagger: what it was trained on, the target, the store.
        trained_on: The data sets that there is a tagger for.
        targets: The sentences to measure on, by data set; their layer is `skill`, the other is None.
        stores: Which to compare.
        seed: Of the bootstrap.
        progress: Called after each measure.

    Returns:
        By what the tagger was trained on, then target, then store, in the order given.
    """
    figures = []
    for source in trained_on:
        for target, sentences in targets.items():
            for store in stores:
                report = evaluate_tagging(tagger_for(source, target, store), sentences, seed=seed)
                layer = report.layers["skill"]
                figures.append(
                    CrossFigures(
                        trained_on=source,
                        target=target,
                        store=store,
                        strict=layer.strict,
                        interval=layer.interval,
                        n_gold=layer.n_gold,
                        n_predicted=layer.n_predicted,
                    )
                )
                progress()
    return figures


def mean_gain(figures: Sequence[CrossFigures], store: Store) -> float | None:
    """Average what a store adds to F1 over the pairs of two different data sets.

    Args:
        figures: What `cross_data_sets` gives.
        store: Compared with `none`.

    Returns:
        A difference of fractions; None where there is no such pair.
    """
    f1 = {(one.trained_on, one.target, one.store): one.strict.f1 for one in figures}
    gains = [
        f1[source, target, store] - f1[source, target, "none"]
        for source, target, some in f1
        if some == store and source != target
    ]
    return sum(gains) / len(gains) if gains else None
