"""Vectors in PostgreSQL with pgvector: exact by default, a graph by option."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from metier.domain import Between, Condition, Facts, Hit, Near, OneOf, Unless, Where
from metier.errors import IndexMismatch, MetierError, MissingExtra, ServiceError, VectorIndexError
from metier.index.patience import with_patience
from metier.index.rows import check_rows, check_vectors
from metier.index.where import EARTH_RADIUS_KM, check_where
from metier.protocols import Floats

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

_Answer = TypeVar("_Answer")

_COLUMNS: Final = {  # the item, then its facts by the names of `Facts`; ids sort as Python sorts them
    "id": 'text COLLATE "C" PRIMARY KEY',
    "vector": "vector({dim}) NOT NULL",
    "country": "text",
    "latitude": "float8",
    "longitude": "float8",
    "day_rate": "float8",
    "languages": "text[] NOT NULL",
    "available_from": "date",
    "category": "text",
}
_TYPES: Final = ("text", "vector", "text", "float8", "float8", "float8", "text[]", "date", "text")
_INDEXED: Final = ("country", "latitude", "day_rate", "languages", "available_from", "category")
_BAND_MARGIN: Final = 1e-6  # degrees: rounding must not cut the band of latitudes short
_DISTANCE_KM: Final = (  # haversine, as in `where.py`, so that no index disagrees about a radius
    f"2 * {EARTH_RADIUS_KM} * asin(least(1, sqrt(power(sin(radians(latitude - %s) / 2), 2)"
    " + cos(radians(latitude)) * cos(radians(%s)) * power(sin(radians(longitude - %s) / 2), 2))))"
)
_SEARCH: Final = "SELECT id, -(vector <#> %s) FROM {table} WHERE {where} ORDER BY vector <#> %s, id LIMIT %s"


class PostgresIndex:
    """One table of vectors and facts. Every change is one transaction; several processes may read and write."""

    def __init__(
        self, dsn: str, *, dim: int, table: str = "profiles", graph: bool = False, patience_s: float = 5.0
    ) -> None:
        """Make the table if it is not there.

        Args:
            dsn: A connection string of PostgreSQL, such as `postgresql://user@host/database`.
            dim: The length of every vector.
            table: Its name.
            graph: Build an HNSW graph: faster on millions of rows, and no longer exact. An answer that the graph
                leaves short is looked up again without it.
            patience_s: How long to wait for a server that does not answer.

        Raises:
            MissingExtra: If psycopg or pgvector is not installed.
            ServiceError: If the server cannot be reached.
            IndexMismatch: If the table holds vectors of another dimension.
            VectorIndexError: If the server refuses, for example because it lacks pgvector.
        """
        try:
            import pgvector.psycopg  # noqa: F401  # is needed later
            import psycopg
        except ImportError as error:
            raise MissingExtra("index", "PostgreSQL") from error
        self._dsn, self._table, self._dim, self._graph = dsn, table, dim, graph
        self._patience_s = patience_s
        self._place = _place(dsn)
        self._connection: psycopg.Connection[Any] | None = None
        try:
            self._run(self._create)
        except MetierError:
            self.close()
            raise

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add items, or replace those that are there, in one transaction.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim), rows of unit length.
            facts: Of each item.

        Raises:
            VectorIndexError: If they cannot be held, or the server refuses; then nothing was changed.
            ServiceError: If the server does not answer.
        """
        check_rows(ids, vectors, facts, dim=self._dim)
        rows = list(zip(ids, vectors, facts, strict=True))
        self._run(lambda connection: self._write(connection, rows))

    def delete(self, ids: Sequence[str]) -> None:
        """Take items out; those that are not there are passed over.

        Args:
            ids: Any.

        Raises:
            ServiceError: If the server does not answer.
        """
        query = self._sql("DELETE FROM {table} WHERE id = ANY(%s)")
        self._run(lambda connection: connection.execute(query, [list(ids)]))

    def search(self, queries: Floats, *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` items closest to each query among those that pass the filter.

        Args:
            queries: float32 (n_queries, dim), rows of unit length.
            k: Hits per query; fewer if fewer items pass the filter.
            where: What every hit must fulfil; applied inside the search.

        Returns:
            One list per query, in order, by falling cosine; ties by id.

        Raises:
            IndexMismatch: If the queries are of another dimension.
            ConfigError: If the filter is not valid.
            ServiceError: If the server does not answer.
        """
        check_vectors(queries, dim=self._dim)
        check_where(where)
        return self._run(lambda connection: [self._find(connection, query, k=k, where=where) for query in queries])

    def __len__(self) -> int:
        """How many items there are."""
        query = self._sql("SELECT count(*) FROM {table}")
        row: Any = self._run(lambda connection: connection.execute(query).fetchone())
        return int(row[0])

    def close(self) -> None:
        """End the connection; the next call makes another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _create(self, connection: "psycopg.Connection[Any]") -> None:
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items()).format(dim=self._dim)
        connection.execute(self._sql(f"CREATE TABLE IF NOT EXISTS {{table}} ({columns})"))
        for column in _INDEXED:
            method = "gin" if column == "languages" else "btree"
            self._index(connection, column, definition=f"{method} ({column})")
        if self._graph:
            self._index(connection, "graph", definition="hnsw (vector vector_ip_ops)")
        query = "SELECT atttypmod FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'vector'"
        row = connection.execute(query, [self._sql("{table}").as_string(connection)]).fetchone()
        if row is None or row[0] != self._dim:
            held = row[0] if row else "no"
            raise IndexMismatch(
                f"The table {self._table} holds {held}-dimensional vectors, and {self._dim} dimensions were asked for; "
                "give another table, or the model that this one was filled with."
            )

    def _index(self, connection: "psycopg.Connection[Any]", name: str, *, definition: str) -> None:
        from psycopg.sql import SQL, Identifier

        query = SQL(f"CREATE INDEX IF NOT EXISTS {{index}} ON {{table}} USING {definition}")
        index = Identifier(f"{self._table}_{name}")
        connection.execute(query.format(index=index, table=Identifier(self._table)))

    def _write(self, connection: "psycopg.Connection[Any]", rows: Sequence[tuple[str, Floats, Facts]]) -> None:
        connection.execute(self._sql("CREATE TEMP TABLE coming (LIKE {table}) ON COMMIT DROP"))
        names = ", ".join(_COLUMNS)
        with connection.cursor().copy(f"COPY coming ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_TYPES)
            for item, vector, facts in rows:
                copy.write_row(_row(item, vector, facts))
        changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "id")
        query = f"INSERT INTO {{table}} ({names}) SELECT {names} FROM coming ON CONFLICT (id) DO UPDATE SET {changed}"
        connection.execute(self._sql(query))

    def _find(self, connection: "psycopg.Connection[Any]", query: Floats, *, k: int, where: Where) -> list[Hit]:
        conditions = [_condition(condition) for condition in where]
        text = " AND ".join(f"({text})" for text, _ in conditions) or "true"
        values = [value for _, given in conditions for value in given]
        statement = self._sql(_SEARCH.replace("{where}", text))
        vector = np.asarray(query, dtype=np.float32)
        self._allow_graph(connection, self._graph)
        rows = connection.execute(statement, [vector, *values, vector, k]).fetchall()
        if self._graph and len(rows) < k:  # a graph under a hard filter gives up early
            self._allow_graph(connection, False)
            rows = connection.execute(statement, [vector, *values, vector, k]).fetchall()
        return [Hit(item, float(cosine)) for item, cosine in rows]

    def _allow_graph(self, connection: "psycopg.Connection[Any]", allowed: bool) -> None:
        """Choose for this transaction; without the graph's order an index would only serve the filter."""
        if allowed:
            connection.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            connection.execute("SET LOCAL hnsw.ef_search = 200")
        connection.execute(f"SET LOCAL enable_indexscan = {'on' if allowed or not self._graph else 'off'}")

    def _sql(self, text: str) -> "Composed":
        from psycopg.sql import SQL, Identifier

        return SQL(text).format(table=Identifier(self._table))

    def _run(self, work: Callable[["psycopg.Connection[Any]"], _Answer]) -> _Answer:
        return with_patience(lambda: self._attempt(work), patience_s=self._patience_s)

    def _attempt(self, work: Callable[["psycopg.Connection[Any]"], _Answer]) -> _Answer:
        import psycopg

        try:
            connection = self._connected()
            with connection.transaction():
                return work(connection)
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            if self._connection is None or self._connection.closed:
                self._connection = None
                raise ServiceError(
                    f"PostgreSQL at {self._place} does not answer ({reason}); start it, or correct the address."
                ) from error
            raise VectorIndexError(f"PostgreSQL at {self._place} refused ({reason}); nothing was changed.") from error

    def _connected(self) -> "psycopg.Connection[Any]":
        import psycopg
        from pgvector.psycopg import register_vector

        if self._connection is None:
            connection = psycopg.connect(self._dsn, autocommit=True, connect_timeout=10)
            self._connection = connection
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            register_vector(connection)
        return self._connection


def _row(item: str, vector: Floats, facts: Facts) -> list[object]:
    """The values of the columns, in their order."""
    held = [getattr(facts, name) for name in _COLUMNS if name not in ("id", "vector")]
    return [item, np.asarray(vector, dtype=np.float32), *(list(v) if isinstance(v, tuple) else v for v in held)]


def _condition(condition: Condition) -> tuple[str, list[object]]:
    """Write a condition in SQL, with the values of its placeholders; a fact that is not known makes it NULL."""
    match condition:
        case Unless(inner):
            text, values = _condition(inner)
            return f"NOT coalesce({text}, false)", values
        case OneOf("languages", allowed):
            return "languages && %s::text[]", [list(allowed)]
        case OneOf(fact, allowed):
            return f"{fact} = ANY(%s::text[])", [list(allowed)]
        case Between(fact, low, high):
            bounds = [(sign, bound) for sign, bound in ((">=", low), ("<=", high)) if bound is not None]
            return " AND ".join(f"{fact} {sign} %s" for sign, _ in bounds), [bound for _, bound in bounds]
        case Near(latitude, longitude, radius_km):
            half = math.degrees(radius_km / EARTH_RADIUS_KM) + _BAND_MARGIN
            values = [latitude - half, latitude + half, latitude, latitude, longitude, radius_km]
            return f"latitude BETWEEN %s AND %s AND {_DISTANCE_KM} <= %s", values


def _place(dsn: str) -> str:
    """Where the server is, without the password."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error as error:
        raise ServiceError("The connection string of PostgreSQL cannot be read; see its `libpq` manual.") from error
    return f"{parts.get('host', 'the local socket')}, database {parts.get('dbname', 'of the user')}"
