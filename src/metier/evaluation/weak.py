"""How well spans are found without labels: skill and knowledge merged, strict and loose, at each threshold.

Zhang, Jensen and Plank (2022), Skill Extraction from Job Postings using Weak Supervision.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from metier.data.skillspan import TaggedSentence, merged_layers, span_tags
from metier.evaluation.span_pairs import LAYERS, POOLED, gold_spans, layer_tags, tag_words
from metier.measures.intervals import Interval
from metier.measures.spans import (
    Counts,
    PrecisionRecall,
    WordSpan,
    f1_interval,
    loose_counts,
    precision_recall,
    strict_counts,
    tag_spans,
)
from metier.protocols import Tagger

THRESHOLDS: Final = tuple(step / 10 for step in range(11))  # of the paper
Spans = list[set[WordSpan]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakFigures:
    """What a method gives when it keeps the spans whose probability is above a threshold."""

    above: float | None  # None: everything is kept
    strict: PrecisionRecall
    strict_interval: Interval
    loose: PrecisionRecall
    loose_interval: Interval
    loose_legacy: PrecisionRecall
    typed: dict[str, PrecisionRecall]  # strict, by layer that has gold, and pooled: both layers, nothing merged
    n_gold: int
    n_predicted: int

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            **asdict(self),
            "strict_interval": [self.strict_interval.low, self.strict_interval.high],
            "loose_interval": [self.loose_interval.low, self.loose_interval.high],
        }


@dataclass(frozen=True, slots=True)
class WeakReport:
    """A method's figures on one file."""

    best: WeakFigures  # at the threshold that is best on the same file, as the paper reports
    tuned: WeakFigures | None  # at the threshold that is best on other sentences
    by_threshold: tuple[WeakFigures, ...]  # empty for a method without thresholds

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; of each threshold the F1 scores only."""
        return {
            "best": self.best.to_dict(),
            "tuned": self.tuned and self.tuned.to_dict(),
            "by_threshold": [
                {
                    "above": one.above,
                    "strict": one.strict.f1,
                    "loose": one.loose.f1,
                    "loose_legacy": one.loose_legacy.f1,
                }
                for one in self.by_threshold
            ],
        }


def evaluate_weak(
    tagger: Tagger, sentences: Sequence[TaggedSentence], *, thresholds: Sequence[float | None], seed: int = 0
) -> list[WeakFigures]:
    """Tag sentences once and compare with the gold at each threshold.

    Both sides are merged into one layer without types, word by word: the skill tag wins, else the knowledge tag
    stands. The typed figures are of the layers as they are.

    Args:
        tagger: What to evaluate.
        sentences: Words with gold tags; a layer that is not annotated counts as empty where layers are merged.
        thresholds: Each keeps the spans above it; None keeps all.
        seed: Of the bootstrap over sentences.

    Returns:
        One per threshold, in order.
    """
    found = tag_words(tagger, sentences)
    figures = []
    for above in thresholds:
        kept = [{span for span, probability in some if above is None or probability > above} for some in found]
        figures.append(_figures(sentences, kept, above=above, seed=seed))
    return figures


def measure_method(
    tagger: Tagger,
    sentences: Sequence[TaggedSentence],
    *,
    tuning: Sequence[TaggedSentence],
    thresholds: Sequence[float | None],
    seed: int = 0,
) -> WeakReport:
    """Evaluate a method at its thresholds, and choose among them.

    Args:
        tagger: The method; its probabilities are what thresholds are for.
        sentences: To measure on.
        tuning: Other sentences, to choose a threshold on; may be empty.
        thresholds: At least one; several are chosen from by strict F1, of equals the lowest.
        seed: Of the bootstrap.

    Returns:
        The figures.
    """
    figures = evaluate_weak(tagger, sentences, thresholds=thresholds, seed=seed)
    tuned = None
    if tuning and len(thresholds) > 1:
        above = _best(evaluate_weak(tagger, tuning, thresholds=thresholds, seed=seed)).above
        tuned = next(one for one in figures if one.above == above)
    return WeakReport(_best(figures), tuned, tuple(figures) if len(thresholds) > 1 else ())


def _best(figures: Sequence[WeakFigures]) -> WeakFigures:
    return max(figures, key=lambda one: one.strict.f1)


def _figures(sentences: Sequence[TaggedSentence], found: Spans, *, above: float | None, seed: int) -> WeakFigures:
    gold = [_merged(sentence) for sentence in sentences]
    predicted = [_merged(_tagged(sentence, some)) for sentence, some in zip(sentences, found, strict=True)]
    lengths = [len(sentence.words) for sentence in sentences]
    strict = strict_counts(gold, predicted)
    loose = loose_counts(gold, predicted, lengths=lengths)
    return WeakFigures(
        above=above,
        strict=precision_recall(strict),
        strict_interval=f1_interval(strict, seed=seed),
        loose=precision_recall(loose),
        loose_interval=f1_interval(loose, seed=seed),
        loose_legacy=precision_recall(loose_counts(gold, predicted, lengths=lengths, legacy=True)),
        typed=_typed(sentences, found),
        n_gold=sum(map(len, gold)),
        n_predicted=sum(map(len, predicted)),
    )


def _typed(sentences: Sequence[TaggedSentence], found: Spans) -> dict[str, PrecisionRecall]:
    counts: dict[str, Counts] = {}
    for layer in LAYERS:
        annotated = [layer_tags(sentence, layer) is not None for sentence in sentences]
        if any(annotated):
            gold = [gold_spans(sentence, layer) for sentence in sentences]
            predicted = [
                {span for span in some if span.kind == layer and is_annotated}
                for some, is_annotated in zip(found, annotated, strict=True)
            ]
            counts[layer] = strict_counts(gold, predicted)
    if counts:
        counts[POOLED] = np.add.reduce(list(counts.values()))
    return {name: precision_recall(some) for name, some in counts.items()}


def _merged(sentence: TaggedSentence) -> set[WordSpan]:
    return set(tag_spans(merged_layers(sentence).skill or (), rule="conlleval"))


def _tagged(sentence: TaggedSentence, spans: set[WordSpan]) -> TaggedSentence:
    skill, knowledge = (
        span_tags(((span.start, span.end) for span in spans if span.kind == layer), n_words=len(sentence.words))
        for layer in LAYERS
    )
    return TaggedSentence(sentence.words, skill, knowledge)
