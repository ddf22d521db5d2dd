"""Retrieval measures against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score, roc_auc_score

from metier.measures.retrieval import area_under_curve, nearest, normalized_gain


@pytest.mark.parametrize("k", [1, 10, 100, 500])
def test_normalized_gain_equals_ndcg_of_sklearn(k):
    generator = np.random.default_rng(k)
    for _ in range(20):
        gains, similarities = generator.random(300).round(1), generator.random(300)
        ours = normalized_gain(gains, nearest(similarities, k=k), k=k)
        assert ours == pytest.approx(ndcg_score(gains[None], similarities[None], k=k))


def test_area_under_curve_equals_that_of_sklearn_with_ties():
    generator = np.random.default_rng(2)
    for _ in range(20):
        similarities, labels = generator.integers(6, size=40) / 4, generator.random(40) < 0.3
        ours = area_under_curve(similarities[labels], similarities[~labels])
        assert ours == pytest.approx(roc_auc_score(labels, similarities))
