"""Span measures: tags to spans under three rules, and precision, recall and F1 over spans."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from metier.measures.intervals import Interval, bootstrap_interval

Counts = NDArray[np.int64]  # (n_sentences, 4): hits among predicted, predicted, hits among gold, gold
Rule = Literal["strict", "conlleval", "machamp"]


@dataclass(frozen=True, slots=True, order=True)
class WordSpan:
    """Words `start` to `end` of a sentence, half-open, and what the span is."""

    start: int
    end: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Precision, recall and their harmonic mean, each in [0, 1]."""

    precision: float
    recall: float
    f1: float


def tag_spans(tags: Sequence[str], *, rule: Rule = "strict") -> list[WordSpan]:
    """List the spans that one layer of tags marks.

    A B opens a span under every rule. The rules differ on an I that nothing of its type comes before:

    - `strict` (IOB2; seqeval with `mode="strict", scheme=IOB2`): it is ignored.
    - `conlleval` (Tjong Kim Sang and Buchholz, 2000; the default of seqeval): it opens a span.
    - `machamp` (`span_f1` of van der Goot et al., 2021): an orphan is ignored, and a span that a B opened
      goes on over every I, whatever its type.

    Args:
        tags: `O`, or `B` or `I`, alone or with a type behind (`B-Skill`), one per word.
        rule: What to do with tags that are not well formed.

    Returns:
        The spans in order of start; none overlap.
    """
    spans: list[WordSpan] = []
    is_open = False
    for position, tag in enumerate(tags):
        kind = tag[2:]
        continues = is_open and tag[:1] == "I" and (rule == "machamp" or kind == spans[-1].kind)
        if continues:
            spans[-1] = WordSpan(spans[-1].start, position + 1, spans[-1].kind)
        elif tag[:1] == "B" or (rule == "conlleval" and tag[:1] == "I"):
            spans.append(WordSpan(position, position + 1, kind))
            is_open = True
        else:
            is_open = False
    return spans


def strict_counts(gold: Sequence[Collection[WordSpan]], predicted: Sequence[Collection[WordSpan]]) -> Counts:
    """Count the spans that are exactly right, by sentence.

    Args:
        gold: The true spans of each sentence.
        predicted: The spans found in each sentence; one found twice counts once.

    Returns:
        int64 (n_sentences, 4): right ones, all predicted, right ones again, all gold. Layers that were scored
        on the same sentences are pooled by adding their counts.
    """
    rows = [
        (len(right & found), len(found), len(right & found), len(right))
        for right, found in zip(map(set, gold), map(set, predicted), strict=True)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def lenient_counts(gold: Sequence[Collection[WordSpan]], predicted: Sequence[Collection[WordSpan]]) -> Counts:
    """Count the spans that share a word with one of the same kind on the other side, by sentence.

    Args:
        gold: The true spans of each sentence.
        predicted: The spans found in each sentence; one found twice counts once.

    Returns:
        int64 (n_sentences, 4): predicted that touch gold, all predicted, gold that touch predicted, all gold.
    """
    rows = [
        (_n_touching(found, right), len(found), _n_touching(right, found), len(right))
        for right, found in zip(map(set, gold), map(set, predicted), strict=True)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def loose_counts(
    gold: Sequence[Collection[WordSpan]],
    predicted: Sequence[Collection[WordSpan]],
    *,
    lengths: Sequence[int],
    legacy: bool = False,
) -> Counts:
    """Count the spans that touch one on the other side, whatever the kinds, by sentence.

    Zhang, Jensen and Plank (2022), Skill Extraction from Job Postings using Weak Supervision, call F1 over these
    counts loose. Two spans touch when they share a word: max(starts) <= min(last words). The paper's own program
    asks instead that a begin or an end of the one lies within the other, with two quirks that `legacy` keeps: a
    span that reaches beyond the other on both sides does not touch it, though the other touches the span; and
    the end is the word behind the span, but for a span at the end of its sentence, so that neighbours touch.

    Args:
        gold: The true spans of each sentence.
        predicted: The spans found in each sentence; one found twice counts once.
        lengths: Words in each sentence; only the rule of the paper asks for them.
        legacy: Count by the rule of the paper.

    Returns:
        int64 (n_sentences, 4): predicted that touch gold, all predicted, gold that touch predicted, all gold.
    """
    rows = []
    for right, found, n_words in zip(map(_bounds, gold), map(_bounds, predicted), lengths, strict=True):
        touch = partial(_touches_legacy, n_words=n_words) if legacy else _touches
        hits = sum(any(touch(span, other) for other in right) for span in found)
        recalled = sum(any(touch(span, other) for other in found) for span in right)
        rows.append((hits, len(found), recalled, len(right)))
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def precision_recall(counts: Counts) -> PrecisionRecall:
    """Micro-average: sum the counts over all sentences, then divide.

    Args:
        counts: int64 (n_sentences, 4), as `strict_counts` and `lenient_counts` give them.

    Returns:
        Precision 0 if nothing was predicted, recall 0 if there is no gold, F1 0 if both are 0.
    """
    hits, predicted, found, gold = (int(total) for total in counts.sum(axis=0))
    precision = hits / predicted if predicted else 0.0
    recall = found / gold if gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return PrecisionRecall(precision, recall, f1)


def f1_interval(counts: Counts, *, seed: int, n_resamples: int = 1000, level: float = 0.95) -> Interval:
    """Bootstrap the micro-averaged F1 over sentences.

    Args:
        counts: int64 (n_sentences, 4), as `strict_counts` and `lenient_counts` give them.
        seed: The same seed gives the same interval.
        n_resamples: At least 1.
        level: Share of the resamples inside the interval, in (0, 1).

    Returns:
        The percentile interval.
    """
    return bootstrap_interval(counts, _f1_of_sums, seed=seed, n_resamples=n_resamples, level=level)


def _f1_of_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    precision = sums[:, 0] / np.maximum(sums[:, 1], 1)
    recall = sums[:, 2] / np.maximum(sums[:, 3], 1)
    f1: NDArray[np.float64] = 2 * precision * recall / np.where(precision + recall > 0, precision + recall, 1)
    return f1


def _n_touching(spans: Collection[WordSpan], others: Collection[WordSpan]) -> int:
    return sum(
        any(span.kind == other.kind and span.start < other.end and other.start < span.end for other in others)
        for span in spans
    )


def _bounds(spans: Collection[WordSpan]) -> set[tuple[int, int]]:
    return {(span.start, span.end) for span in spans}


def _touches(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return max(span[0], other[0]) <= min(span[1], other[1]) - 1  # the ends are exclusive


def _touches_legacy(span: tuple[int, int], other: tuple[int, int], *, n_words: int) -> bool:
    """Whether a bound of `other` lies within `span`."""
    end, other_end = (min(bounds[1], n_words - 1) for bounds in (span, other))
    return span[0] <= other[0] <= end or span[0] <= other_end <= end
