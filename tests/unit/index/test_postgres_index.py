"""What only PostgreSQL does; what every index does is in `contract/test_vector_index.py`."""

import secrets
from datetime import date

import numpy as np
import pytest

from metier.domain import Between, Facts, Hit, Near, OneOf, Unless
from metier.errors import IndexMismatch, ServiceError, VectorIndexError
from metier.index.postgres import PostgresIndex


def _table() -> str:
    return f"t{secrets.token_hex(6)}"


def _unit(*rows):
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_items_are_there_for_another_connection(postgres):
    table = _table()
    index = PostgresIndex(postgres.dsn, dim=2, table=table)
    index.upsert(["a", "é💡"], _unit([3, 4], [1, 0]), [Facts(), Facts(country="FR")])
    other = PostgresIndex(postgres.dsn, dim=2, table=table)
    # cos((3,4),(1,0)) = 3/5
    assert other.search(_unit([1, 0]), k=5) == [[Hit("é💡", 1.0), Hit("a", pytest.approx(0.6))]]
    index.close()
    other.close()


def test_restart_of_the_server_breaks_one_call_and_nothing_else(postgres):
    index = PostgresIndex(postgres.dsn, dim=2, table=_table(), patience_s=0.3)
    index.upsert(["a"], _unit([1, 0]), [Facts()])
    postgres.stop()
    try:
        with pytest.raises(ServiceError, match=r"does not answer.*start it"):
            index.upsert(["b"], _unit([0, 1]), [Facts()])
    finally:
        postgres.start()
    assert len(index) == 1
    index.upsert(["b"], _unit([0, 1]), [Facts()])
    assert [hit.id for hit in index.search(_unit([1, 0]), k=2)[0]] == ["a", "b"]
    index.close()


def test_restart_while_nobody_asks_goes_unnoticed(postgres):
    index = PostgresIndex(postgres.dsn, dim=2, table=_table())
    index.upsert(["a"], _unit([1, 0]), [Facts()])
    postgres.stop()
    postgres.start()
    assert len(index) == 1
    index.close()


def test_server_that_is_not_there_is_named_without_its_password():
    pytest.importorskip("psycopg", reason="the extra 'index' is not installed")
    with pytest.raises(ServiceError, match="localhost") as caught:
        PostgresIndex("postgresql://me:secret@localhost:9/db", dim=2, patience_s=0)
    assert "secret" not in str(caught.value)


def test_table_of_another_dimension_is_refused(postgres):
    table = _table()
    PostgresIndex(postgres.dsn, dim=2, table=table).close()
    with pytest.raises(IndexMismatch, match="2-dimensional"):
        PostgresIndex(postgres.dsn, dim=3, table=table)


def test_what_the_server_refuses_changes_nothing(postgres):
    index = PostgresIndex(postgres.dsn, dim=2, table=_table())
    with pytest.raises(VectorIndexError, match="refused"):
        index.upsert(["good", "nul\0"], _unit([1, 0], [0, 1]), [Facts(), Facts()])
    assert len(index) == 0
    index.close()


def test_table_may_have_any_name(postgres):
    index = PostgresIndex(postgres.dsn, dim=2, table=f'x"; DROP TABLE y -- {_table()}')
    index.upsert(["a"], _unit([1, 0]), [Facts()])
    assert len(index) == 1
    index.close()


@pytest.mark.parametrize(
    "where",
    [
        (),
        (OneOf("country", ("FR",)),),
        (Unless(OneOf("country", ("FR",))), Between("day_rate", 100.0, 500.0)),
        (Near(48.85, 2.35, 500.0), OneOf("languages", ("fr", "de"))),
        (Between("available_from", None, date(2026, 6, 1)), Unless(OneOf("id", ("p1", "p2")))),
    ],
)
def test_graph_answers_as_many_as_the_exact_scan_under_a_filter(postgres, where):
    draw = np.random.default_rng(5)
    ids = [f"p{number}" for number in range(300)]
    vectors = _unit(*draw.normal(size=(300, 8)))
    facts = [
        Facts(
            country=draw.choice(["FR", "DE", None]),
            latitude=float(draw.uniform(40, 55)),
            longitude=float(draw.uniform(-5, 15)),
            day_rate=float(draw.uniform(50, 900)),
            languages=tuple(draw.choice(["fr", "de", "en"], size=2, replace=False)),
            available_from=date.fromordinal(int(draw.integers(739700, 740200))),
        )
        for _ in ids
    ]
    exact = PostgresIndex(postgres.dsn, dim=8, table=_table())
    graph = PostgresIndex(postgres.dsn, dim=8, table=_table(), graph=True)
    for index in (exact, graph):
        index.upsert(ids, vectors, facts)
    queries = _unit(*draw.normal(size=(5, 8)))
    answers = (index.search(queries, k=20, where=where) for index in (exact, graph))
    for wanted, found in zip(*answers, strict=True):
        assert len(found) == len(wanted) > 0
        shared = {hit.id for hit in wanted} & {hit.id for hit in found}
        assert len(shared) >= 0.9 * len(wanted)
    exact.close()
    graph.close()
