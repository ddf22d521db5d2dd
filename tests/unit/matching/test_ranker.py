import sys

import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.errors import DamagedModel, MissingExtra, ModelError
from metier.matching.pair_features import FEATURES
from metier.matching.ranker import KIND, TREES_FILE, Ranker, log_odds, read_trees


@pytest.fixture(scope="module")
def trees_text():
    lightgbm = pytest.importorskip("lightgbm")
    draw = np.random.default_rng(1)
    features = draw.normal(size=(400, len(FEATURES)))
    features[draw.random(features.shape) < 0.2] = np.nan
    wanted = np.nan_to_num(features[:, 0]) + 0.3 * draw.normal(size=400) > 0
    table = lightgbm.Dataset(features, wanted.astype(float), feature_name=list(FEATURES))
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "num_leaves": 4}
    return lightgbm.train(settings, table, num_boost_round=5).model_to_string()


def _write(folder, text, *, features=FEATURES, calibration=(2.0, -1.0)):
    settings = {"features": list(features), "calibration": list(calibration)}
    write_artifact(folder, kind=KIND, settings=settings, files={TREES_FILE: text.encode()})
    return folder


def _features(n):
    return np.random.default_rng(2).normal(size=(n, len(FEATURES)))


def test_a_probability_is_the_calibrated_log_odds(trees_text, tmp_path):
    features = _features(50)
    ranker = Ranker.load(_write(tmp_path / "ranker", trees_text))
    said = log_odds(read_trees(trees_text), features)
    np.testing.assert_allclose(ranker.probabilities(features), 1 / (1 + np.exp(-(2 * said - 1))))
    assert ranker.version.startswith("ranker@")


def test_log_odds_are_those_of_lightgbms_own_probability(trees_text):
    features = _features(50)
    plain = read_trees(trees_text).predict(features)
    np.testing.assert_allclose(1 / (1 + np.exp(-log_odds(read_trees(trees_text), features))), plain)


def test_missing_values_and_no_pairs_are_no_error(trees_text, tmp_path):
    ranker = Ranker.load(_write(tmp_path / "ranker", trees_text))
    nothing_known = ranker.probabilities(np.full((3, len(FEATURES)), np.nan))
    assert ((nothing_known > 0) & (nothing_known < 1)).all()
    assert ranker.probabilities(_features(0)).shape == (0,)


def test_a_batch_changes_nothing(trees_text, tmp_path):
    ranker = Ranker.load(_write(tmp_path / "ranker", trees_text))
    features = _features(20)
    alone = [ranker.probabilities(features[row : row + 1])[0] for row in range(20)]
    np.testing.assert_array_equal(ranker.probabilities(features), alone)


def test_a_ranker_of_other_features_is_refused(trees_text, tmp_path):
    with pytest.raises(ModelError, match="train it again"):
        Ranker.load(_write(tmp_path / "ranker", trees_text, features=("cosine", "shoe_size")))


def test_what_is_no_ranker_is_refused(trees_text, tmp_path):
    with pytest.raises(DamagedModel, match="cannot be read"):
        Ranker.load(_write(tmp_path / "ranker", "no trees"))
    write_artifact(tmp_path / "other", kind="tagger", settings={}, files={})
    with pytest.raises(ModelError, match="is a tagger"):
        Ranker.load(tmp_path / "other")


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingExtra, match=r"metier\[match\]"):
        read_trees("")
