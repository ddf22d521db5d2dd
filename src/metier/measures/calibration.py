"""How far probabilities can be believed."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray


def expected_calibration_error(
    probabilities: ArrayLike,
    correct: ArrayLike,
    *,
    n_bins: int = 10,
    bins: Literal["equal_width", "equal_mass"] = "equal_width",
) -> float:
    """Measure how far probabilities are from the share of correct answers, on average.

    Guo, Pleiss, Sun and Weinberger (2017), On Calibration of Modern Neural Networks, equation 3:
    the sum over bins of (bin size / n) * |share correct in the bin - mean probability in the bin|.

    Args:
        probabilities: (n,), each in [0, 1].
        correct: (n,), 0 or 1.
        n_bins: Guo et al. use 15 for thousands of answers; with the few hundred of a dev set, 15 measure mostly noise
            (see `calibration_noise`).
        bins: `equal_width` cuts [0, 1] evenly, a bin includes its upper edge; `equal_mass` cuts the sorted
            probabilities into parts of the same size, give or take one (Nguyen and O'Connor, 2015).

    Returns:
        A number in [0, 1]; lower is better; 0 where there are no probabilities.
    """
    probability, right = np.asarray(probabilities, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    if len(probability) == 0:
        return 0.0
    members = (_by_width if bins == "equal_width" else _by_mass)(probability, n_bins)
    gaps = np.bincount(members, weights=right - probability, minlength=n_bins)  # bin size * (share - mean)
    return float(np.abs(gaps).sum() / len(probability))


def calibration_noise(probabilities: ArrayLike, *, n_bins: int = 10, n_draws: int = 200, seed: int = 0) -> float:
    """Give the calibration error that perfect probabilities would show on so few answers, by simulation.

    Args:
        probabilities: (n,), each in [0, 1]; taken as true.
        n_bins: As in `expected_calibration_error`, of equal width.
        n_draws: How often the answers are drawn.
        seed: Of the draws.

    Returns:
        The mean expected calibration error over the draws: an error near it is no sign of bad calibration.
    """
    probability = np.asarray(probabilities, dtype=np.float64)
    draw = np.random.default_rng(seed)
    errors = [
        expected_calibration_error(probability, draw.random(len(probability)) < probability, n_bins=n_bins)
        for _ in range(n_draws)
    ]
    return float(np.mean(errors))


def brier(probabilities: ArrayLike, correct: ArrayLike) -> float:
    """Give the mean squared distance of probabilities from what happened.

    Brier (1950), Verification of Forecasts Expressed in Terms of Probability, for a yes-or-no event.

    Args:
        probabilities: (n,), each in [0, 1].
        correct: (n,), 0 or 1.

    Returns:
        A number in [0, 1]; lower is better; 0 where there are no probabilities.
    """
    probability, right = np.asarray(probabilities, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    return float(np.mean((probability - right) ** 2)) if len(probability) else 0.0


def _by_width(probability: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    # (0, 1/n], (1/n, 2/n], …, as in the equation; 0 itself belongs to the first bin
    return np.clip(np.ceil(probability * n_bins).astype(np.int64) - 1, 0, n_bins - 1)


def _by_mass(probability: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    ranks = np.argsort(np.argsort(probability, kind="stable"), kind="stable")
    return ranks * n_bins // len(probability)
