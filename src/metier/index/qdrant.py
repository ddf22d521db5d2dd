"""Vectors on a Qdrant server or cluster: every vector is compared, in int8 first and then in full."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from metier.domain import Between, Condition, Facts, Hit, Near, OneOf, Unless, Where
from metier.errors import IndexMismatch, MissingExtra, ServiceError, VectorIndexError
from metier.index.columns import as_number
from metier.index.patience import with_patience
from metier.index.payload import FIELDS, PLACE, pack_payload, point_id
from metier.index.rows import check_rows, check_vectors
from metier.index.where import check_where
from metier.protocols import Floats

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

_Answer = TypeVar("_Answer")

MEMORY: Final = ":memory:"  # no server: the client's own imitation, for tests
_BATCH: Final = 500  # points per request: about 5 MB of JSON at 384 dimensions
_RESCORED: Final = 1.5  # candidates per hit that int8 puts forward; recall@100 was 1.000 (200,000 x 384)
_RADIUS_MARGIN_M: Final = 1e-6  # the circle itself is left out by Qdrant
_FIRST_SERVER_ERROR: Final = 500


class QdrantIndex:
    """One collection. Every write is on disk on `write_consistency_factor` replicas before it is acknowledged."""

    def __init__(
        self,
        location: str,
        *,
        dim: int,
        collection: str = "profiles",
        api_key: str | None = None,
        shard_number: int | None = None,
        replication_factor: int | None = None,
        write_consistency_factor: int | None = None,
        on_disk: bool = True,
        patience_s: float = 10.0,
    ) -> None:
        """Make the collection if it is not there.

        Args:
            location: The server's address, such as `http://localhost:6333`, or `:memory:`.
            dim: The length of every vector.
            collection: Its name.
            api_key: Of the server, if it asks for one.
            shard_number: Parts that a new collection is spread over; None: one per node.
            replication_factor: Copies of each part of a new collection; None: the server's default.
            write_consistency_factor: Copies that must have a write before it is acknowledged; None: the same.
            on_disk: Keep the full vectors of a new collection on disk, and only the int8 ones in memory.
            patience_s: How long to wait for a server that does not answer.

        Raises:
            MissingExtra: If qdrant-client is not installed.
            ServiceError: If the server cannot be reached.
            IndexMismatch: If the collection holds vectors of another dimension.
            VectorIndexError: If the server refuses.
        """
        try:
            from qdrant_client import QdrantClient
        except ImportError as error:
            raise MissingExtra("index", "a Qdrant server") from error
        self._location, self._collection, self._dim = location, collection, dim
        self._patience_s = patience_s
        self._client = QdrantClient(location, api_key=api_key, check_compatibility=False)
        if not self._run(lambda client: client.collection_exists(collection)):
            settings = _settings(dim, on_disk=on_disk)
            self._run(
                lambda client: client.create_collection(
                    collection,
                    shard_number=shard_number,
                    replication_factor=replication_factor,
                    write_consistency_factor=write_consistency_factor,
                    **settings,
                )
            )
            self._index_facts()
        self._check_collection()

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add items, or replace those that are there; each batch of 500 is acknowledged by the server.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim), rows of unit length.
            facts: Of each item.

        Raises:
            VectorIndexError: If they cannot be held, or the server refuses.
            ServiceError: If the server does not answer; the batches before it are there, and the call may be repeated.
        """
        from qdrant_client.models import PointStruct

        check_rows(ids, vectors, facts, dim=self._dim)
        for start in range(0, len(ids), _BATCH):
            rows = range(start, min(start + _BATCH, len(ids)))
            points = [
                PointStruct(id=point_id(ids[i]), vector=vectors[i].tolist(), payload=pack_payload(ids[i], facts[i]))
                for i in rows
            ]
            self._run(partial(_upsert, collection=self._collection, points=points))

    def delete(self, ids: Sequence[str]) -> None:
        """Take items out; those that are not there are passed over.

        Args:
            ids: Any.

        Raises:
            ServiceError: If the server does not answer.
        """
        from qdrant_client.models import PointIdsList

        if ids:
            points = PointIdsList(points=[point_id(item) for item in ids])
            self._run(lambda client: client.delete(self._collection, points, wait=True))

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
        if k < 1 or not len(queries):
            return [[] for _ in queries]
        found = self._find(queries, limit=k + 1, where=where)
        return [self._cut(query, hits, k=k, where=where) for query, hits in zip(queries, found, strict=True)]

    def __len__(self) -> int:
        """How many items there are."""
        return int(self._run(lambda client: client.count(self._collection, exact=True).count))

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def _find(self, queries: Floats, *, limit: int, where: Where) -> list[list[Hit]]:
        from qdrant_client.models import QuantizationSearchParams, QueryRequest, SearchParams

        params = SearchParams(quantization=QuantizationSearchParams(rescore=True, oversampling=_RESCORED))
        requests = [
            QueryRequest(
                query=query.tolist(),
                filter=to_filter(where),
                params=None if self._location == MEMORY else params,  # the imitation always compares in full
                limit=limit,
                with_payload=["id"],
            )
            for query in queries
        ]
        answers = self._run(lambda client: client.query_batch_points(self._collection, requests))
        return [[Hit((point.payload or {})["id"], point.score) for point in answer.points] for answer in answers]

    def _cut(self, query: Floats, hits: list[Hit], *, k: int, where: Where) -> list[Hit]:
        """Keep the best `k`; where more items tie with the last of them than were fetched, fetch those too."""
        limit = k + 1
        while len(hits) == limit and hits[-1].similarity == hits[k - 1].similarity:
            limit *= 2
            hits = self._find(query[None], limit=limit, where=where)[0]
        return sorted(hits, key=lambda hit: (-hit.similarity, hit.id))[:k]

    def _index_facts(self) -> None:
        from qdrant_client.models import PayloadSchemaType

        if self._location == MEMORY:
            return  # it has no indexes
        for field, kind in FIELDS.items():
            self._run(partial(_index_field, collection=self._collection, field=field, schema=PayloadSchemaType(kind)))

    def _check_collection(self) -> None:
        vectors: Any = self._run(lambda client: client.get_collection(self._collection)).config.params.vectors
        held = getattr(vectors, "size", None)
        if held != self._dim:
            raise IndexMismatch(
                f"The collection {self._collection} at {self._location} holds vectors of {held} numbers, and "
                f"{self._dim} were asked for; give another collection, or the model that this one was filled with."
            )

    def _run(self, work: "Callable[[QdrantClient], _Answer]") -> _Answer:
        return with_patience(lambda: self._attempt(work), patience_s=self._patience_s)

    def _attempt(self, work: "Callable[[QdrantClient], _Answer]") -> _Answer:
        from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

        try:
            return work(self._client)
        except ResponseHandlingException as error:
            raise ServiceError(
                f"Qdrant at {self._location} does not answer ({error}); start it, or correct the address."
            ) from error
        except UnexpectedResponse as error:
            reason = " ".join(str(error).split())
            if (error.status_code or 0) >= _FIRST_SERVER_ERROR:
                raise ServiceError(f"Qdrant at {self._location} failed ({reason}); see its log, and repeat.") from error
            raise VectorIndexError(f"Qdrant at {self._location} refused ({reason}).") from error


