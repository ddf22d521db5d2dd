"""How sure a mean over pairs is, when both sides of the pairs were drawn: the crossed bootstrap."""

import numpy as np
from numpy.typing import NDArray

from metier.measures.intervals import Interval
from metier.measures.resampling import Difference

Floats = NDArray[np.float64]


def crossed_bootstrap(
    values: NDArray[np.floating], *, inside: NDArray[np.bool_], seed: int, n_resamples: int = 1000
) -> Difference:
    """Average over pairs, and draw the rows and the columns again, each by itself, to see how much the mean moves.

    The pigeonhole bootstrap of Owen (2007), The Pigeonhole Bootstrap, Annals of Applied Statistics 1(2): pairs that
    share a row or a column are not independent, and drawing pairs would promise too much. It errs to the wide side.

    Args:
        values: (n_rows, n_columns), finite.
        inside: bool (n_rows, n_columns), the pairs that count.
        seed: The same seed gives the same answer.
        n_resamples: At least 1.

    Returns:
        The mean against 0, with a two-sided p-value as `paired_bootstrap` has it; 0 with a p-value of 1 without pairs.
    """
    if not inside.any():
        return Difference(0.0, Interval(0.0, 0.0), 1.0)
    kept, counted = np.where(inside, values, 0.0).astype(np.float64), inside.astype(np.float64)
    observed = float(kept.sum() / counted.sum())
    generator = np.random.default_rng(seed)
    rows, columns = (_draws(generator, size, n_resamples) for size in inside.shape)
    sums, pairs = (np.einsum("ij,ij->i", rows @ table, columns) for table in (kept, counted))
    drawn = sums[pairs > 0] / pairs[pairs > 0]
    if not len(drawn):
        return Difference(observed, Interval(observed, observed), 1.0)
    low, high = np.quantile(drawn, [0.025, 0.975])
    as_far = int((np.abs(drawn - observed) >= abs(observed)).sum())
    return Difference(observed, Interval(float(low), float(high)), (as_far + 1) / (len(drawn) + 1))


def _draws(generator: np.random.Generator, size: int, n_resamples: int) -> Floats:
    """How often each of `size` things comes in each resample: (n_resamples, size)."""
    return generator.multinomial(size, np.full(size, 1 / size), size=n_resamples).astype(np.float64)
