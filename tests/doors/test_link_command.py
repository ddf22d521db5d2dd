"""`metier link`, from the shell."""

import csv
import json

import pytest


def _lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_each_different_line_is_linked_once_in_order(shell):
    shell.write("skills.txt", "SQL\n\n  wound   care \nbasket weaving\nSQL\r\n")
    outcome = shell.run("link", "skills.txt")
    assert outcome.code == 0
    assert _lines(outcome.out) == [
        {"text": "SQL", "uri": "http://example.org/skill/sql", "label": "SQL", "group": "K0613", "probability": 0.95},
        {
            "text": "wound care",
            "uri": "http://example.org/skill/carry-out-wound-care",
            "label": "carry out wound care",
            "group": "S1",
            "probability": 0.85,
        },
        {"text": "basket weaving", "uri": None, "label": None, "group": None, "probability": 0.2},
    ]
    assert outcome.err == "3 different texts, 2 linked\n"


def test_texts_on_the_command_line(shell):
    found = _lines(shell.run("link", "--text", "sql", "--text", "python", "--candidates", "3").out)
    assert [row["label"] for row in found] == ["SQL", "Python (computer programming)"]
    assert [len(row["candidates"]) for row in found] == [1, 1]


def test_standard_input(shell):
    assert [row["text"] for row in _lines(shell.run("link", piped=b"SQL\npython\n").out)] == ["SQL", "python"]


def test_column_of_a_table_and_a_table_out(shell):
    shell.write("in.csv", 'id,name\n1,SQL\n2,"wound\ncare"\n')
    assert shell.run("link", "in.csv", "--column", "name", "-o", "out.csv").code == 0
    with (shell.folder / "out.csv").open(newline="") as stream:
        assert [row["label"] for row in csv.DictReader(stream)] == ["SQL", "carry out wound care"]


def test_only_column_needs_no_name(shell):
    shell.write("in.csv", "skill\nSQL\n")
    assert [row["text"] for row in _lines(shell.run("link", "in.csv").out)] == ["SQL"]


def test_more_texts_than_a_chunk_keep_their_order(shell):
    names = [f"skill {i}" for i in range(600)]
    assert [row["text"] for row in _lines(shell.run("link", piped="\n".join(names).encode()).out)] == names


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["none.txt"], 1, "There is no file none.txt"),
        (["in.csv"], 1, "name one with --column"),
        (["in.csv", "--column", "x"], 1, "there is no column 'x' among id, name"),
        (["latin.txt"], 1, "byte 3 is 0xE9"),
        (["in.csv", "--text", "SQL"], 2, "give one of them"),
        (["in.csv", "-o", "out.xlsx"], 2, "results are written to"),
        (["in.csv", "--column", "name", "-o", "none/out.csv"], 1, "there is no folder"),
    ],
)
def test_faults_are_one_sentence(shell, arguments, code, part):
    shell.write("in.csv", "id,name\n1,SQL\n")
    shell.write("latin.txt", b"caf\xe9\n")
    outcome = shell.run("link", *arguments)
    assert outcome.code == code
    assert part in outcome.err
    assert outcome.err.count("error: ") == 1
    assert "Traceback" not in outcome.err
    assert shell.names() == ["in.csv", "latin.txt"]


@pytest.mark.parametrize("piped", [b"", b"\n \n"])
def test_empty_list_gives_nothing(shell, piped):
    outcome = shell.run("link", piped=piped)
    assert (outcome.code, outcome.out) == (0, "")
