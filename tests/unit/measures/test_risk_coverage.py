import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.risk_coverage import aurc, aurc_interval, excess_aurc, risk_coverage

ANSWERS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=1, max_size=30)


def split(answers):
    return [probability for probability, _ in answers], [right for _, right in answers]


def test_coverage_and_risk_at_every_threshold_by_hand():
    curve = risk_coverage([0.2, 0.9, 0.5, 0.7], [0, 1, 1, 0])
    assert curve.thresholds.tolist() == [0.9, 0.7, 0.5, 0.2]
    assert curve.coverage.tolist() == [1 / 4, 2 / 4, 3 / 4, 4 / 4]
    # wrong so far: none, the one of 0.7, it alone, and that of 0.2
    assert curve.risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])
    # (0 + 1/2 + 1/3 + 1/2) / 4; at best the two wrong ones come last: (0 + 0 + 1/3 + 2/4) / 4
    assert aurc(curve) == pytest.approx((1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert excess_aurc(curve, n_answers=4) == pytest.approx((1 / 2) / 4)


def test_equal_probabilities_are_one_point_whatever_their_order():
    curve = risk_coverage([0.5, 0.5, 0.9, 0.5], [1, 0, 1, 0])
    assert curve.thresholds.tolist() == [0.9, 0.5]
    assert curve.coverage.tolist() == [1 / 4, 1]
    assert curve.risk.tolist() == [0, 2 / 4]
    assert aurc(curve) == pytest.approx(3 / 4 * 2 / 4)
    assert aurc(risk_coverage([0.3] * 5, [1, 0, 0, 1, 1])) == pytest.approx(2 / 5)  # nothing is told apart


def test_no_answers_and_one_answer():
    empty = risk_coverage([], [])
    assert len(empty.risk) == len(empty.thinned(100).risk) == 0
    assert aurc(empty) == excess_aurc(empty, n_answers=0) == 0
    assert aurc_interval([], [], seed=0).high == 0
    for right in (0, 1):
        one = risk_coverage([0.4], [right])
        assert (aurc(one), excess_aurc(one, n_answers=1)) == (1 - right, 0)


@given(ANSWERS)
def test_curve_is_what_brute_force_over_thresholds_finds(answers):
    curve = risk_coverage(*split(answers))
    assert curve.thresholds.tolist() == sorted({probability for probability, _ in answers}, reverse=True)
    for threshold, coverage, risk in zip(curve.thresholds, curve.coverage, curve.risk, strict=True):
        right = [correct for probability, correct in answers if probability >= threshold]
        assert coverage == pytest.approx(len(right) / len(answers))
        assert risk == pytest.approx(right.count(False) / len(right))
    # the area: for each answer, the risk among those that are at least as sure
    risks = [np.mean([not correct for other, correct in answers if other >= probability]) for probability, _ in answers]
    assert aurc(curve) == pytest.approx(np.mean(risks))


@given(ANSWERS)
def test_no_order_of_the_answers_has_a_smaller_area_than_the_best_one(answers):
    probabilities, correct = split(answers)
    best = risk_coverage(range(len(correct)), sorted(correct))  # the surest are right
    assert excess_aurc(best, n_answers=len(correct)) == pytest.approx(0)
    assert excess_aurc(risk_coverage(probabilities, correct), n_answers=len(correct)) >= -1e-9


@given(ANSWERS, st.integers(2, 12))
def test_thinning_keeps_the_ends_and_no_more_points_than_asked_for(answers, n_points):
    curve = risk_coverage(*split(answers))
    thin = curve.thinned(n_points)
    assert len(thin.risk) == min(n_points, len(curve.risk))
    assert (thin.coverage[0], thin.coverage[-1]) == (curve.coverage[0], curve.coverage[-1])
    assert set(zip(thin.thresholds, thin.risk, strict=True)) <= set(zip(curve.thresholds, curve.risk, strict=True))


def test_interval_holds_the_area_is_repeated_by_its_seed_and_shrinks_with_more_answers():
    draw = np.random.default_rng(4)
    probabilities = draw.random(400)
    correct = draw.random(400) < probabilities
    wide = aurc_interval(probabilities[:40], correct[:40], seed=1, n_resamples=200)
    narrow = aurc_interval(probabilities, correct, seed=1, n_resamples=200)
    assert narrow.low < aurc(risk_coverage(probabilities, correct)) < narrow.high
    assert narrow == aurc_interval(probabilities, correct, seed=1, n_resamples=200)
    assert narrow.high - narrow.low < (wide.high - wide.low) / 2
