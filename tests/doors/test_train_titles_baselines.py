"""`metier train title-sequence | title-bi-encoder`, as typed."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from metier.artifacts import read_artifact, write_artifact
from metier.cli import train
from metier.errors import ConfigError, InputError
from metier.titles.word_vectors import WordVectors


@pytest.fixture
def run():
    app = typer.Typer()
    train.register(app)
    app.callback()(lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.fixture
def data(tmp_path):
    jobs = {"Baker": "bakes bread", "Welder": "joins steel", "Nurse": "cares for patients"}
    rows = [
        {"title": title, "description": f"{text} {' '.join(f'{letter}{number}' for letter in 'abcdefgh')}"}
        for number in range(40)
        for title, text in jobs.items()
    ]
    (tmp_path / "data" / "postings").mkdir(parents=True)
    (tmp_path / "data" / "postings" / "own_en.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path / "data"


@pytest.mark.parametrize("system", ["title-sequence", "title-bi-encoder"])
def test_missing_arguments_are_misuse_and_a_missing_file_is_told(run, tmp_path, system):
    assert run(system).exit_code == 2
    assert run(system, "c.toml").exit_code == 2
    error = run(system, tmp_path / "no.toml", "--data", tmp_path).exception
    assert isinstance(error, ConfigError)
    assert str(error) == f"{tmp_path / 'no.toml'} cannot be read: No such file or directory."


def test_a_sequence_model_is_trained_and_its_folder_named_on_stderr(run, data, tmp_path):
    vectors = WordVectors.from_floats(["baker", "welder", "bakes", "joins", "cares"], np.eye(5, dtype=np.float32))
    settings = {"languages": ["en"], "description_words": 9, "training": {"all_pairs": False}}
    write_artifact(tmp_path / "titles", kind="titles", settings=settings, files={"words.npz": vectors.to_bytes()})
    (tmp_path / "c.toml").write_text(f'titles = "{tmp_path}/titles"\nepochs = 1\nhidden = 8\n')
    result = run("title-sequence", tmp_path / "c.toml", "--data", data, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.exception
    assert result.stdout == ""
    assert "epoch 1: " in result.stderr
    assert f"Wrote {tmp_path / 'out'}." in result.stderr
    assert read_artifact(tmp_path / "out", kind="title-sequence").settings["hidden"] == 8


def test_a_bi_encoder_is_trained_and_its_folder_named_on_stderr(run, data, tmp_path, tiny_encoder):
    (tmp_path / "c.toml").write_text(f'encoder = "{tiny_encoder}"\nsteps = 2\nbatch_size = 8\n')
    result = run("title-bi-encoder", tmp_path / "c.toml", "--data", data, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.exception
    assert result.stdout == ""
    assert "step 2: " in result.stderr
    assert f"Wrote {tmp_path / 'out'}." in result.stderr
    assert read_artifact(tmp_path / "out", kind="title-bi-encoder-weights").settings["training"]["steps"] == 2


def test_an_esco_release_without_the_language_is_an_input_error(run, data, tmp_path, tiny_encoder):
    (tmp_path / "c.toml").write_text(f'encoder = "{tiny_encoder}"\n')
    error = run("title-bi-encoder", tmp_path / "c.toml", "--data", data, "--esco", tmp_path).exception
    assert isinstance(error, InputError)
    assert "occupations_en.csv" in str(error)
