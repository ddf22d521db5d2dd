"""An index of people is built, refreshed, interrupted, looked into."""

import multiprocessing
import sqlite3
import subprocess
import threading
from dataclasses import replace

import pytest
from index_fakes import LetterEncoder, person, refresh_for_ever

from metier.domain import Profile, Project
from metier.errors import IndexBusy, InputError, VectorIndexError
from metier.index.generation_folder import write_lock
from metier.index.generations import open_generations
from metier.pipelines.index_profiles import build_index, index_info, read_indexed_profiles, refresh_index

pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")


def _found(folder, text, encoder=None, k=1):
    with open_generations(folder) as index:
        query = (encoder or LetterEncoder()).encode_projects([Project("q", {"description": text})])
        return [hit.id for hit in index.search(query, k=k)[0]]


@pytest.fixture(scope="module")
def once_built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "index"
    people = [person(number) for number in range(300)]
    build_index(people, folder, encoder=LetterEncoder())
    return folder, people


@pytest.fixture
def built(once_built, tmp_path):
    """An index of 300 people, to be changed."""
    folder, people = once_built
    subprocess.run(["cp", "-r", "--sparse=always", folder, tmp_path / "index"], check=True)  # it is mostly holes
    return tmp_path / "index", people


def test_everybody_is_found_and_can_be_read_again(built):
    folder, people = built
    assert _found(folder, people[77].sections["description"]) == ["p77"]
    assert read_indexed_profiles(folder, ["p9", "nobody", "p3"]) == [_read(people[9]), _read(people[3])]
    info = index_info(folder)
    assert (info.encoder_version, info.dim, info.n_profiles, info.n_without_text) == ("letters@1", 26, 300, 0)
    assert (info.n_changed, info.n_encoded_ahead) == (0, 0)


def _read(profile):
    """A profile as readers give it: with every section."""
    empty = dict.fromkeys(("title", "description", "family", "category", "skills"), "")
    return replace(profile, sections={**empty, **profile.sections})


def test_refresh_encodes_who_is_new_or_changed_and_takes_out_who_is_gone(built):
    folder, people = built
    now = [person(5, "zzzz qqqq"), *people[6:], person(300, "xxxx jjjj"), person(7777, "", country="BE")]
    encoder = LetterEncoder()
    change = refresh_index(now, folder, encoder=encoder)
    assert encoder.encoded == ["p5", "p300", "p7777"]
    assert (change.n_profiles, change.n_encoded, change.n_deleted, change.n_without_text) == (297, 3, 5, 1)
    assert not change.rebuilt
    assert _found(folder, "zq") == ["p5"]
    assert _found(folder, "xj") == ["p300"]
    assert not {f"p{number}" for number in range(5)} & set(_found(folder, "abc", k=1000))
    assert read_indexed_profiles(folder, ["p1", "p5"])[0].sections["description"] == "zzzz qqqq"
    with open_generations(folder) as index:
        assert len(index) == 296  # without the one who says nothing


def test_refresh_sees_a_fact_that_changed(built):
    folder, people = built
    encoder = LetterEncoder()
    refresh_index(
        [replace(people[0], facts=replace(people[0].facts, day_rate=999.0)), *people[1:]], folder, encoder=encoder
    )
    assert encoder.encoded == ["p0"]
    assert read_indexed_profiles(folder, ["p0"])[0].facts.day_rate == 999.0


def test_refresh_without_a_change_encodes_nobody(built):
    folder, people = built
    encoder = LetterEncoder()
    change = refresh_index(people[::-1], folder, encoder=encoder)
    assert encoder.encoded == []
    assert (change.n_encoded, change.n_deleted) == (0, 0)


def test_profile_that_loses_its_words_is_no_longer_found(built):
    folder, people = built
    refresh_index([person(0, ""), *people[1:]], folder, encoder=LetterEncoder())
    assert "p0" not in _found(folder, "abc", k=1000)
    refresh_index(people, folder, encoder=LetterEncoder())
    assert "p0" in _found(folder, "abc", k=1000)


def test_interrupted_build_goes_on_where_it_was(tmp_path):
    people = [person(number) for number in range(600)]
    first = LetterEncoder(fail_after=2)
    with pytest.raises(KeyboardInterrupt):
        build_index(people, tmp_path, encoder=first)
    second = LetterEncoder()
    build_index(people, tmp_path, encoder=second)
    assert len(first.encoded) == 512
    assert second.encoded == [f"p{number}" for number in range(512, 600)]
    with open_generations(tmp_path) as index:
        assert len(index) == 600


def test_interrupted_refresh_goes_on_where_it_was(built):
    folder, people = built
    now = people[:10] + [person(number) for number in range(1000, 1600)]
    first = LetterEncoder(fail_after=1)
    with pytest.raises(KeyboardInterrupt):
        refresh_index(now, folder, encoder=first)
    second = LetterEncoder()
    refresh_index(now, folder, encoder=second)
    assert first.encoded + second.encoded == [f"p{number}" for number in range(1000, 1600)]
    with open_generations(folder) as index:
        assert len(index) == 610


