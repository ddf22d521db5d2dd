import sys

import numpy as np
import pytest

from metier.errors import MissingExtra
from metier.tagging import neighbours
from metier.tagging.neighbours import build_index, pack_index, read_index, remove_rows, search_index
from metier.tagging.whitening import unit_rows

pytest.importorskip("faiss")


def unit_vectors(n, dim=16, seed=0):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32))


def exact(keys, queries, k):
    """Squared distances and rows by comparing every pair in double precision."""
    halves = keys.astype(np.float16).astype(np.float64)
    distances = ((queries[:, None].astype(np.float64) - halves[None]) ** 2).sum(axis=2)
    rows = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(distances, rows, axis=1), rows


def test_a_small_index_gives_what_comparing_all_pairs_gives():
    keys, queries = unit_vectors(300), unit_vectors(20, seed=1)
    distances, rows = search_index(build_index(keys, threads=1), queries, k=7, threads=1)
    expected, expected_rows = exact(keys, queries, 7)
    assert distances == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(rows, expected_rows)


def test_cells_lose_few_of_the_nearest(monkeypatch):
    monkeypatch.setattr(neighbours, "_MOST_EXACT", 100)
    draw = np.random.default_rng(4)
    centres = unit_vectors(50)
    keys = unit_rows((centres[draw.integers(50, size=3000)] + 0.1 * draw.normal(size=(3000, 16))).astype(np.float32))
    queries = unit_rows((centres + 0.1 * draw.normal(size=(50, 16))).astype(np.float32))
    _, rows = search_index(build_index(keys, threads=1), queries, k=10, threads=1)
    _, expected = exact(keys, queries, 10)
    shared = [len(set(a) & set(b)) / 10 for a, b in zip(rows.tolist(), expected.tolist(), strict=True)]
    assert np.mean(shared) > 0.95


@pytest.mark.parametrize("most_exact", [100, 10_000])
def test_company_threads_and_a_second_build_change_no_digit(monkeypatch, most_exact):
    monkeypatch.setattr(neighbours, "_MOST_EXACT", most_exact)
    keys, queries = unit_vectors(2000), unit_vectors(70, seed=1)
    index = build_index(keys, threads=2)
    distances, rows = search_index(index, queries, k=5, threads=2)
    for other, n_threads in ((index, 1), (build_index(keys, threads=1), 3)):
        for part in (slice(0, 1), slice(3, 20), slice(0, 70)):
            again, same = search_index(other, queries[part], k=5, threads=n_threads)
            assert np.array_equal(again, distances[part])
            assert np.array_equal(same, rows[part])


def test_rows_are_minus_one_where_there_are_fewer_keys():
    _, rows = search_index(build_index(unit_vectors(2), threads=1), unit_vectors(3, seed=1), k=4, threads=2)
    assert np.array_equal(np.sort(rows, axis=1), [[-1, -1, 0, 1]] * 3)


def test_no_queries_have_no_neighbours():
    distances, rows = search_index(build_index(unit_vectors(5), threads=1), unit_vectors(0), k=3, threads=2)
    assert distances.shape == rows.shape == (0, 3)


@pytest.mark.parametrize("most_exact", [100, 10_000])
def test_removed_rows_are_gone_and_the_others_keep_their_numbers(monkeypatch, most_exact):
    monkeypatch.setattr(neighbours, "_MOST_EXACT", most_exact)
    keys = unit_vectors(500)
    index = build_index(keys, threads=1)
    remove_rows(index, np.array([0, 7, 499]))
    _, rows = search_index(index, keys, k=1, threads=1)
    assert {0, 7, 499}.isdisjoint(rows[:, 0].tolist())
    assert rows[1:7, 0].tolist() == [1, 2, 3, 4, 5, 6]


def test_packed_and_read_again_it_finds_the_same(tmp_path):
    keys, queries = unit_vectors(200), unit_vectors(9, seed=1)
    index = build_index(keys, threads=1)
    (tmp_path / "index.faiss").write_bytes(pack_index(index))
    again = search_index(read_index(tmp_path / "index.faiss"), queries, k=3, threads=1)
    for found, before in zip(again, search_index(index, queries, k=3, threads=1), strict=True):
        assert np.array_equal(found, before)


def test_without_faiss_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtra, match=r"metier\[datastore\]"):
        build_index(unit_vectors(3), threads=1)
