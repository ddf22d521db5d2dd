"""What every index of vectors keeps to; the exact one is the reference."""

import atexit
import random
import shutil
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from index_rows import random_facts, random_where, unit_vectors

from metier.domain import Facts, OneOf
from metier.errors import ConfigError, IndexMismatch, VectorIndexError
from metier.index.edge import EdgeIndex
from metier.index.exact import ExactIndex
from metier.index.generations import GenerationsWriter, build_generation
from metier.index.sparse_copy import copy_sparse
from metier.index.where import parse_where, passes

DIM = 32
N_FILTERS = 300
_ROUNDING = 3e-6


@contextmanager
def _exact(folder):
    yield ExactIndex(DIM)


@contextmanager
def _edge(folder):
    pytest.importorskip("qdrant_edge")
    index = EdgeIndex.create(folder / "edge", dim=DIM)
    yield index
    index.close()


@contextmanager
def _generations(folder):
    pytest.importorskip("qdrant_edge")
    shutil.copytree(_empty_generation(), folder / "index", copy_function=copy_sparse)
    with GenerationsWriter(folder / "index") as writer:
        yield writer


@cache
def _empty_generation():
    """Built once: it takes a process of its own."""
    folder = Path(tempfile.mkdtemp()) / "index"
    build_generation(folder, [], encoder_version="fake@1", dim=DIM)
    atexit.register(shutil.rmtree, folder.parent)
    return folder


@contextmanager
def _qdrant(folder):
    pytest.importorskip("qdrant_client")
    from metier.index.qdrant import MEMORY, QdrantIndex

    index = QdrantIndex(MEMORY, dim=DIM)
    yield index
    index.close()


@contextmanager
def _postgres(folder):
    from servers import running_postgres

    from metier.index.postgres import PostgresIndex

    index = PostgresIndex(running_postgres().dsn, dim=DIM, table=folder.name)
    yield index
    index._run(lambda connection: connection.execute(index._sql("DROP TABLE {table}")))
    index.close()


# To test another one: a context manager that takes an empty folder and gives an empty index of `DIM` numbers.
ENGINES = [_exact, _edge, _generations, _qdrant, _postgres]
# What each does when its rows have settled; others do nothing.
SETTLED = {EdgeIndex: EdgeIndex.optimize, GenerationsWriter: GenerationsWriter.compact}


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.__name__.strip("_"))
def index(request, tmp_path):
    with request.param(tmp_path) as made:
        yield made


class _Rows:
    """What an index should hold, and the reference over it."""

    def __init__(self, n_rows):
        numbers = random.Random(5)
        self.vectors = dict(zip((f"p{i} é👍" for i in range(n_rows)), unit_vectors(n_rows, DIM, seed=5), strict=True))
        self.facts = {item: random_facts(numbers) for item in self.vectors}

    def arrays(self, ids):
        return ids, np.stack([self.vectors[item] for item in ids]), [self.facts[item] for item in ids]

    def fill(self, index):
        """Put all in, let them settle, change some, take some out."""
        ids = list(self.vectors)
        first, changed, gone = ids[: len(ids) * 4 // 5], ids[100:160], ids[::7]
        index.upsert(first, *self.arrays(first[::-1])[1:])  # with the vectors and facts of others
        SETTLED.get(type(index), lambda _: None)(index)
        index.upsert(*self.arrays([item for item in ids if item not in changed]))
        index.upsert(*self.arrays(changed))
        index.delete([*gone, "nobody"])
        for item in gone:
            del self.vectors[item], self.facts[item]


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__.strip("_"))
def filled(request, tmp_path_factory):
    rows = _Rows(1500)
    with request.param(tmp_path_factory.mktemp("engine")) as index:
        rows.fill(index)
        reference = ExactIndex(DIM)
        reference.upsert(*rows.arrays(list(rows.vectors)))
        yield index, rows, reference


