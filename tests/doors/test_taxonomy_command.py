"""`metier taxonomy build | info | search`, as typed."""

import json

import pytest
import typer
from typer.testing import CliRunner

from metier.cli import taxonomy
from metier.errors import ConfigError, InputError, TaxonomyInvalid, UnknownModel

OWN = "id,label,alternatives,parent,kind\na,Baking,bake,,skill\nb,Pâtisserie 🍰,cakes|pies,a,knowledge\nc,Baking,,,\n"


@pytest.fixture
def run():
    app = typer.Typer()
    taxonomy.register(app)
    app.callback()(lambda: None)

    def run(*arguments):
        return CliRunner().invoke(app, ["taxonomy", *map(str, arguments)])

    return run


@pytest.fixture
def built(run, tmp_path):
    (tmp_path / "own.csv").write_text(OWN)
    result = run("build", tmp_path / "own.csv", "-o", tmp_path / "index", "--name", "Cakes", "--version", "2")
    assert result.exit_code == 0, result.output
    return tmp_path / "index"


def test_build_writes_an_index_and_says_so_on_stderr(run, tmp_path):
    (tmp_path / "own.csv").write_text(OWN)
    result = run("build", tmp_path / "own.csv", "-o", tmp_path / "index")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "note: row 4: the label 'Baking' is that of row 2 too." in result.stderr
    assert "own unknown, 3 skills, 0 occupations" in result.stderr


def test_info_gives_one_object(run, built):
    facts = json.loads(run("info", built).stdout)
    assert (facts["name"], facts["version"], facts["languages"]) == ("Cakes", "2", ["en"])
    assert (facts["n_skills"], facts["n_skill_alternatives"], facts["n_occupations"]) == (3, 3, 0)
    assert len(facts["sha256"]) == 64
    # b stands under a; a and c under nothing
    assert facts["groups"] == [
        {"group": "", "label": "", "n_skills": 2},
        {"group": "a", "label": "Baking", "n_skills": 1},
    ]


def test_search_gives_a_line_per_concept_best_first(run, built):
    rows = [json.loads(line) for line in run("search", "PIES", "--taxonomy", built, "--json").stdout.splitlines()]
    assert rows == [
        {"label": "Pâtisserie 🍰", "kind": "knowledge", "group": "a", "matched": "pies", "uri": "b"},
    ]


def test_search_keeps_to_limit_and_kind(run, built):
    assert len(run("search", "baking", "--taxonomy", built).stdout.splitlines()) == 2
    assert len(run("search", "baking", "--taxonomy", built, "--limit", 1).stdout.splitlines()) == 1
    assert run("search", "baking", "--taxonomy", built, "--kind", "occupation").stdout == ""


def test_search_without_a_hit_says_so_on_stderr_and_is_no_failure(run, built):
    result = run("search", "zzz", "--taxonomy", built)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Cakes has no label that shares a word with 'zzz'." in result.stderr


def test_a_terminal_gets_tables(run, built, monkeypatch):
    monkeypatch.setattr("metier.cli.taxonomy._is_terminal", lambda: True)
    shown = run("info", built).stdout
    assert "Cakes" in shown
    assert "{" not in shown
    shown = run("search", "pies", "--taxonomy", built).stdout
    assert "matched" in shown
    assert "Pâtisserie 🍰" in shown
    assert run("info", built, "--json").stdout.startswith("{")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("info", "no-such-taxonomy"), UnknownModel),
        (("build", "no-such.csv", "-o", "index"), InputError),
        (("build", ".", "-o", "index"), InputError),
        (("build", ".", "-o", "index", "--name", "Mine"), ConfigError),
        (("build", "a.csv", "-o", "index", "--language", "en", "--language", "fr"), ConfigError),
    ],
)
def test_misuse_raises_one_of_our_errors_and_writes_nothing(run, tmp_path, monkeypatch, arguments, error):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert isinstance(result.exception, error)
    assert list(tmp_path.iterdir()) == []


def test_a_faulty_file_lists_its_problems_and_leaves_the_old_index(run, built, tmp_path):
    before = (built / "config.json").read_bytes()
    (tmp_path / "bad.csv").write_text("id,label\na,\na,x\n")
    result = run("build", tmp_path / "bad.csv", "-o", built)
    assert isinstance(result.exception, TaxonomyInvalid)
    assert "row 2: the label is empty" in str(result.exception)
    assert "row 3: the id 'a' is that of row 2 too" in str(result.exception)
    assert (built / "config.json").read_bytes() == before


@pytest.mark.models
def test_the_shipped_taxonomy_is_the_default(run):
    assert json.loads(run("info").stdout)["name"] == "ESCO"
    first = json.loads(run("search", "python", "--limit", 1).stdout)
    assert (first["label"], first["group"]) == ("Python (computer programming)", "K0613")
