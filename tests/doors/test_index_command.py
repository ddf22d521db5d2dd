"""`metier index` as a user meets it, with an encoder that counts letters."""

import json

import pytest
from index_fakes import LetterEncoder

from metier.pipelines import build

pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")
PEOPLE = [
    {"id": "a", "title": "Développeuse 👩‍💻", "country": "FR", "day_rate": 450, "category": "web"},
    {"id": "b", "title": "dba", "country": "DE", "latitude": 52.5, "longitude": 13.4, "languages": ["de"]},
    {"id": "c", "title": ""},
]


@pytest.fixture
def people(shell, monkeypatch):
    monkeypatch.setattr(build, "build_document_encoder", lambda name, *, threads: LetterEncoder(f"{name}@1"))
    shell.write("people.jsonl", "\n".join(map(json.dumps, PEOPLE)))
    return shell


def test_built_refreshed_and_shown(people):
    outcome = people.run("index", "build", "people.jsonl", "-o", "people.index")
    assert (outcome.code, outcome.out) == (0, "")
    assert "3 people, 3 encoded, 0 taken out; 1 have no text" in outcome.err
    people.write("people.jsonl", json.dumps({**PEOPLE[0], "day_rate": 500}) + "\n" + json.dumps(PEOPLE[1]))
    outcome = people.run("index", "refresh", "people.jsonl", "--index", "people.index")
    assert (outcome.code, outcome.out) == (0, "")
    assert "2 people, 1 encoded, 1 taken out" in outcome.err
    shown = json.loads(people.run("index", "info", "people.index").out)
    assert (shown["n_profiles"], shown["encoder_version"], shown["dim"]) == (2, "sections@1", 26)


def test_check_of_a_good_index_finds_nothing(people):
    people.run("index", "build", "people.jsonl", "-o", "people.index")
    outcome = people.run("index", "check", "people.index", "--json")
    found = json.loads(outcome.out)
    assert outcome.code == 0
    assert (found["n_profiles"], found["n_vectors"], found["n_violations"], found["problems"]) == (3, 2, 0, [])
    assert set(found["recalls"].values()) == {1.0}
    assert "everybody" in found["recalls"]
    assert "within 50.0 km of 52.5,13.4" in found["recalls"]


def test_check_of_a_bad_index_says_what_is_wrong(people):
    import sqlite3

    people.run("index", "build", "people.jsonl", "-o", "people.index")
    database = sqlite3.connect("people.index/profiles/profiles.sqlite")
    with database:
        database.execute("UPDATE profiles SET content = CAST(replace(content, 'FR', 'BE') AS BLOB) WHERE id = 'a'")
        database.execute("UPDATE profiles SET comparable = 0 WHERE id = 'b'")
    database.close()
    outcome = people.run("index", "check", "people.index")
    assert outcome.code == 1
    assert "the profile 'a' is not what was written" in outcome.err
    assert "there are 2 vectors for 1 profiles with a text" in outcome.err
    assert "build the index again" in outcome.err


def test_row_that_cannot_be_read_changes_nothing(people):
    people.run("index", "build", "people.jsonl", "-o", "people.index")
    people.write("people.jsonl", json.dumps(PEOPLE[0]) + "\n" + json.dumps({**PEOPLE[1], "latitude": 100}))
    outcome = people.run("index", "refresh", "people.jsonl", "--index", "people.index")
    assert outcome.code == 1
    assert "row 2: 'latitude' holds 100" in outcome.err
    assert json.loads(people.run("index", "info", "people.index").out)["n_profiles"] == 3


@pytest.mark.parametrize("command", [["info"], ["check"]])
def test_folder_without_an_index_says_how_to_build_one(people, command):
    outcome = people.run("index", *command, "nowhere")
    assert outcome.code == 1
    assert "metier index build" in outcome.err


def test_refresh_with_another_model_builds_anew(people):
    people.run("index", "build", "people.jsonl", "-o", "people.index")
    outcome = people.run("index", "refresh", "people.jsonl", "--index", "people.index", "--encoder", "other")
    assert "3 encoded" in outcome.err
    assert json.loads(people.run("index", "info", "people.index").out)["encoder_version"] == "other@1"
