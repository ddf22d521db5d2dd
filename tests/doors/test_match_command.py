"""`metier match` as a user meets it, with an encoder that counts words."""

import csv
import json

import numpy as np
import pytest

from metier.domain import Profile
from metier.matching.skill_cover import SkillCover
from metier.pipelines import build
from metier.pipelines.index_profiles import build_index

WORDS = ("react", "sql", "nurse")
PEOPLE = [
    {"id": "dev", "title": "React developer", "skills": ["ReactJS"], "country": "FR", "day_rate": 450},
    {"id": "dba", "title": "SQL and React", "skills": ["sql"], "country": "DE", "day_rate": 700},
    {"id": "care", "title": "Nurse", "country": "FR"},
]
PROJECT = {"id": "shop", "title": "React", "skills": ["React", "SQL"]}


class WordEncoder:
    version, dim = "words@0", 3

    def encode_profiles(self, documents):
        counts = np.zeros((len(documents), 3), dtype=np.float32)
        for row, one in zip(counts, documents, strict=True):
            row[:] = [one.sections["title"].lower().count(word) for word in WORDS]
            row /= np.linalg.norm(row) or 1
        return counts

    encode_projects = encode_profiles


class OtherEncoder(WordEncoder):
    version = "words@1"


@pytest.fixture
def market(shell, monkeypatch):
    monkeypatch.setattr(build, "build_document_encoder", lambda name, *, threads: WordEncoder())
    monkeypatch.setattr(build, "build_skill_cover", lambda *, threads: SkillCover())
    shell.write("people.jsonl", "\n".join(map(json.dumps, PEOPLE)))
    shell.write("project.json", json.dumps(PROJECT))
    return shell


ASK = ("match", "--profiles", "people.jsonl", "--project", "project.json")


def test_matches_come_as_json_lines_with_their_reasons(market):
    done = market.run(*ASK, "-k", "2")
    assert (done.code, done.err) == (0, "")
    first, second = map(json.loads, done.out.splitlines())
    assert first == {
        "project_id": "shop",
        "rank": 1,
        "profile_id": "dev",
        "probability": None,
        "similarity": 1.0,
        "shared": ["React"],
        "missing": ["SQL"],
        "section": None,
    }
    assert (second["profile_id"], second["similarity"], second["shared"]) == ("dba", 0.7071, ["SQL"])


def test_a_project_may_come_by_standard_input_and_a_filter_holds(market):
    done = market.run(
        "match", "--profiles", "people.jsonl", "--project", "-", "--where", "country=FR and day_rate<=500",
        piped=json.dumps(PROJECT).encode(),
    )  # fmt: skip
    assert [json.loads(line)["profile_id"] for line in done.out.splitlines()] == ["dev"]


def test_a_short_text_is_a_project_too(market):
    done = market.run("match", "--profiles", "people.jsonl", "--project", "-", "-k", "1", piped=b"senior nurse, Lyon")
    assert json.loads(done.out)["profile_id"] == "care"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_matches_are_written_to_a_file(market, ending):
    done = market.run(*ASK, "-o", f"out.{ending}")
    assert (done.code, done.out) == (0, "")
    path = market.folder / f"out.{ending}"
    if ending == "csv":
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert (rows[0]["shared"], rows[0]["probability"]) == ("React", "")
    elif ending == "jsonl":
        rows = list(map(json.loads, path.read_text().splitlines()))
    else:
        import duckdb

        names = duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()
        rows = [
            dict(zip([name[0] for name in names], row, strict=True)) for row in duckdb.sql(f"FROM '{path}'").fetchall()
        ]
        assert rows[0]["missing"] == ["SQL"]
    assert [row["profile_id"] for row in rows] == ["dev", "dba", "care"]


def test_a_page_is_written_beside_the_rows(market):
    done = market.run(*ASK, "--html", "page.html")
    assert "wrote page.html" in done.err
    assert "React developer" in (market.folder / "page.html").read_text()
    assert len(done.out.splitlines()) == 3


def test_a_terminal_gets_a_table_without_what_would_steer_it(market, monkeypatch):
    from metier.cli import match_view

    market.write("people.jsonl", json.dumps({**PEOPLE[0], "title": "React \x1b[31m developer"}))
    monkeypatch.setattr(match_view, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "160")
    done = market.run(*ASK)
    assert "shop · React" in done.out
    assert "dev · React �[31m developer" in done.out
    assert "probability" not in done.out
    assert market.run(*ASK, "--where", "country=ES").out.strip() == "shop · React: nobody passes the filter"


