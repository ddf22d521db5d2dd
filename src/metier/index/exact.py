"""Exact cosine search in memory: the reference that every other index is tested against."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Facts, Hit, Where
from metier.index.columns import FactColumns
from metier.index.rows import check_rows, check_vectors
from metier.index.where import check_where
from metier.protocols import Floats

_BLOCK_CELLS: Final = 2**24  # cosines held at once: 64 MB
_GATHERED: Final = 0.25  # where fewer rows pass, copying them is cheaper than comparing with all (measured)
_ROUNDING: Final = 1e-5  # float32 cosines of one pair differ by less, whatever the order of the sums


class ExactIndex:
    """Vectors and facts in arrays; every row that passes is compared."""

    def __init__(self, dim: int) -> None:
        """Begin empty.

        Args:
            dim: The length of every vector.
        """
        self._dim = dim
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._vectors: Floats = np.zeros((0, dim), dtype=np.float32)  # has room for more rows than there are
        self._columns = FactColumns()

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._ids)

    def __contains__(self, item: str) -> bool:
        """Whether an id is there."""
        return item in self._rows

    def vectors(self, ids: Sequence[str]) -> Floats:
        """Give back vectors.

        Args:
            ids: Of items that are there.

        Returns:
            float32 (n_ids, dim), in order.
        """
        return self._vectors[[self._rows[item] for item in ids]]

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add items, or replace those that are there.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim), rows of unit length.
            facts: Of each item.

        Raises:
            VectorIndexError: If they cannot be held; nothing is changed then.
        """
        check_rows(ids, vectors, facts, dim=self._dim)
        for item in ids:
            if item not in self._rows:
                self._rows[item] = len(self._ids)
                self._ids.append(item)
        if len(self._ids) > len(self._vectors):
            grown = np.empty((max(len(self._ids), 2 * len(self._vectors)), self._dim), dtype=np.float32)
            grown[: len(self._vectors)] = self._vectors
            self._vectors = grown
        rows = np.array([self._rows[item] for item in ids], dtype=np.intp)
        self._vectors[rows] = vectors
        self._columns.put(rows, facts)

    def delete(self, ids: Sequence[str]) -> None:
        """Take items out; the last row takes the place of each.

        Args:
            ids: Those that are not there are passed over.
        """
        for item in ids:
            row = self._rows.pop(item, None)
            if row is None:
                continue
            last_id, last = self._ids.pop(), len(self._ids)
            if last != row:
                self._ids[row] = last_id
                self._rows[last_id] = row
                self._vectors[row] = self._vectors[last]
                self._columns.move(last, to=row)

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
        """
        check_where(where)
        check_vectors(queries, dim=self._dim)
        rows = np.flatnonzero(self._columns.mask(where, ids=self._ids))
        if not len(rows) or k < 1:
            return [[] for _ in queries]
        gathered = len(rows) < _GATHERED * len(self)
        vectors = self._vectors[rows] if gathered else self._vectors[: len(self)]
        hits: list[list[Hit]] = []
        block = max(1, _BLOCK_CELLS // len(vectors))
        for start in range(0, len(queries), block):
            here = queries[start : start + block].astype(np.float32, copy=False)
            cosines = here @ vectors.T  # (block, n_vectors)
            if not gathered:
                cosines = cosines[:, rows] if len(rows) < len(self) else cosines
            hits += [self._best(query, row, rows, k) for query, row in zip(here, cosines, strict=True)]
        return hits

    def _best(self, query: Floats, cosines: Floats, rows: NDArray[np.intp], k: int) -> list[Hit]:
        """Pick the best, then compare again in float64: the order of a block's sums must not part equal vectors."""
        if k < len(cosines):
            least = np.partition(cosines, len(cosines) - k)[len(cosines) - k]
            rows = rows[cosines >= least - _ROUNDING]
        exact = (self._vectors[rows].astype(np.float64) @ query.astype(np.float64)).astype(np.float32)
        found = sorted(zip((-exact).tolist(), (self._ids[row] for row in rows), strict=True))[:k]
        return [Hit(item, -negative) for negative, item in found]
