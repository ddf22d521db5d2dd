"""Is the difference real: bootstrap sums, the paired bootstrap, and Almost Stochastic Order."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.measures.intervals import Interval

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]  # sums (n, n_columns) -> figures (n,)

_STEPS: Final = 1000  # of the integral over quantiles


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more the first system has than the second, and whether that may be chance."""

    difference: float
    interval: Interval  # of the difference, 95 %
    p_value: float  # two-sided

    def to_dict(self) -> dict[str, float | list[float]]:
        """Give plain JSON values; the interval is a list of its ends."""
        interval = [self.interval.low, self.interval.high]
        return {"difference": self.difference, "interval": interval, "p_value": self.p_value}


@dataclass(frozen=True, slots=True)
class StochasticOrder:
    """How far the first system's runs are from being better than the second's at every quantile.

    Both lie in [0, 1]. `bound` below 0.5 says that the first is almost stochastically greater; 0 that it is
    stochastically greater.
    """

    violation: float
    bound: float  # the violation is below it with the stated confidence


def resampled_sums(items: NDArray[np.generic], *, seed: int, n_resamples: int = 1000) -> Floats:
    """Draw the items with replacement, as many as there are, and add them up; again and again.

    Equal items are drawn together, which leaves the distribution as it is and takes a fraction of the time.

    Args:
        items: (n_items, n_columns).
        seed: The same seed gives the same sums.
        n_resamples: At least 1.

    Returns:
        float64 (n_resamples, n_columns); zeros where there are no items.
    """
    if len(items) == 0:
        return np.zeros((n_resamples, items.shape[1]))
    kinds, n_equal = np.unique(items.astype(np.float64), axis=0, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(len(items), n_equal / len(items), size=n_resamples)
    sums: Floats = draws @ kinds  # (n_resamples, n_kinds) @ (n_kinds, n_columns)
    return sums


def paired_bootstrap(
    first: NDArray[np.generic],
    second: NDArray[np.generic],
    statistic: Statistic,
    *,
    seed: int,
    n_resamples: int = 1000,
) -> Difference:
    """Compare two systems on the same items, each by the mean over its runs.

    The test of Berg-Kirkpatrick, Burkett and Klein (2012), An Empirical Investigation of Statistical Significance
    in NLP, section 2, made two-sided: the share of resamples whose difference lies at least as far from the
    observed one as that lies from 0, with one added above and below so that it is never 0.

    Args:
        first: (n_runs, n_items, n_columns), what each item adds to the sums of each run.
        second: Likewise, on the same items; the number of runs may differ.
        statistic: Sums (n, n_columns) -> figures (n,).
        seed: The same seed gives the same answer.
        n_resamples: At least 1.

    Returns:
        The difference, first minus second; 0 with a p-value of 1 where the two are equal.
    """
    columns = np.concatenate([*first, *second], axis=1)  # (n_items, all runs * n_columns)

    def differences(sums: Floats) -> Floats:
        figures = np.array([statistic(some) for some in np.split(sums, len(first) + len(second), axis=1)])
        gap: Floats = figures[: len(first)].mean(axis=0) - figures[len(first) :].mean(axis=0)
        return gap

    observed = float(differences(columns.sum(axis=0, dtype=np.float64)[None])[0])
    drawn = differences(resampled_sums(columns, seed=seed, n_resamples=n_resamples))
    low, high = np.quantile(drawn, [0.025, 0.975])
    as_far = int((np.abs(drawn - observed) >= abs(observed)).sum())
    return Difference(observed, Interval(float(low), float(high)), (as_far + 1) / (n_resamples + 1))


def almost_stochastic_order(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    *,
    seed: int,
    n_resamples: int = 1000,
    confidence: float = 0.95,
) -> StochasticOrder:
    """Compare the runs of two systems, higher being better, without assuming a distribution.

    Dror, Shlomov and Reichart (2019), Deep Dominance, equations 5 to 8, after del Barrio, Cuesta-Albertos and
    Matran (2018). With two or three runs a side the bound says little.

    Args:
        first: (n_runs,), one figure per seed.
        second: (m_runs,).
        seed: The same seed gives the same answer.
        n_resamples: At least 2.
        confidence: That the violation is below the bound, in (0, 1).

    Returns:
        The violation and its upper bound; 0.5 where both systems gave the same figures.
    """
    generator = np.random.default_rng(seed)
    violation = _violation(first, second)
    drawn = [
        _violation(generator.choice(first, len(first)), generator.choice(second, len(second)))
        for _ in range(n_resamples)
    ]
    bound = violation + float(np.std(drawn)) * NormalDist().inv_cdf(confidence)
    return StochasticOrder(violation, min(max(bound, 0.0), 1.0))


def _violation(first: Floats, second: Floats) -> float:
    """The share of the squared Wasserstein distance where the first's quantiles lie below the second's."""
    at = (np.arange(_STEPS) + 0.5) / _STEPS
    gap = np.quantile(first, at, method="inverted_cdf") - np.quantile(second, at, method="inverted_cdf")
    total = float((gap**2).sum())
    return float((gap[gap < 0] ** 2).sum()) / total if total else 0.5
