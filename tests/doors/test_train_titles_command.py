"""`metier train titles`, as typed."""

import json

from metier.titles.job2vec import Job2Vec

CONFIG = "vector_size = 8\nleast_count = 1\nword_epochs = 1\nepochs = 1\nall_pairs = true\n"
JOBS = {"Baker": "bake bread and rolls in an oven", "Nurse": "care for patients on a ward"}


def write_postings(shell, rows):
    (shell.folder / "postings").mkdir()
    lines = [json.dumps({"title": title, "description": description}) + "\n" for title, description in rows]
    shell.write("postings/own_en.jsonl", "".join(lines))


def test_a_model_is_trained_and_can_be_used(shell):
    write_postings(shell, [(title, f"{words} {number}") for number in range(4) for title, words in JOBS.items()])
    shell.write("c.toml", CONFIG)
    outcome = shell.run("train", "titles", "c.toml", "--data", ".", "-o", "out")
    assert (outcome.code, outcome.out) == (0, "")
    assert "epoch 1: loss" in outcome.err
    assert "Wrote out." in outcome.err
    assert Job2Vec.load(shell.folder / "out").known == ("Baker", "Nurse")


def test_one_title_only_is_told_in_one_sentence(shell):
    write_postings(shell, [("Baker", "bake bread"), ("Baker (m/f/d)", "bake rolls")])
    shell.write("c.toml", CONFIG)
    outcome = shell.run("train", "titles", "c.toml", "--data", ".", "-o", "out")
    assert outcome.code == 1
    assert "at least two are needed" in " ".join(outcome.err.split())


def test_missing_postings_and_unknown_keys_are_told(shell):
    shell.write("c.toml", CONFIG)
    outcome = shell.run("train", "titles", "c.toml", "--data", ".")
    assert outcome.code == 1
    assert "postings" in outcome.err
    shell.write("c.toml", "los = 'wocr'")
    assert "unknown key los" in shell.run("train", "titles", "c.toml", "--data", ".").err


def test_help_shows_an_example(shell):
    outcome = shell.run("train", "titles", "--help")
    assert outcome.code == 0
    assert "configs/titles.toml" in outcome.out
