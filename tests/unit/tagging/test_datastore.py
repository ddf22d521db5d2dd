import json

import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.data.skillspan import TaggedSentence, read_skillspan
from metier.errors import DamagedModel, ModelError, UnknownModel
from metier.tagging.datastore import NO_TAG, Datastore, Vote
from metier.tagging.datastore_build import build_datastore
from metier.tagging.nearest import NearestTagger
from metier.tagging.tagger import NeuralTagger

pytest.importorskip("faiss")

FIRST = [
    TaggedSentence(("know", "SQL"), ("O", "O"), ("O", "B")),
    TaggedSentence(("write", "code", "é"), ("B", "I", "O"), ("O",) * 3),
]
SECOND = [TaggedSentence(("be", "kind"), ("B", "I"), None), TaggedSentence((), (), None)]
TEXTS = ["know SQL", "write code", "be kind 👍", ""]


@pytest.fixture(scope="module")
def tagger(tiny_tagger):
    return NeuralTagger.load(tiny_tagger, threads=1)


@pytest.fixture
def store(tagger):
    store = build_datastore(tagger, {"first": FIRST, "second": SECOND}, n_kept=8)
    store.vote = Vote(n_neighbours=2, temperature=0.5, weight=0.7)
    return store


def test_every_word_is_a_key_with_its_tags_entry_and_data_set(store):
    assert store.n_keys == 7
    assert store.keys.tags.tolist() == [[0, 0], [0, 1], [1, 0], [2, 0], [0, 0], [1, NO_TAG], [2, NO_TAG]]
    assert store.keys.entries.tolist() == [0, 0, 1, 1, 1, 2, 2]
    assert [store.set_of(entry) for entry in (0, 1, 2, 3, 4)] == ["first", "first", "second", "second", "corrections"]


def test_the_nearest_key_of_a_training_word_is_its_own(store, tagger):
    vectors = np.concatenate(tagger.word_vectors([s.words for s in FIRST + SECOND]))
    found = store.search(vectors, k=3)
    assert found.distances[:, 0] == pytest.approx(np.zeros(7), abs=1e-4)
    assert found.tags[:, 0].tolist() == store.keys.tags.tolist()


def test_where_there_are_fewer_keys_than_neighbours_nobody_votes(store, tagger):
    [vectors] = tagger.word_vectors([["know"]])
    found = store.search(vectors, k=9)
    assert np.isinf(found.distances[:, 7:]).all()
    assert (found.tags[:, 7:] == NO_TAG).all()
    empty = build_datastore(tagger, {}).search(vectors, k=2)
    assert np.isinf(empty.distances).all()
    assert (empty.tags == NO_TAG).all()


def test_saved_and_loaded_it_is_the_same(store, tagger, tmp_path):
    nearest = NearestTagger(tagger, store)
    entry = nearest.add(TaggedSentence(("be", "kind", "👍"), ("O", "O", "O"), ("O", "B", "O")))
    nearest.add(TaggedSentence(("naïve",), None, ("B",)))
    nearest.remove(1)
    store.save(tmp_path / "store")
    again = NearestTagger(tagger, Datastore.load(tmp_path / "store", threads=1))
    assert again.version == nearest.version
    assert again.tag([*TEXTS, "naïve"]) == nearest.tag([*TEXTS, "naïve"])
    assert (again.datastore.n_keys, again.datastore.vote) == (4, store.vote)
    for one in (nearest, again):
        one.remove(entry)
    assert again.tag(TEXTS) == nearest.tag(TEXTS)
    assert again.add(FIRST[0]) == nearest.add(FIRST[0]) == entry + 2


def test_corrections_are_saved_as_a_file_of_tagged_sentences(store, tagger, tmp_path):
    right = TaggedSentence(("naïve", "👍"), ("O", "B"), None)
    entry = NearestTagger(tagger, store).add(right)
    store.save(tmp_path / "store")
    [row] = read_skillspan(tmp_path / "store" / "corrections.jsonl")
    assert (row.words, row.skill, row.knowledge, row.posting) == (right.words, right.skill, None, str(entry))
    store.remove(entry)
    store.save(tmp_path / "store")
    assert not (tmp_path / "store" / "corrections.jsonl").exists()


def test_nothing_is_pickled(store, tmp_path):
    store.save(tmp_path / "store")
    with np.load(tmp_path / "store" / "keys.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["entries", "mean", "projection", "tags"]
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == ["config.json", "index.faiss", "keys.npz"]


def test_a_store_of_corrections_alone_needs_no_faiss(tagger, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "faiss", None)
    nearest = NearestTagger(tagger, build_datastore(tagger, {}))
    nearest.add(TaggedSentence(("know", "SQL"), ("B", "I"), ("O", "O")))
    nearest.datastore.save(tmp_path / "store")
    again = NearestTagger(tagger, Datastore.load(tmp_path / "store"))
    assert [(m.kind, m.text) for m in again.tag(["know SQL"])[0]] == [("skill", "know SQL")]


def test_a_damaged_store_is_refused(store, tmp_path):
    store.save(tmp_path / "store")
    (tmp_path / "store" / "index.faiss").write_bytes(b"not an index")
    with pytest.raises(DamagedModel, match=r"index\.faiss"):
        Datastore.load(tmp_path / "store")


def test_what_is_no_store_is_neither_read_nor_replaced(store, tmp_path):
    write_artifact(tmp_path / "tagger", kind="tagger", settings={}, files={})
    with pytest.raises(ModelError, match="is a tagger, and a datastore was expected"):
        Datastore.load(tmp_path / "tagger")
    with pytest.raises(ModelError, match="would be replaced"):
        store.save(tmp_path / "tagger")
    with pytest.raises(UnknownModel):
        Datastore.load(tmp_path / "nothing")


def test_a_save_that_fails_leaves_the_old_store(store, tagger, tmp_path, monkeypatch):
    store.save(tmp_path / "store")
    before = json.loads((tmp_path / "store" / "config.json").read_text())
    NearestTagger(tagger, store).add(FIRST[0])

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("metier.artifacts._write_files", fail)
    with pytest.raises(ModelError, match="No space left"):
        store.save(tmp_path / "store")
    assert json.loads((tmp_path / "store" / "config.json").read_text()) == before
    assert Datastore.load(tmp_path / "store").corrections.by_entry == {}
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_progress_is_told_of_every_sentence(tagger):
    told = []
    build_datastore(tagger, {"first": FIRST}, on_sentence=lambda: told.append(1))
    assert len(told) == len(FIRST)
