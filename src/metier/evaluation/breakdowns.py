"""F1 by kind of span: by length, by frequency in training, by source, seen or not.

Every gold span and every predicted span falls into one bin, each by its own length, string or sentence. The recall of
a bin is over its gold spans, the precision over its predictions, and F1 is micro-averaged; so the counts over the bins
sum to those of the strict measure.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.skillspan import TaggedSentence
from metier.evaluation.span_pairs import LAYERS, SpanPairs, gold_spans, layer_views
from metier.measures.resampling import resampled_sums
from metier.measures.spans import Counts, WordSpan, precision_recall

LENGTHS: Final = (*map(str, range(1, 11)), ">10")
LENGTH_PAIRS: Final = ("1-2", "3-4", "5-6", "7-8", "9-10", ">10")
FREQUENCIES: Final = ("0", "1-3", "4-6", "7-10", "11-15", ">15")
STRINGS: Final = ("unseen", "seen")
SENTENCES: Final = ("new", "repeated")

Frequencies = Counter[tuple[str, str]]  # (layer, string) -> how often it is a gold span
_BinOf = Callable[[SpanPairs, WordSpan], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinFigures:
    """The spans of one bin; a share is 0 where there is nothing that it is a share of."""

    bin: str
    precision: float
    recall: float
    f1: float
    interval: tuple[float, float]  # of F1, 95 %, by bootstrap over all sentences
    n_gold: int
    n_predicted: int
    n_correct: int


Breakdown = dict[str, list[BinFigures]]  # by layer, then `pooled`; every list has all bins, in order


def by_length(pairs: Sequence[SpanPairs], *, seed: int = 0, n_resamples: int = 1000) -> Breakdown:
    """Break F1 down by the number of words, 1 to 10 and more.

    Gold spans are binned by their own length, which gives recall, and predicted spans by theirs, which gives precision:
    a prediction that is too short is a missed span in one bin and a false one in another.

    Args:
        pairs: What `pair_spans` gives.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        By layer, the figures of each of `LENGTHS`.
    """
    return _break_down(pairs, LENGTHS, lambda _, span: length_bin(span), seed=seed, n_resamples=n_resamples)


def by_length_pair(pairs: Sequence[SpanPairs], *, seed: int = 0, n_resamples: int = 1000) -> Breakdown:
    """Break F1 down as `by_length`, two lengths to a bin (as Zhang, van der Goot and Plank, 2023, ESCOXLM-R).

    Args:
        pairs: What `pair_spans` gives.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        By layer, the figures of each of `LENGTH_PAIRS`.
    """

    def bin_of(_: SpanPairs, span: WordSpan) -> str:
        return LENGTH_PAIRS[min(max(n_words(span) - 1, 0) // 2, 5)]

    return _break_down(pairs, LENGTH_PAIRS, bin_of, seed=seed, n_resamples=n_resamples)


def by_frequency(
    pairs: Sequence[SpanPairs], training: Frequencies, *, seed: int = 0, n_resamples: int = 1000
) -> Breakdown:
    """Break F1 down by how often the span's string is a gold span of its layer in the training set.

    A false positive falls into the bin of the predicted string. Strings are compared as they are written: `Python` and
    `python` are two, which gives the bins of Zhang et al. (2024), NNOSE, section on the long tail, where the bin of 0
    was left out and is kept here.

    Args:
        pairs: What `pair_spans` gives.
        training: What `count_strings` gives for the training set.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        By layer, the figures of each of `FREQUENCIES`.
    """

    def bin_of(pair: SpanPairs, span: WordSpan) -> str:
        return frequency_bin(training[span.kind, pair.text(span)])

    return _break_down(pairs, FREQUENCIES, bin_of, seed=seed, n_resamples=n_resamples)


def by_string(
    pairs: Sequence[SpanPairs], training: Frequencies, *, seed: int = 0, n_resamples: int = 1000
) -> Breakdown:
    """Break F1 down by whether the span's string is a gold span of its layer in the training set.

    Args:
        pairs: What `pair_spans` gives.
        training: What `count_strings` gives for the training set.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        By layer, the figures of each of `STRINGS`.
    """

    def bin_of(pair: SpanPairs, span: WordSpan) -> str:
        return STRINGS[training[span.kind, pair.text(span)] > 0]

    return _break_down(pairs, STRINGS, bin_of, seed=seed, n_resamples=n_resamples)


def by_sentence(
    pairs: Sequence[SpanPairs], training: Sequence[TaggedSentence], *, seed: int = 0, n_resamples: int = 1000
) -> Breakdown:
    """Break F1 down by whether the sentence is in the training set, word for word.

    Args:
        pairs: What `pair_spans` gives.
        training: The training set.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        By layer, the figures of each of `SENTENCES`.
    """
    known = {sentence.words for sentence in training}

    def bin_of(pair: SpanPairs, _: WordSpan) -> str:
        return SENTENCES[pair.sentence.words in known]

    return _break_down(pairs, SENTENCES, bin_of, seed=seed, n_resamples=n_resamples)


def by_source(pairs: Sequence[SpanPairs], *, seed: int = 0, n_resamples: int = 1000) -> Breakdown:
    """Break F1 down by where the posting comes from.

    Args:
        pairs: What `pair_spans` gives.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        By layer, the figures of each source, by name; one without a name is `unknown`.
    """
    sources = sorted({_source(pair) for pair in pairs})
    return _break_down(pairs, sources, lambda pair, _: _source(pair), seed=seed, n_resamples=n_resamples)


def count_strings(sentences: Sequence[TaggedSentence]) -> Frequencies:
    """Count how often each string is a gold span.

    Args:
        sentences: A training set.

    Returns:
        By layer and string, the words of the span joined by single spaces, as they are written.
    """
    return Counter(
        (layer, " ".join(sentence.words[span.start : span.end]))
        for sentence in sentences
        for layer in LAYERS
        for span in gold_spans(sentence, layer)
    )


def n_words(span: WordSpan) -> int:
    """The length of a span; a mention that touched no word counts as one of one word."""
    return max(span.end - span.start, 1)


def length_bin(span: WordSpan) -> str:
    """The one of `LENGTHS` that a span falls into."""
    return LENGTHS[min(n_words(span), len(LENGTHS)) - 1]


def frequency_bin(frequency: int) -> str:
    """The one of `FREQUENCIES` that a count falls into."""
    return FREQUENCIES[int(np.searchsorted((0, 3, 6, 10, 15), frequency))]


def _source(pair: SpanPairs) -> str:
    return pair.sentence.source or "unknown"


def _break_down(
    pairs: Sequence[SpanPairs], bins: Sequence[str], bin_of: _BinOf, *, seed: int, n_resamples: int
) -> Breakdown:
    breakdown: Breakdown = {}
    for name, kinds in layer_views(pairs).items():
        counts = _count(pairs, bins, bin_of, kinds)  # (n_bins, n_sentences, 4)
        breakdown[name] = [
            _figures(label, rows, seed=seed, n_resamples=n_resamples) for label, rows in zip(bins, counts, strict=True)
        ]
    return breakdown


def _count(pairs: Sequence[SpanPairs], bins: Sequence[str], bin_of: _BinOf, kinds: frozenset[str]) -> NDArray[np.int64]:
    """Count as `strict_counts`, bin by bin: a right prediction is in the same bin as its gold span."""
    row = {label: number for number, label in enumerate(bins)}
    counts = np.zeros((len(bins), len(pairs), 4), dtype=np.int64)
    for sentence, pair in enumerate(pairs):
        for span in pair.predicted:
            if span.kind in kinds:
                counts[row[bin_of(pair, span)], sentence] += (span in pair.gold, 1, 0, 0)
        for span in pair.gold:
            if span.kind in kinds:
                counts[row[bin_of(pair, span)], sentence] += (0, 0, span in pair.predicted, 1)
    return counts


def _figures(label: str, counts: Counts, *, seed: int, n_resamples: int) -> BinFigures:
    shares = precision_recall(counts)
    drawn = strict_f1(resampled_sums(counts, seed=seed, n_resamples=n_resamples))
    low, high = np.quantile(drawn, [0.025, 0.975])
    n_correct, n_predicted, _, n_gold = (int(total) for total in counts.sum(axis=0))
    return BinFigures(
        bin=label,
        precision=shares.precision,
        recall=shares.recall,
        f1=shares.f1,
        interval=(float(low), float(high)),
        n_gold=n_gold,
        n_predicted=n_predicted,
        n_correct=n_correct,
    )


def strict_f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn sums of strict counts, (n, 4), into F1, (n,): right ones over the mean of predicted and gold."""
    f1: NDArray[np.float64] = 2 * sums[:, 0] / np.maximum(sums[:, 1] + sums[:, 3], 1)
    return f1
