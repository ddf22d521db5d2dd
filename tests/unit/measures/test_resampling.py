import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.resampling import almost_stochastic_order, paired_bootstrap, resampled_sums


def total(sums):
    return sums[:, 0]


def test_resampled_sums_have_the_mean_and_the_spread_of_drawing_items():
    items = np.array([[0], [0], [1], [1], [1]])
    sums = resampled_sums(items, seed=1, n_resamples=20_000)
    # 5 draws with probability 3/5: mean 3, variance 5 * 3/5 * 2/5
    assert sums.mean() == pytest.approx(3, abs=0.03)
    assert sums.var() == pytest.approx(1.2, abs=0.05)


def test_resampled_sums_keep_what_every_item_has():
    items = np.array([[1, 7], [1, 0], [1, 3]])
    assert (resampled_sums(items, seed=0)[:, 0] == 3).all()


def test_no_items_sum_to_zero():
    assert (resampled_sums(np.zeros((0, 2)), seed=0, n_resamples=4) == np.zeros((4, 2))).all()


def test_same_seed_gives_the_same_sums():
    items = np.arange(12).reshape(6, 2)
    assert (resampled_sums(items, seed=3) == resampled_sums(items, seed=3)).all()
    assert (resampled_sums(items, seed=3) != resampled_sums(items, seed=4)).any()


def test_equal_systems_do_not_differ():
    items = np.array([[[1], [0], [1], [1]]])
    compared = paired_bootstrap(items, items, total, seed=0)
    assert (compared.difference, compared.p_value) == (0, 1)


def test_system_that_wins_every_item_is_better_and_one_that_wins_some_may_be_lucky():
    nothing, all_right = np.zeros((1, 40, 1)), np.ones((1, 40, 1))
    sure = paired_bootstrap(all_right, nothing, total, seed=0)
    # every resample has the difference 40, at distance 0 < 40 from the observed one: (0 + 1) / (1000 + 1)
    assert (sure.difference, sure.interval.low, sure.interval.high) == (40, 40, 40)
    assert sure.p_value == pytest.approx(1 / 1001)
    swaps = np.array([[1.0]] * 11 + [[0.0]] * 9)[None]
    lucky = paired_bootstrap(swaps, 1 - swaps, total, seed=0)
    assert lucky.difference == 2
    assert lucky.p_value > 0.5
    assert lucky.interval.low < 0 < lucky.interval.high


def test_p_value_is_that_of_the_normal_approximation():
    # the difference of 12 has the deviation sqrt(100 * (1 - 0.12^2)) = 9.93 and comes in steps of 2: 12 and more away
    # is 11 / 9.93 = 1.108 deviations with the correction for steps, two-sided p = 0.268
    outcomes = np.array([1.0] * 56 + [-1.0] * 44)[None, :, None]
    compared = paired_bootstrap(outcomes, np.zeros((1, 100, 1)), total, seed=0, n_resamples=20_000)
    assert compared.p_value == pytest.approx(0.268, abs=0.015)


def test_runs_are_averaged():
    first = np.array([[[2]], [[4]]])
    assert paired_bootstrap(first, np.array([[[1]]]), total, seed=0).difference == 2


def test_order_is_certain_when_every_run_of_the_first_is_better():
    order = almost_stochastic_order(np.array([0.8, 0.9, 0.85]), np.array([0.1, 0.2]), seed=0)
    assert (order.violation, order.bound) == (0, 0)
    turned = almost_stochastic_order(np.array([0.1, 0.2]), np.array([0.8, 0.9, 0.85]), seed=0)
    assert (turned.violation, turned.bound) == (1, 1)


def test_violation_is_the_share_of_the_squared_distance_below():
    # quantiles: first 0 then 4, second 1 then 2; gaps -1 and 2: 1 / (1 + 4)
    order = almost_stochastic_order(np.array([0.0, 4.0]), np.array([1.0, 2.0]), seed=0)
    assert order.violation == pytest.approx(0.2)
    assert order.violation <= order.bound <= 1


def test_equal_runs_are_undecided():
    same = np.array([0.5, 0.6])
    assert almost_stochastic_order(same, same, seed=0).violation == 0.5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_violations_of_both_directions_sum_to_one(first, second):
    one, other = np.array(first), np.array(second)
    there = almost_stochastic_order(one, other, seed=0, n_resamples=2)
    back = almost_stochastic_order(other, one, seed=0, n_resamples=2)
    assert there.violation + back.violation == pytest.approx(1)
