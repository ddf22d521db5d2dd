"""Two taggers on the same sentences, and whether one is really better."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from metier.data.skillspan import TaggedSentence
from metier.errors import InputError
from metier.evaluation.breakdowns import strict_f1
from metier.evaluation.span_pairs import SpanPairs, layer_views, pair_spans
from metier.measures.resampling import Difference, StochasticOrder, almost_stochastic_order, paired_bootstrap
from metier.measures.spans import Counts, strict_counts
from metier.protocols import Tagger


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerComparison:
    """The strict F1 of both sides on one layer, run by run, and their difference."""

    first: list[float]
    second: list[float]
    bootstrap: Difference  # of the means over runs; over sentences
    order: StochasticOrder | None  # over runs; None: a side has one run only

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; the interval is a list of its ends."""
        return {
            "first": self.first,
            "second": self.second,
            **self.bootstrap.to_dict(),
            "stochastic_order": asdict(self.order) if self.order else None,
        }


def compare_taggers(
    first: Sequence[Tagger],
    second: Sequence[Tagger],
    *,
    sentences: Sequence[TaggedSentence],
    seed: int = 0,
    n_resamples: int = 1000,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, LayerComparison]:
    """Measure two taggers on the same sentences, and test the difference.

    Args:
        first: One tagger, or the same trained with several seeds.
        second: What it is compared with, likewise.
        sentences: Words with gold tags.
        seed: Of the resamples.
        n_resamples: Of both tests.
        progress: Called after each tagger has read the sentences.

    Returns:
        By layer, and pooled; each test stands by itself, nothing is corrected for their number.

    Raises:
        InputError: If there are no sentences.
    """
    if not sentences:
        raise InputError("There are no sentences to compare on; give a file that has some.")
    paired: list[list[list[SpanPairs]]] = [[], []]
    for side, taggers in zip(paired, (first, second), strict=True):
        for tagger in taggers:
            side.append(pair_spans(tagger, sentences))
            progress()
    return {
        name: _compare(*([_counts(pairs, kinds) for pairs in side] for side in paired), seed=seed, n=n_resamples)
        for name, kinds in layer_views(paired[0][0]).items()
    }


def _counts(pairs: Sequence[SpanPairs], kinds: frozenset[str]) -> Counts:
    return strict_counts(
        [{span for span in pair.gold if span.kind in kinds} for pair in pairs],
        [{span for span in pair.predicted if span.kind in kinds} for pair in pairs],
    )


def _compare(first: Sequence[Counts], second: Sequence[Counts], *, seed: int, n: int) -> LayerComparison:
    figures = [strict_f1(np.array([counts.sum(axis=0) for counts in side])) for side in (first, second)]
    enough = len(first) > 1 and len(second) > 1
    return LayerComparison(
        first=figures[0].tolist(),
        second=figures[1].tolist(),
        bootstrap=paired_bootstrap(np.array(first), np.array(second), strict_f1, seed=seed, n_resamples=n),
        order=almost_stochastic_order(figures[0], figures[1], seed=seed, n_resamples=n) if enough else None,
    )
