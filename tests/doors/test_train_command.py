"""`metier train tagger | linker`, as typed."""

import json

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import train
from metier.errors import ConfigError, InputError, MissingExtra, ModelError


@pytest.fixture
def run():
    app = typer.Typer()
    train.register(app)
    app.callback()(lambda: None)

    def run(*arguments):
        return CliRunner().invoke(app, ["train", *map(str, arguments)])

    return run


def write_split(path, n):
    row = {"tokens": ["know", "SQL"], "tags_skill": ["O", "O"], "tags_knowledge": ["O", "B"]}
    path.write_text((json.dumps(row) + "\n") * n)


def test_without_a_subcommand_the_help_is_shown(run):
    result = run()
    assert result.exit_code == 2
    assert "tagger" in result.output
    assert "linker" in result.output


@pytest.mark.parametrize("arguments", [["tagger"], ["tagger", "c.toml"], ["linker", "c.toml", "--data", "d"]])
def test_missing_arguments_are_misuse(run, arguments):
    assert run(*arguments).exit_code == 2


def test_a_missing_configuration_is_told_in_one_sentence(run, tmp_path):
    for system, rest in (("tagger", []), ("linker", ["--esco", tmp_path])):
        error = run(system, tmp_path / "no.toml", "--data", tmp_path, *rest).exception
        assert isinstance(error, ConfigError)
        assert str(error) == f"{tmp_path / 'no.toml'} cannot be read: No such file or directory."


def test_an_unknown_key_and_an_unknown_layer_are_configuration_errors(run, tmp_path):
    for line, expected in (("epoch = 3", "unknown key epoch"), ('layers = ["skil"]', "expected one or both of")):
        (tmp_path / "c.toml").write_text(line)
        error = run("tagger", tmp_path / "c.toml", "--data", tmp_path).exception
        assert isinstance(error, ConfigError)
        assert expected in str(error)


def test_data_that_is_not_there_is_an_input_error(run, tmp_path):
    (tmp_path / "c.toml").write_text("epochs = 1")
    assert isinstance(run("tagger", tmp_path / "c.toml", "--data", tmp_path).exception, InputError)


def test_an_encoder_that_is_not_there_is_a_model_error(run, tmp_path):
    (tmp_path / "c.toml").write_text(f'encoder = "{tmp_path}/no/such"')
    for split in ("train", "dev"):
        write_split(tmp_path / f"{split}.json", 2)
    assert isinstance(run("tagger", tmp_path / "c.toml", "--data", tmp_path).exception, ModelError)


def test_a_missing_extra_names_its_install_line(run, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    error = run("tagger", tmp_path / "c.toml", "--data", tmp_path).exception
    assert isinstance(error, MissingExtra)
    assert "pip install 'metier[train]'" in str(error)


def test_a_tagger_is_trained_and_its_folder_named_on_stderr(run, tmp_path, tiny_encoder):
    (tmp_path / "c.toml").write_text(f'encoder = "{tiny_encoder}"\nepochs = 1\nbatch_size = 4\nbfloat16 = false\n')
    for split in ("train", "dev"):
        write_split(tmp_path / f"{split}.json", 8)
    result = run("tagger", tmp_path / "c.toml", "--data", tmp_path, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "epoch 1: dev F1 skill" in result.stderr
    assert f"Wrote {tmp_path / 'out'}." in result.stderr
    assert (tmp_path / "out" / "config.json").exists()
