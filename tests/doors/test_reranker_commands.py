"""`metier train reranker`, `metier link --reranker` and `metier models export` of a re-ranker, as typed."""

import csv
import gzip
import json

import pytest
from typer.testing import CliRunner

from metier.cli.main import app
from metier.errors import ConfigError, InputError, ModelError


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def first(tiny_linker):
    return ["--linker", tiny_linker[0], "--taxonomy", tiny_linker[1]]


def test_what_is_missing_is_told(first, tmp_path):
    assert run("train", "reranker").exit_code == 2
    error = run("train", "reranker", tmp_path / "no.toml", "--data", tmp_path).exception
    assert isinstance(error, ConfigError)
    (tmp_path / "c.toml").write_text("sentences = 3")
    assert isinstance(run("train", "reranker", tmp_path / "c.toml", "--data", tmp_path, *first).exception, InputError)


def test_a_reranker_is_trained_exported_and_used(first, tiny_encoder, tmp_path):
    (tmp_path / "skillskape").mkdir()
    (tmp_path / "skill_linking_esco").mkdir()
    with gzip.open(tmp_path / "skillskape" / "train.csv.gz", "wt", newline="") as stream:
        csv.writer(stream).writerows([["sentence", "skills"], *([f"We like SQL {n}", "['SQL']"] for n in range(6))])
    rows = [[f"Use {word} {n}", word, "", word] for n in range(5) for word in ("SQL", "C++")]
    with (tmp_path / "skill_linking_esco" / "tech_validation_annotations.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [["sentence", "span", "sub_span", "label"], *rows, ["no", "no", "", "UNDERSPECIFIED"]]
        )
    (tmp_path / "c.toml").write_text(
        f'encoder = "{tiny_encoder}"\nmentions = 4\nbatch_size = 4\nlist_size = 3\nbfloat16 = false\n'
    )
    trained = run("train", "reranker", tmp_path / "c.toml", "--data", tmp_path, *first, "-o", tmp_path / "weights")
    assert trained.exit_code == 0, trained.exception
    assert trained.stdout == ""
    assert f"Wrote {tmp_path / 'weights'}." in trained.stderr
    assert run("models", "export", tmp_path / "weights", "-o", tmp_path / "mine").exit_code == 0
    linked = run("link", "--text", "SQL", "--json", "--reranker", tmp_path / "mine", *first)
    assert linked.exit_code == 0, linked.exception
    assert json.loads(linked.stdout)["text"] == "SQL"


def test_a_reranker_changes_the_probabilities_of_a_list(first, tiny_reranker):
    def probability(*options):
        return json.loads(run("link", "--text", "python", "--json", *first, *options).stdout)["probability"]

    assert probability("--reranker", tiny_reranker) != probability()


def test_a_folder_that_is_no_reranker_is_refused(first, tiny_linker):
    error = run("link", "--text", "SQL", "--reranker", tiny_linker[0], *first).exception
    assert isinstance(error, ModelError)
    assert "is a linker, and a reranker was expected" in str(error)
