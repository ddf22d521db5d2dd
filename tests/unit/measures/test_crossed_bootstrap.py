"""Means over pairs whose two sides were both drawn."""

import numpy as np
import pytest

from metier.measures.crossed import crossed_bootstrap
from metier.measures.intervals import mean_interval


def test_the_mean_is_over_the_pairs_that_count():
    values = np.array([[1.0, 5.0], [3.0, 100.0]])
    found = crossed_bootstrap(values, inside=np.array([[True, True], [True, False]]), seed=0)
    assert found.difference == pytest.approx(3.0)  # (1 + 5 + 3) / 3
    assert found.interval.low <= 3.0 <= found.interval.high


def test_no_pairs_say_nothing():
    found = crossed_bootstrap(np.zeros((3, 2)), inside=np.zeros((3, 2), dtype=bool), seed=0)
    assert (found.difference, found.interval.low, found.interval.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
    assert crossed_bootstrap(np.zeros((0, 4)), inside=np.zeros((0, 4), dtype=bool), seed=0).p_value == 1.0


def test_a_change_that_is_everywhere_is_no_chance():
    found = crossed_bootstrap(np.full((20, 20), 0.5), inside=np.ones((20, 20), dtype=bool), seed=0)
    assert (found.difference, found.interval.low, found.interval.high) == (0.5, 0.5, 0.5)
    assert found.p_value < 0.01


def test_nothing_changed_is_chance():
    assert crossed_bootstrap(np.zeros((5, 5)), inside=np.ones((5, 5), dtype=bool), seed=0).p_value == 1.0


def test_pairs_that_share_a_person_count_as_one_draw():
    # each person has one effect, the same for all 200 projects: only 10 things were drawn, not 2,000
    people = np.random.default_rng(1).normal(size=10)
    values = np.tile(people, (200, 1))
    wide = crossed_bootstrap(values, inside=np.ones(values.shape, dtype=bool), seed=0).interval
    true = mean_interval(people, seed=0)
    narrow = mean_interval(values.ravel(), seed=0)
    assert wide.high - wide.low == pytest.approx(true.high - true.low, rel=0.15)
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)


def test_the_same_seed_gives_the_same_answer():
    values, inside = np.random.default_rng(0).normal(size=(6, 7)), np.ones((6, 7), dtype=bool)
    assert crossed_bootstrap(values, inside=inside, seed=3) == crossed_bootstrap(values, inside=inside, seed=3)
