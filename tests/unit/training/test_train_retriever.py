"""Training of the two towers and of the third."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from matching_market import tiny_market

from metier.artifacts import read_artifact
from metier.data.market import Market, write_market
from metier.errors import ConfigError, InputError, ModelError
from metier.matching.towers import Towers
from metier.training.retriever import train_retriever
from metier.training.retriever_config import RetrieverConfig


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return RetrieverConfig(
        encoder=str(tiny_encoder),
        title_pieces=10,
        description_pieces=16,
        skills_pieces=8,
        category_pieces=6,
        query_pieces=12,
        head_layers=1,
        head_heads=4,
        head_inner=32,
        profile_term=True,
        projects_per_batch=4,
        wanted_per_project=2,
        refused_per_project=1,
        weak_per_batch=6,
        memory=64,
        epochs=8,
        learning_rate=0.01,
        dropout=0.0,
        bfloat16=False,
        steps_per_checkpoint=16,
        query_variants=2,
        query_steps=30,
        query_batch=8,
        seed=1,
    )


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(tiny_market(n_profiles=240, n_projects=80), folder)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def run(config, market, cache, output, progress=lambda text, share: None):
    return train_retriever(config, market=market, output=output, cache=cache, progress=progress)


@pytest.fixture(scope="module")
def trained(config, market, cache, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "retriever"
    return folder, run(config, market, cache, folder)


def test_training_brings_projects_near_people_of_their_trade(trained):
    towers = Towers.load(trained[0])
    held = tiny_market(n_profiles=240, n_projects=80)
    cosines = towers.encode_projects(held.test_projects) @ towers.encode_profiles(held.test_profiles).T
    categories = np.array([profile.facts.category for profile in held.test_profiles])
    own = np.array([[project.facts.category == category for category in categories] for project in held.test_projects])
    best = np.argsort(-cosines, axis=1)[:, :20]
    assert np.take_along_axis(own, best, axis=1).mean() > 0.9
    assert towers.encode_queries(["nurse, France"]).shape == (1, 32)


def test_the_record_says_what_was_done(trained, config):
    folder, record = trained
    assert record == json.loads((folder / "record.json").read_text())
    history = record["measures"]["history"]
    assert [figures["step"] for figures in history[:2]] == [0, 16]
    assert history[-1]["loss"] < history[1]["loss"]
    assert max(figures["found"] for figures in history[1:]) > history[0]["found"]
    assert record["measures"]["query_history"][-1]["step"] == 30
    assert {"profiles.jsonl", "interactions.csv", "versions.jsonl"} <= record["data_sha256"].keys()
    assert read_artifact(folder, kind="retriever").settings["training"]["epochs"] == config.epochs


def test_an_interrupted_run_ends_as_one_that_was_not(trained, config, market, cache, tmp_path):
    class Stop(Exception):
        pass

    def stop(text, share):
        if text.startswith("step 20/"):
            raise Stop

    with pytest.raises(Stop):
        run(config, market, cache, tmp_path / "retriever", stop)
    assert (tmp_path / "retriever.unfinished").is_dir()
    with pytest.raises(ConfigError, match="another configuration"):
        run(replace(config, seed=2), market, cache, tmp_path / "retriever")
    seen = []
    run(config, market, cache, tmp_path / "retriever", lambda text, share: seen.append(text))
    assert any(text.startswith("step 17/") for text in seen)
    assert not any(text.startswith("step 1/") for text in seen)
    assert not (tmp_path / "retriever.unfinished").exists()
    profiles = tiny_market().profiles
    vectors = [Towers.load(folder).encode_profiles(profiles) for folder in (trained[0], tmp_path / "retriever")]
    assert np.allclose(*vectors, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "triplet"},
        {"head_layers": 0},
        {"head_layers": 0, "balanced_pooling": False, "profile_term": False},
        {"section_vectors": False, "skip": False, "projections": False},
        {"balanced_pooling": False, "norm_first": False},
        {"weak_negatives": "none"},
        {"weak_negatives": "all", "weak_on_project": False},
        {"category_text": False},
        {"printed_adjacency": True, "memory": 0, "pool_empty": True},
    ],
)
def test_every_part_can_be_left_out(config, market, cache, tmp_path, changes):
    few = replace(config, epochs=1, queries="weak_negatives" not in changes, query_steps=2, **changes)
    record = run(few, market, cache, tmp_path / "out")
    assert np.isfinite(record["measures"]["history"][-1]["loss"])
    towers = Towers.load(tmp_path / "out")
    assert towers.reads_queries == few.queries
    assert np.isfinite(towers.encode_profiles(tiny_market().profiles)).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "hinge"}, "give one of infonce, triplet"),
        ({"weak_negatives": "some"}, "give one of category, all, none"),
        ({"head_heads": 5}, "must divide 32"),
        ({"epochs": 0}, "epochs is 0"),
        ({"title_pieces": 2}, "3 pieces or more"),
        ({"section_vectors": False, "head_layers": 0, "projections": False}, "nothing to train"),
    ],
)
def test_impossible_values_are_told(config, market, cache, tmp_path, changes, message):
    with pytest.raises(ConfigError, match=message):
        run(replace(config, **changes), market, cache, tmp_path / "out")


def test_a_market_without_interactions_and_a_missing_encoder_are_told(config, cache, tmp_path):
    full = tiny_market()
    write_market(Market(full.profiles, full.projects, [], full.split_at), tmp_path / "empty")
    with pytest.raises(InputError, match="give a market with more"):
        run(config, tmp_path / "empty", cache, tmp_path / "out")
    with pytest.raises(ModelError, match="cannot be loaded"):
        run(replace(config, encoder=str(tmp_path / "none")), tmp_path / "empty", cache, tmp_path / "out")
