"""How probable it is that a candidate is right (Platt, 1999), and when to abstain: fitted on dev."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from metier.measures.calibration import calibration_noise, expected_calibration_error

_FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class CalibrationQuery:
    """The best candidates of one dev mention."""

    sentence: str  # mentions of one sentence are held out together
    features: NDArray[np.float64]  # (n_candidates, 4), of `linker.candidate_features`, best first
    right: NDArray[np.bool_]  # (n_candidates,)
    linkable: bool  # whether the taxonomy has what it means


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted, and what it gave on dev."""

    weights: tuple[float, ...]  # one for each feature, the constant last
    abstain_below: float
    measures: dict[str, Any]


def fit_calibration(queries: Sequence[CalibrationQuery]) -> Calibration:
    """Fit a logistic regression over all candidates, and choose the threshold on held-out probabilities.

    Args:
        queries: Of five different sentences at least, with right candidates and wrong ones.

    Returns:
        The weights, the threshold, and the calibration errors of best candidates: fitted, and cross-fitted by
        sentence.
    """
    numbers = {sentence: number for number, sentence in enumerate(dict.fromkeys(query.sentence for query in queries))}
    table = np.concatenate([query.features for query in queries])
    right = np.concatenate([query.right for query in queries])
    first = np.concatenate([np.arange(len(query.right)) == 0 for query in queries])
    groups = np.concatenate([np.full(len(query.right), numbers[query.sentence]) for query in queries])
    model = LogisticRegression(C=100.0)
    crossed = cross_val_predict(model, table, right, groups=groups, cv=GroupKFold(_FOLDS), method="predict_proba")[:, 1]
    fitted = model.fit(table, right).predict_proba(table)[:, 1]
    threshold, f_half = best_threshold(crossed[first], right[first], sum(query.linkable for query in queries))
    return Calibration(
        (*(float(weight) for weight in model.coef_[0]), float(model.intercept_[0])),
        threshold,
        {
            "ece_after": expected_calibration_error(fitted[first], right[first]),
            "ece_after_cross_fitted": expected_calibration_error(crossed[first], right[first]),
            "ece_of_perfect_probabilities": calibration_noise(fitted[first]),
            "link_f0.5_at_threshold": f_half,
            "n_mentions": len(queries),
        },
    )


def best_threshold(
    probabilities: NDArray[np.float64], correct: NDArray[np.bool_], n_linkable: int
) -> tuple[float, float]:
    """The probability under which to abstain, for the best F0.5 of the links given: precision counts more than recall.

    F_b = (1 + b^2) hits / (given + b^2 there are), with b = 0.5 (van Rijsbergen, 1979): a wrong link does more harm
    than a missing one, whose candidates are listed anyway.

    Args:
        probabilities: float64 (n_mentions,), of each mention's best candidate.
        correct: bool (n_mentions,), whether it is right.
        n_linkable: Mentions that have a concept.

    Returns:
        The threshold, from 0 to 0.9, and its F0.5; the highest of equally good thresholds.
    """
    best = (0.0, 0.0)
    for threshold in np.arange(0, 0.91, 0.05).round(2).tolist():
        given = probabilities >= threshold
        f_half = float(1.25 * (correct & given).sum() / max(given.sum() + 0.25 * n_linkable, 1))
        best = max(best, (f_half, threshold))
    return best[1], best[0]
