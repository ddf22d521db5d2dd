"""What is tuned on dev after training: the bias of O, and calibrated span probabilities."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from metier.data.skillspan import TaggedSentence
from metier.domain import MentionKind
from metier.measures.calibration import expected_calibration_error
from metier.tagging.layers import spans_of, tags_to_ids
from metier.tagging.tagger import NeuralTagger

Coefficients = tuple[float, float, float, float]  # as in `metier.tagging.tagger.Head`
UNCALIBRATED: Final[Coefficients] = (1.0, 1.0, 0.0, 0.0)
_FOLDS: Final = 5
_LENGTH: Final = 2  # its column among the features
_LEASTS: Final = np.round(np.arange(0.0, 0.51, 0.05), 2).tolist()
_BIASES: Final = np.round(np.arange(-2.0, 2.01, 0.1), 1)


def tune_outside_bias(
    tagger: NeuralTagger, dev: Sequence[TaggedSentence], layers: Sequence[MentionKind]
) -> dict[MentionKind, float]:
    """Find what to add to the score of O in each layer, for the best strict span F1 on dev.

    Args:
        tagger: As it will run, with no bias yet.
        dev: The dev split.
        layers: The tagger's layers.

    Returns:
        One bias per layer, from -2 to 2; of equally good ones the nearest to 0.
    """
    emissions = tagger.emissions([sentence.words for sentence in dev])
    biases = {}
    for layer in layers:
        gold = _gold(dev, layer)
        by_f1 = {
            float(bias): _f1(tagger.heads[layer].chain.best_paths(_biased(emissions[layer], bias)), gold)
            for bias in _BIASES
        }
        biases[layer] = min(by_f1, key=lambda bias: (-by_f1[bias], abs(bias)))
    return biases


def tune_least_probability(
    tagger: NeuralTagger, dev: Sequence[TaggedSentence], layers: Sequence[MentionKind]
) -> dict[MentionKind, float]:
    """Find the probability below which a span is better left out, for the best strict span F1 on dev.

    Args:
        tagger: As it will run, with its bias.
        dev: The dev split.
        layers: The tagger's layers.

    Returns:
        One probability of the chain per layer, from 0 to 0.5; of equally good ones the smallest.
    """
    emissions = tagger.emissions([sentence.words for sentence in dev])
    least = {}
    for layer in layers:
        gold = _gold(dev, layer)
        _, probability, correct = _span_features(tagger, emissions[layer], gold, layer)
        kept = probability[:, None] >= np.array(_LEASTS)  # (n_spans, n_bounds)
        f1 = 2 * (kept & correct[:, None]).sum(axis=0) / np.maximum(kept.sum(axis=0) + sum(map(len, gold)), 1)
        least[layer] = _LEASTS[int(f1.argmax())]
    return least


def fit_span_calibration(
    tagger: NeuralTagger, dev: Sequence[TaggedSentence], layers: Sequence[MentionKind]
) -> tuple[dict[MentionKind, Coefficients], dict[str, Any]]:
    """Fit each layer's calibration on dev: beta calibration (Kull, Silva Filho and Flach, 2017), and log length.

    Its map of probabilities rises: a coefficient of log p or -log (1 - p) that would be negative is 0 instead.

    Args:
        tagger: As it will run, with its bias and no calibration yet.
        dev: The dev split.
        layers: The tagger's layers.

    Returns:
        The coefficients by layer; and the expected calibration error by layer: before, after, and after
        when every fifth of dev is calibrated by the other four (the honest one). With fewer than five right
        or five wrong spans on dev the coefficients change nothing, and there is no error to tell.
    """
    emissions = tagger.emissions([sentence.words for sentence in dev])
    coefficients: dict[MentionKind, Coefficients] = {}
    errors: dict[str, Any] = {}
    for layer in layers:
        features, raw, correct = _span_features(tagger, emissions[layer], _gold(dev, layer), layer)
        if min(correct.sum(), (~correct).sum()) < _FOLDS:  # too few to learn from: probabilities stay as they are
            coefficients[layer], errors[layer] = UNCALIBRATED, {"n_spans": len(correct)}
            continue
        model = LogisticRegression(C=1e3).fit(features, correct)
        rising = [column for column in range(3) if column == _LENGTH or model.coef_[0][column] >= 0]
        model.fit(features[:, rising], correct)
        crossed = cross_val_predict(model, features[:, rising], correct, cv=_FOLDS, method="predict_proba")[:, 1]
        fitted = dict(zip(rising, map(float, model.coef_[0]), strict=True))
        if_sure, if_unsure, per_length = (fitted.get(column, 0.0) for column in range(3))
        coefficients[layer] = (if_sure, if_unsure, per_length, float(model.intercept_[0]))
        errors[layer] = {
            "ece_before": expected_calibration_error(raw, correct),
            "ece_after": expected_calibration_error(model.predict_proba(features[:, rising])[:, 1], correct),
            "ece_after_cross_fitted": expected_calibration_error(crossed, correct),
            "n_spans": len(correct),
        }
    return coefficients, errors


def _span_features(
    tagger: NeuralTagger,
    emissions: Sequence[NDArray[np.float32]],
    gold: Sequence[set[tuple[int, int]]],
    layer: MentionKind,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    chain = tagger.heads[layer].chain
    predicted = [spans_of(path) for path in chain.best_paths(emissions)]
    keep = [i for i, spans in enumerate(predicted) if spans]
    raw = chain.span_probabilities([emissions[i] for i in keep], [predicted[i] for i in keep])
    rows = [
        (probability, end - start, (start, end) in gold[i])
        for i, probabilities in zip(keep, raw, strict=True)
        for (start, end), probability in zip(predicted[i], probabilities, strict=True)
        if probability >= tagger.heads[layer].least
    ]
    probability = np.array([row[0] for row in rows], dtype=np.float64)
    length = np.array([row[1] for row in rows], dtype=np.float64)
    correct = np.array([row[2] for row in rows], dtype=np.bool_)
    clipped = probability.clip(1e-6, 1 - 1e-6)
    return np.stack([np.log(clipped), -np.log(1 - clipped), np.log(length)], axis=1), probability, correct


def _gold(dev: Sequence[TaggedSentence], layer: MentionKind) -> list[set[tuple[int, int]]]:
    return [set(spans_of(tags_to_ids(getattr(sentence, layer) or ()))) for sentence in dev]


def _biased(emissions: Sequence[NDArray[np.float32]], bias: float) -> list[NDArray[np.float32]]:
    return [scores + np.array([bias, 0, 0], dtype=np.float32) for scores in emissions]


def _f1(paths: Sequence[NDArray[np.int8]], gold: Sequence[set[tuple[int, int]]]) -> float:
    predicted = [set(spans_of(path)) for path in paths]
    hits = sum(len(found & right) for found, right in zip(predicted, gold, strict=True))
    return 2 * hits / max(sum(map(len, predicted)) + sum(map(len, gold)), 1)
