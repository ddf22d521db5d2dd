"""What abstention buys: how often answers are wrong when only the surest share of them is given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metier.measures.intervals import Interval

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The points of a curve, one for each different probability, from the surest: float64 (n_points,) each."""

    thresholds: Floats  # falling; answers of at least this probability are given
    coverage: Floats  # their share of all, rising to 1
    risk: Floats  # the share of wrong ones among them

    def thinned(self, n_points: int) -> "RiskCoverage":
        """Give a curve of at most `n_points` of the points (two at least), spread evenly, first and last among them."""
        last = max(len(self.risk) - 1, 0)
        kept = np.unique(np.linspace(0, last, n_points).round().astype(np.int64))[: len(self.risk)]
        return RiskCoverage(self.thresholds[kept], self.coverage[kept], self.risk[kept])


def risk_coverage(probabilities: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Find coverage and risk at every threshold.

    Geifman and El-Yaniv (2017), Selective Classification for Deep Neural Networks, section 2, with the 0/1
    loss: coverage = share of answers given, risk = share of wrong ones among them.

    Args:
        probabilities: (n,), of the answers; equal ones are given or kept back together.
        correct: (n,), 0 or 1.

    Returns:
        The curve; it ends at coverage 1. No points where there are no probabilities.
    """
    probability, wrong = np.asarray(probabilities, dtype=np.float64), 1 - np.asarray(correct, dtype=np.float64)
    order = np.argsort(-probability, kind="stable")
    falling = probability[order]
    last = np.flatnonzero(np.append(np.diff(falling) != 0, True)[: len(falling)])  # of each run of equal ones
    n_given = last + 1
    return RiskCoverage(falling[last], n_given / max(len(falling), 1), np.cumsum(wrong[order])[last] / n_given)


def aurc(curve: RiskCoverage) -> float:
    """Give the area under a risk-coverage curve: the mean risk over the answers, each at its own threshold.

    Geifman, Uziel and El-Yaniv (2019), Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers (AURC).

    Args:
        curve: As `risk_coverage` gives it, not thinned.

    Returns:
        A number in [0, 1]; lower is better; the share of wrong answers where all probabilities are equal; 0 for no
        points.
    """
    return float(np.diff(curve.coverage, prepend=0.0) @ curve.risk)


def excess_aurc(curve: RiskCoverage, *, n_answers: int) -> float:
    """Give how much the area exceeds that of the best order of the same answers: every right one before any wrong one.

    Geifman, Uziel and El-Yaniv (2019) (E-AURC), with the sum itself in place of its approximation.

    Args:
        curve: As `risk_coverage` gives it, not thinned.
        n_answers: That it was made of.

    Returns:
        A number in [0, 1]; 0 for a perfect order, and for no points.
    """
    n_wrong = round(float(curve.risk[-1]) * n_answers) if len(curve.risk) else 0
    worst_last = np.arange(1, n_wrong + 1)
    least = float((worst_last / (n_answers - n_wrong + worst_last)).sum() / max(n_answers, 1))
    return aurc(curve) - least


def aurc_interval(
    probabilities: ArrayLike, correct: ArrayLike, *, seed: int, n_resamples: int = 1000, level: float = 0.95
) -> Interval:
    """Bootstrap the area: the percentile interval of Efron (1979) over the answers.

    Args:
        probabilities: As in `risk_coverage`.
        correct: As in `risk_coverage`.
        seed: The same seed gives the same interval.
        n_resamples: At least 1.
        level: Share of the resamples inside the interval, in (0, 1).

    Returns:
        The interval; (0, 0) for no answers.
    """
    probability, right = np.asarray(probabilities, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if not len(probability):
        return Interval(0.0, 0.0)
    draw = np.random.default_rng(seed)
    drawn = (draw.integers(len(probability), size=len(probability)) for _ in range(n_resamples))
    areas = [aurc(risk_coverage(probability[some], right[some])) for some in drawn]
    low, high = np.quantile(areas, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
