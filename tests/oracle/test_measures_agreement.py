"""Agreement against statsmodels (Fleiss) and krippendorff."""

import numpy as np
import pytest

from metier.measures.agreement import MISSING, fleiss_kappa, krippendorff_alpha

SEEDS = range(12)


def labels_of(seed):
    """Three annotators who mostly copy a truth with rare categories."""
    random = np.random.default_rng(seed)
    truth = random.choice(3, size=60, p=[0.7, 0.1, 0.2])
    noise = random.choice(3, size=(3, 60))
    return np.where(random.random((3, 60)) < 0.25, noise, truth)


@pytest.mark.slow  # statsmodels takes seconds to import
def test_kappa_is_that_of_statsmodels():
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    for seed in SEEDS:
        counts, _ = inter_rater.aggregate_raters(labels_of(seed).T)
        assert fleiss_kappa(labels_of(seed)) == pytest.approx(inter_rater.fleiss_kappa(counts, method="fleiss"))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share_missing", [0, 0.3, 0.6])
def test_alpha_is_that_of_krippendorff(seed, share_missing):
    krippendorff = pytest.importorskip("krippendorff")
    gaps = np.random.default_rng(seed + 100).random((3, 60)) < share_missing
    labels = np.where(gaps, MISSING, labels_of(seed))
    theirs = krippendorff.alpha(np.where(gaps, np.nan, labels), level_of_measurement="nominal")
    assert krippendorff_alpha(labels) == pytest.approx(theirs)
