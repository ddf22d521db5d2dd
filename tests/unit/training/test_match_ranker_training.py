import json

import numpy as np
import pytest
from matching_fakes import WordEncoder, small_market

from metier.data.market import Market, write_market
from metier.domain import Facts, Profile, Project
from metier.errors import ConfigError, InputError
from metier.matching.pair_features import pair_features
from metier.matching.ranker import Ranker
from metier.matching.section_mean import SectionMean
from metier.matching.skill_cover import SkillCover

pytest.importorskip("lightgbm")
pytest.importorskip("bm25s")
pytest.importorskip("sklearn")
from metier.training.market_pairs import pairs_of
from metier.training.ranker import RankerConfig, train_ranker

CONFIG = RankerConfig(trees=40, leaves=4, least_pairs_per_leaf=5, learning_rate=0.2)


def _train(folder, output, *, config=CONFIG):
    encoder = SectionMean(WordEncoder(), version="words@0")
    return train_ranker(config, data=folder, encoder=encoder, output=output, progress=lambda doing, share: None)


@pytest.fixture(scope="module")
def market_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(small_market(n_projects=200), folder)
    return folder


@pytest.fixture(scope="module")
def trained(market_folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("trained") / "ranker"
    return output, _train(market_folder, output)


def test_more_than_the_cosine_is_learnt(trained):
    _, record = trained
    for part in ("validation", "test"):
        figures = record["measures"][part]
        assert figures["auc"] > figures["auc_of_cosine"] + 0.02
        assert figures["n_pairs"] > 50
        assert 0 <= figures["ece"] < 0.15
    assert record["measures"]["encoder"] == "section-mean+words@0"
    assert sum(record["measures"]["gain"].values()) == pytest.approx(1, abs=0.01)


def test_the_folder_is_a_ranker_that_likes_what_the_market_likes(trained):
    output, record = trained
    assert json.loads((output / "record.json").read_text()) == record
    ranker = Ranker.load(output)
    project = Project("p", {"title": "baker"}, ("bread",), facts=Facts(day_rate=300.0, category="baking"))
    people = [
        Profile("fits", {}, ("bread",), Facts(day_rate=200.0, category="baking")),
        Profile("dear", {}, ("bread",), Facts(day_rate=600.0, category="baking")),
        Profile("other", {}, ("steel",), Facts(day_rate=200.0, category="welding")),
    ]
    features = pair_features(
        [(project, person) for person in people],
        cosines=np.array([0.9, 0.9, 0.0], dtype=np.float32),
        bm25=None,
        cover=SkillCover(),
    )
    fits, dear, other = ranker.probabilities(features)
    assert fits > 0.5
    assert fits > dear
    assert fits > other


def test_a_higher_cosine_never_lowers_a_probability(trained):
    ranker = Ranker.load(trained[0])
    draw = np.random.default_rng(1)
    features = np.repeat(draw.normal(size=(20, 10)), 30, axis=0)
    features[:, 0] = np.tile(np.linspace(-1, 1, 30), 20)
    rises = np.diff(ranker.probabilities(features).reshape(20, 30), axis=1)
    assert (rises >= 0).all()


def test_the_same_market_gives_the_same_ranker(market_folder, trained, tmp_path):
    _train(market_folder, tmp_path / "again")
    assert (tmp_path / "again" / "trees.txt").read_bytes() == (trained[0] / "trees.txt").read_bytes()


def test_profiles_are_taken_as_of_the_day_and_each_document_once():
    from datetime import date

    from metier.data.market import Interaction, Version

    old, new = Profile("a", {"title": "old"}), Profile("a", {"title": "new"})
    market = Market(
        profiles=[new],
        projects=[Project("p"), Project("q")],
        interactions=[
            Interaction("p", "a", 1, date(2025, 1, 1)),
            Interaction("q", "a", -1, date(2025, 1, 2)),
            Interaction("p", "a", -1, date(2025, 2, 1)),
        ],
        split_at=date(2026, 1, 1),
        versions=[Version(old, date(2025, 1, 15))],
    )
    pairs = pairs_of(market, market.interactions)
    assert pairs.profiles == (old, new)
    assert [(project.id, profile.sections["title"]) for project, profile in pairs.documents()] == [
        ("p", "old"),
        ("q", "old"),
        ("p", "new"),
    ]
    assert pairs.wanted.tolist() == [True, False, False]
    assert pairs_of(market, []).documents() == []


def test_a_market_without_feedback_of_both_kinds_is_refused(tmp_path):
    market = small_market()
    agreed = [each for each in market.interactions if each.feedback > 0]
    write_market(
        Market(profiles=market.profiles, projects=market.projects, interactions=agreed, split_at=market.split_at),
        tmp_path / "market",
    )
    with pytest.raises(InputError, match="no positive or no negative feedback"):
        _train(tmp_path / "market", tmp_path / "out")


@pytest.mark.parametrize("values", [{"trees": 0}, {"leaves": 1}, {"hidden_share": 1.0}, {"learning_rate": 0.0}])
def test_impossible_values_are_refused(market_folder, tmp_path, values):
    with pytest.raises(ConfigError):
        _train(market_folder, tmp_path / "out", config=RankerConfig(**values))
