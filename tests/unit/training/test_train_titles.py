import csv
import gzip
import json
import random
import sys
from dataclasses import replace

import numpy as np
import pytest

from metier.data.title_pairs import TitlePair
from metier.errors import ConfigError, InputError, MissingExtra
from metier.titles.cleaning import title_key
from metier.titles.job2vec import Job2Vec
from metier.titles.title_words import title_words
from metier.titles.word_vectors import WordVectors
from metier.training.title_accuracy import title_accuracy
from metier.training.title_examples import (
    check_enough,
    epoch_batches,
    shown_titles,
    skill_texts,
    title_examples,
    word_texts,
)
from metier.training.titles import TitlesConfig, train_titles
from metier.training.word_vectors import train_word_vectors

JOBS = {
    "Baker": "bake bread rolls cakes dough oven flour",
    "Nurse": "patients ward care wounds medicine hospital clinic",
    "Software Engineer": "code python services tests deploy servers software",
    "Welder": "weld steel torch metal pipes joints safety",
    "Truck Driver": "drive lorry goods motorway deliver licence load",
    "Teacher": "pupils lessons school classroom teach homework exams",
}


def rows(n):
    draw = random.Random(4)
    for number in range(n):
        title = list(JOBS)[number % len(JOBS)]
        words = [*JOBS[title].split(), "we", "offer", "a", "job", "to", "you"] * 2
        draw.shuffle(words)
        yield {"id": number, "title": title, "description": f"As {title} {number}: {' '.join(words)}"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "postings").mkdir()
    with gzip.open(folder / "postings" / "own_en.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows(240))
    return folder


@pytest.fixture(scope="module")
def esco(tmp_path_factory):
    folder = tmp_path_factory.mktemp("esco")
    columns = ["conceptUri", "preferredLabel", "altLabels", "description"]
    for stem, label, alternative in (
        ("occupations", "bread maker", "baker"),
        ("skills", "bake bread", "prepare dough"),
    ):
        with (folder / f"{stem}_en.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([columns, [f"u:{stem}", label, alternative, "bake bread dough oven flour"]])
    return folder


CONFIG = TitlesConfig(vector_size=16, least_count=2, word_epochs=3, batch_cap=16, epochs=2, learning_rate=0.01, seed=1)


def train(config, data, output, progress=lambda text, share: None, esco=None):
    return train_titles(config, data=data, esco=esco, output=output, progress=progress)


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "titles"
    return folder, train(replace(CONFIG, loss="infonce", batch_start=16, epochs=8), data, folder)


def test_a_trained_model_knows_the_titles_of_descriptions(trained):
    model = Job2Vec.load(trained[0])
    described = model.descriptions.encode([f"we offer you a job to {words}" for words in JOBS.values()])
    cosines = described @ model.titles.encode(list(JOBS)).T
    assert cosines.argmax(axis=1).tolist() == list(range(len(JOBS)))
    text = "we offer you a job to bake bread and rolls in the oven, with flour"
    told = [text[word.span.start : word.span.end] for word in model.explain(text, "Baker")]
    assert {"bake", "bread", "rolls", "oven", "flour"} & set(told)


def test_known_titles_are_shown_as_they_came_with_the_vectors_of_the_encoder(trained):
    model = Job2Vec.load(trained[0])
    assert set(model.known) == set(JOBS)
    assert set(model.known_languages) == {"en"}
    assert sum(model.known_counts) == trained[1]["measures"]["n_pairs"]["train"]
    cosines = (model.known_vectors * model.titles.encode(model.known)).sum(axis=1)
    assert (cosines > 0.999).all()


def test_the_record_has_figures_of_each_epoch_and_hashes(trained):
    folder, record = trained
    measures = record["measures"]
    assert len(measures["epochs"]) == 8
    assert 1 <= measures["kept_epoch"] <= 8
    for figures in measures["epochs"]:
        assert figures["seconds_per_pair"] > 0
        assert 2 <= figures["batch_size"] <= 16
        assert 0 <= figures["violators"] <= 1
        assert 0 <= figures["dev_accuracy_masked"] <= 1
    assert measures["n_parameters"] > 0
    assert list(record["data_sha256"]) == ["own_en.jsonl.gz"]
    assert json.loads((folder / "record.json").read_text()) == json.loads(json.dumps(record))


@pytest.mark.parametrize("loss", ["wocr", "warp", "infonce"])
def test_every_loss_learns(loss, data, tmp_path):
    record = train(replace(CONFIG, loss=loss, epochs=3, n_negatives=5), data, tmp_path / "titles")
    first, *_, last = [figures["loss"] for figures in record["measures"]["epochs"]]
    assert last < first


def test_an_interrupted_run_goes_on_to_the_same_model(data, tmp_path):
    train(CONFIG, data, tmp_path / "whole")

    def interrupt(text, share):
        if text.startswith("epoch 1:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(CONFIG, data, tmp_path / "stopped", interrupt)
    seen = []
    train(CONFIG, data, tmp_path / "stopped", lambda text, share: seen.append(text))
    assert not any(text.startswith(("training word vectors", "epoch 1:")) for text in seen)
    whole, stopped = (json.loads((tmp_path / name / "config.json").read_text()) for name in ("whole", "stopped"))
    assert stopped == whole  # every file has the same hash
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped", "whole"]


def test_the_shipped_form_trains_on_every_pair_and_measures_nothing(data, esco, tmp_path):
    record = train(replace(CONFIG, all_pairs=True, epochs=1), data, tmp_path / "titles", esco=esco)
    assert record["measures"]["n_pairs"]["train"] == 242  # 240 postings, two labels of one occupation
    assert "dev_accuracy" not in record["measures"]["epochs"][0]
    assert set(record["data_sha256"]) == {"own_en.jsonl.gz", "occupations_en.csv", "skills_en.csv"}
    model = Job2Vec.load(tmp_path / "titles")
    assert set(model.known) == {"Baker", "bread maker"}  # the other titles come from one source only
    assert model.known_counts[model.known.index("Baker")] == 41  # 240 / 6, and an alternative label


def test_an_unfinished_run_of_another_configuration_is_told(data, tmp_path):
    def interrupt(text, share):
        if text.startswith("epoch 1:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(CONFIG, data, tmp_path / "titles", interrupt)
    with pytest.raises(ConfigError, match="unfinished run of another configuration"):
        train(replace(CONFIG, seed=2), data, tmp_path / "titles")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"loss": "hinge"}, "loss is 'hinge'; expected one of wocr, warp, infonce"),
        ({"batch_cap": 1}, "2 or more"),
        ({"languages": ()}, "at least one language"),
        ({"epochs": 0}, "one epoch"),
    ],
)
def test_impossible_values_are_told_before_anything_is_read(change, told, tmp_path):
    with pytest.raises(ConfigError, match=told):
        train(replace(CONFIG, **change), tmp_path, tmp_path / "titles")