def to_filter(where: Where) -> "models.Filter | None":
    """Write a filter as Qdrant reads it.

    Args:
        where: A valid filter.

    Returns:
        The same filter; None where everything passes.
    """
    from qdrant_client.models import Filter

    if not where:
        return None
    must = [_condition(condition) for condition in where if not isinstance(condition, Unless)]
    must_not = [_condition(condition.condition) for condition in where if isinstance(condition, Unless)]
    return Filter(must=must, must_not=must_not)


def _condition(condition: Condition) -> "models.Condition":
    from qdrant_client.models import FieldCondition, GeoPoint, GeoRadius, HasIdCondition, MatchAny, Range

    match condition:
        case OneOf("id", values):
            return HasIdCondition(has_id=[point_id(item) for item in values])
        case OneOf(fact, values):
            return FieldCondition(key=fact, match=MatchAny(any=list(values)))
        case Between(fact, low, high):
            return FieldCondition(key=fact, range=Range(gte=_bound(low), lte=_bound(high)))
        case Near(latitude, longitude, radius_km):
            circle = GeoRadius(center=GeoPoint(lat=latitude, lon=longitude), radius=1000 * radius_km + _RADIUS_MARGIN_M)
            return FieldCondition(key=PLACE, geo_radius=circle)
        case Unless():
            raise TypeError(condition)  # `check_where` lets no condition be negated twice


def _settings(dim: int, *, on_disk: bool) -> dict[str, Any]:
    """A collection without a graph: under a filter a graph may lose everything and say nothing."""
    from qdrant_client import models

    int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
    return {
        "vectors_config": models.VectorParams(size=dim, distance=models.Distance.DOT, on_disk=on_disk),
        "hnsw_config": models.HnswConfigDiff(m=0),
        "quantization_config": models.ScalarQuantization(scalar=int8),
    }


def _bound(bound: float | date | None) -> float | None:
    return None if bound is None else as_number(bound)


def _upsert(client: "QdrantClient", *, collection: str, points: "list[models.PointStruct]") -> None:
    client.upsert(collection, points, wait=True)


def _index_field(client: "QdrantClient", *, collection: str, field: str, schema: "models.PayloadSchemaType") -> None:
    client.create_payload_index(collection, field, schema, wait=True)
