"""`metier models list | export`, as typed."""

import json

import pytest
import typer
from typer.testing import CliRunner

from metier import artifacts
from metier.artifacts import write_artifact
from metier.cli import models
from metier.errors import DamagedModel, MissingExtra, ModelError, UnknownModel


@pytest.fixture
def run():
    app = typer.Typer()
    models.register(app)
    app.callback()(lambda: None)

    def run(*arguments):
        return CliRunner().invoke(app, ["models", *map(str, arguments)])

    return run


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    for name, kind in (("tagger-en", "tagger"), ("esco", "taxonomy")):
        write_artifact(tmp_path / name, kind=kind, settings={}, files={"weights.bin": b"x" * 1_234_567})
    monkeypatch.setattr(artifacts, "SHIPPED_FOLDER", tmp_path)
    return tmp_path


def test_list_gives_a_line_per_model_sorted_by_name(run, shipped):
    first, second = run("list").stdout.splitlines()
    assert first.split()[:4] == ["esco", "taxonomy", "1.2", "MB"]
    assert second.split()[0] == "tagger-en"
    assert second.split()[-1].startswith("tagger-en@")


def test_list_as_json_gives_an_object_per_line(run, shipped):
    rows = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [(row["name"], row["kind"], row["size_mb"]) for row in rows] == [
        ("esco", "taxonomy", 1.2),
        ("tagger-en", "tagger", 1.2),
    ]
    assert rows[0]["version"].startswith("esco@")


def test_list_says_which_model_is_damaged(run, shipped):
    (shipped / "esco" / "weights.bin").write_bytes(b"tampered")
    error = run("list").exception
    assert isinstance(error, DamagedModel)
    assert "weights.bin is not the file that was saved" in str(error)


@pytest.mark.parametrize(
    "arguments", [["export"], ["export", "x"], ["export", "x", "-o", "y", "--quantization", "int4"]]
)
def test_missing_and_wrong_arguments_are_misuse(run, arguments):
    assert run(*arguments).exit_code == 2


def test_exporting_what_is_not_there_is_an_unknown_model(run, tmp_path):
    error = run("export", tmp_path / "nothing", "-o", tmp_path / "out").exception
    assert isinstance(error, UnknownModel)
    assert not (tmp_path / "out").exists()


def test_exporting_what_is_no_weights_folder_says_what_it_is(run, tmp_path):
    write_artifact(tmp_path / "esco", kind="taxonomy", settings={}, files={})
    error = run("export", tmp_path / "esco", "-o", tmp_path / "out").exception
    assert isinstance(error, ModelError)
    assert "is a taxonomy; expected one of " in str(error)
    assert "linker-weights, reranker-weights, tagger-weights" in str(error)


def test_exporting_needs_torch(run, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    error = run("export", tmp_path / "x", "-o", tmp_path / "y").exception
    assert isinstance(error, MissingExtra)
    assert "pip install 'metier[train]'" in str(error)
