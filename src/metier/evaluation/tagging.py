"""How well a tagger finds the spans of a tagged file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from metier.data.skillspan import TaggedSentence
from metier.domain import MentionKind
from metier.evaluation.span_pairs import LAYERS, gold_spans, layer_tags, tag_words
from metier.evaluation.span_pairs import POOLED as POOLED  # part of what this module offers
from metier.measures.calibration import brier, expected_calibration_error
from metier.measures.intervals import Interval
from metier.measures.spans import (
    Counts,
    PrecisionRecall,
    WordSpan,
    f1_interval,
    lenient_counts,
    precision_recall,
    strict_counts,
)
from metier.protocols import Tagger


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFigures:
    """One layer, or both pooled, under the three ways to count."""

    strict: PrecisionRecall
    interval: Interval  # of the strict F1
    lenient: PrecisionRecall
    seqeval_default: PrecisionRecall
    n_gold: int
    n_predicted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggingReport:
    """A tagger's figures on one file; probabilities are judged against the strict measure."""

    layers: dict[str, LayerFigures]  # by layer, those that have gold; then `pooled` over these
    ece: float
    ece_equal_mass: float
    brier: float
    n_sentences: int
    n_mentions: int  # that the probabilities were judged on

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values: strict by layer, the rest under `lenient` and `seqeval_default`."""
        strict = {
            name: {
                **asdict(figures.strict),
                "interval": [figures.interval.low, figures.interval.high],
                "n_gold": figures.n_gold,
                "n_predicted": figures.n_predicted,
            }
            for name, figures in self.layers.items()
        }
        return {
            **strict,
            "lenient": {name: asdict(figures.lenient) for name, figures in self.layers.items()},
            "seqeval_default": {name: asdict(figures.seqeval_default) for name, figures in self.layers.items()},
            "ece": self.ece,
            "ece_equal_mass": self.ece_equal_mass,
            "brier": self.brier,
            "n_sentences": self.n_sentences,
            "n_mentions": self.n_mentions,
        }


@dataclass(frozen=True, slots=True)
class _LayerCounts:
    strict: Counts
    lenient: Counts
    seqeval_default: Counts


def evaluate_tagging(
    tagger: Tagger, sentences: Sequence[TaggedSentence], *, seed: int = 0, n_resamples: int = 1000
) -> TaggingReport:
    """Tag sentences and compare with their gold tags.

    The tagger reads the words joined by single spaces and is told where they are; a mention covers every word
    that it overlaps. A layer is scored on the sentences that have gold for it, and left out where none has;
    `pooled` adds the counts of the scored layers (GermEval 2014, strict and combined).

    Args:
        tagger: What to evaluate.
        sentences: Words with gold tags.
        seed: Of the bootstrap over sentences.
        n_resamples: Of the bootstrap.

    Returns:
        The report. In `seqeval_default` an orphan I of the gold opens a span; the predictions are the same.
    """
    found = tag_words(tagger, sentences)
    counts: dict[str, _LayerCounts] = {
        layer: _count(sentences, found, layer) for layer in LAYERS if _scored(sentences, layer)
    }
    if counts:
        counts[POOLED] = _add(list(counts.values()))
    judged = [pair for sentence, some in zip(sentences, found, strict=True) for pair in _judge(sentence, some)]
    probabilities, correct = np.array(judged, dtype=np.float64).reshape(-1, 2).T
    return TaggingReport(
        layers={name: _figures(some, seed=seed, n_resamples=n_resamples) for name, some in counts.items()},
        ece=expected_calibration_error(probabilities, correct),
        ece_equal_mass=expected_calibration_error(probabilities, correct, bins="equal_mass"),
        brier=brier(probabilities, correct),
        n_sentences=len(sentences),
        n_mentions=len(judged),
    )


def _scored(sentences: Sequence[TaggedSentence], layer: MentionKind) -> bool:
    return any(layer_tags(sentence, layer) is not None for sentence in sentences)


def _count(
    sentences: Sequence[TaggedSentence], found: Sequence[Sequence[tuple[WordSpan, float]]], layer: MentionKind
) -> _LayerCounts:
    """Count one layer; a sentence without gold for it has a row of zeros, so that rows stay sentences."""
    predicted = [
        {span for span, _ in some if span.kind == layer} if layer_tags(sentence, layer) is not None else set()
        for sentence, some in zip(sentences, found, strict=True)
    ]
    strict = [gold_spans(sentence, layer) for sentence in sentences]
    conlleval = [gold_spans(sentence, layer, rule="conlleval") for sentence in sentences]
    return _LayerCounts(
        strict_counts(strict, predicted),
        lenient_counts(strict, predicted),
        strict_counts(conlleval, predicted),
    )


def _add(layers: Sequence[_LayerCounts]) -> _LayerCounts:
    return _LayerCounts(
        strict=np.add.reduce([layer.strict for layer in layers]),
        lenient=np.add.reduce([layer.lenient for layer in layers]),
        seqeval_default=np.add.reduce([layer.seqeval_default for layer in layers]),
    )


def _figures(counts: _LayerCounts, *, seed: int, n_resamples: int) -> LayerFigures:
    return LayerFigures(
        strict=precision_recall(counts.strict),
        interval=f1_interval(counts.strict, seed=seed, n_resamples=n_resamples),
        lenient=precision_recall(counts.lenient),
        seqeval_default=precision_recall(counts.seqeval_default),
        n_gold=int(counts.strict[:, 3].sum()),
        n_predicted=int(counts.strict[:, 1].sum()),
    )


def _judge(sentence: TaggedSentence, found: Sequence[tuple[WordSpan, float]]) -> list[tuple[float, bool]]:
    """Pair the probability of each mention, of the layers with gold, with whether it is exactly right."""
    gold: dict[str, set[WordSpan]] = {
        layer: gold_spans(sentence, layer) for layer in LAYERS if layer_tags(sentence, layer) is not None
    }
    return [(probability, span in gold[span.kind]) for span, probability in found if span.kind in gold]
