import numpy as np
import pytest

from metier.measures.intervals import bootstrap_interval, mean_interval


def test_interval_of_a_mean_is_that_of_the_normal_approximation():
    values = np.array([0.0, 1.0] * 500)
    interval = mean_interval(values, seed=0, n_resamples=4000)
    # standard error sqrt(0.25 / 1000) = 0.0158; 0.5 +- 1.96 * 0.0158
    assert interval.low == pytest.approx(0.469, abs=0.004)
    assert interval.high == pytest.approx(0.531, abs=0.004)


def test_equal_values_have_an_interval_of_no_width():
    interval = mean_interval(np.full(20, 0.25), seed=0)
    assert interval.low == pytest.approx(0.25)
    assert interval.high == pytest.approx(0.25)


def test_one_value_and_no_values():
    assert mean_interval(np.array([0.5]), seed=0).high == pytest.approx(0.5)
    empty = mean_interval(np.array([]), seed=0)
    assert (empty.low, empty.high) == (0, 0)


def test_a_wider_level_gives_a_wider_interval():
    values = np.arange(50) / 50
    wide, narrow = (mean_interval(values, seed=5, level=level) for level in (0.99, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_any_number_of_resamples_is_drawn_in_blocks():
    items = np.ones((3, 1))
    sizes = []

    def statistic(sums):
        sizes.append(len(sums))
        return sums[:, 0]

    bootstrap_interval(items, statistic, seed=0, n_resamples=600)
    assert sum(sizes) == 600
    assert max(sizes) <= 256


def test_vectorised_draws_spread_as_a_plain_loop_does():
    values = np.random.default_rng(0).random(80)
    draws = np.random.default_rng(1)
    loop = np.quantile([draws.choice(values, 80).mean() for _ in range(3000)], [0.025, 0.975])
    interval = mean_interval(values, seed=2, n_resamples=3000)
    assert [interval.low, interval.high] == pytest.approx(list(loop), abs=0.006)
