"""Cosines and ranks of people who might have been."""

import numpy as np
import pytest

from metier.matching.audit_effects import Standing, measure_effects, near_the_top, stand


def at(*degrees):
    """Vectors of length 1 at these angles to the first axis."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


QUERY = at(0)
PEOPLE = at(10, 20, 30, 40)  # so they are ranked
NOBODY_SILENT = np.zeros(4, dtype=bool)


def versions(*degrees, rows):
    return stand(
        QUERY, PEOPLE, versions=at(*degrees)[None], rows=np.array([rows]), silent=NOBODY_SILENT
    )  # fmt: skip


def test_a_version_is_ranked_among_the_others_as_they_are():
    # the third of four, at 30 degrees, told in four ways
    found = versions(30, 45, 15, 5, rows=2)
    assert found.ranks[:, 0, 0].tolist() == [3, 4, 2, 1]
    assert found.cosines[:, 0, 0] == pytest.approx(np.cos(np.radians([30, 45, 15, 5])), abs=1e-6)


def test_the_person_as_they_are_is_not_in_the_way():
    # the first moves down by 5 degrees, still before everybody else
    assert versions(10, 15, 10, 10, rows=0).ranks[:, 0, 0].tolist() == [1, 1, 1, 1]


def test_a_tie_counts_for_the_version():
    assert versions(20, 20, 20, 20, rows=3).ranks[:, 0, 0].tolist() == [2, 2, 2, 2]


def test_the_silent_are_behind_nobody():
    vectors = np.concatenate([PEOPLE, np.zeros((2, 2), dtype=np.float32)])
    silent = np.array([False] * 4 + [True] * 2)
    found = stand(QUERY, vectors, versions=at(120, 120, 120, 120)[None], rows=np.array([0]), silent=silent)
    assert found.ranks[:, 0, 0].tolist() == [4, 4, 4, 4]  # a cosine of -0.5 is below the zeros of the silent


def standing(ranks):
    """Of one project: (4, n_people)."""
    rows = np.array(ranks, dtype=np.int64)[:, None, :]
    return Standing(cosines=(1 - rows / 100).astype(np.float32), ranks=rows)


def test_pairs_are_chosen_by_all_versions_alike():
    # geometric means: (4 * 4 * 4 * 4) ** (1/4) = 4; (1 * 100 * 10 * 10) ** (1/4) = 10
    found = standing([[4, 1], [4, 100], [4, 10], [4, 10]])
    assert near_the_top(found, depth=10).tolist() == [[True, True]]
    assert near_the_top(found, depth=9).tolist() == [[True, False]]


def test_effects_by_hand():
    # first value: ranks 1 and 12; second: 4 and 10; the control moves the first person by 1
    found = standing([[1, 12], [4, 10], [1, 12], [2, 12]])
    inside = np.ones((1, 2), dtype=bool)
    effects = measure_effects(found, inside, k=10, seed=0)
    assert effects["rank"].change.difference == pytest.approx((3 - 2) / 2)
    assert (effects["rank"].moved, effects["rank"].noise) == (2.5, 0.5)  # (3 + 2) / 2 and (1 + 0) / 2
    assert effects["rank"].beyond_noise.difference == pytest.approx(2.0)
    assert effects["cosine"].change.difference == pytest.approx(-0.005, abs=1e-6)
    # one of two comes into the first ten
    assert (effects["top_k"].change.difference, effects["top_k"].moved, effects["top_k"].noise) == (0.5, 0.5, 0.0)


def test_no_pairs_have_no_effect():
    effects = measure_effects(standing([[1], [2], [3], [4]]), np.zeros((1, 1), dtype=bool), k=1, seed=0)
    assert effects["rank"].moved == effects["rank"].change.difference == 0.0
    assert effects["rank"].change.p_value == 1.0