def test_every_filter_gives_the_hits_of_the_exact_index(filled):
    index, rows, reference = filled
    numbers, recalls = random.Random(11), []
    queries = unit_vectors(N_FILTERS, DIM, seed=6)
    for query in queries:
        where, k = random_where(numbers, ids=list(rows.vectors)), numbers.choice((1, 10, 100))
        found, expected = (
            index.search(query[None], k=k, where=where)[0],
            reference.search(query[None], k=k, where=where)[0],
        )
        assert all(passes(rows.facts[hit.id], hit.id, where) for hit in found), where
        assert len(found) == len(expected), where  # a graph without links loses hits here, and says nothing
        assert len({hit.id for hit in found}) == len(found)
        for hit in found:
            assert hit.similarity == pytest.approx(rows.vectors[hit.id] @ query, abs=_ROUNDING)
        least = expected[-1].similarity - _ROUNDING if expected else 0
        recalls.append(sum(hit.similarity >= least for hit in found) / len(found) if found else 1)
    assert np.mean(recalls) >= 0.999
    assert min(recalls) >= 0.9


def test_the_reference_passes_what_passes(filled):
    index, rows, _ = filled
    numbers = random.Random(12)
    for query in unit_vectors(60, DIM, seed=7):
        where = random_where(numbers, ids=list(rows.vectors))
        found = {hit.id for hit in index.search(query[None], k=len(rows.vectors) + 5, where=where)[0]}
        assert found == {item for item, facts in rows.facts.items() if passes(facts, item, where)}, where


def test_hits_fall_and_ties_keep_the_order_of_ids(filled):
    index, _, _ = filled
    for hits in index.search(unit_vectors(20, DIM, seed=8), k=200):
        assert [(-hit.similarity, hit.id) for hit in hits] == sorted((-hit.similarity, hit.id) for hit in hits)


def test_batch_and_order_change_nothing(filled):
    index, _, _ = filled
    queries = unit_vectors(70, DIM, seed=9)
    together = index.search(queries, k=5)
    assert [index.search(query[None], k=5)[0] for query in queries] == together
    assert index.search(queries[::-1], k=5) == together[::-1]


def test_it_counts_what_is_there(filled):
    index, rows, _ = filled
    assert len(index) == len(rows.vectors)


def test_an_item_finds_itself_with_its_own_facts(filled):
    index, rows, _ = filled
    for item in list(rows.vectors)[:40]:
        hit = index.search(rows.vectors[item][None], k=1, where=(OneOf("id", (item,)),))[0][0]
        assert hit.id == item
        assert hit.similarity == pytest.approx(1, abs=1e-5)


def test_an_empty_index_has_no_hit(index):
    assert len(index) == 0
    assert index.search(unit_vectors(2, DIM, seed=1), k=3) == [[], []]
    assert index.search(unit_vectors(1, DIM, seed=1), k=3, where=parse_where("country!=FR")) == [[]]


def test_no_query_has_no_answer_and_k_may_be_zero(index):
    index.upsert(["a"], unit_vectors(1, DIM, seed=1), [Facts()])
    assert index.search(np.zeros((0, DIM), np.float32), k=3) == []
    assert index.search(unit_vectors(2, DIM, seed=1), k=0) == [[], []]


def test_one_item_is_found_replaced_and_taken_out(index):
    one, other = unit_vectors(2, DIM, seed=2)
    index.upsert(["é 👍"], one[None], [Facts(country="FR", category="データ")])
    assert [hit.id for hit in index.search(one[None], k=9, where=parse_where("category=データ"))[0]] == ["é 👍"]
    index.upsert(["é 👍"], other[None], [Facts(country="BE")])
    assert len(index) == 1
    assert index.search(one[None], k=9, where=parse_where("country=FR")) == [[]]
    assert index.search(one[None], k=9, where=parse_where("category=データ")) == [[]]
    assert index.search(other[None], k=9)[0][0].similarity == pytest.approx(1, abs=1e-5)
    index.delete(["é 👍", "nobody"])
    assert len(index) == 0
    assert index.search(other[None], k=9) == [[]]
    index.upsert(["é 👍"], one[None], [Facts()])
    assert len(index) == 1


