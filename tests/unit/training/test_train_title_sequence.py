"""Training of the sequence-to-sequence baseline."""

import json
from dataclasses import replace

import pytest
import torch

from metier.artifacts import read_artifact, write_artifact
from metier.errors import ConfigError, InputError, UnknownModel
from metier.titles.sequence import SequenceTitles
from metier.training.title_sequence import TitleSequenceConfig, train_title_sequence


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def config(word_folder):
    return TitleSequenceConfig(
        titles=str(word_folder), hidden=24, epochs=6, batch_size=8, learning_rate=0.02, dropout=0.1, seed=1
    )


def train(config, data, output, progress=lambda text, share: None):
    return train_title_sequence(config, data=data, esco=None, output=output, progress=progress)


@pytest.fixture(scope="module")
def trained(config, title_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "sequence"
    return folder, train(config, title_data, folder)


def test_a_trained_model_writes_the_title_of_a_description(trained):
    predictor = SequenceTitles.load(trained[0])
    found = predictor.predict(["joins steel parts in the yard", "builds pipelines with Python"], k=2)
    assert [titles[0].title for titles in found] == ["senior welder", "data engineer"]
    weights = predictor.attention("joins steel parts in the yard", "Senior Welder")
    assert sum(one.weight for one in weights) == pytest.approx(1.0)


def test_the_folder_says_which_languages_it_was_trained_in(trained):
    assert read_artifact(trained[0], kind="title-sequence").settings["languages"] == ["en"]


def test_restricted_to_a_list_it_stays_within(trained):
    (found,) = SequenceTitles.load(trained[0], only=["nurse", "driver"]).predict(["joins steel parts"], k=5)
    assert sorted(title.title for title in found) == ["driver", "nurse"]


def test_the_record_has_costs_and_sizes(trained):
    folder, record = trained
    measures = record["measures"]
    assert len(measures["epochs"]) == 6
    assert measures["epochs"][-1]["dev_cost"] < measures["epochs"][0]["dev_cost"]
    assert measures["n_output_words"] == 8  # baker, senior, welder, nurse, data, engineer, driver, éclairagiste
    assert measures["n_pairs"]["train"] > measures["n_pairs"]["dev"] > 0
    assert set(record["data_sha256"]) == {"own_en.jsonl"}
    assert json.loads((folder / "record.json").read_text()) == json.loads(json.dumps(record))


def test_an_interrupted_run_goes_on_to_the_same_weights(trained, config, title_data, tmp_path):
    def interrupt(text, share):
        if text.startswith("epoch 3:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, title_data, tmp_path / "sequence", interrupt)
    seen = []
    train(config, title_data, tmp_path / "sequence", lambda text, share: seen.append(text))
    assert [text[:8] for text in seen if text.startswith("epoch") and "/" not in text] == [
        "epoch 4:",
        "epoch 5:",
        "epoch 6:",
    ]
    resumed, whole = (read_artifact(folder, kind="title-sequence") for folder in (tmp_path / "sequence", trained[0]))
    assert resumed.sha256 == whole.sha256
    assert [path.name for path in tmp_path.iterdir()] == ["sequence"]


def test_an_unfinished_run_of_another_configuration_is_refused(config, title_data, tmp_path):
    def interrupt(text, share):
        if text.startswith("epoch 1:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, title_data, tmp_path / "x", interrupt)
    with pytest.raises(ConfigError, match="another configuration"):
        train(replace(config, hidden=25, seed=2), title_data, tmp_path / "x")


def test_word_vectors_that_have_seen_the_test_pairs_are_refused(config, word_folder, title_data, tmp_path):
    settings = {"languages": ["en"], "description_words": 40, "training": {"all_pairs": True}}
    files = {"words.npz": (word_folder / "words.npz").read_bytes()}
    write_artifact(tmp_path / "titles", kind="titles", settings=settings, files=files)
    with pytest.raises(ConfigError, match="all_pairs = false"):
        train(replace(config, titles=str(tmp_path / "titles")), title_data, tmp_path / "x")


def test_a_job2vec_or_data_that_is_not_there_is_told(config, title_data, tmp_path):
    with pytest.raises(UnknownModel):
        train(replace(config, titles=str(tmp_path / "no")), title_data, tmp_path / "x")
    with pytest.raises(InputError, match="no postings"):
        train(config, tmp_path, tmp_path / "x")


def test_one_title_alone_is_refused(config, tmp_path):
    (tmp_path / "postings").mkdir()
    row = json.dumps({"title": "Baker", "description": "bakes bread"})
    (tmp_path / "postings" / "own_en.jsonl").write_text(row + "\n")
    with pytest.raises(InputError, match="at least two"):
        train(config, tmp_path, tmp_path / "x")
