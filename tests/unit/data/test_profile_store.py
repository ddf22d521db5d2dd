"""Profiles and vectors in files that outlive their writer."""

import sqlite3

import numpy as np
import pytest

from metier.data.profile_store import EncodedProfiles, ProfileStore, content_sha256, read_unfinished, remove_store
from metier.domain import Facts, Profile
from metier.errors import VectorIndexError

ANA, BO = Profile("ana", {"title": "Ingénieure 👩‍💻"}), Profile("bo", {"title": "nurse"}, facts=Facts(country="FR"))


def test_what_is_put_in_comes_out_by_id_in_any_order(tmp_path):
    with ProfileStore(tmp_path / "people.sqlite") as store:
        store.put([ANA, BO], comparable=[True, False])
        assert [one.id for one in store.read(["bo", "nobody", "ana", "bo"])] == ["bo", "ana", "bo"]
        assert store.read([]) == []
        assert store.hashes() == {"ana": content_sha256(ANA), "bo": content_sha256(BO)}
        assert (store.counts(), store.comparable_ids()) == ((2, 1), ["ana"])
        store.delete(["ana", "nobody"])
        assert store.counts() == (1, 0)
        store.replace_all([ANA], comparable=[True])
        assert store.comparable_ids() == ["ana"]


def test_hash_is_of_all_that_a_profile_says():
    others = [
        Profile("bo", {"title": "nurse "}, facts=Facts(country="FR")),
        Profile("bo", {"title": "nurse"}, facts=Facts(country="BE")),
        Profile("bo", {"title": "nurse"}, skills=("care",), facts=Facts(country="FR")),
    ]
    assert len({content_sha256(one) for one in (BO, *others)}) == 4
    assert content_sha256(BO) == content_sha256(Profile("bo", {"title": "nurse", "family": ""}, facts=BO.facts))


def test_reader_sees_what_was_committed_while_another_writes(tmp_path):
    path = tmp_path / "people.sqlite"
    with ProfileStore(path) as writer, ProfileStore(path, read_only=True) as reader:
        assert reader.counts() == (0, 0)
        writer.put([ANA], comparable=[True])
        assert reader.counts() == (1, 1)
        with pytest.raises(VectorIndexError, match="readonly"):
            reader.put([BO], comparable=[True])


def test_full_disk_leaves_what_was_there(tmp_path):
    many = [Profile(f"p{number}", {"description": "words " * 200}) for number in range(100)]
    with ProfileStore(tmp_path / "people.sqlite") as store:
        store.put([ANA], comparable=[True])
        store._database.execute("PRAGMA max_page_count = 10")  # 40 kB
        with pytest.raises(VectorIndexError, match="disk is full"):
            store.replace_all(many, comparable=[True] * 100)
        assert store.comparable_ids() == ["ana"]


def test_vectors_are_kept_for_the_same_encoder_only(tmp_path):
    path = tmp_path / "encoded.sqlite"
    assert read_unfinished(path) is None
    vectors = np.array([[0.6, 0.8], [0, 0]], dtype=np.float32)
    with EncodedProfiles(path, version="one@1") as encoded:
        encoded.put([ANA, BO], vectors)
    with EncodedProfiles(path, version="one@1") as encoded:
        assert (encoded.read(["ana", "ana"]) == vectors[[0, 0]]).all()
        assert encoded.without_vector() == {"bo"}
    unfinished = read_unfinished(path)
    assert (unfinished.version, unfinished.n_encoded) == ("one@1", 2)
    with EncodedProfiles(path, version="two@1") as encoded:
        assert encoded.hashes() == {}
    remove_store(path)
    assert list(tmp_path.iterdir()) == []


def test_damaged_content_is_found(tmp_path):
    path = tmp_path / "people.sqlite"
    with ProfileStore(path) as store:
        store.put([ANA, BO], comparable=[True, True])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE profiles SET content = x'7b7d' WHERE id = 'bo'")
    database.close()
    with ProfileStore(path, read_only=True) as store:
        assert list(store.damaged_ids()) == ["bo"]


def test_file_that_is_no_store_is_named(tmp_path):
    (tmp_path / "people.sqlite").write_text("nothing " * 1000)
    with pytest.raises(VectorIndexError, match=r"people\.sqlite cannot be used"):
        ProfileStore(tmp_path / "people.sqlite")
    with pytest.raises(VectorIndexError, match="unable to open"):
        ProfileStore(tmp_path / "missing.sqlite", read_only=True)
