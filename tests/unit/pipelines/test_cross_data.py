import json

import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.errors import ConfigError, InputError
from metier.pipelines import cross_data
from metier.pipelines.cross_data import cross_with_stores
from metier.tagging import datastore_tuning

FREE = {"transitions": [[0.0] * 3, [0.0] * 3, [0.0] * 3], "starts": [0.0] * 3}


@pytest.fixture(scope="module")
def one_layer_tagger(tiny_runtime, tmp_path_factory):
    """A tagger of the layer skill that finds nothing by itself, in a folder of the name that is asked for."""
    folder = tmp_path_factory.mktemp("one-layer")
    with (folder / "heads.npz").open("wb") as stream:
        weight = np.zeros((32, 3), dtype=np.float32)
        np.savez(stream, **{"skill.weight": weight, "skill.bias": np.array([2, 0, 0], dtype=np.float32)})
    files = {
        str(path.relative_to(tiny_runtime)): path.read_bytes() for path in tiny_runtime.rglob("*") if path.is_file()
    }
    settings = {
        "layers": ["skill"],
        "cased": False,
        "window_size": 64,
        "window_overlap": 16,
        "chains": {"skill": FREE},
        "outside_bias": {"skill": 0.0},
        "calibration": {"skill": [1.0, 1.0, 0.0, 0.0]},
    }
    files |= {"heads.npz": (folder / "heads.npz").read_bytes()}
    write_artifact(folder / "tagger", kind="tagger", settings=settings, files=files)
    return folder / "tagger"


@pytest.fixture
def few_votes(monkeypatch):
    monkeypatch.setattr(datastore_tuning, "NEIGHBOURS", (2,))
    monkeypatch.setattr(datastore_tuning, "TEMPERATURES", (0.1,))
    monkeypatch.setattr(datastore_tuning, "WEIGHTS", (0.9,))


def write_set(folder, word):
    """Ten sentences in which one word is knowledge, and none else is anything."""
    folder.mkdir()
    row = {"tokens": ["we", "use", word], "tags_skill": ["O"] * 3, "tags_knowledge": ["O", "O", "B"]}
    for split, n_rows in (("train", 10), ("dev", 3)):
        (folder / f"{split}.jsonl").write_text("\n".join([json.dumps(row)] * n_rows), "utf-8")
    return folder


@pytest.fixture
def sets(tmp_path):
    return {word: write_set(tmp_path / word, word) for word in ("java", "sql")}


@pytest.mark.usefixtures("few_votes")
def test_neighbours_find_what_stands_in_the_store_only(one_layer_tagger, sets, tmp_path):
    n_steps = []
    found = cross_with_stores(
        {"java": one_layer_tagger}, sets, datastores=tmp_path / "stores", progress=lambda: n_steps.append(1)
    )
    f1 = {(row["target"], row["store"]): row["f1"] for row in found["figures"]}
    # the tagger alone finds nothing; with a store it finds the word that is a gold span in it
    assert f1["java", "none"] == f1["sql", "none"] == 0
    assert f1["java", "in-data"] == f1["java", "all-data"] == f1["sql", "all-data"] == 1
    assert f1["java", "all-but-target"] < 1
    assert found["mean_gain"]["all-data"] == 1
    votes = {(row["target"], row["store"]): row["vote"] for row in found["figures"]}
    assert votes["java", "none"] is None
    assert votes["sql", "all-data"] == {"n_neighbours": 2, "temperature": 0.1, "weight": 0.9}
    assert len(n_steps) == 8
    assert json.loads(json.dumps(found)) == found
    assert list(found["sets"]["sql"]) == ["train.jsonl", "dev.jsonl"]
    # in-data, all-data, and all but each target; all but sql is what java was trained on
    assert len(list((tmp_path / "stores").iterdir())) == 3


@pytest.mark.usefixtures("few_votes")
def test_kept_stores_are_taken_and_change_nothing(one_layer_tagger, sets, tmp_path, monkeypatch):
    first = cross_with_stores({"java": one_layer_tagger}, sets, datastores=tmp_path / "stores")
    monkeypatch.delattr(cross_data, "build_datastore")  # nothing can be built any more
    again = cross_with_stores({"java": one_layer_tagger}, sets, datastores=tmp_path / "stores")
    assert again["figures"] == first["figures"]


def test_held_out_fifth_is_in_no_store(one_layer_tagger, sets, tmp_path, monkeypatch):
    seen = []

    def build(tagger, training, *, threads):
        seen.append({name: len(sentences) for name, sentences in training.items()})
        raise InputError("enough")

    monkeypatch.setattr(cross_data, "build_datastore", build)
    with pytest.raises(InputError, match="enough"):
        cross_with_stores({"java": one_layer_tagger}, sets)
    assert seen == [{"java": 8}]  # of 10


def test_tagger_of_two_layers_is_refused(tiny_tagger, sets):
    with pytest.raises(ConfigError, match="layers skill, knowledge"):
        cross_with_stores({"java": tiny_tagger}, sets)


def test_tagger_without_its_data_set_is_refused(tiny_tagger, sets):
    with pytest.raises(ConfigError, match="no data set named green"):
        cross_with_stores({"green": tiny_tagger}, sets)


def test_one_data_set_is_too_few(tiny_tagger, sets):
    with pytest.raises(ConfigError, match="two data sets"):
        cross_with_stores({"java": tiny_tagger}, {"java": sets["java"]})


def test_file_in_place_of_a_folder_is_refused(tiny_tagger, sets):
    with pytest.raises(InputError, match="splits train and dev"):
        cross_with_stores({"java": tiny_tagger}, {**sets, "java": sets["java"] / "dev.jsonl"})
