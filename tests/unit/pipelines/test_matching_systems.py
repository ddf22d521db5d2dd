import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.domain import Profile, Project
from metier.errors import ConfigError
from metier.pipelines import matching_systems
from metier.pipelines.matching_systems import (
    MatchingSystem,
    MatchingSystems,
    kind_of_model,
    load_document_encoder,
    parse_matching_system,
)

PROFILES = [Profile("a", {"title": "baker of bread"}), Profile("b", {"title": "nurse"}), Profile("c")]
PROJECT = Project("p", {"mission": "a nurse, please"})


class FakeEncoder:
    version = "fake@00000000"
    dim = 3

    def encode_profiles(self, profiles):
        return np.eye(len(profiles), 3, dtype=np.float32)

    def encode_projects(self, projects):
        return np.tile(np.array([0.6, 0.8, 0.0], dtype=np.float32), (len(projects), 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ours=retriever:runs/a:b", MatchingSystem("ours", "retriever", "runs/a:b")),
        ("random", MatchingSystem("random", "random")),
        ("words=bm25", MatchingSystem("words", "bm25")),
        ("sections", MatchingSystem("sections", "sections")),
        ("hybrid:runs/r", MatchingSystem("hybrid", "hybrid", "runs/r")),
    ],
)
def test_parse_reads_name_kind_and_folder(text, expected):
    assert parse_matching_system(text) == expected


def test_market_and_seed_are_put_into_the_folder():
    system = MatchingSystem("ours", "retriever", "runs/{market}-{seed}")
    assert system.on("m1", seed=4).folder == "runs/m1-4"
    assert MatchingSystem("words", "bm25").on("m1", seed=None).folder is None
    with pytest.raises(ConfigError, match=r"use \{market\}"):
        system.on("m1", seed=None)


def test_systems_over_the_same_model_share_it(monkeypatch):
    loaded = []
    monkeypatch.setitem(
        matching_systems.ENCODERS, "sections", lambda folder, threads: loaded.append(folder) or FakeEncoder()
    )
    systems = MatchingSystems(PROFILES)
    first = systems.build("sections")
    assert systems.build("sections", "encoder-multilingual") is first
    assert loaded == ["encoder-multilingual"]
    assert first.compare([PROJECT])[0].tolist() == pytest.approx([0.6, 0.8, 0])


def test_the_hybrid_takes_words_into_account(monkeypatch):
    pytest.importorskip("bm25s")
    monkeypatch.setitem(matching_systems.ENCODERS, "sections", lambda folder, threads: FakeEncoder())
    for kind in ("hybrid", "hybrid-weighted"):
        order = np.argsort(-MatchingSystems(PROFILES).build(kind).compare([PROJECT])[0]).tolist()
        assert order == [1, 0, 2]  # b by both sides


@pytest.mark.parametrize("kind", ["tf-idf", "skill-overlap", "random"])
def test_systems_without_a_model_compare_every_profile(kind):
    assert MatchingSystems(PROFILES, seed=1).build(kind).compare([PROJECT, PROJECT]).shape == (2, 3)


def test_a_kind_without_vectors_is_refused():
    with pytest.raises(ConfigError, match="kind bm25 have no vectors"):
        load_document_encoder("bm25", "")


def test_a_model_says_its_kind(tmp_path):
    for kind in ("encoder", "match-projection", "retriever", "tagger"):
        write_artifact(tmp_path / kind, kind=kind, settings={}, files={})
    found = [kind_of_model(str(tmp_path / kind)) for kind in ("encoder", "match-projection", "retriever")]
    assert found == ["sections", "projection", "retriever"]
    with pytest.raises(ConfigError, match="of the kind tagger"):
        kind_of_model(str(tmp_path / "tagger"))


def test_version_names_the_model_and_its_hash(tmp_path):
    write_artifact(tmp_path / "mine", kind="retriever", settings={}, files={})
    version = MatchingSystem("ours", "retriever", str(tmp_path / "mine")).version
    assert version.startswith("ours=retriever:mine@")
    assert MatchingSystem("words", "bm25").version == "words=bm25"