def test_bad_rows_are_reported_and_the_run_goes_on(market):
    market.write("people.jsonl", "\n".join([*map(json.dumps, PEOPLE), '{"id": "x", "latitude": 99, "longitude": 0}']))
    market.write("project.jsonl", "\n".join([json.dumps(PROJECT), '{"id": "mute"}', '{"id": "n", "title": "nurse"}']))
    done = market.run("match", "--profiles", "people.jsonl", "--project", "project.jsonl", "-k", "1", "-o", "out.jsonl")
    assert done.code == 1
    assert "people.jsonl, row 4: 'latitude' holds 99" in done.err
    assert "the project 'mute' has no text to compare" in done.err
    assert [json.loads(line)["profile_id"] for line in (market.folder / "out.jsonl").read_text().splitlines()] == [
        "dev",
        "care",
    ]
    assert len((market.folder / "out.jsonl.errors.jsonl").read_text().splitlines()) == 2


def test_people_without_a_text_are_counted(market):
    market.write("people.jsonl", "\n".join([*map(json.dumps, PEOPLE), '{"id": "mute"}']))
    done = market.run(*ASK)
    assert done.code == 0
    assert "1 of 4 profiles have no text; nobody can find them" in done.err
    assert "mute" not in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Neither --index nor --profiles was given"),
        (("--profiles", "people.jsonl"), "No --project was given"),
        ((*ASK[1:], "--index", "x"), "Both --index and --profiles were given"),
        (("--profiles", "-", "--project", "-"), "Both --profiles and --project are standard input"),
        ((*ASK[1:], "--where", "colour=red"), "There is no fact 'colour' to filter by"),
        ((*ASK[1:], "--where", "day_rate<=cheap"), "day_rate takes a number"),
        ((*ASK[1:], "-o", "out.txt"), "results are written to .jsonl, .csv, .parquet"),
        ((*ASK[1:], "-o", "people.jsonl"), "is read and written by the same command"),
        ((*ASK[1:], "-k", "0"), "'-k' / '--matches'"),
        (("nonsense",), "No such command 'nonsense'"),
        ((*ASK[1:], "map"), "An option of `metier match` stands before `map`"),
    ],
)
def test_misuse_is_told_and_exits_with_two(market, arguments, message):
    done = market.run("match", *arguments)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--profiles", "gone.jsonl", "--project", "project.json"), "gone.jsonl: there is no such file"),
        (("--index", "gone", "--project", "project.json"), "gone holds no index; build one"),
        ((*ASK[1:], "--ranker", "gone"), "There is no model 'gone'"),
    ],
)
def test_what_is_not_there_is_told_and_exits_with_one(market, arguments, message):
    done = market.run("match", *arguments)
    assert done.code == 1
    assert message in done.err


def test_other_commands_stand_beside_it(market):
    assert "map" in market.run("match", "--help").out
    assert market.run("match", "map", "--help").code == 0


def people():
    return [Profile(row["id"], sections={"title": row["title"]}, skills=tuple(row.get("skills", ()))) for row in PEOPLE]


def test_an_index_is_searched_and_gives_the_reasons(market):
    build_index(people(), market.folder / "index", encoder=WordEncoder())
    done = market.run("match", "--index", "index", "--project", "project.json", "-k", "2")
    assert done.code == 0
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["profile_id"], row["shared"], row["missing"]) for row in found] == [
        ("dev", ["React"], ["SQL"]),
        ("dba", ["SQL"], ["React"]),
    ]


def test_an_index_of_another_encoder_is_refused(market, monkeypatch):
    build_index(people(), market.folder / "index", encoder=OtherEncoder())
    done = market.run("match", "--index", "index", "--project", "project.json")
    assert done.code == 1
    assert "words@1" in done.err
    assert "words@0" in done.err


@pytest.mark.models
def test_the_example_finds_the_same_people_whatever_their_language(shell):
    from pathlib import Path

    examples = Path(__file__).parents[2] / "examples-matching"
    done = shell.run(
        "match", "--profiles", examples / "profiles.jsonl", "--project", examples / "project.json", "-k", "5"
    )
    assert done.code == 0
    found = {row["profile_id"]: row for row in map(json.loads, done.out.splitlines())}
    assert set(found) == {"fr-web-1", "en-web-1", "es-web-1", "de-web-1", "nl-web-1"}
    assert found["es-web-1"]["missing"] == []
    assert all(row["section"] for row in found.values())
