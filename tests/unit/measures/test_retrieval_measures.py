"""Every figure here is worked out by hand."""

from math import isnan, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metier.measures.retrieval import (
    area_under_curve,
    attribute_overlap,
    discounted_gain,
    nearest,
    normalized_gain,
    reciprocal_rank,
    retrieved,
    score_recall_all,
    score_recall_single,
)

NONE = np.array([])
NO_COLUMN = np.array([], dtype=np.int64)
POSITIVES = np.array([0.9, 0.5, 0.1])
NEGATIVES = np.array([0.5, 0.2])
few_floats = arrays(np.float32, st.integers(1, 12), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0]))


def test_score_recall_single_counts_positives_above_every_negative():
    # .9 is above .5; .5 ties with it; .1 is below
    assert score_recall_single(POSITIVES, NEGATIVES) == pytest.approx(1 / 3)


def test_score_recall_all_compares_the_means():
    assert score_recall_all(POSITIVES, NEGATIVES) == 1  # .5 > .35
    assert score_recall_all(NEGATIVES, POSITIVES) == 0
    assert score_recall_all(NEGATIVES, NEGATIVES) == 0  # a tie is not above


def test_area_under_curve_counts_a_tie_half():
    # .9 beats both, .5 ties with .5 and beats .2, .1 loses twice: (2 + 1.5 + 0) / 6
    assert area_under_curve(POSITIVES, NEGATIVES) == pytest.approx(3.5 / 6)


@pytest.mark.parametrize("measure", [score_recall_single, score_recall_all, area_under_curve])
def test_feedback_of_one_kind_only_is_undefined(measure):
    assert isnan(measure(POSITIVES, NONE))
    assert isnan(measure(NONE, NEGATIVES))


@given(few_floats, few_floats)
def test_area_under_curve_of_the_sides_changed_is_the_rest(positives, negatives):
    one, other = area_under_curve(positives, negatives), area_under_curve(negatives, positives)
    assert one + other == pytest.approx(1)


def test_retrieved_is_the_share_of_the_wanted():
    assert retrieved(np.array([4, 2, 9]), np.array([2, 3, 4])) == pytest.approx(2 / 3)
    assert retrieved(NO_COLUMN, np.array([1])) == 0
    assert isnan(retrieved(np.array([1]), NO_COLUMN))


def test_attribute_overlap_is_the_mean_share_of_what_is_asked():
    asked = {"café", "🍞", "sql"}
    # 2 of 3, 0 of 3, 3 of 3
    assert attribute_overlap(asked, [{"café", "sql", "c"}, set(), asked]) == pytest.approx((2 + 0 + 3) / 9)
    assert attribute_overlap(asked, []) == 0
    assert isnan(attribute_overlap(set(), [{"sql"}]))


def test_nearest_keeps_the_order_of_ties_at_the_edge_and_inside():
    similarities = np.array([0.5, 0.9, 0.5, 0.9, 0.5], dtype=np.float32)
    assert nearest(similarities, k=4).tolist() == [1, 3, 0, 2]
    assert nearest(similarities, k=9).tolist() == [1, 3, 0, 2, 4]
    assert nearest(np.array([0.1]), k=1).tolist() == [0]
    assert nearest(NONE, k=3).tolist() == []


@given(few_floats, st.integers(1, 14))
def test_nearest_is_the_beginning_of_a_stable_sort(similarities, k):
    assert nearest(similarities, k=k).tolist() == np.argsort(-similarities, kind="stable")[:k].tolist()


def test_discounted_gain_divides_by_the_logarithm_of_the_rank():
    assert discounted_gain(np.array([1.0, 0.5, 0.0, 1.0])) == pytest.approx(1 + 0.5 / log2(3) + 1 / log2(5))
    assert discounted_gain(NONE) == 0


def test_normalized_gain_is_one_for_the_best_ranking_and_undefined_where_nobody_fits():
    gains = np.array([0.0, 1.0, 0.5])
    assert normalized_gain(gains, np.array([1, 2, 0]), k=3) == pytest.approx(1)
    # found .5 then 1 among the first two: (.5 + 1/log2(3)) / (1 + .5/log2(3))
    expected = (0.5 + 1 / log2(3)) / (1 + 0.5 / log2(3))
    assert normalized_gain(gains, np.array([2, 1, 0]), k=2) == pytest.approx(expected)
    assert isnan(normalized_gain(np.zeros(3), np.array([0]), k=2))


def test_reciprocal_rank_looks_for_the_first_that_is_wanted():
    assert reciprocal_rank(np.array([7, 3, 5]), np.array([5, 3])) == pytest.approx(1 / 2)
    assert reciprocal_rank(np.array([7]), np.array([5])) == 0
    assert isnan(reciprocal_rank(np.array([7]), NO_COLUMN))
