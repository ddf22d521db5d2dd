"""`metier datastore`, as typed, with a tagger of random weights."""

import json

import pytest

from metier.cli import datastore
from metier.pipelines.build import build_tagger
from metier.tagging import datastore_tuning
from metier.tagging.datastore import Datastore

pytest.importorskip("faiss")

TEXT = "You know Rust well."
ROWS = [
    {"tokens": ["know", "SQL"], "tags_skill": ["O", "O"], "tags_knowledge": ["O", "B"]},
    {"tokens": ["write", "code"], "tags_skill": ["B", "I"], "tags_knowledge": ["O", "O"]},
]


@pytest.fixture
def tagger(shell, tiny_tagger):
    """The tagger's folder under its own name, where the command looks for it."""
    (shell.folder / "tiny-tagger").symlink_to(tiny_tagger)
    return "tiny-tagger"


@pytest.fixture
def data(shell):
    content = "".join(json.dumps(row) + "\n" for row in ROWS)
    for name in ("mine", "yours"):
        (shell.folder / name).mkdir()
        for split in ("train", "dev"):
            shell.write(f"{name}/{split}.jsonl", content)
    return shell.folder


def tag(shell):
    tagger = build_tagger("tiny-tagger", datastore=shell.folder / "store", threads=1)
    return [(mention.kind, mention.text) for mention in tagger.tag([TEXT])[0]]


def test_a_correction_typed_in_changes_the_next_call_and_removing_it_restores_the_answer(shell, tagger):
    built = shell.run("datastore", "build", tagger, "-o", "store")
    assert (built.code, built.out) == (0, "")
    before = tag(shell)
    added = shell.run("datastore", "add", "store", "--text", TEXT, "--span", "9:13:knowledge", "--span", "4:18:skill")
    assert (added.code, added.out) == (0, "0\n")
    assert tag(shell) == [("skill", "know Rust well"), ("knowledge", "Rust")] != before
    shown = json.loads(shell.run("datastore", "info", "store").out)
    assert shown["corrections"] == [
        {"entry": 0, "text": "You know Rust well .", "spans": ["know Rust well (skill)", "Rust (knowledge)"]}
    ]
    removed = shell.run("datastore", "remove", "store", "0")
    assert (removed.code, removed.err) == (0, "removed entry 0 of corrections\n")
    assert tag(shell) == before
    assert shell.names() == ["store", "tiny-tagger"]  # nothing half-written is left behind


def test_without_spans_a_sentence_has_none(shell, tagger):
    shell.run("datastore", "build", tagger, "-o", "store")
    assert tag(shell)
    assert shell.run("datastore", "add", "store", "--text", TEXT).code == 0
    assert tag(shell) == []


def test_every_sentence_of_a_text_becomes_an_entry(shell, tagger):
    shell.run("datastore", "build", tagger, "-o", "store")
    added = shell.run("datastore", "add", "store", "--text", f"{TEXT} You write code daily.", "--span", "30:34:skill")
    assert added.out == "0\n1\n"
    assert [row["spans"] for row in json.loads(shell.run("datastore", "info", "store").out)["corrections"]] == [
        [],
        ["code (skill)"],
    ]


def test_corrections_move_to_another_store_as_a_file(shell, tagger):
    shell.run("datastore", "build", tagger, "-o", "old")
    shell.run("datastore", "add", "old", "--text", TEXT, "--span", "9:13:skill")
    shell.run("datastore", "build", tagger, "-o", "store")
    assert shell.run("datastore", "add", "store", "--data", "old/corrections.jsonl").out == "0\n"
    assert tag(shell) == [("skill", "Rust")]


def test_sets_are_named_after_their_folder_and_can_be_left_out(shell, tagger, data):
    arguments = ["datastore", "build", tagger, "--data", "mine", "--data", "yours", "-o", "store"]
    assert shell.run(*arguments).err == "store: 8 words of 4 sentences, for " + Datastore.load("store").tagger + "\n"
    assert Datastore.load("store").sets == {"mine": 2, "yours": 2}
    shell.run(*arguments, "--without", "mine")
    assert Datastore.load("store").sets == {"yours": 2}
    shell.run("datastore", "build", tagger, "--data", "mine/train.jsonl", "-o", "store")
    assert Datastore.load("store").sets == {"train": 2}


