"""Qdrant Edge: an embedded index whose rows live in files (extra `index`).

Without a graph (`m=0`): compressed vectors are compared one by one and the best are compared again in float32. A
graph is faster without a filter and can lose every hit with one, without an error.

Edge holds Python's lock while it works, and its folder takes one writing process; `generations` is built around both.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from metier.domain import Between, Condition, Facts, Hit, Near, OneOf, Unless, Where
from metier.errors import IndexMismatch, MissingExtra, VectorIndexError
from metier.index.columns import as_number
from metier.index.payload import FIELDS, PLACE, pack_payload, point_id
from metier.index.rows import check_rows, check_vectors
from metier.index.where import check_where
from metier.protocols import Floats

if TYPE_CHECKING:
    from types import ModuleType

BATCH_ROWS: Final = 500  # written at once: Python stands still for 30 ms
_QUERY_BLOCK: Final = 64  # queries answered at once
_OVERSAMPLING: Final = 3.0  # candidates compared again, per hit; fewer lose hits (measured)
_LEAST_CANDIDATES: Final = 128  # however few hits are asked for
_READ_BYTES: Final = 2**22
_RADIUS_MARGIN_M: Final = 1e-6  # Edge leaves out the circle itself


class EdgeIndex:
    """One shard on disk. Changes are safe once `flush` has returned."""

    def __init__(self, shard: Any, *, dim: int) -> None:  # noqa: ANN401 - a class of the extra
        """Wrap an open shard; `create` and `open` are what callers want.

        Args:
            shard: An `EdgeShard`.
            dim: The length of every vector.
        """
        self._shard = shard
        self._dim = dim

    @classmethod
    def create(cls, folder: Path, *, dim: int) -> Self:
        """Begin an empty index.

        Args:
            folder: Where it goes; there must be no index yet.
            dim: The length of every vector.

        Returns:
            The index, open for writing.

        Raises:
            VectorIndexError: If the folder cannot be written, or holds an index.
            MissingExtra: If Qdrant Edge is not installed.
        """
        edge = _edge()
        with _translated(folder):
            folder.mkdir(parents=True, exist_ok=True)
            shard = edge.EdgeShard.create(str(folder), _config(edge, dim))
            for field, kind in FIELDS.items():
                shard.update(edge.UpdateOperation.create_field_index(field, _field_index(edge, kind)))
        return cls(shard, dim=dim)

    @classmethod
    def open(cls, folder: Path, *, dim: int, clean: bool = False) -> Self:
        """Open an index that is there.

        Many processes may read one folder together, while none writes to it. Edge opens the files for writing even
        then, and leaves them as they are.

        Args:
            folder: As it was given to `create`.
            dim: The length of its vectors.
            clean: Take away what an optimisation that was killed has left; only for the one process that writes.

        Returns:
            The index.

        Raises:
            VectorIndexError: If it cannot be read.
            MissingExtra: If Qdrant Edge is not installed.
        """
        edge = _edge()
        with _translated(folder):
            if clean:
                rmtree(folder / "temp_segments", ignore_errors=True)
            _read_ahead(folder)
            return cls(edge.EdgeShard.load(str(folder)), dim=dim)

    def close(self) -> None:
        """Write what is not yet written, and let go of the files."""
        with _translated():
            self._shard.close()

    def flush(self) -> None:
        """Make all changes safe."""
        with _translated():
            self._shard.flush()

    def optimize(self) -> None:
        """Compress what was added; everything else in this process stands still meanwhile."""
        with _translated():
            self._shard.optimize()

    def __len__(self) -> int:
        """How many items there are."""
        with _translated():
            return int(self._shard.count(_edge().CountRequest(exact=True)))

    def known(self, ids: Sequence[str]) -> set[str]:
        """Say which of some ids are there.

        Args:
            ids: Any.

        Returns:
            Those that are there.
        """
        points = {point_id(item): item for item in ids}
        with _translated():
            records = self._shard.retrieve(list(points), with_payload=False, with_vector=False)
        return {points[str(record.id)] for record in records}

    def vectors(self, ids: Sequence[str]) -> Floats:
        """Give back vectors.

        Args:
            ids: Of items that are there.

        Returns:
            float32 (n_ids, dim), in order.

        Raises:
            VectorIndexError: If one is not there, or the index cannot be read.
        """
        points = [point_id(item) for item in ids]
        with _translated():
            records = self._shard.retrieve(points, with_payload=False, with_vector=True)
        held = {str(record.id): record.vector for record in records}
        missing = next((item for item, point in zip(ids, points, strict=True) if point not in held), None)
        if missing is not None:
            raise VectorIndexError(f"The index does not hold '{missing}'; build it again from its documents.")
        return np.array([held[point] for point in points], dtype=np.float32).reshape(len(ids), self._dim)

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add items, or replace those that are there.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim), rows of unit length.
            facts: Of each item.

        Raises:
            VectorIndexError: If they cannot be held, or not be written.
        """
        check_rows(ids, vectors, facts, dim=self._dim)
        edge = _edge()
        for start in range(0, len(ids), BATCH_ROWS):
            here = slice(start, start + BATCH_ROWS)
            points = [
                edge.Point(id=point_id(item), vector=vector, payload=pack_payload(item, known))
                for item, vector, known in zip(ids[here], vectors[here].tolist(), facts[here], strict=True)
            ]
            with _translated():
                self._shard.update(edge.UpdateOperation.upsert_points(points))

    def delete(self, ids: Sequence[str]) -> None:
        """Take items out.

        Args:
            ids: Those that are not there are passed over.

        Raises:
            VectorIndexError: If the index cannot be written.
        """
        with _translated():
            self._shard.update(_edge().UpdateOperation.delete_points([point_id(item) for item in ids]))

    def search(self, queries: Floats, *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` items closest to each query among those that pass the filter.

        Args:
            queries: float32 (n_queries, dim), rows of unit length.
            k: Hits per query; fewer if fewer items pass the filter.
            where: What every hit must fulfil.

        Returns:
            One list per query, in order, by falling cosine; ties by id.

        Raises:
            ConfigError: If the filter is not valid.
            IndexMismatch: If the queries are of another dimension.
            VectorIndexError: If the index cannot be read.
        """
        check_where(where)
        check_vectors(queries, dim=self._dim)
        edge = _edge()
        passing = _compile(edge, where)
        hits: list[list[Hit]] = []
        for start in range(0, len(queries) if k > 0 else 0, _QUERY_BLOCK):
            requests = [_request(edge, query, k, passing) for query in queries[start : start + _QUERY_BLOCK].tolist()]
            with _translated():
                found = self._shard.query_batch(edge.QueryBatchRequest(requests))
            hits += [_hits(points) for points in found]
        return hits or [[] for _ in queries]


def _edge() -> "ModuleType":
    try:
        import qdrant_edge
    except ImportError as error:
        raise MissingExtra("index", "The embedded index") from error
    return qdrant_edge


def _read_ahead(folder: Path) -> None:
    """Have the system read the compressed vectors at once: Edge would have it read them 4 kB at a time, for minutes."""
    for path in folder.glob("segments/*/vector_storage/quantized.data"):
        with path.open("rb", buffering=0) as stream:
            while stream.read(_READ_BYTES):
                pass


def _config(edge: Any, dim: int) -> Any:  # noqa: ANN401
    """Vectors and texts in files that the system may cache: what they take of the memory can be given up."""
    cached = edge.Memory.Cached
    return edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(size=dim, distance=edge.Distance.Dot, memory=cached),
        hnsw_config=edge.HnswIndexConfig(m=0, ef_construct=16, full_scan_threshold=10_000),
        quantization_config=edge.TurboQuantQuantizationConfig(bits=edge.TurboQuantBitSize.Bits4, memory=cached),
        payload_memory=cached,
        wal_enabled=False,
    )


def _field_index(edge: Any, kind: str) -> Any:  # noqa: ANN401
    """Fields that every row may be asked about are held in memory: 0.2 kB a row, and twice as fast."""
    makers = {
        "keyword": (edge.KeywordIndexParams, edge.Memory.Pinned),
        "float": (edge.FloatIndexParams, edge.Memory.Pinned),
        "integer": (edge.IntegerIndexParams, edge.Memory.Cached),
        "geo": (edge.GeoIndexParams, edge.Memory.Cached),
    }
    maker, memory = makers[kind]
    return maker(memory=memory, enable_hnsw=False)


def _request(edge: Any, query: list[float], k: int, passing: Any) -> Any:  # noqa: ANN401
    oversampling = max(_OVERSAMPLING, _LEAST_CANDIDATES / k)
    rescored = edge.QuantizationSearchParams(rescore=True, oversampling=oversampling)
    return edge.QueryRequest(
        limit=k,
        query=edge.Query.Nearest(query),
        filter=passing,
        with_payload=["id"],
        params=edge.SearchParams(quantization=rescored),
    )


def _hits(points: Sequence[Any]) -> list[Hit]:
    hits = [Hit(point.payload["id"], point.score) for point in points]
    return sorted(hits, key=lambda hit: (-hit.similarity, hit.id))


def _compile(edge: Any, where: Where) -> Any:  # noqa: ANN401
    return edge.Filter(must=[_condition(edge, condition) for condition in where]) if where else None


def _condition(edge: Any, condition: Condition) -> Any:  # noqa: ANN401
    match condition:
        case Unless(inner):
            return edge.Filter(must_not=[_condition(edge, inner)])
        case OneOf("id", values):
            return edge.HasIdCondition({point_id(value) for value in values})
        case OneOf(fact, values):
            return edge.FieldCondition(fact, match=edge.MatchAny(list(values)))
        case Between(fact, low, high):
            lowest, highest = (None if bound is None else as_number(bound) for bound in (low, high))
            return edge.FieldCondition(fact, range=edge.RangeFloat(gte=lowest, lte=highest))
        case Near(latitude, longitude, radius_km):
            center = edge.GeoPoint(lon=longitude, lat=latitude)
            circle = edge.GeoRadius(center, radius=radius_km * 1000 + _RADIUS_MARGIN_M)
            return edge.FieldCondition(PLACE, geo_radius=circle)


@contextmanager
def _translated(folder: Path | None = None) -> Iterator[None]:
    """Say in our words what Edge says in its own; it raises plain `Exception` and nothing narrower."""
    try:
        yield
    except OSError as error:
        raise VectorIndexError(f"{folder} cannot be used ({error.strerror}); check the path and the disk.") from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        if "dimension" in str(error):
            raise IndexMismatch(f"The index is of another dimension ({error}); build it again.") from error
        place = f" in {folder}" if folder else ""
        raise VectorIndexError(f"Qdrant Edge failed{place}: {error}.") from error
