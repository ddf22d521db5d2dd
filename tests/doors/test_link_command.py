"""`metier link`, from the shell."""

import csv
import json
import signal
import sys
import time
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from title_fakes import TAXONOMY, FakeOccupations

from metier.cli import link_view
from metier.pipelines import build

SQL = {
    "uri": "http://example.org/skill/sql",
    "label": "SQL",
    "code": "K0613",
    "group": "K0613",
    "group_label": "software",
    "probability": 0.95,
}
WOUNDS = {
    "uri": "http://example.org/skill/carry-out-wound-care",
    "label": "carry out wound care",
    "code": "S1.2.3",
    "group": "S1",
    "group_label": "caring",
    "probability": 0.85,
}
NONE = dict.fromkeys(SQL)


@pytest.fixture
def jobs(shell, monkeypatch):
    linking = build.OccupationLinking(linker=FakeOccupations(), taxonomy=TAXONOMY)
    monkeypatch.setattr(build, "build_occupations", lambda **options: linking)
    return shell


def _lines(text):
    return [json.loads(line) for line in text.splitlines()]


def _table(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_line_gets_its_row_in_order(shell):
    shell.write("skills.txt", "SQL\n\n  wound   care \nbasket weaving\nsql\r\n")
    outcome = shell.run("link", "skills.txt")
    assert outcome.code == 0
    assert _lines(outcome.out) == [
        {"text": "SQL", **SQL},
        {"text": "wound care", **WOUNDS},
        {"text": "basket weaving", **NONE, "probability": 0.2},
        {"text": "sql", **SQL},
    ]
    assert outcome.err == "4 rows, 3 linked to 2 concepts; most often SQL (2)\n"


def test_texts_on_the_command_line(shell):
    found = _lines(shell.run("link", "--text", "sql", "--text", "python", "--candidates", "3").out)
    assert [row["label"] for row in found] == ["SQL", "Python (computer programming)"]
    assert found[0]["candidates"] == [{"uri": SQL["uri"], "label": "SQL", "probability": 0.95}]


def test_standard_input(shell):
    assert [row["text"] for row in _lines(shell.run("link", piped=b"SQL\npython\n").out)] == ["SQL", "python"]
    found = _lines(shell.run("link", "-", "--column", "b", piped="a,b\nx,SQL\né,\n".encode()).out)
    assert found == [{"a": "x", "b": "SQL", **SQL}, {"a": "é", "b": "", **NONE}]
    found = _lines(shell.run("link", "-", "--column", "b", piped=b'{"a": [1], "b": "SQL"}\n').out)
    assert found == [{"a": [1], "b": "SQL", **SQL}]


def test_a_table_keeps_its_columns_and_its_rows(shell):
    shell.write("in.csv", 'id;name;Label;label\n1;SQL;x;ä\n2;"wound\ncare";"a;b";\n3;;z;👍\n')
    outcome = shell.run("link", "in.csv", "--column", "name", "-o", "out.csv", "--candidates", "2")
    assert outcome.err == "3 rows, 1 empty, 2 linked to 2 concepts -> out.csv\n"
    first, second, third = _table(shell.folder / "out.csv")
    assert list(first) == ["id", "name", "input_Label", "label_2", *SQL, "candidates"]
    assert (first["input_Label"], first["label_2"], first["label"]) == ("x", "ä", "SQL")
    assert (second["name"], second["input_Label"], second["candidates"]) == (
        "wound\ncare",
        "a;b",
        "carry out wound care (0.85)",
    )
    assert third == {
        "id": "3",
        "name": "",
        "input_Label": "z",
        "label_2": "👍",
        **dict.fromkeys(SQL, ""),
        "candidates": "",
    }


def test_parquet_keeps_types_and_candidates(shell):
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 7 AS id, 'SQL' AS name, DATE '2024-05-06' AS \"it's on\", [1, 2] AS list, 0.5::DOUBLE AS x "
            f"UNION ALL SELECT 8, NULL, NULL, NULL, 'nan'::DOUBLE) TO '{shell.folder / 'in.parquet'}' (FORMAT parquet)"
        )
    assert shell.run("link", "in.parquet", "--column", "name", "-o", "out.parquet", "--candidates", "1").code == 0
    with duckdb.connect() as connection:
        table = connection.sql(f"SELECT * FROM '{shell.folder / 'out.parquet'}'")
        assert dict(zip(table.columns, map(str, table.types), strict=True)) == {
            "id": "INTEGER",
            "name": "VARCHAR",
            "it's on": "DATE",
            "list": "VARCHAR",
            "x": "DOUBLE",
            **dict.fromkeys(SQL, "VARCHAR"),
            "probability": "DOUBLE",
            "candidates": 'STRUCT(uri VARCHAR, "label" VARCHAR, probability DOUBLE)[]',
        }
        first, second = table.fetchall()
    assert str(first[2]) == "2024-05-06"
    assert first[5:] == (*SQL.values(), [{"uri": SQL["uri"], "label": "SQL", "probability": 0.95}])
    assert second[:5] == (8, None, None, None, None)  # JSON, in which rows go, has no NaN
    assert second[5:] == (*NONE.values(), [])