def test_one_title_only_cannot_be_learnt_from(tmp_path):
    (tmp_path / "postings").mkdir()
    lines = [
        json.dumps({"title": "Baker", "description": f"bake bread with number {n} {'x' * n}"}) + "\n" for n in range(40)
    ]
    (tmp_path / "postings" / "own_en.jsonl").write_text("".join(lines))
    with pytest.raises(InputError, match=r"1 different titles with a known word.*at least two"):
        train(replace(CONFIG, all_pairs=True), tmp_path, tmp_path / "titles")


def pair(title, description, language="en"):
    return TitlePair("x", title, description, language, "own_en")


def test_word_vectors_are_the_same_every_time():
    texts = [row["description"].split() for row in rows(60)]
    settings = {"size": 8, "least_count": 2, "most_words": 20, "epochs": 2, "skip_gram": True, "seed": 3}
    first, second = (train_word_vectors(texts, **settings) for _ in range(2))
    assert first.to_bytes() == second.to_bytes()
    assert len(first.words) <= 20
    assert first.floats().std() == pytest.approx(0.3, rel=0.02)


def test_too_few_words_for_vectors_are_told():
    settings = {"size": 8, "least_count": 5, "most_words": 20, "epochs": 1, "skip_gram": True, "seed": 3}
    with pytest.raises(InputError, match="lower least_count"):
        train_word_vectors([["a", "b"]], **settings)


def test_without_gensim_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    settings = {"size": 8, "least_count": 1, "most_words": 20, "epochs": 1, "skip_gram": True, "seed": 3}
    with pytest.raises(MissingExtra, match=r"pip install 'metier\[train\]'"):
        train_word_vectors([["a", "b"]], **settings)


VECTORS = WordVectors.from_floats(["baker", "bread", "bake", "chef", "a"], np.eye(5, dtype=np.float32))


def test_examples_hold_each_title_and_text_once():
    pairs = [pair("Baker", "a baker: bread"), pair("baker", "a baker: bread"), pair("Chef", "a baker: bread")]
    examples = title_examples(pairs, VECTORS, n_words=10)
    assert examples.keys == ("baker", "chef")
    assert examples.title_of.tolist() == [0, 0, 1]
    assert examples.text_of.tolist() == [0, 0, 0]
    assert [row.tolist() for row in examples.texts] == [[4, 0, 1], [4, 1]]
    assert examples.masked_of.tolist() == [1, 1, 0]  # "chef" is not said, so masking changes nothing
    assert examples.right(np.array([0, 2])).all()  # one description has both titles


