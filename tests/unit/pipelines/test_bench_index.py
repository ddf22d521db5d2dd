"""The bench of the index measures what it says, on few rows."""

import numpy as np
import pytest
from index_fakes import LetterEncoder

from metier.errors import ConfigError, InputError
from metier.index.where import check_where
from metier.pipelines.bench_index import IndexBench, KnownVectors, bench_index
from metier.pipelines.bench_index_kill import bench_kill
from metier.pipelines.bench_index_rows import make_filters, make_rows, random_filter


def _rows(n_rows=4000, **settings):
    return make_rows(n_rows, **({"vectors": None, "n_queries": 20, "seed": 3} | settings))


def test_rows_are_those_of_the_seed():
    one, other = _rows(), _rows()
    assert one.facts == other.facts
    assert (one.vectors == other.vectors).all()
    assert not (one.vectors == _rows(seed=4).vectors).all()


def test_vectors_and_queries_have_unit_length_and_queries_are_like_their_row():
    rows = _rows()
    for vectors in (rows.vectors, rows.queries):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    # noise of length 0.3 on a vector of length 1: the cosine is about 1 / sqrt(1 + 0.09) = 0.958
    assert (rows.queries * rows.vectors[rows.like]).sum(axis=1) == pytest.approx(0.958, abs=0.02)


def test_real_vectors_come_first_and_their_copies_after_them(tmp_path):
    real = np.random.default_rng(1).normal(size=(300, 16)).astype(np.float32)
    np.save(tmp_path / "real.npy", real)
    rows = _rows(1000, vectors=tmp_path / "real.npy")
    unit = real / np.linalg.norm(real, axis=1, keepdims=True)
    np.testing.assert_allclose(rows.vectors[:300], unit, atol=1e-6)
    assert (rows.vectors[300:600] * unit).sum(axis=1) == pytest.approx(0.958, abs=0.06)


def test_file_that_is_no_array_is_named(tmp_path):
    (tmp_path / "real.npy").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"real\.npy"):
        _rows(vectors=tmp_path / "real.npy")


def test_filters_let_through_what_they_promise():
    rows = _rows()
    filters = make_filters(rows, seed=1)
    for kind, share in {"none": 1.0, "50 %": 0.5, "5 %": 0.05, "0.5 %": 0.005}.items():
        assert rows.mask(filters[kind][0]).mean() == pytest.approx(share, rel=0.1, abs=0.001), kind
    assert len(filters["radius"]) == len(rows.queries)
    for row, where in zip(rows.like, filters["category"], strict=True):
        assert not rows.mask(where)[row]  # it is not the query's own


def test_random_filters_are_valid_and_some_let_nobody_through():
    rows, draw = _rows(500), np.random.default_rng(2)
    shares = []
    for _ in range(200):
        where = random_filter(rows, draw)
        check_where(where)
        shares.append(rows.mask(where).mean())
    assert min(shares) == 0
    assert max(shares) > 0.5


def test_every_part_gives_its_figures(tmp_path):
    pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")
    bench = IndexBench(folder=tmp_path / "index", n_rows=1500, n_queries=12, n_filters=60, n_kills=1, n_projects=6)
    figures = bench_index(bench)
    assert set(figures) > {"build", "search", "violations", "memory", "match", "refresh", "kill"}
    for kind, measured in figures["search"].items():
        assert measured["least_recall"] >= 0.99, kind
        assert 0 < measured["index"]["p50_ms"] <= measured["index"]["p95_ms"]
    assert figures["violations"]["violations"] == figures["violations"]["short_answers"] == 0
    assert figures["violations"]["hits"] > 100
    assert figures["refresh"]["changed"] == 15  # one in a hundred
    assert (figures["kill"]["lost"], figures["kill"]["unreadable"]) == (0, 0)
    again = bench_index(bench, only=["search"])
    assert "build" not in again  # the index is there


def test_part_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no part 'speed'"):
        bench_index(IndexBench(folder=tmp_path), only=["speed"])


def test_encoder_of_another_dimension_is_refused(tmp_path):
    pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")
    bench = IndexBench(folder=tmp_path / "index", n_rows=1000, n_queries=12)
    with pytest.raises(ConfigError, match="26 numbers"):
        bench_index(bench, only=["match"], encoder=LetterEncoder())


def test_known_vectors_are_looked_up():
    rows = _rows(100)
    encoder = KnownVectors(rows, version="known@1")
    assert (encoder.encode_profiles([rows.profile(7), rows.profile(3)]) == rows.vectors[[7, 3]]).all()


@pytest.mark.slow
def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path):
    pytest.importorskip("qdrant_edge", reason="the extra 'index' is not installed")
    found = bench_kill(tmp_path / "killed", n_trials=5, seed=1)  # in the fifth it also builds generations
    assert found["acknowledged"] > 0
    assert (found["trials"], found["lost"], found["unreadable"]) == (5, 0, 0)
