"""Where spans begin and end: predicted against gold length, and what is wrong with the wrong ones."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from metier.evaluation.breakdowns import LENGTHS, length_bin, n_words
from metier.evaluation.span_pairs import SpanPairs, layer_views
from metier.measures.spans import WordSpan

PREDICTED_KINDS: Final = ("correct", "too_short", "too_long", "shifted", "other_layer", "spurious")
GOLD_KINDS: Final = ("correct", "touched", "missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthFigures:
    """How long the spans of a layer are, in words, and how long the predictions that touch them."""

    mean_gold: float  # 0: there are none
    mean_predicted: float
    n_gold: int
    n_predicted: int
    pairs: list[list[int]]  # row: gold length, column: predicted length, of overlapping spans; both in LENGTHS


def compare_lengths(pairs: Sequence[SpanPairs]) -> dict[str, LengthFigures]:
    """Set the lengths of predicted spans against those of gold spans.

    Args:
        pairs: What `pair_spans` gives.

    Returns:
        By layer, and pooled. A pair is a gold span and a prediction of the same layer that share a word; a span that
        touches two is in two pairs.
    """
    return {name: _lengths(pairs, kinds) for name, kinds in layer_views(pairs).items()}


def sort_predictions(pairs: Sequence[SpanPairs]) -> dict[str, dict[str, int]]:
    """Sort every prediction by what is wrong with it.

    Each is compared with the gold span of its layer that it shares most words with, the first of equals:

    - `correct`: the same words; `too_short`: some of them; `too_long`: all of them and more;
    - `shifted`: some of them and others;
    - `other_layer`: it touches no gold span of its layer, and touches one of the other layer;
    - `spurious`: it touches nothing.

    Args:
        pairs: What `pair_spans` gives.

    Returns:
        By layer, and pooled: how many of each of `PREDICTED_KINDS`; they sum to the number of predictions.
    """
    return {
        name: _tally(
            (prediction_kind(span, pair.gold) for pair in pairs for span in pair.predicted if span.kind in kinds),
            PREDICTED_KINDS,
        )
        for name, kinds in layer_views(pairs).items()
    }


def sort_gold(pairs: Sequence[SpanPairs]) -> dict[str, dict[str, int]]:
    """Sort every gold span by whether it was found.

    Args:
        pairs: What `pair_spans` gives.

    Returns:
        By layer, and pooled: how many were found exactly (`correct`), `touched` by a prediction of their layer only, or
        `missed`; they sum to the number of gold spans.
    """
    return {
        name: _tally(
            (gold_kind(span, pair.predicted) for pair in pairs for span in pair.gold if span.kind in kinds),
            GOLD_KINDS,
        )
        for name, kinds in layer_views(pairs).items()
    }


def prediction_kind(prediction: WordSpan, gold: Collection[WordSpan]) -> str:
    """The one of `PREDICTED_KINDS` that a prediction falls into; see `sort_predictions`."""
    touched = sorted(span for span in gold if n_shared(prediction, span))
    own = [span for span in touched if span.kind == prediction.kind]
    if not own:
        return "other_layer" if touched else "spurious"
    best = max(own, key=lambda span: n_shared(prediction, span))
    n_common = n_shared(prediction, best)
    covers, is_covered = n_common == best.end - best.start, n_common == prediction.end - prediction.start
    if covers and is_covered:
        return "correct"
    return "too_long" if covers else "too_short" if is_covered else "shifted"


def gold_kind(span: WordSpan, predicted: Collection[WordSpan]) -> str:
    """The one of `GOLD_KINDS` that a gold span falls into; see `sort_gold`."""
    if span in predicted:
        return "correct"
    return "touched" if any(n_shared(span, other) for other in predicted if other.kind == span.kind) else "missed"


def n_shared(one: WordSpan, other: WordSpan) -> int:
    """How many words two spans share, whatever their layers."""
    return max(min(one.end, other.end) - max(one.start, other.start), 0)


def _lengths(pairs: Sequence[SpanPairs], kinds: frozenset[str]) -> LengthFigures:
    gold = [n_words(span) for pair in pairs for span in pair.gold if span.kind in kinds]
    predicted = [n_words(span) for pair in pairs for span in pair.predicted if span.kind in kinds]
    table = Counter(
        (length_bin(right), length_bin(found))
        for pair in pairs
        for right in pair.gold
        for found in pair.predicted
        if right.kind == found.kind and right.kind in kinds and n_shared(right, found)
    )
    return LengthFigures(
        mean_gold=float(np.mean(gold)) if gold else 0.0,
        mean_predicted=float(np.mean(predicted)) if predicted else 0.0,
        n_gold=len(gold),
        n_predicted=len(predicted),
        pairs=[[table[row, column] for column in LENGTHS] for row in LENGTHS],
    )


def _tally(kinds: Iterable[str], names: Sequence[str]) -> dict[str, int]:
    counts = Counter(kinds)
    return {name: counts[name] for name in names}
