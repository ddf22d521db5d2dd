"""`metier title`, from the shell."""

import csv
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from title_fakes import DESCRIPTION, fake_reader

from metier.cli import title as title_command
from metier.pipelines import build


@pytest.fixture
def shell(shell, monkeypatch):
    monkeypatch.setattr(build, "build_titles", lambda *, model, **options: fake_reader(model=model is not None))
    return shell


def _lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_predict_gives_titles_with_occupations_and_words(shell):
    shell.write("a.txt", DESCRIPTION)
    outcome = shell.run("title", "predict", "a.txt", "-k", "1")
    [row] = _lines(outcome.out)
    assert outcome.code == 0
    assert (row["id"], row["language"], row["abstained"]) == ("a", "en", None)
    [title] = row["titles"]
    assert title["title"] == "Data Engineer"
    assert title["occupation"] == {"uri": "o0", "label": "data engineer", "isco": "2511", "probability": 0.9}
    assert [DESCRIPTION[word["start"] : word["end"]] for word in title["words"]] == ["data", "pipelines", "Python"]
    assert row["provenance"]["titles"] == "fake-titles@00000000"


def test_predict_reads_standard_input_and_abstains_with_a_reason(shell):
    [row] = _lines(shell.run("title", "predict", "-", piped=b"Data in Python").out)
    assert (row["titles"], row["abstained"]) == ([], "the description has 3 words only")


def test_predict_writes_a_page(shell):
    shell.write("a.jsonl", json.dumps({"title": "<x>", "text": DESCRIPTION}) + "\n")
    outcome = shell.run("title", "predict", "a.jsonl", "--html", "page.html")
    page = (shell.folder / "page.html").read_text()
    assert outcome.code == 0
    assert "Data Engineer" in page
    assert "&lt;x&gt;" in page


def test_predict_shows_a_view_on_a_terminal(shell, monkeypatch):
    monkeypatch.setattr(title_command, "on_terminal", lambda: True)
    shell.write("a.jsonl", json.dumps({"text": DESCRIPTION}) + '\n{"text": "one \\u001b[31m word"}\n')
    out = shell.run("title", "predict", "a.jsonl").out
    assert "Data Engineer" in out
    assert "no title; the description has" in out
    assert "\x1b" not in out


def test_similar(shell):
    found = json.loads(shell.run("title", "similar", "data engineer", "--language", "es", "-k", "1").out)
    assert [near["title"] for near in found["titles"]] == ["Ingeniero de datos"]
    assert found["occupations"][0]["label"] == "ingeniero de datos"
    found = json.loads(shell.run("title", "similar", "data engineer", "--model", "folder", "-k", "1").out)
    assert [near["title"] for near in found["titles"]] == ["Engineer"]


def test_similar_to_no_job(shell):
    outcome = shell.run("title", "similar", "!!!", "--model", "folder")
    assert (outcome.code, json.loads(outcome.out)["occupations"]) == (0, [])
    assert "names no job" in outcome.err


def test_map_gives_a_row_per_title(shell):
    shell.write("in.csv", 'id,title\na,"Senior Nurse (m/f/d)"\nb,!!!\nc,astronaut\n')
    outcome = shell.run("title", "map", "in.csv", "-o", "out.csv")
    assert (outcome.code, outcome.err) == (0, "3 titles, 1 with an occupation -> out.csv\n")
    with (shell.folder / "out.csv").open(newline="") as stream:
        first, second, third = csv.DictReader(stream)
    assert first == {
        "id": "a",
        "raw": "Senior Nurse (m/f/d)",
        "title": "Nurse",
        "seniority": "senior",
        "occupation_uri": "o1",
        "occupation": "nurse",
        "isco": "2221",
        "isco_label": "Nursing professionals",
        "probability": "0.9",
    }
    assert (second["title"], second["occupation"]) == ("", "")
    assert (third["title"], third["occupation"]) == ("astronaut", "")


def test_map_writes_parquet_and_reads_it_again(shell):
    shell.write("in.txt", "nurse\nbaker\n")
    assert shell.run("title", "map", "in.txt", "-o", "out.parquet").code == 0
    again = _lines(shell.run("title", "map", "out.parquet", "--column", "raw").out)
    assert [(row["id"], row["occupation"]) for row in again] == [("in:1", "nurse"), ("in:2", "baker")]


def test_map_reads_lines_and_json_from_standard_input(shell):
    assert [row["raw"] for row in _lines(shell.run("title", "map", "-", piped="nurse\ncafé\n".encode()).out)] == [
        "nurse",
        "café",
    ]
    piped = b'{"id": "x", "job": "nurse"}\n'
    assert [row["id"] for row in _lines(shell.run("title", "map", "-", "--column", "job", piped=piped).out)] == ["x"]


def test_bad_row_costs_no_other_row(shell):
    shell.write("in.csv", "id,title\na,nurse\nb,\nc,baker\n")
    outcome = shell.run("title", "map", "in.csv", "-o", "out.jsonl")
    assert outcome.code == 1
    assert "error: in.csv, row 3: 'title' is empty" in outcome.err
    assert [row["id"] for row in _lines((shell.folder / "out.jsonl").read_text())] == ["a", "c"]
    [bad] = _lines((shell.folder / "out.jsonl.errors.jsonl").read_text())
    assert bad["row"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["map", "none.csv"], 1, "There is no file or folder none.csv"),
        (["map", "in.csv", "--column", "x"], 1, "there is no column 'x' among id, title"),
        (["map", "binary.txt"], 1, "is NUL"),
        (["map", "binary.csv"], 1, "is NUL"),
        (["map", "empty.csv"], 1, "the file is empty"),
        (["map", "empty.txt"], 1, "the file is empty"),
        (["map", "in.csv", "-o", "out.xlsx"], 2, "results are written to"),
        (["map", "in.csv", "-o", "in.csv"], 2, "read and written by the same command"),
        (["predict", "none.txt"], 1, "There is no file or folder none.txt"),
        (["predict", "empty.txt"], 1, "the file is empty"),
        (["predict", "binary.txt"], 1, "is NUL"),
        (["predict", "in.csv", "--html", "none/page.html"], 1, "there is no folder"),
        (["similar", "nurse", "--language", "fr"], 1, "was built in en, es, not in 'fr'"),
    ],
)
def test_faults_are_one_sentence(shell, arguments, code, part):
    shell.write("in.csv", "id,title\na,nurse\n")
    shell.write("empty.csv", "")
    shell.write("empty.txt", "")
    shell.write("binary.txt", b"\x7fELF\0\0")
    shell.write("binary.csv", b"\x7fELF\0\0")
    before = shell.names()
    outcome = shell.run("title", *arguments)
    assert outcome.code == code
    assert part in outcome.err
    assert outcome.err.count("error: ") == 1
    assert "Traceback" not in outcome.err
    assert shell.names() == before


def test_evaluation_of_nothing_is_misuse(shell):
    outcome = shell.run("evaluate", "occupations")
    assert (outcome.code, "give --titles, --melo or --similarity" in outcome.err) == (2, True)
