"""How far annotators of the same sentences agree: on words, and on spans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan
from typing import Any, Final

import numpy as np

from metier.data.skillspan import TaggedSentence
from metier.domain import MentionKind
from metier.errors import InputError
from metier.evaluation.span_pairs import LAYERS, gold_spans, layer_tags
from metier.measures.agreement import MISSING, Labels, fleiss_kappa, krippendorff_alpha
from metier.measures.spans import Counts, lenient_counts, precision_recall, strict_counts

_TAGS: Final = {"O": 0, "B": 1, "I": 2}


@dataclass(frozen=True, slots=True)
class WordAgreement:
    """Agreement on the labels of words; None where it is not defined, as with one category only."""

    fleiss_kappa: float | None  # over the words that all annotators labelled
    krippendorff_alpha: float | None


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """F1 between the spans of two annotators, the same whichever is called gold; None where neither has a span."""

    annotators: tuple[str, str]
    strict_f1: float | None  # the very same words
    loose_f1: float | None  # a word in common
    n_spans: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerAgreement:
    """One layer."""

    annotators: tuple[str, ...]  # those who have it
    n_words: int  # that two annotators or more labelled
    n_words_by_all: int
    tags: WordAgreement  # on B, I and O
    inside: WordAgreement  # on inside or outside a span
    pairs: tuple[PairAgreement, ...]
    mean_strict_f1: float | None  # over the pairs that have one
    mean_loose_f1: float | None


def measure_agreement(annotated: Mapping[str, Sequence[TaggedSentence]]) -> dict[MentionKind, LayerAgreement]:
    """Compare annotators.

    Args:
        annotated: Annotator -> the sentences, the same ones in the same order for all; two annotators at least. A layer
            that an annotator left out of a sentence is missing there.

    Returns:
        The figures by layer, those that two annotators or more have.

    Raises:
        InputError: If two annotators have different sentences; the message names the first.
    """
    _check_same_words(annotated)
    found: dict[MentionKind, LayerAgreement] = {}
    for layer in LAYERS:
        have = {
            name: sentences
            for name, sentences in annotated.items()
            if any(layer_tags(sentence, layer) is not None for sentence in sentences)
        }
        if len(have) > 1:
            found[layer] = _agreement(have, layer)
    return found


def agreement_to_dict(layers: Mapping[MentionKind, LayerAgreement]) -> dict[str, Any]:
    """Give plain JSON values, by layer; what is not defined is None."""
    return {
        name: {
            "annotators": list(layer.annotators),
            "n_words": layer.n_words,
            "n_words_by_all": layer.n_words_by_all,
            "tags": {"fleiss_kappa": layer.tags.fleiss_kappa, "krippendorff_alpha": layer.tags.krippendorff_alpha},
            "inside": {
                "fleiss_kappa": layer.inside.fleiss_kappa,
                "krippendorff_alpha": layer.inside.krippendorff_alpha,
            },
            "mean_strict_f1": layer.mean_strict_f1,
            "mean_loose_f1": layer.mean_loose_f1,
            "pairs": [
                {
                    "annotators": list(pair.annotators),
                    "strict_f1": pair.strict_f1,
                    "loose_f1": pair.loose_f1,
                    "n_spans": list(pair.n_spans),
                }
                for pair in layer.pairs
            ],
        }
        for name, layer in layers.items()
    }


def _check_same_words(annotated: Mapping[str, Sequence[TaggedSentence]]) -> None:
    (first, sentences), *others = annotated.items()
    for name, some in others:
        for number, (one, other) in enumerate(zip(sentences, some, strict=False), start=1):
            if one.words != other.words:
                position = next(
                    (at for at, (a, b) in enumerate(zip(one.words, other.words, strict=False)) if a != b), None
                )
                at = min(len(one.words), len(other.words)) if position is None else position
                raise InputError(
                    f"{first} and {name} differ in row {number}, word {at + 1}: {_word(one, at)} and "
                    f"{_word(other, at)}; give the same sentences in the same order."
                )
        if len(sentences) != len(some):
            raise InputError(
                f"{first} has {len(sentences)} rows and {name} has {len(some)}; "
                "give the same sentences in the same order."
            )


def _word(sentence: TaggedSentence, position: int) -> str:
    return f"'{sentence.words[position]}'" if position < len(sentence.words) else "the end"


def _agreement(annotated: Mapping[str, Sequence[TaggedSentence]], layer: MentionKind) -> LayerAgreement:
    labels = np.array([_labels(sentences, layer) for sentences in annotated.values()], dtype=np.int64)
    inside = np.where(labels == _TAGS["I"], _TAGS["B"], labels)
    pairs = tuple(_pair(one, other, annotated, layer) for one, other in combinations(annotated, 2))
    n_labels = (labels != MISSING).sum(axis=0)
    return LayerAgreement(
        annotators=tuple(annotated),
        n_words=int((n_labels > 1).sum()),
        n_words_by_all=int((n_labels == len(labels)).sum()),
        tags=_on_words(labels),
        inside=_on_words(inside),
        pairs=pairs,
        mean_strict_f1=_mean([pair.strict_f1 for pair in pairs]),
        mean_loose_f1=_mean([pair.loose_f1 for pair in pairs]),
    )


def _labels(sentences: Sequence[TaggedSentence], layer: MentionKind) -> list[int]:
    labels: list[int] = []
    for sentence in sentences:
        tags = layer_tags(sentence, layer)
        labels += [MISSING] * len(sentence.words) if tags is None else [_TAGS[tag] for tag in tags]
    return labels


def _on_words(labels: Labels) -> WordAgreement:
    return WordAgreement(_defined(fleiss_kappa(labels)), _defined(krippendorff_alpha(labels)))


def _pair(one: str, other: str, annotated: Mapping[str, Sequence[TaggedSentence]], layer: MentionKind) -> PairAgreement:
    both = [
        (gold_spans(a, layer), gold_spans(b, layer))
        for a, b in zip(annotated[one], annotated[other], strict=True)
        if layer_tags(a, layer) is not None and layer_tags(b, layer) is not None
    ]
    first, second = [spans for spans, _ in both], [spans for _, spans in both]
    strict, loose = strict_counts(first, second), lenient_counts(first, second)
    n_spans = (sum(map(len, first)), sum(map(len, second)))
    return PairAgreement((one, other), _f1(strict), _f1(loose), n_spans)


def _f1(counts: Counts) -> float | None:
    return precision_recall(counts).f1 if counts[:, [1, 3]].any() else None


def _defined(value: float) -> float | None:
    return None if isnan(value) else value


def _mean(values: Sequence[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return sum(defined) / len(defined) if defined else None