def test_pairs_without_a_known_word_are_left_out_and_counted():
    pairs = [pair("Baker", "bread"), pair("Pilot", "bread"), pair("Baker", "unknown"), pair("Chef", "chef")]
    examples = title_examples(pairs, VECTORS, n_words=10)
    assert examples.n_pairs == 2
    assert examples.n_left_out == 2
    assert examples.masked_of[1] == examples.text_of[1]  # masked, nothing would be left
    check_enough(examples)
    with pytest.raises(InputError, match="0 different titles"):
        check_enough(title_examples([], VECTORS, n_words=10))


def test_texts_for_word_vectors_have_each_description_once_behind_its_titles():
    texts = word_texts([pair("Baker", "Bake!"), pair("Bread Baker", "Bake!"), pair("Chef", "Cook")])
    assert texts == [["baker", "bread", "baker", "bake"], ["chef", "cook"]]


def test_skills_give_their_labels_and_description(esco):
    assert skill_texts(esco, ["en", "da"]) == [
        title_words("bake bread") + title_words("prepare dough bake bread dough oven flour")
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 7, 30])
def test_an_epoch_gives_every_pair_once_but_a_single_last_one(n):
    pairs = [pair(f"{'baker' if i % 2 else 'chef'}", "bread " * (i + 1)) for i in range(n)]
    examples = title_examples(pairs, VECTORS, n_words=50)
    sizes = iter([4, 8, 2, *[4] * 50])
    batches = list(epoch_batches(examples, size=lambda: next(sizes), draw=random.Random(2)))
    seen = np.concatenate(batches).tolist() if batches else []
    assert len(seen) == len(set(seen)) >= n - 1
    assert all(len(batch) >= 2 for batch in batches)


def test_a_batch_holds_descriptions_of_like_length():
    pairs = [pair("baker", "bread " * (i + 1)) for i in range(40)]
    examples = title_examples(pairs, VECTORS, n_words=50)
    first = next(epoch_batches(examples, size=lambda: 5, draw=random.Random(2)))
    lengths = sorted(len(examples.texts[examples.text_of[number]]) for number in first)
    assert lengths == list(range(lengths[0], lengths[0] + 5))


def test_titles_are_shown_in_their_most_frequent_form():
    pairs = [pair("NURSE", "x"), pair("Nurse", "y"), pair("Nurse", "z", "da"), pair("ß-Köchin", "x", "de")]
    shown = shown_titles(pairs)
    assert shown["nurse"] == ("Nurse", "en", 3)
    assert shown[title_key("ß-Köchin")][2] == 1


def test_of_several_sources_only_common_titles_and_preferred_labels_are_shown():
    def of(source, title, number="7"):
        return TitlePair(f"{source}#en{number}", title, "x", "en", source)

    pairs = [
        of("one_en", "Nurse"),
        of("two_en", "NURSE"),
        of("one_en", "Nurse at Sheldon House"),
        of("one_en", "Nurse at Sheldon House"),
        of("esco", "baker", "0"),
        of("esco", "bread maker", "1"),
        of("esco", "cook", "1"),
        of("two_en", "Cook"),
    ]
    assert set(shown_titles(pairs)) == {"nurse", "baker", "cook"}


class FixedNetwork:
    """Stands in for the encoders: the first word of a text is its vector."""

    class Titles:
        vectors = np.zeros(6)

        def __call__(self, rows):
            import torch

            return torch.nn.functional.one_hot(rows[:, 0], 100).float()

    titles = descriptions = Titles()

    def eval(self):
        pass


def test_accuracy_counts_own_titles_among_the_nearest_and_pairs_left_out_as_missed():
    pairs = [pair("baker", "baker"), pair("chef", "chef"), pair("chef", "unknown")]
    examples = title_examples(pairs, VECTORS, n_words=5)
    assert title_accuracy(FixedNetwork(), examples) == pytest.approx(
        {"dev_accuracy_masked": 2 / 3, "dev_accuracy": 2 / 3}, abs=1e-4
    )
    assert title_accuracy(FixedNetwork(), title_examples([], VECTORS, n_words=5))["dev_accuracy"] == 0.0


def test_an_epoch_may_be_of_fewer_pairs(data, tmp_path):
    def steps(n_pairs):
        seen = []
        few = replace(CONFIG, epochs=1, batch_start=2, batch_cap=2, pairs_per_epoch=n_pairs)
        train(few, data, tmp_path / str(n_pairs), progress=lambda text, share: seen.append(share))
        return len(seen)

    assert steps(60) < steps(0)  # it tells its progress every twenty steps
