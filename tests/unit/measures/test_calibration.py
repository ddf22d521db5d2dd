import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.calibration import brier, calibration_noise, expected_calibration_error


def test_expected_calibration_error_weights_the_gap_of_each_bin_by_its_size():
    # two bins: (0, 0.5] holds 0.2 and 0.4, one right: |1/2 - 0.3| = 0.2, weight 2/5
    # (0.5, 1] holds 0.9, 0.8 and 1.0, two right: |2/3 - 0.9|, weight 3/5: 0.08 + 0.14
    error = expected_calibration_error([0.2, 0.4, 0.9, 0.8, 1.0], [1, 0, 1, 0, 1], n_bins=2)
    assert error == pytest.approx(0.22)


def test_upper_edge_belongs_to_its_bin_and_zero_to_the_first():
    # 0.5 and 0 share the first of two bins: |(1 + 0) / 2 - 0.25| = 0.25
    assert expected_calibration_error([0.5, 0.0], [1, 0], n_bins=2) == pytest.approx(0.25)


def test_equal_mass_bins_hold_the_same_number():
    # sorted 0.1 0.2 | 0.3 0.9: |0 - 0.15| / 2 + |1 - 0.6| / 2 = 0.275, whatever the order given
    error = expected_calibration_error([0.9, 0.1, 0.3, 0.2], [1, 0, 1, 0], n_bins=2, bins="equal_mass")
    assert error == pytest.approx(0.275)


def test_sure_and_right_has_no_error_and_sure_and_wrong_has_all():
    assert expected_calibration_error([1.0, 0.0], [1, 0]) == 0
    assert expected_calibration_error([1.0, 0.0], [0, 1]) == 1
    assert brier([1.0, 0.0], [0, 1]) == 1


def test_no_probabilities_give_zero():
    assert expected_calibration_error([], []) == 0
    assert expected_calibration_error([], [], bins="equal_mass") == 0
    assert brier([], []) == 0


def test_brier_is_the_mean_squared_distance():
    # (0.3^2 + 0.2^2) / 2 = (0.09 + 0.04) / 2
    assert brier([0.7, 0.2], [True, False]) == pytest.approx(0.065)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.integers(1, 20))
def test_error_is_at_least_the_gap_of_the_means_and_at_most_the_mean_distance(pairs, n_bins):
    probability, correct = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    for bins in ("equal_width", "equal_mass"):
        error = expected_calibration_error(probability, correct, n_bins=n_bins, bins=bins)
        assert abs(probability.mean() - correct.mean()) <= error + 1e-9
        assert error <= np.abs(probability - correct).mean() + 1e-9


def test_noise_is_the_error_of_probabilities_that_are_right():
    # one answer of probability 1/2: its bin is off by 1/2 whichever way the coin falls
    assert calibration_noise([0.5]) == pytest.approx(0.5)
    assert calibration_noise([0.0, 1.0]) == pytest.approx(0.0)
    # 10,000 coins: the mean distance of their share from 1/2 is sqrt(2 / pi) * 0.5 / 100 = 0.0040
    assert calibration_noise([0.5] * 10_000) == pytest.approx(0.0040, abs=0.0006)
