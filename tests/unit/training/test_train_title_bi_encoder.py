"""Training of the title bi-encoder."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from metier.artifacts import read_artifact, write_artifact
from metier.errors import ConfigError, InputError, ModelError
from metier.nn.export import export_encoder
from metier.titles.bi_encoder import BiEncoder
from metier.titles.nearest import NearestTitles
from metier.training.title_bi_encoder import TitleBiEncoderConfig, export_title_bi_encoder, train_title_bi_encoder


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return TitleBiEncoderConfig(
        encoder=str(tiny_encoder),
        dim=32,
        steps=240,
        steps_per_checkpoint=120,
        batch_size=16,
        learning_rate=0.01,
        bfloat16=False,
        seed=1,
    )


def train(config, data, output, progress=lambda text, share: None):
    return train_title_bi_encoder(config, data=data, esco=None, output=output, progress=progress)


@pytest.fixture(scope="module")
def linker(tiny_encoder, tmp_path_factory):
    """What a linker folder is to a model of titles: the runtime form of the encoder that it began with."""
    folder = tmp_path_factory.mktemp("linker") / "linker"
    sha256 = hashlib.sha256((tiny_encoder / "model.safetensors").read_bytes()).hexdigest()
    files = export_encoder(tiny_encoder, quantization="int8")
    write_artifact(folder, kind="linker", settings={"encoder_sha256": sha256}, files=files)
    return folder


@pytest.fixture(scope="module")
def trained(config, title_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "bi-encoder"
    return folder, train(config, title_data, folder)


def test_a_trained_model_exports_and_finds_titles(trained, linker, title_data, tmp_path):
    export_title_bi_encoder(trained[0], tmp_path / "exported", quantization="int8")
    assert not (tmp_path / "exported" / "encoder").exists()  # it is the linker's
    model = BiEncoder.load(tmp_path / "exported", linker=linker)
    assert model.version.startswith("exported@")
    assert read_artifact(tmp_path / "exported", kind="title-bi-encoder").settings["languages"] == ["en"]
    rows = [json.loads(line) for line in (title_data / "postings" / "own_en.jsonl").read_text().splitlines()]
    titles = sorted({row["title"].casefold() for row in rows})
    predictor = NearestTitles(model.descriptions, titles, model.titles.encode(titles))
    found = predictor.predict([row["description"] for row in rows], k=1)
    right = [first[0].title == row["title"].casefold() for first, row in zip(found, rows, strict=True)]
    assert np.mean(right) > 0.5  # of six titles; the encoder under it has random weights
    assert predictor.predict([""], k=1) == [[]]
    assert {title.casefold() for title in model.known} == set(titles)
    np.testing.assert_allclose(model.known_vectors, model.titles.encode(model.known), atol=0.02)  # but for int8
    assert model.least_cosine == 0.2


def test_a_model_of_another_encoder_is_refused(trained, linker, tmp_path):
    export_title_bi_encoder(trained[0], tmp_path / "exported", quantization="int8")
    write_artifact(tmp_path / "other", kind="linker", settings={"encoder_sha256": "0" * 64}, files={})
    with pytest.raises(ModelError, match=r"trained on the encoder .*, and .*other has 000000000000…"):
        BiEncoder.load(tmp_path / "exported", linker=tmp_path / "other")


def test_a_model_with_an_encoder_of_its_own_needs_no_linker(config, title_data, tmp_path):
    train(replace(config, frozen=False, steps=2, steps_per_checkpoint=2), title_data, tmp_path / "x")
    export_title_bi_encoder(tmp_path / "x", tmp_path / "exported", quantization="int8")
    model = BiEncoder.load(tmp_path / "exported", linker=tmp_path / "none")
    assert model.titles.encode(["baker"]).shape == (1, 32)


def test_all_pairs_keep_the_last_step(config, title_data, tmp_path):
    record = train(replace(config, all_pairs=True, steps=4, steps_per_checkpoint=2), title_data, tmp_path / "x")
    assert record["measures"]["kept_step"] == 4
    assert record["measures"]["n_pairs"]["train"] > record["measures"]["n_pairs"]["dev"]


def test_training_gains_on_dev_and_says_so_in_the_record(trained):
    folder, record = trained
    history = record["measures"]["history"]
    assert [figures["step"] for figures in history] == [120, 240]
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["dev_accuracy"] == 1.0  # of six titles, each is among the ten nearest
    assert record["measures"]["n_trained_parameters"] == 2 * 32 * 32 + 1
    assert json.loads((folder / "record.json").read_text()) == json.loads(json.dumps(record))


def test_the_frozen_encoder_is_the_one_it_began_with(trained, tiny_encoder):
    from safetensors.numpy import load_file

    before = load_file(tiny_encoder / "model.safetensors")
    after = load_file(trained[0] / "weights" / "model.safetensors")
    for name, values in after.items():
        np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize("frozen", [True, False])
def test_an_interrupted_run_goes_on_to_the_same_weights(config, title_data, tmp_path, frozen):
    config = replace(config, frozen=frozen, steps=6, steps_per_checkpoint=2)
    train(config, title_data, tmp_path / "whole")

    def interrupt(text, share):
        if text.startswith("step 4/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, title_data, tmp_path / "resumed", interrupt)
    seen = []
    train(config, title_data, tmp_path / "resumed", lambda text, share: seen.append(text))
    assert next(text for text in seen if text.startswith("step")).startswith("step 3/")
    assert not any("texts read" in text for text in seen)  # what was read is found again
    resumed, whole = (read_artifact(tmp_path / n, kind="title-bi-encoder-weights") for n in ("resumed", "whole"))
    assert resumed.sha256 == whole.sha256
    assert sorted(path.name for path in tmp_path.iterdir()) == ["resumed", "whole"]


def test_without_frozen_the_encoder_is_trained(config, title_data, tiny_encoder, tmp_path):
    from safetensors.numpy import load_file

    train(replace(config, frozen=False, steps=2), title_data, tmp_path / "x")
    before = load_file(tiny_encoder / "model.safetensors")["embeddings.word_embeddings.weight"]
    after = load_file(tmp_path / "x" / "weights" / "model.safetensors")["embeddings.word_embeddings.weight"]
    assert np.abs(after - before).max() > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"languages": ()}, "at least one language"),
        ({"steps": 0}, "one step"),
        ({"batch_size": 1}, "batch_size must be 2"),
        ({"temperature": 0.0}, "temperature above 0"),
    ],
)
def test_impossible_values_are_refused(config, title_data, tmp_path, change, message):
    with pytest.raises(ConfigError, match=message):
        train(replace(config, **change), title_data, tmp_path / "x")


def test_data_or_an_encoder_that_is_not_there_is_told(config, title_data, tmp_path):
    with pytest.raises(InputError, match="no postings"):
        train(config, tmp_path, tmp_path / "x")
    with pytest.raises(ModelError):
        train(replace(config, encoder=str(tmp_path / "no" / "such")), title_data, tmp_path / "x")


def test_one_title_alone_is_refused(config, tmp_path):
    (tmp_path / "postings").mkdir()
    row = json.dumps({"title": "Baker", "description": "bakes bread"})
    (tmp_path / "postings" / "own_en.jsonl").write_text(row + "\n")
    with pytest.raises(InputError, match="fewer than two different titles"):
        train(config, tmp_path, tmp_path / "x")
