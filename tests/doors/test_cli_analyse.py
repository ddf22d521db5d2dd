import json

import matplotlib.image
import pytest

from metier.cli import analyse
from metier.domain import Mention
from metier.pipelines import cross_data

ROWS = [
    {"tokens": ["use", "Java"], "tags_skill": ["O", "O"], "tags_knowledge": ["O", "B"], "source": "tech"},
    {
        "tokens": ["nurse", "naïve", "🙂"],
        "tags_skill": ["B", "O", "O"],
        "tags_knowledge": ["O", "O", "O"],
        "source": "house",
    },
]


class LastWordTagger:
    """Finds the last word, as knowledge."""

    def __init__(self, name):
        self.version = f"{name}@0"

    def tag(self, texts, *, words=None):
        if self.version == "silent@0":
            return [[] for _ in texts]
        return [
            [Mention(spans[-1], text[spans[-1].start :], "knowledge", 0.9)]
            for text, spans in zip(texts, words, strict=True)
        ]


@pytest.fixture
def data(shell, monkeypatch):
    monkeypatch.setattr(analyse, "load_tagger", lambda name, *, data_set=None: LastWordTagger(name))
    folder = shell.folder / "set"
    folder.mkdir()
    for split in ("train", "dev"):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
    return folder


def test_tagging_writes_a_file_and_a_picture_per_analysis(shell, data):
    done = shell.run("analyse", "tagging", "--data", data, "-o", "out/deep", "--seed", "3")
    assert done.code == 0
    names = {path.name for path in (shell.folder / "out/deep").iterdir()}
    analyses = {"lengths", "frequency", "sources", "seen", "errors"}
    assert names == {f"{name}.json" for name in analyses} | {f"{name}.png" for name in {*analyses, "length-pairs"}}
    written = json.loads((shell.folder / "out/deep/lengths.json").read_text("utf-8"))
    record, training = written.pop("record"), written.pop("training")
    assert written == json.loads(done.out)["lengths"]
    assert (record["model"], record["data"], record["seed"]) == ("tagger-en@0", "dev.jsonl", 3)
    assert (training["data"], len(training["data_sha256"])) == ("train.jsonl", 64)
    assert matplotlib.image.imread(shell.folder / "out/deep/seen.png").std() > 0
    assert "wrote out/deep/seen.png" in done.err


def test_tagging_of_one_file_leaves_out_what_needs_the_training_set(shell, data):
    done = shell.run("analyse", "tagging", "--data", data / "dev.jsonl", "-o", "out", "--format", "none")
    assert done.code == 0
    assert "give --training" in done.err
    assert sorted(path.name for path in (shell.folder / "out").iterdir()) == [
        "errors.json",
        "lengths.json",
        "sources.json",
    ]


def test_tagging_takes_the_training_set_apart(shell, data):
    done = shell.run(
        "analyse",
        "tagging",
        "--data",
        data / "dev.jsonl",
        "--training",
        data / "train.jsonl",
        "-o",
        "o",
        "--format",
        "none",
    )
    [_, seen] = json.loads(done.out)["seen"]["by_string"]["knowledge"]
    assert (seen["bin"], seen["n_gold"], seen["n_correct"]) == ("seen", 1, 1)


def test_merged_layers_are_analysed_as_one(shell, data):
    done = shell.run("analyse", "tagging", "--data", data, "-o", "o", "--merged", "--format", "none")
    assert list(json.loads(done.out)["sources"]["by_source"]) == ["skill", "pooled"]


