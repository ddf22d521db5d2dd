"""How sure a figure is: bootstrap intervals over the items that it was measured on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BLOCK: Final = 256  # resamples drawn at once; bounds memory at 256 x n_items integers


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure lies between `low` and `high` with the stated probability."""

    low: float
    high: float


def bootstrap_interval(
    items: NDArray[np.generic],
    statistic: Callable[[Floats], Floats],
    *,
    seed: int,
    n_resamples: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Draw the items again and again, with replacement, and see how much a figure moves.

    The percentile interval of Efron (1979), Bootstrap Methods: Another Look at the Jackknife.

    Args:
        items: (n_items, n_columns), what each item adds to the sums that the figure is made of.
        statistic: Sums (n, n_columns) -> figures (n,).
        seed: The same seed gives the same interval.
        n_resamples: At least 1.
        level: Share of the resamples inside the interval, in (0, 1).

    Returns:
        The interval; from the figure of no items at all to the same where there are none.
    """
    if len(items) == 0:
        nothing = float(statistic(np.zeros((1, items.shape[1])))[0])
        return Interval(nothing, nothing)
    generator = np.random.default_rng(seed)
    shares = np.full(len(items), 1 / len(items))
    counts = items.astype(np.float64)
    figures = [
        # n items drawn with replacement: how often each came, (block, n_items) @ (n_items, n_columns)
        statistic(generator.multinomial(len(items), shares, size=min(_BLOCK, n_resamples - done)) @ counts)
        for done in range(0, n_resamples, _BLOCK)
    ]
    low, high = np.quantile(np.concatenate(figures), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def mean_interval(values: NDArray[np.generic], *, seed: int, n_resamples: int = 1000, level: float = 0.95) -> Interval:
    """Bootstrap the mean of the values.

    Args:
        values: (n_items,).
        seed: The same seed gives the same interval.
        n_resamples: At least 1.
        level: Share of the resamples inside the interval, in (0, 1).

    Returns:
        The interval; (0, 0) for no values.
    """
    n_items = max(len(values), 1)
    return bootstrap_interval(
        values[:, None],
        lambda sums: sums[:, 0] / n_items,
        seed=seed,
        n_resamples=n_resamples,
        level=level,
    )
