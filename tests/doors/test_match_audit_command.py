"""`metier match audit` as a user meets it, with an encoder that counts words."""

import json

import numpy as np
import pytest

from metier.data.documents import section_texts
from metier.pipelines import build

WORDS = ("react", "sql", "nurse", "emily")
PEOPLE = [
    {"id": "dev", "title": "React developer", "description": "react apps", "language": "en", "country": "FR"},
    {"id": "dba", "title": "SQL", "description": "sql and react", "language": "en", "country": "DE"},
    {"id": "care", "title": "Nurse", "description": "nurse on a ward", "language": "en", "country": "FR"},
    {"id": "mute"},
]
PROJECTS = [{"id": "shop", "title": "React"}, {"id": "ward", "title": "Nurse"}]
ASK = ("match", "audit", "--profiles", "people.jsonl", "--projects", "work.jsonl")


class WordEncoder:
    version, dim = "words@0", 4

    def encode_profiles(self, documents):
        counts = np.zeros((len(documents), 4), dtype=np.float32)
        for row, one in zip(counts, documents, strict=True):
            text = " ".join(section_texts(one).values()).lower()
            row[:] = [text.count(word) for word in WORDS]
            row /= np.linalg.norm(row) or 1
        return counts

    encode_projects = encode_profiles


@pytest.fixture
def market(shell, monkeypatch):
    monkeypatch.setattr(build, "build_document_encoder", lambda name, *, threads: WordEncoder())
    shell.write("people.jsonl", "\n".join(map(json.dumps, PEOPLE)))
    shell.write("work.jsonl", "\n".join(map(json.dumps, PROJECTS)))
    shell.write("more.csv", "profile_id,team\ndev,red\ndba,blue\n")
    return shell


def test_a_pipe_gets_json(market):
    done = market.run(*ASK, "-k", "2")
    assert done.code == 0
    assert "with fewer than 30 projects, intervals and p-values say little" in done.err
    found = json.loads(done.out)
    assert (found["n_projects"], found["n_profiles"], found["k"], found["encoder"]) == (2, 4, 2, "words@0")
    assert set(found["exposure"]) == {"language", "country"}
    assert [one["name"] for one in found["mitigations"]] == [
        "texts without cues",
        "shares by language",
        "shares by country",
    ]


def test_attributes_of_a_file_are_used(market):
    done = market.run(*ASK, "--attributes", "more.csv", "--by", "team", "--by", "country")
    exposure = json.loads(done.out)["exposure"]
    assert list(exposure) == ["team", "country"]
    assert {group["group"] for group in exposure["team"]} == {"red", "blue", "(not known)"}


def test_figures_and_a_page_are_written(market):
    done = market.run(*ASK, "-o", "audit.json", "--html", "audit.html", "--json")
    assert (done.code, "wrote audit.json" in done.err, "wrote audit.html" in done.err) == (0, True, True)
    record = json.loads((market.folder / "audit.json").read_text())["record"]
    assert (record["model"], record["data"]) == ("words@0", "people.jsonl, work.jsonl")
    assert len(record["data_sha256"]) == 64
    assert "Who is seen, by country" in (market.folder / "audit.html").read_text()


def test_a_terminal_gets_tables(market, monkeypatch):
    from metier.cli import match_audit

    monkeypatch.setattr(match_audit, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "220")
    shown = market.run(*ASK, "-k", "2").out
    assert "What cues change, for people near the first 2" in shown
    assert "nationality: local → elsewhere" in shown
    assert "Who is seen among the first 2, by country" in shown
    assert "What helps, and what it costs" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Neither --data nor --profiles was given"),
        ((*ASK[2:], "--data", "m"), "Both --data and --profiles were given"),
        (("--profiles", "people.jsonl"), "--profiles and --projects go together"),
        (("--data", "m", "--projects", "work.jsonl"), "--profiles and --projects go together"),
        ((*ASK[2:], "--by", "shoe"), "There is no attribute 'shoe'"),
        ((*ASK[2:], "-o", "people.jsonl"), "is read and written by the same command"),
        ((*ASK[2:], "-o", "a.json", "--html", "a.json"), "is to be two files"),
        ((*ASK[2:], "-k", "0"), "'-k' / '--matches'"),
    ],
)
def test_misuse_is_told_and_exits_with_two(market, arguments, message):
    done = market.run("match", "audit", *arguments)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "gone"), "gone"),
        (("--profiles", "gone.jsonl", "--projects", "work.jsonl"), "gone.jsonl: there is no such file"),
        ((*ASK[2:], "--attributes", "gone.csv"), "gone.csv"),
        ((*ASK[2:], "--attributes", "work.jsonl"), "lacks the column profile_id"),
    ],
)
def test_what_is_not_there_is_told_and_exits_with_one(market, arguments, message):
    done = market.run("match", "audit", *arguments)
    assert done.code == 1
    assert message in done.err