def test_interrupted_build_of_another_model_is_finished_by_a_refresh(built):
    folder, people = built
    many = people + [person(number) for number in range(1000, 1300)]
    first = LetterEncoder("letters@2", fail_after=1)
    with pytest.raises(KeyboardInterrupt):
        build_index(many, folder, encoder=first)
    assert index_info(folder).encoder_version == "letters@1"  # still in use
    assert index_info(folder).n_encoded_ahead == 256
    assert len(_found(folder, "abc", k=1000)) == 300
    second = LetterEncoder("letters@2")
    assert refresh_index(many, folder, encoder=second).rebuilt
    assert len(second.encoded) == 600 - 256
    assert index_info(folder).encoder_version == "letters@2"
    assert index_info(folder).n_encoded_ahead == 0


def test_readers_go_on_while_another_model_is_built(built):
    folder, people = built
    with open_generations(folder) as index:
        query = LetterEncoder().encode_projects([Project("q", {"description": "abc"})])
        before = index.search(query, k=20)
        seen, done = [], threading.Event()

        def read():
            while not done.is_set():
                seen.append(index.search(query, k=20))

        thread = threading.Thread(target=read)
        thread.start()
        refresh_index(people, folder, encoder=LetterEncoder(), on_profile=lambda: None)
        done.set()
        thread.join()
        assert all(hits == before for hits in seen)
        assert seen


def test_many_changes_become_a_generation(built):
    folder, people = built
    now = [person(number, f"other {number}") for number in range(20)] + people[20:]
    refresh_index(now, folder, encoder=LetterEncoder())
    info = index_info(folder)
    assert (info.generation, info.n_changed) == ("gen-2", 0)  # 20 of 300 are more than 5 %


def test_second_process_is_told_who_is_writing(built):
    folder, people = built
    with write_lock(folder / "profiles"), pytest.raises(IndexBusy, match=r"Process \d+ is writing"):
        refresh_index(people, folder, encoder=LetterEncoder())
    with write_lock(folder / "profiles"), pytest.raises(IndexBusy, match=r"Process \d+ is writing"):
        build_index(people, folder, encoder=LetterEncoder())


def test_folder_without_an_index_says_how_to_build_one(tmp_path):
    for ask in (index_info, lambda folder: refresh_index([person(1)], folder, encoder=LetterEncoder())):
        with pytest.raises(VectorIndexError, match="metier index build"):
            ask(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nobody_twice_or_without_a_name(tmp_path):
    with pytest.raises(InputError, match="Two profiles have the id 'p1'"):
        build_index([person(1), person(1)], tmp_path, encoder=LetterEncoder())
    with pytest.raises(InputError, match="half ones"):
        build_index([Profile("p\ud800")], tmp_path, encoder=LetterEncoder())
    with pytest.raises(InputError, match="There is no profile"):
        build_index([], tmp_path, encoder=LetterEncoder())


def test_empty_file_does_not_empty_an_index(built):
    folder, _ = built
    with pytest.raises(InputError, match="There is no profile"):
        refresh_index([], folder, encoder=LetterEncoder())
    assert index_info(folder).n_profiles == 300


def test_one_profile_and_strange_characters(tmp_path):
    odd = Profile("é 👍", {"title": "Développeuse 👩‍💻 \ud83d", "description": "x" * 10_000}, skills=("C++", "日本語"))
    build_index([odd], tmp_path, encoder=LetterEncoder())
    assert read_indexed_profiles(tmp_path, ["é 👍"]) == [_read(odd)]
    assert _found(tmp_path, "x") == ["é 👍"]


def test_index_of_people_who_say_nothing_answers_nothing(tmp_path):
    change = build_index([person(1, ""), person(2, "!?")], tmp_path, encoder=LetterEncoder())
    assert change.n_without_text == 2
    assert _found(tmp_path, "person") == []


def test_coordinates_out_of_range_are_named_and_nothing_is_lost(built):
    folder, people = built
    with pytest.raises(VectorIndexError, match="latitude of 'p300' is 91"):
        refresh_index([*people, person(300, latitude=91.0, longitude=0.0)], folder, encoder=LetterEncoder())
    assert index_info(folder).n_profiles == 300


def test_full_disk_is_told_and_nothing_is_lost(built, monkeypatch):
    folder, people = built

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.pwrite", full)
        with pytest.raises(VectorIndexError, match="No space left"):
            refresh_index([*people, person(300, "zzz")], folder, encoder=LetterEncoder())
    assert index_info(folder).n_profiles == 300
    refresh_index([*people, person(300, "zzz")], folder, encoder=LetterEncoder())
    assert _found(folder, "z") == ["p300"]


def test_damaged_profiles_are_told(built):
    folder, _ = built
    (folder / "profiles" / "profiles.sqlite").write_bytes(b"nothing" * 1000)
    with pytest.raises(VectorIndexError, match="build the index again"):
        read_indexed_profiles(folder, ["p1"])


@pytest.mark.slow
def test_killed_refresh_leaves_an_index_that_can_be_refreshed(built):
    folder, people = built
    context = multiprocessing.get_context("spawn")
    for seconds in (0.0, 0.15, 0.4):
        acknowledged = context.Value("i", 0)
        process = context.Process(target=refresh_for_ever, args=(folder, acknowledged))
        process.start()
        while acknowledged.value == 0:
            process.join(0.02)
            assert process.is_alive()
        process.join(seconds)
        process.kill()
        process.join()
        assert index_info(folder).n_profiles == 300
        refresh_index(people, folder, encoder=LetterEncoder())
        assert _found(folder, people[77].sections["description"]) == ["p77"]
        with sqlite3.connect(folder / "profiles" / "profiles.sqlite") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()
