"""Postings and a job2vec folder small enough to train on in a test."""

import json

import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.titles.title_words import title_words
from metier.titles.word_vectors import WordVectors

JOBS = {
    "Baker": "bakes bread rolls and cakes in our bakery from early morning",
    "Senior Welder": "joins steel parts with a torch in the yard",
    "Nurse": "cares for patients on the ward at night",
    "Data Engineer": "builds pipelines with SQL and Python for reports",
    "Driver": "brings parcels to customers with a small van",
    "Éclairagiste": "sets the stage lights for concerts and plays 🙂",
}


@pytest.fixture(scope="session")
def title_data(tmp_path_factory):
    """A data folder with 180 postings of six jobs."""
    folder = tmp_path_factory.mktemp("title-data")
    draw = np.random.default_rng(5)
    rows = []
    for number in range(180):
        title = list(JOBS)[number % len(JOBS)]
        noise = " ".join(f"{letter}{number}{letter}" for letter in draw.choice([*"abcdefghijkl"], size=12))
        words = JOBS[title].split()
        text = f"A {title} {' '.join(draw.permutation(words))} {noise}"
        rows.append(json.dumps({"id": str(number), "title": title, "description": text}))
    (folder / "postings").mkdir()
    (folder / "postings" / "own_en.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def word_folder(tmp_path_factory):
    """What the sequence model takes from a trained job2vec: its word vectors and settings."""
    words = sorted({word for title, text in JOBS.items() for word in title_words(f"{title} {text}")})
    vectors = np.random.default_rng(6).normal(size=(len(words), 8)).astype(np.float32)
    folder = tmp_path_factory.mktemp("job2vec") / "titles"
    settings = {"languages": ["en"], "description_words": 40, "training": {"all_pairs": False}}
    files = {"words.npz": WordVectors.from_floats(words, vectors).to_bytes()}
    write_artifact(folder, kind="titles", settings=settings, files=files)
    return folder