def test_json_lines_keep_what_they_hold(shell):
    rows = [{"id": 1, "skill": "SQL"}, {"skill": "wound care", "tags": ["a"]}, {"id": None, "other": {"x": 1.5}}]
    shell.write("in.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert shell.run("link", "in.jsonl", "--column", "skill", "-o", "out.jsonl").code == 0
    expected = [{**row, **found} for row, found in zip(rows, (SQL, WOUNDS, NONE), strict=True)]
    assert _lines((shell.folder / "out.jsonl").read_text()) == expected
    assert shell.run("link", "in.jsonl", "--column", "skill", "-o", "out.csv").code == 0
    table = _table(shell.folder / "out.csv")
    assert [(row["id"], row["tags"], row["other"]) for row in table] == [
        ("1", "", ""),
        ("", '["a"]', ""),
        ("", "", '{"x": 1.5}'),
    ]


def test_output_can_be_linked_again(shell):
    shell.write("in.txt", "SQL\n")
    shell.run("link", "in.txt", "-o", "one.csv")
    [row] = _lines(shell.run("link", "one.csv", "--column", "text").out)
    assert row == {"text": "SQL", **{f"input_{name}": str(value) for name, value in SQL.items()}, **SQL}


def test_only_column_needs_no_name_and_an_empty_line_of_it_is_an_empty_cell(shell):
    shell.write("in.csv", "skill\nSQL\n\nsql\n")
    assert [row["label"] for row in _lines(shell.run("link", "in.csv").out)] == ["SQL", None, "SQL"]


def test_more_texts_than_a_chunk_keep_their_order(shell):
    names = [f"skill {i % 1500}" for i in range(5000)]
    assert [row["text"] for row in _lines(shell.run("link", piped="\n".join(names).encode()).out)] == names


def test_labels_in_another_language_say_where_there_is_none(shell):
    arguments = ["--text", "wound care", "--text", "sql", "--text", "no", "--label-language", "de", "--candidates", "1"]
    first, second, third = _lines(shell.run("link", *arguments).out)
    assert (first["label"], first["label_language"]) == ("Wunden versorgen", "de")
    assert (second["label"], second["label_language"]) == ("SQL", "en")
    assert second["candidates"][0]["label_language"] == "en"
    assert (third["label"], third["label_language"]) == (None, None)
    shell.run("link", *arguments, "-o", "out.csv")
    assert [row["candidates"] for row in _table(shell.folder / "out.csv")][:2] == [
        "Wunden versorgen (0.85)",
        "SQL [en] (0.95)",
    ]


def test_a_language_that_is_not_read_or_not_held_is_refused(shell):
    outcome = shell.run("link", "--text", "soins", "--language", "xx")
    assert outcome.code == 1
    assert "linker reads en" in outcome.err
    assert "not 'xx'" in outcome.err
    outcome = shell.run("link", "--text", "SQL", "--label-language", "xx")
    assert outcome.code == 1
    assert "was built in en, de, not in 'xx'" in outcome.err
    assert shell.run("link", "--text", "SQL", "--language", "en").code == 0


def test_job_titles_are_rolled_up(jobs):
    jobs.write("in.csv", "id,job\n1,Senior Nurse (m/f/d)\n2,NURSE\n3,astronaut\n4,!!!\n5,\n")
    found = _lines(jobs.run("link", "in.csv", "--column", "job", "--kind", "occupation", "--candidates", "1").out)
    nurse = {"uri": "o1", "label": "nurse", "code": "2221", "group": "2221", "group_label": "Nursing professionals"}
    best = {"candidates": [{"uri": "o1", "label": "nurse", "probability": 0.9}]}
    assert found[0] == {"id": "1", "job": "Senior Nurse (m/f/d)", **nurse, "probability": 0.9, **best}
    assert found[1]["uri"] == "o1"
    assert [row["uri"] for row in found[2:]] == [None, None, None]
    assert [row["probability"] for row in found[3:]] == [0.0, None]
    arguments = ["link", "--text", "nurse", "--kind", "occupation", "--isco-level"]
    assert [_lines(jobs.run(*arguments, level).out)[0]["group"] for level in (1, 2, 3, 4)] == ["2", "22", "222", "2221"]
    assert _lines(jobs.run(*arguments, 2).out)[0]["group_label"] is None  # the taxonomy has no such group


def test_job_titles_read_the_languages_of_the_index_too(jobs):
    arguments = ["link", "--text", "nurse", "--kind", "occupation", "--label-language", "es", "--language"]
    [row] = _lines(jobs.run(*arguments, "es").out)
    assert (row["label"], row["label_language"]) == ("enfermera", "es")
    assert "not 'xx'" in jobs.run(*arguments, "xx").err


def test_bad_row_costs_no_other_row(shell):
    shell.write("in.csv", b"id,name\n1,SQL\n2\n3,caf\xe9\n4,sql\n")
    outcome = shell.run("link", "in.csv", "--column", "name", "-o", "out.jsonl")
    assert outcome.code == 1
    assert [row["id"] for row in _lines((shell.folder / "out.jsonl").read_text())] == ["1", "4"]
    bad = _lines((shell.folder / "out.jsonl.errors.jsonl").read_text())
    assert [(row["source"], row["row"]) for row in bad] == [("in.csv", 3), ("in.csv", 4)]
    assert "byte" in bad[1]["reason"]
    shell.write("in.jsonl", '{"s": "SQL"}\n{"s": \n7\n{"s": ["SQL"]}\n{"s": 5}\n{}\n')
    outcome = shell.run("link", "in.jsonl", "-o", "out.jsonl")
    assert outcome.code == 1
    assert [row.get("s") for row in _lines((shell.folder / "out.jsonl").read_text())] == ["SQL", 5, None]
    assert "error: in.jsonl, row 4: 's' holds list, and a text was expected." in outcome.err
    assert "note: 3 bad rows left out" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["none.txt"], 1, "There is no file none.txt"),
        (["in.csv"], 1, "name one with --column"),
        (["in.csv", "--column", "x"], 1, "there is no column 'x' among id, name"),
        (["latin.txt"], 1, "byte 3 is 0xE9"),
        (["in.csv", "--text", "SQL"], 2, "give one of them"),
        (["in.csv", "-o", "out.xlsx"], 2, "results are written to"),
        (["in.csv", "--column", "name", "-o", "in.csv"], 2, "read and written by the same command"),
        (["in.csv", "--column", "name", "-o", "none/out.csv"], 1, "there is no folder"),
        (["in.csv", "--column", "name", "--isco-level", "2"], 2, "add --kind occupation"),
        (["in.csv", "--column", "name", "--kind", "occupation", "--reranker", "x"], 2, "--reranker is for skills"),
        (["in.json"], 1, "JSON Lines"),
        (["empty.csv"], 1, "empty.csv: the file is empty"),
        (["empty.jsonl"], 1, "empty.jsonl: there is no JSON object in it"),
        (["text.parquet"], 1, "cannot be read as Parquet"),
        (["binary.txt"], 1, "binary.txt: byte 4 is NUL"),
    ],
)
def test_faults_are_one_sentence(shell, arguments, code, part):
    shell.write("in.csv", "id,name\n1,SQL\n")
    shell.write("in.json", "[]")
    shell.write("latin.txt", b"caf\xe9\n")
    shell.write("binary.txt", b"\x7fELF\0\0")
    shell.write("text.parquet", "text")
    shell.write("empty.csv", "")
    shell.write("empty.jsonl", "")
    before = shell.names()
    outcome = shell.run("link", *arguments)
    assert outcome.code == code
    assert part in outcome.err
    assert outcome.err.count("error: ") == 1
    assert "Traceback" not in outcome.err
    assert shell.names() == before