def test_nothing_may_be_put_in_and_nothing_taken_out(index):
    index.upsert([], np.zeros((0, DIM), np.float32), [])
    index.delete([])
    assert len(index) == 0


def test_equal_vectors_come_by_id(index):
    vector = unit_vectors(1, DIM, seed=3)
    index.upsert(["b", "a", "é", "c"], np.repeat(vector, 4, axis=0), [Facts()] * 4)
    assert [hit.id for hit in index.search(vector, k=9)[0]] == ["a", "b", "c", "é"]


def test_a_vector_of_zeros_is_held_with_similarity_zero(index):
    index.upsert(["empty"], np.zeros((1, DIM), np.float32), [Facts()])
    (hit,) = index.search(unit_vectors(1, DIM, seed=4), k=1)[0]
    assert (hit.id, hit.similarity) == ("empty", pytest.approx(0, abs=1e-7))


def test_what_is_not_known_passes_only_a_negation(index):
    vector = unit_vectors(1, DIM, seed=5)
    index.upsert(["a"], vector, [Facts()])
    for text in ("country=FR", "category=x", "languages=fr", "day_rate>=0", "available_from>=2000-01-01"):
        assert index.search(vector, k=1, where=parse_where(text)) == [[]]
        assert len(index.search(vector, k=1, where=parse_where(f"not {text}"))[0]) == 1
    assert index.search(vector, k=1, where=parse_where("within 20100 km of 0,0")) == [[]]


def test_a_radius_holds_its_circle_and_no_more(index):
    """One degree of longitude on the equator is 6371.0088 * pi / 180 = 111.195 km."""
    vector = unit_vectors(1, DIM, seed=5)
    index.upsert(["a"], vector, [Facts(latitude=0.0, longitude=1.0)])
    for text, expected in (
        ("within 111.1949 km of 0,0", 0),
        ("within 111.1951 km of 0,0", 1),
        ("within 0 km of 0,1", 1),
    ):
        assert len(index.search(vector, k=1, where=parse_where(text))[0]) == expected, text


def test_bounds_are_included(index):
    vector = unit_vectors(1, DIM, seed=5)
    day = parse_where("available_from=2026-12-01")[0].low
    index.upsert(["a"], vector, [Facts(day_rate=450.0, available_from=day)])
    for text in ("day_rate<=450", "day_rate>=450", "available_from<=2026-12-01", "available_from>=2026-12-01"):
        assert len(index.search(vector, k=1, where=parse_where(text))[0]) == 1, text
    for text in ("day_rate<=449.99", "day_rate>=450.01", "available_from<=2026-11-30", "available_from>=2026-12-02"):
        assert index.search(vector, k=1, where=parse_where(text)) == [[]], text


def test_what_cannot_be_held_is_refused_and_nothing_is_changed(index):
    one = unit_vectors(1, DIM, seed=6)
    index.upsert(["a"], one, [Facts()])
    with pytest.raises(IndexMismatch, match="32"):
        index.upsert(["b"], np.zeros((1, DIM + 1), np.float32), [Facts()])
    with pytest.raises(VectorIndexError, match="finite"):
        index.upsert(["b"], one * np.nan, [Facts()])
    with pytest.raises(VectorIndexError, match="latitude of 'b' is 91"):
        index.upsert(["b"], one, [Facts(latitude=91.0, longitude=0.0)])
    with pytest.raises(VectorIndexError, match="twice"):
        index.upsert(["b", "b"], np.repeat(one, 2, axis=0), [Facts(), Facts()])
    assert len(index) == 1


def test_bad_queries_and_filters_are_refused(index):
    with pytest.raises(IndexMismatch, match="32"):
        index.search(np.zeros((1, DIM - 1), np.float32), k=1)
    with pytest.raises(ConfigError, match="country"):
        index.search(unit_vectors(1, DIM, seed=7), k=1, where=(OneOf("town", ("Lyon",)),))
