"""The embedded engine: what it keeps on disk, and that it finds what it should through its compression."""

import numpy as np
import pytest
from index_rows import unit_vectors

from metier.domain import Facts, Near
from metier.errors import VectorIndexError
from metier.index import edge
from metier.index.edge import EdgeIndex
from metier.index.exact import ExactIndex
from metier.index.where import EARTH_RADIUS_KM, parse_where

qdrant_edge = pytest.importorskip("qdrant_edge")

DIM = 64


def _facts(number):
    return Facts(country="FR" if number % 20 == 0 else "BE", day_rate=float(number % 500))


def test_there_is_no_graph():
    assert edge._config(qdrant_edge, DIM).hnsw_config.m == 0


def test_filtered_recall_holds_through_the_compression(tmp_path):
    """A graph whose filters have no links of their own loses up to every hit at 5 %, without an error."""
    vectors, facts = unit_vectors(12_000, DIM, seed=1), [_facts(number) for number in range(12_000)]
    ids = [str(number) for number in range(12_000)]
    index, reference = EdgeIndex.create(tmp_path / "edge", dim=DIM), ExactIndex(DIM)
    index.upsert(ids, vectors, facts)
    index.optimize()
    reference.upsert(ids, vectors, facts)
    for text in ("", "day_rate<=249", "country=FR", "country=FR and day_rate<=50"):
        where, queries = parse_where(text), unit_vectors(20, DIM, seed=2)
        pairs = zip(index.search(queries, k=50, where=where), reference.search(queries, k=50, where=where), strict=True)
        recalls = [len({hit.id for hit in one} & {hit.id for hit in other}) / 50 for one, other in pairs]
        assert np.mean(recalls) >= 0.99, text
    index.close()


def test_flushed_rows_are_there_for_many_readers_and_reading_changes_no_file(tmp_path):
    index = EdgeIndex.create(tmp_path / "edge", dim=DIM)
    index.upsert(["a", "b"], unit_vectors(2, DIM, seed=1), [Facts(), Facts()])
    index.flush()
    index.close()
    EdgeIndex.open(tmp_path / "edge", dim=DIM).close()  # once, for its journals
    before = {path: path.read_bytes() for path in (tmp_path / "edge").rglob("*") if path.is_file()}
    readers = [EdgeIndex.open(tmp_path / "edge", dim=DIM) for _ in range(2)]
    for reader in readers:
        assert len(reader) == 2
        assert reader.known(["a", "c"]) == {"a"}
        assert reader.known([]) == set()
    for reader in readers:
        reader.close()
    assert {path: path.read_bytes() for path in (tmp_path / "edge").rglob("*") if path.is_file()} == before


def test_what_a_killed_optimisation_left_is_taken_away(tmp_path):
    EdgeIndex.create(tmp_path / "edge", dim=DIM).close()
    (tmp_path / "edge" / "temp_segments" / "segment_builder_x").mkdir(parents=True)
    EdgeIndex.open(tmp_path / "edge", dim=DIM, clean=True).close()
    assert not (tmp_path / "edge" / "temp_segments").exists()


def test_an_index_is_not_begun_twice_nor_opened_where_there_is_none(tmp_path):
    index = EdgeIndex.create(tmp_path / "edge", dim=DIM)
    index.upsert(["a"], unit_vectors(1, DIM, seed=1), [Facts()])
    index.flush()
    with pytest.raises(VectorIndexError, match="edge"):
        EdgeIndex.create(tmp_path / "edge", dim=DIM)
    with pytest.raises(VectorIndexError, match="nowhere"):
        EdgeIndex.open(tmp_path / "nowhere", dim=DIM)
    (tmp_path / "file").write_text("x")
    with pytest.raises(VectorIndexError, match="file"):
        EdgeIndex.create(tmp_path / "file", dim=DIM)
    index.close()


@pytest.mark.parametrize("degrees", [0.001, 1.0, 60.0, 179.0])
def test_the_earth_is_as_large_as_in_the_reference(tmp_path, degrees):
    """Along the equator an arc is its angle times the radius; a millionth of a part decides."""
    index = EdgeIndex.create(tmp_path / "edge", dim=DIM)
    vector = unit_vectors(1, DIM, seed=1)
    index.upsert(["a"], vector, [Facts(latitude=0.0, longitude=degrees)])
    arc = float(np.radians(degrees)) * EARTH_RADIUS_KM
    assert index.search(vector, k=1, where=(Near(0.0, 0.0, arc * (1 + 1e-6)),))[0]
    assert not index.search(vector, k=1, where=(Near(0.0, 0.0, arc * (1 - 1e-6)),))[0]
    index.close()