def test_merged_layers_become_one(shell, tagger, data):
    shell.run("datastore", "build", tagger, "--data", "mine", "--merge", "-o", "store")
    assert Datastore.load("store").keys.tags.tolist() == [[0, -1], [1, -1], [1, -1], [2, -1]]


def test_tuning_is_kept_in_the_store_and_written_with_what_made_it(shell, tagger, data, monkeypatch):
    monkeypatch.setattr(datastore_tuning, "NEIGHBOURS", (1,))
    shell.run("datastore", "build", tagger, "--data", "mine", "-o", "store")
    result = shell.run("datastore", "tune", "store", "--data", "yours", "-o", "figures.json")
    figures = json.loads(result.out)
    written = json.loads((shell.folder / "figures.json").read_text())
    vote = Datastore.load("store").vote
    assert result.code == 0
    assert figures["f1_datastore"] == 1.0 > figures["f1_tagger"]  # the store holds the very sentences
    assert (vote.n_neighbours, vote.temperature, vote.weight) == (1, figures["temperature"], figures["weight"])
    assert {name: written[name] for name in figures} == figures
    assert written["record"]["model"].startswith("tiny-tagger@")
    monkeypatch.setattr(datastore, "on_terminal", lambda: True)
    assert "with the datastore" in shell.run("datastore", "tune", "store", "--data", "yours").out
    shell.run("datastore", "add", "store", "--text", "[b]\x1b", "--span", "1:2:skill")
    assert "[b]" in "".join(shell.run("datastore", "info", "store").out.split())


def test_evaluate_takes_a_datastore(shell, tagger, data):
    shell.run("datastore", "build", tagger, "--data", "mine", "-o", "store")
    shell.run("datastore", "tune", "store", "--data", "mine")
    arguments = ["evaluate", "tagging", "--model", tagger, "--data", "mine", "--split", "dev", "--json"]
    alone, both = (json.loads(shell.run(*arguments, *more).out) for more in ([], ["--datastore", "store"]))
    assert both["pooled"]["f1"] == 1.0 > alone["pooled"]["f1"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "store"], 2, "either --text"),
        (["add", "store", "--text", "a", "--data", "mine/train.jsonl"], 2, "either --text"),
        (["add", "store", "--text", "know it", "--span", "0:4"], 2, "Got --span 0:4; expected START:END:KIND"),
        (["add", "store", "--text", "know it", "--span", "0:4:hobby"], 2, "expected START:END:KIND"),
        (["add", "store", "--text", "know it", "--span", "4:99:skill"], 1, "does not lie in the text"),
        (["add", "store", "--text", "  "], 1, "has no words"),
        (["add", "store", "--text", "", "--model", "nothing"], 1, "has no words"),
        (["add", "nowhere", "--text", "a"], 1, "no model 'nowhere'"),
        (["remove", "store", "7"], 1, "has no entry 7"),
        (["remove", "store", "seven"], 2, "integer"),
        (["info", "tiny-tagger"], 1, "is a tagger"),
        (["tune", "store", "--data", "mine", "--split", "other"], 1, "no split 'other'"),
        (
            ["build", "tiny-tagger", "--data", "mine", "--data", "mine", "-o", "new"],
            2,
            "Two data sets are called 'mine'",
        ),
        (["build", "tiny-tagger", "--data", "mine", "--without", "his", "-o", "new"], 2, "no data set 'his'"),
        (["build", "tiny-tagger", "--data", "binary.json", "-o", "new"], 1, "binary.json"),
        (["build", "tiny-tagger", "--data", "columns.json", "-o", "new"], 1, "columns.json"),
    ],
)
def test_misuse_and_bad_files_are_told_apart_and_nothing_is_written(shell, tagger, data, arguments, code, said):
    shell.run("datastore", "build", tagger, "-o", "store")
    shell.write("binary.json", b"\x89PNG\r\n\x1a\n\x00\x00")
    shell.write("columns.json", '{"words": ["a"]}\n')
    before = shell.names()
    result = shell.run("datastore", *arguments)
    assert result.code == code
    assert said in " ".join(result.err.split())
    assert shell.names() == before


def test_help_shows_an_example_of_every_subcommand(shell):
    for name in ("build", "tune", "add", "remove", "info"):
        assert f"metier datastore {name}" in " ".join(shell.run("datastore", name, "--help").out.split())
