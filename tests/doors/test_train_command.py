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


def test_a_language_model_asks_for_text_and_for_esco_where_relations_are_wanted(run, tmp_path):
    (tmp_path / "c.toml").write_text("relations = true")
    assert run("language-model", tmp_path / "c.toml").exit_code == 2  # no --text
    error = run("language-model", tmp_path / "c.toml", "--text", tmp_path).exception
    assert isinstance(error, ConfigError)
    assert "--esco FOLDER" in str(error)


def test_a_language_model_without_text_is_an_input_error(run, tmp_path, tiny_encoder):
    (tmp_path / "c.toml").write_text(f'encoder = "{tiny_encoder}"')
    error = run("language-model", tmp_path / "c.toml", "--text", tmp_path / "nothing").exception
    assert isinstance(error, InputError)
    (tmp_path / "one.txt").write_bytes(b"\x00\x01\x02")
    assert isinstance(run("language-model", tmp_path / "c.toml", "--text", tmp_path / "one.txt").exception, InputError)


@pytest.mark.parametrize("command", ["average", "committee"])
def test_what_is_no_tagger_is_not_joined(run, tmp_path, command):
    members = [tmp_path / "a", tmp_path / "b"]
    assert isinstance(run(command, *members, "--data", tmp_path, "-o", tmp_path / "x").exception, ModelError)
    assert run(command, "--data", tmp_path).exit_code == 2


def test_a_matrix_prints_a_table_and_writes_its_figures(run, tmp_path, tiny_encoder, capsys):
    for split in ("train", "dev"):
        write_split(tmp_path / f"{split}.json", 12)
    (tmp_path / "c.toml").write_text(
        f'encoders = ["{tiny_encoder}"]\nmulti_task = [true]\ncrf = [false]\nseeds = [1]\nepochs = 1\n'
    )
    arguments = ["--data", tmp_path, "-o", tmp_path / "runs", "--jobs", 1, "--results", tmp_path / "figures.json"]
    result = run("matrix", tmp_path / "c.toml", *arguments)
    assert result.exit_code == 0, result.exception
    assert "bert, multi, softmax" in result.stdout
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert 0 <= figures["cells"][0]["pooled"]["mean"] <= 1
    assert figures["record"]["data"] == "dev.json"


def test_a_generator_asks_for_its_release_and_refuses_unknown_keys(run, tmp_path):
    (tmp_path / "c.toml").write_text("beam = 3")
    assert run("generator", tmp_path / "c.toml", "--data", tmp_path).exit_code == 2  # no --esco
    error = run("generator", tmp_path / "c.toml", "--data", tmp_path, "--esco", tmp_path).exception
    assert isinstance(error, ConfigError)
    assert "unknown key beam" in str(error)
