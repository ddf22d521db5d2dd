"""The probability under which a linker abstains, by hand."""

import numpy as np
import pytest

from metier.training.link_calibration import best_threshold


def test_best_f_half_by_hand():
    # from .6 up two of two given links are right, and there are four: 1.25 * 2 / (2 + .25 * 4) = .833;
    # from .3 three of four: 1.25 * 3 / (4 + 1) = .75
    probabilities, right = np.array([0.9, 0.62, 0.4, 0.3]), np.array([True, True, False, True])
    assert best_threshold(probabilities, right, 4) == (0.6, pytest.approx(5 / 6))


def test_of_equally_good_thresholds_the_highest_is_taken():
    # one of one right: 1.25 / (1 + .5) = 5/6; two of two: 2.5 / (2 + .5) = 1 from .5 down to .15
    assert best_threshold(np.array([0.9, 0.52, 0.1]), np.array([True, True, False]), 2) == (0.5, 1.0)


def test_where_no_link_is_right_the_fewest_are_given():
    assert best_threshold(np.array([0.95, 0.4]), np.array([False, False]), 2) == (0.9, 0.0)