def test_terminal_gets_tables(shell, data, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(analyse, "on_terminal", lambda: True)
    shown = shell.run("analyse", "tagging", "--data", data, "-o", "o", "--format", "svg").out
    assert "set dev · tagger-en@0" in shown
    assert "times in training" in shown
    assert "too short" in shown
    compared = shell.run("analyse", "compare", "--first", "a", "--second", "silent", "--data", data).out
    assert "a@0 against silent@0, dev.jsonl" in compared
    # knowledge: 1 right of 2 predicted and 1 gold: 2 / 3
    assert "66.7" in compared


def test_compare_gives_json_and_a_file(shell, data):
    done = shell.run(
        *("analyse", "compare", "--first", "a", "--first", "b", "--second", "silent", "--second", "silent"),
        *("--data", data, "-o", "c.json"),
    )
    figures = json.loads(done.out)
    assert figures["layers"]["knowledge"]["difference"] == pytest.approx(2 / 3)
    assert figures["layers"]["knowledge"]["stochastic_order"] == {"violation": 0, "bound": 0}
    written = json.loads((shell.folder / "c.json").read_text("utf-8"))
    assert written.pop("record")["model"] == "a@0 + b@0 against silent@0 + silent@0"
    assert written == figures


def test_cross_writes_the_matrix_and_its_picture(shell, data, monkeypatch):
    asked = {}

    def cross(models, sets, *, datastores, seed, threads, progress):
        asked.update(models=models, sets=sets, datastores=datastores)
        rows = [
            {
                "trained_on": "x",
                "target": target,
                "store": store,
                "f1": 0.5,
                "interval": [0.4, 0.6],
                "n_gold": 3,
                "n_predicted": 3,
            }
            for target in ("x", "y")
            for store in ("none", "all-data")
        ]
        return {"note": "n", "figures": rows, "mean_gain": {"all-data": 0.125}, "models": {"x": "m@0"}, "sets": {}}

    monkeypatch.setattr(cross_data, "cross_with_stores", cross)
    arguments = ("analyse", "cross", "--model", "x=m", "--set", f"x={data}", "--set", f"y={data}", "-o", "out")
    done = shell.run(*arguments)
    assert done.code == 0
    assert {name: str(path) for name, path in asked["models"].items()} == {"x": "m"}
    assert list(asked["sets"]) == ["x", "y"]
    written = json.loads((shell.folder / "out/cross.json").read_text("utf-8"))
    record = written.pop("record")
    assert written == json.loads(done.out)
    assert record["data"] == "x/dev.jsonl, y/dev.jsonl"
    assert (shell.folder / "out/cross.png").stat().st_size > 1000
    monkeypatch.setattr(analyse, "on_terminal", lambda: True)
    assert "all-data: +12.5 on average" in shell.run(*arguments).out


@pytest.mark.parametrize("given", ["x", "=m", "x="])
def test_cross_refuses_a_model_without_name_or_folder(shell, data, given):
    done = shell.run("analyse", "cross", "--model", given, "--set", f"x={data}", "-o", "out")
    assert done.code == 2
    assert "expected NAME=FOLDER" in done.err


def test_cross_refuses_a_name_given_twice(shell, data):
    done = shell.run("analyse", "cross", "--model", "x=m", "--set", f"x={data}", "--set", f"x={data}", "-o", "out")
    assert (done.code, "each name once" in done.err) == (2, True)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_file_without_sentences_is_refused(shell, data, content):
    path = shell.write("empty.jsonl", content)
    done = shell.run("analyse", "tagging", "--data", path, "-o", "out", "--format", "none")
    assert done.code == 1
    assert "is empty" in done.err


@pytest.mark.parametrize("content", [b"\x00\xff\x01", b'{"tokens": ["a"]}', b"a,b\n1,2\n"])
def test_other_files_are_refused_without_a_traceback(shell, data, content):
    path = shell.write("bad.jsonl", content)
    for command in (("tagging", "-o", "out"), ("compare", "--first", "a", "--second", "b")):
        done = shell.run("analyse", *command, "--data", path)
        assert done.code == 1
        assert done.err.count("\n") <= 2
        assert "error: " in done.err


def test_folder_that_is_a_file_is_refused_before_the_work(shell, data, monkeypatch):
    monkeypatch.setattr(analyse, "load_tagger", lambda name, **options: pytest.fail("too early"))
    shell.write("taken", b"")
    done = shell.run("analyse", "tagging", "--data", data, "-o", "taken", "--format", "none")
    assert done.code == 1
    assert "give another folder" in done.err


def test_missing_options_are_misuse(shell):
    for command in ("tagging", "compare", "cross"):
        assert shell.run("analyse", command).code == 2
