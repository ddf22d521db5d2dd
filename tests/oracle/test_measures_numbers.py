"""Calibration and ranking measures against scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, label_ranking_average_precision_score

from metier.measures.calibration import brier, expected_calibration_error
from metier.measures.ranking import reciprocal_rank, relevance


@pytest.fixture
def judged():
    generator = np.random.default_rng(11)
    probabilities = generator.random(2000)
    return probabilities, generator.random(2000) < probabilities**1.5


@pytest.mark.parametrize(("ours", "theirs"), [("equal_width", "uniform"), ("equal_mass", "quantile")])
def test_expected_calibration_error_equals_the_weighted_gaps_of_sklearns_curve(judged, ours, theirs):
    probabilities, correct = judged
    share, mean = calibration_curve(correct, probabilities, n_bins=10, strategy=theirs)
    edges = np.linspace(0, 1, 11) if theirs == "uniform" else np.quantile(probabilities, np.linspace(0, 1, 11))
    sizes, _ = np.histogram(probabilities, edges)
    expected = (sizes / sizes.sum() * np.abs(share - mean)).sum()
    assert expected_calibration_error(probabilities, correct, n_bins=10, bins=ours) == pytest.approx(expected)


def test_brier_equals_that_of_sklearn(judged):
    probabilities, correct = judged
    assert brier(probabilities, correct) == pytest.approx(brier_score_loss(correct, probabilities))


def test_mrr_with_one_answer_equals_sklearns_label_ranking_average_precision():
    # with a single relevant label per query, average precision is 1 / its rank
    generator = np.random.default_rng(5)
    weights = generator.random((200, 30))
    answers = generator.integers(30, size=200)
    truth = np.eye(30, dtype=int)[answers]
    rankings = np.argsort(-weights, axis=1).tolist()
    ours = reciprocal_rank(relevance(rankings, [{int(answer)} for answer in answers], depth=30)).mean()
    assert ours == pytest.approx(label_ranking_average_precision_score(truth, weights))
