import json

import numpy as np
import pytest
from matching_fakes import PROFILES, PROJECTS, small_market

from metier.artifacts import read_artifact, write_artifact
from metier.data.market import Market, write_market
from metier.errors import ConfigError, InputError, ModelError
from metier.matching.projection import Projection
from metier.matching.section_mean import SectionMean
from metier.training.projection import ProjectionConfig, train_projection


@pytest.fixture(scope="module")
def encoder_folder(tiny_runtime, tmp_path_factory):
    files = {
        str(path.relative_to(tiny_runtime)): path.read_bytes() for path in tiny_runtime.rglob("*") if path.is_file()
    }
    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    write_artifact(folder, kind="encoder", settings={"encoder_sha256": "e" * 64}, files=files)
    return folder


@pytest.fixture(scope="module")
def market_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(small_market(), folder)
    return folder


def _train(market, encoder, output, **values):
    config = ProjectionConfig(**{"encoder": str(encoder), "epochs": 2, "projects_per_batch": 8, **values})
    return train_projection(config, data=market, output=output, progress=lambda doing, share: None)


@pytest.mark.parametrize("loss", ["infonce", "triplet"])
def test_training_lowers_the_loss_and_writes_an_encoder_of_documents(loss, market_folder, encoder_folder, tmp_path):
    record = _train(market_folder, encoder_folder, tmp_path / "out", loss=loss, epochs=4, learning_rate=0.01)
    history = record["measures"]["history"]
    assert [figures["epoch"] for figures in history] == [0, 1, 2, 3, 4]
    assert history[-1]["loss"] < history[1]["loss"]
    assert all(0 <= figures["found"] <= 1 for figures in history)
    encoder = Projection.load(tmp_path / "out", threads=1)
    vectors = encoder.encode_profiles(PROFILES)
    assert vectors.shape == (len(PROFILES), encoder.dim)
    assert vectors.dtype == np.float32
    assert not vectors[1].any()  # has no word
    np.testing.assert_allclose(np.linalg.norm(np.delete(vectors, 1, axis=0), axis=1), 1, atol=1e-5)
    assert encoder.version == read_artifact(tmp_path / "out", kind="match-projection").version


def test_sections_add_up_to_the_document(market_folder, encoder_folder, tmp_path):
    _train(market_folder, encoder_folder, tmp_path / "out", learning_rate=0.01)
    encoder = Projection.load(tmp_path / "out", threads=1)
    for document, vector in (
        (PROFILES[0], encoder.encode_profiles(PROFILES[:1])[0]),
        (PROJECTS[0], encoder.encode_projects(PROJECTS[:1])[0]),
    ):
        summed = sum(encoder.sections(document).values())
        np.testing.assert_allclose(summed / np.linalg.norm(summed), vector, atol=1e-5)


def test_two_matrices_that_change_nothing_give_the_means_of_sections(encoder_folder):
    sections = SectionMean.load(encoder_folder, threads=1)
    same = np.eye(sections.dim, dtype=np.float32)
    encoder = Projection(sections, profiles=same, projects=same, version="same@0")
    np.testing.assert_allclose(encoder.encode_profiles(PROFILES), sections.encode_profiles(PROFILES), atol=1e-6)
    np.testing.assert_allclose(encoder.encode_projects(PROJECTS), sections.encode_projects(PROJECTS), atol=1e-6)


def test_the_same_market_gives_the_same_projection(market_folder, encoder_folder, tmp_path):
    for name in ("one", "two"):
        _train(market_folder, encoder_folder, tmp_path / name)
    contents = [(tmp_path / name / "projections.npz").read_bytes() for name in ("one", "two")]
    assert contents[0] == contents[1]


def test_interactions_from_the_split_on_are_not_looked_at(market_folder, encoder_folder, tmp_path):
    market = small_market()
    before = [each for each in market.interactions if each.at < market.split_at]
    write_market(
        Market(profiles=market.profiles, projects=market.projects, interactions=before, split_at=market.split_at),
        tmp_path / "market",
    )
    _train(market_folder, encoder_folder, tmp_path / "one")
    _train(tmp_path / "market", encoder_folder, tmp_path / "two")
    contents = [(tmp_path / name / "projections.npz").read_bytes() for name in ("one", "two")]
    assert contents[0] == contents[1]


def test_another_encoder_than_the_one_trained_on_is_refused(market_folder, encoder_folder, tmp_path):
    _train(market_folder, encoder_folder, tmp_path / "out", epochs=1)
    artifact = read_artifact(tmp_path / "out", kind="match-projection")
    files = {"projections.npz": artifact.path("projections.npz").read_bytes()}
    settings = {**artifact.settings, "encoder_sha256": "f" * 64}
    write_artifact(tmp_path / "other", kind="match-projection", settings=settings, files=files)
    with pytest.raises(ModelError, match="was trained with the encoder ffff"):
        Projection.load(tmp_path / "other")
    assert json.loads((tmp_path / "out" / "record.json").read_text())["measures"]["encoder"].startswith("tiny@")


@pytest.mark.parametrize("values", [{"loss": "hinge"}, {"weak_negatives": "most"}, {"epochs": 0}, {"temperature": 0.0}])
def test_impossible_values_are_refused(market_folder, encoder_folder, tmp_path, values):
    with pytest.raises(ConfigError):
        _train(market_folder, encoder_folder, tmp_path / "out", **values)


def test_a_market_where_nobody_is_wanted_is_refused(encoder_folder, tmp_path):
    market = small_market()
    refused = [each for each in market.interactions if each.feedback < 0]
    write_market(
        Market(profiles=market.profiles, projects=market.projects, interactions=refused, split_at=market.split_at),
        tmp_path / "market",
    )
    with pytest.raises(InputError, match="Nobody was wanted"):
        _train(tmp_path / "market", encoder_folder, tmp_path / "out")