@pytest.mark.parametrize("level", [0, 5])
def test_isco_has_four_levels(shell, level):
    assert shell.run("link", "--text", "nurse", "--kind", "occupation", "--isco-level", level).code == 2


@pytest.mark.parametrize("piped", [b"", b"\n \n"])
def test_empty_list_gives_nothing(shell, piped):
    outcome = shell.run("link", piped=piped)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "0 rows, 0 linked to 0 concepts\n")


def test_a_terminal_gets_lines_to_read(shell, monkeypatch):
    monkeypatch.setattr(link_view, "on_terminal", lambda: True)
    shell.write("in.csv", 'skill\nSQL\n\nwound care\n"no\x1b[31m"\n')
    outcome = shell.run("link", "in.csv", "--candidates", "1")
    assert [" ".join(line.split()) for line in outcome.out.splitlines()] == [
        "SQL → SQL (K0613; 0.95) · SQL 0.95",
        "(empty)",
        "wound care → carry out wound care (S1, S1.2.3; 0.85) · carry out wound care 0.85",
        "no�[31m → not in the taxonomy · best guess 0.10",
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_interrupted_run_leaves_nothing_half_written(shell, ending):
    shell.write("in.txt", "".join(f"skill {i}\n" for i in range(50_000)))
    shell.write(f"out.{ending}", "old")
    process = shell.start("link", "in.txt", "-o", f"out.{ending}", FAKE_LINK_DELAY_S="0.5")
    deadline = time.monotonic() + 60
    while len(shell.names()) < 3 and time.monotonic() < deadline:  # until the temporary file is there
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted" in errors
    assert shell.names() == ["in.txt", f"out.{ending}"]
    assert (shell.folder / f"out.{ending}").read_text() == "old"
