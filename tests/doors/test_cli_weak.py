"""`metier weak` from the command line, on tiny models."""

import gzip
import json

import pytest

from metier.cli import weak
from metier.data.skillspan import read_skillspan
from metier.pipelines.weak import WeakMethods, load_encoder
from metier.taxonomy.taxonomy import Taxonomy

POSTING = {"id": "p1", "text": "You know SQL and love it. You bake bread every day of the year.", "language": "en"}
GOLD = {"tokens": ["know", "SQL"], "tags_skill": ["O", "O"], "tags_knowledge": ["O", "B"], "idx": 1}


@pytest.fixture
def tiny_methods(tiny_linker, monkeypatch):
    """Methods over the tiny models, whatever is asked for."""
    linker, taxonomy = tiny_linker
    asked = []

    def load_methods(encoder, **options):
        asked.append(options)
        corpus = [["You", "know", "SQL"]] if options["corpus"] else []
        return WeakMethods(
            taxonomy=Taxonomy.load(taxonomy), encoder=load_encoder(str(linker), threads=1), corpus=corpus
        )

    monkeypatch.setattr(weak, "load_methods", load_methods)
    return asked


@pytest.fixture
def data(shell):
    (shell.folder / "set").mkdir()
    for split in ("train", "dev"):
        shell.write(f"set/{split}.jsonl", json.dumps(GOLD) + "\n")
    return "set"


def test_postings_become_a_file_that_training_reads(shell, tiny_methods):
    shell.write("postings.jsonl", json.dumps(POSTING))
    done = shell.run("weak", "label", "postings.jsonl", "-o", "weak.jsonl.gz", "--method", "exact")
    assert done.code == 0
    assert "2 sentences, 2 of them with spans" in done.err
    first, second = read_skillspan(shell.folder / "weak.jsonl.gz")
    assert first.words[:3] == ("You", "know", "SQL")
    assert "B" in (first.skill or ()) + (first.knowledge or ())
    assert second.posting == "p1"
    assert gzip.decompress((shell.folder / "weak.jsonl.gz").read_bytes())


def test_every_tenth_posting_goes_to_dev(shell, tiny_methods):
    rows = [{**POSTING, "id": f"p{n}", "text": f"You know SQL {n}."} for n in range(10)]
    shell.write("postings.jsonl", "\n".join(map(json.dumps, rows)))
    done = shell.run("weak", "label", "postings.jsonl", "-o", "train.jsonl", "--dev", "dev.jsonl", "--method", "exact")
    assert done.code == 0
    assert [one.posting for one in read_skillspan(shell.folder / "dev.jsonl")] == ["p9"]
    assert len(read_skillspan(shell.folder / "train.jsonl")) == 9


def test_a_bad_row_is_counted_and_the_run_goes_on(shell, tiny_methods):
    shell.write("postings.jsonl", json.dumps(POSTING) + "\n{broken")
    done = shell.run("weak", "label", "postings.jsonl", "-o", "weak.jsonl", "--method", "exact", "--limit", "1")
    assert done.code == 0  # the limit came first
    done = shell.run("weak", "label", "postings.jsonl", "-o", "weak.jsonl", "--method", "exact")
    assert done.code == 1
    assert "1 rows could not be read" in done.err
    assert len(read_skillspan(shell.folder / "weak.jsonl")) == 2


@pytest.mark.parametrize("content", ["", b"\x00\x01binary", '{"id": 1, "price": 3}'])
def test_postings_that_give_no_sentence_are_an_error(shell, tiny_methods, content):
    shell.write("postings.jsonl", content)
    done = shell.run("weak", "label", "postings.jsonl", "-o", "weak.jsonl", "--method", "exact")
    assert done.code == 1
    assert "gave no sentence" in done.err
    assert "weak.jsonl" not in shell.names()


def test_methods_are_compared(shell, tiny_methods, data):
    arguments = ["weak", "evaluate", "--data", data, "--method", "exact", "--method", "iso-isolated"]
    done = shell.run(*arguments, "-o", "figures.json")
    assert done.code == 0
    shown = json.loads(done.out)
    assert shown["methods"]["exact"]["best"]["strict"]["f1"] == 1.0
    assert len(shown["methods"]["iso-isolated"]["by_threshold"]) == 11
    assert shown["methods"]["iso-isolated"]["tuned"]["above"] is not None
    written = json.loads((shell.folder / "figures.json").read_text())
    assert written["record"]["data"] == "dev.jsonl"
    assert written["methods"] == shown["methods"]


def test_a_person_sees_a_table(shell, tiny_methods, data, monkeypatch):
    monkeypatch.setattr(weak, "on_terminal", lambda: True)
    done = shell.run("weak", "evaluate", "--data", data, "--method", "lemma")
    assert done.code == 0
    assert "lemma" in done.out
    assert "100.0" in done.out


def test_a_trained_tagger_is_measured_in_the_same_way(shell, tiny_methods, data, tiny_tagger):
    done = shell.run("weak", "evaluate", "--data", data, "--tagger", tiny_tagger)
    assert done.code == 0
    [name] = json.loads(done.out)["methods"]
    assert name == str(tiny_tagger)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "best"], "no method 'best'"),
        (["--method", "aoc-contextual"], "give --corpus"),
    ],
)
def test_a_wrong_method_is_misuse(shell, tiny_methods, data, arguments, message):
    done = shell.run("weak", "evaluate", "--data", data, *arguments)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("content", ["", '{"tokens": ["a"]}', b"\xff\xfe\x00"])
def test_data_that_cannot_be_read_is_an_error(shell, tiny_methods, content):
    shell.write("dev.jsonl", content)
    done = shell.run("weak", "evaluate", "--data", "dev.jsonl", "--method", "exact")
    assert done.code == 1
    assert done.err.startswith("error: ")


def test_help_shows_an_example(shell):
    for command in ("label", "evaluate"):
        done = shell.run("weak", command, "--help")
        assert "metier weak" in done.out
