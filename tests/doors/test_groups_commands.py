"""`metier weak groups`, `metier train groups` and `metier evaluate groups`, from the shell."""

import csv
import json

import pytest

from metier.cli import groups
from metier.errors import ServiceError
from metier.taxonomy.concept_search import FoundConcept

BREAD = FoundConcept("u:1", "bake bread", "skill", "S6")
BAKERY = FoundConcept("u:2", "bread", "knowledge", "K04")
NOTHING = {"kind": None, "code": "K99", "concept": None, "uri": None}


class FakeSearch:
    def __init__(self, **options):
        self.options = options

    def search(self, text, *, language, limit):
        if text == "broken":
            raise ServiceError("The service gave no answer; try again later.")
        return [BREAD, BAKERY] if "bread" in text.lower() else []


@pytest.fixture
def search(shell, monkeypatch):
    loaded = []
    monkeypatch.setattr(groups, "load_search", lambda taxonomy, **options: loaded.append(options) or FakeSearch())
    return loaded


def test_lines_of_text_give_a_label_each(shell, search):
    shell.write("spans.txt", "Bread\n\n2LOD\n")
    outcome = shell.run("weak", "groups", "spans.txt")
    assert outcome.code == 0
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {"span": "Bread", "kind": None, "code": "S6", "concept": "bake bread", "uri": "u:1"},
        {"span": "2LOD", **NOTHING},
    ]


def test_a_column_says_the_kind_and_a_table_comes_out(shell, search):
    shell.write("spans.csv", "id,text,layer\n1,bread,Knowledge\n2,bread,skill\n")
    outcome = shell.run("weak", "groups", "spans.csv", "--column", "text", "--kind-column", "layer", "-o", "out.csv")
    assert (outcome.code, outcome.out) == (0, "")
    rows = list(csv.DictReader((shell.folder / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["kind"], row["code"]) for row in rows] == [("knowledge", "K04"), ("skill", "S6")]


def test_a_terminal_gets_a_readable_list(shell, search, monkeypatch):
    monkeypatch.setattr(groups, "on_terminal", lambda: True)
    shell.write("spans.txt", "bread\nnothing\n")
    assert shell.run("weak", "groups", "spans.txt").out == "S6        bread  →  bake bread\nK99       nothing\n"


def test_a_service_that_fails_leaves_no_file(shell, search):
    shell.write("spans.txt", "bread\nbroken\n")
    outcome = shell.run("weak", "groups", "spans.txt", "--web", "-o", "out.csv")
    assert outcome.code == 1
    assert "try again later" in outcome.err
    assert shell.names() == ["spans.txt"]
    assert search == [{"web": True, "version": "v1.0.9", "cache": None}]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("text,kind\nbread,place\n", ("--kind-column", "kind"), "expected skill or knowledge"),
        ("text,kind\nbread,skill\n", ("--kind-column", "layer"), "no column 'layer'"),
    ],
)
def test_a_kind_that_is_none_is_refused(shell, search, content, options, message):
    shell.write("spans.csv", content)
    outcome = shell.run("weak", "groups", "spans.csv", "--column", "text", *options, "-o", "out.csv")
    assert outcome.code == 1
    assert message in outcome.err
    assert shell.names() == ["spans.csv"]


def test_a_cache_without_the_service_is_misuse(shell):
    shell.write("spans.txt", "bread\n")
    outcome = shell.run("weak", "groups", "spans.txt", "--cache", "here")
    assert outcome.code == 2
    assert "--web" in outcome.err


def kompetencer(shell):
    rows = [("python", "K06"), ("sql", "K06"), ("manage a team", "S4"), ("bake bread", "S6")]
    danish = [("samarbejde", "S1"), ("robust", "A1"), ("stabil", "A1"), ("edb", "K06"), ("teamplayer", "A1")]
    for name, some in (("1_en_train", rows), ("3_en_dev", rows), ("2_da_train", danish)):
        shell.write(f"{name}.tsv", "".join(f"{text}\t{code}\n" for text, code in some))


def test_a_classifier_is_trained_and_measured(shell, tiny_linker):
    kompetencer(shell)
    linker, taxonomy = tiny_linker
    shell.write(
        "groups.toml", f'linker = "{linker}"\ntaxonomy = "{taxonomy}"\niterations = 30\nadapted_decays = [0.1]\n'
    )
    trained = shell.run("train", "groups", "groups.toml", "--data", ".", "-o", "model")
    assert (trained.code, trained.out) == (0, "")
    assert "English dev: weighted F1 1.000" in trained.err

    measured = shell.run("evaluate", "groups", "--data", ".", "--model", "model", "-o", "figures.json")
    assert measured.code == 0
    figures = json.loads(measured.out)
    assert list(figures["systems"]) == ["classifier", "rule", "majority"]
    assert figures["systems"]["classifier"]["weighted_f1"] == 1
    # K06 for all of four: precision 2/4, recall 1, F1 2/3, weighted by 2/4
    assert figures["systems"]["majority"]["weighted_f1"] == pytest.approx(1 / 3)
    kept = json.loads((shell.folder / "figures.json").read_text())
    assert kept["record"]["data"] == "3_en_dev.tsv"
    assert kept["record"]["model"].startswith("model@")

    crossed = shell.run("evaluate", "groups", "--data", ".", "--model", "model", "--cross-validate", "--seeds", 2)
    assert crossed.code == 0
    assert json.loads(crossed.out)["systems"]["few_shot"]["n_repeats"] == 2


def test_a_table_is_shown_on_a_terminal(shell, tiny_linker, monkeypatch):
    monkeypatch.setattr(groups, "on_terminal", lambda: True)
    kompetencer(shell)
    linker, taxonomy = tiny_linker
    shell.write(
        "groups.toml", f'linker = "{linker}"\ntaxonomy = "{taxonomy}"\niterations = 5\nadapted_decays = [0.1]\n'
    )
    shell.run("train", "groups", "groups.toml", "--data", ".", "-o", "model")
    outcome = shell.run("evaluate", "groups", "--data", ".", "--model", "model")
    assert outcome.code == 0
    assert "classifier" in outcome.out
    assert "K06" in outcome.out


def test_a_split_that_there_is_not_is_said(shell, tiny_linker):
    kompetencer(shell)
    linker, taxonomy = tiny_linker
    shell.write(
        "groups.toml", f'linker = "{linker}"\ntaxonomy = "{taxonomy}"\niterations = 5\nadapted_decays = [0.1]\n'
    )
    shell.run("train", "groups", "groups.toml", "--data", ".", "-o", "model")
    outcome = shell.run("evaluate", "groups", "--data", ".", "--model", "model", "--split", "best")
    assert outcome.code == 1
    assert "no split 'best'" in outcome.err


def test_convert_sets_a_part_aside(shell):
    shell.write("in.conll", "".join(f"word{n}\tB-Skill\tO\n\t\t\n" for n in range(125)))
    outcome = shell.run("convert", "in.conll", "train.conll", "--dev", "dev.conll")
    assert outcome.code == 0
    assert "dev.conll: conll, 25 rows, 25 Skill" in outcome.err
    assert (shell.folder / "dev.conll").read_text().startswith("word100\tB-Skill")
