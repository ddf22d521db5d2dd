"""Nearest neighbours by squared L2, over faiss: exact for few keys, in cells (IVF) for many."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.errors import MissingExtra

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

_MOST_EXACT: Final = 4096  # keys; up to here comparing with all of them is as fast as looking for cells
_CELLS_PER_ROOT: Final = 4  # cells = 4 sqrt(n), as faiss advises for up to a million keys
_KEYS_PER_CELL: Final = 40  # to find the cells with; faiss warns below 39, and more take longer to no end
_PROBED: Final = 16  # cells per query


def build_index(keys: Floats, *, threads: int) -> Any:  # noqa: ANN401  # faiss has no types
    """Index keys, each stored in 16 bits per number.

    Args:
        keys: float32 (n, dim), one at least, rows of unit length.
        threads: Processors to use.

    Returns:
        The index; keys are known by their row. The same keys give the same index.

    Raises:
        MissingExtra: If faiss is not installed.
    """
    faiss = _faiss()
    n, dim = keys.shape
    half = faiss.ScalarQuantizer.QT_fp16

    def build() -> Any:  # noqa: ANN401
        faiss.omp_set_num_threads(threads)
        if n <= _MOST_EXACT:
            index = faiss.IndexIDMap(faiss.IndexScalarQuantizer(dim, half, faiss.METRIC_L2))
        else:
            n_cells = int(_CELLS_PER_ROOT * np.sqrt(n))
            cells = faiss.IndexFlatL2(dim)
            index = faiss.IndexIVFScalarQuantizer(cells, dim, n_cells, half, faiss.METRIC_L2, False)
            index.cp.max_points_per_centroid = _KEYS_PER_CELL
            index.nprobe = _PROBED
        index.train(keys)
        index.add_with_ids(keys, np.arange(n, dtype=np.int64))
        return index

    with ThreadPoolExecutor(1) as pool:  # the number of OpenMP threads is set for the thread; the caller keeps its own
        return pool.submit(build).result()


def search_index(index: Any, queries: Floats, *, k: int, threads: int) -> tuple[Floats, Rows]:  # noqa: ANN401
    """Find the nearest keys of each query.

    Args:
        index: As `build_index` gives it.
        queries: float32 (n, dim), rows of unit length.
        k: Neighbours per query.
        threads: Processors to use; changes nothing but the time.

    Returns:
        Squared distances and rows, (n, k) each, nearest first; row -1 where there are fewer keys.
    """
    faiss = _faiss()

    def search(part: Floats) -> tuple[Floats, Rows]:
        faiss.omp_set_num_threads(1)  # of this thread
        found: tuple[Floats, Rows] = index.search(part, k)
        return found

    with ThreadPoolExecutor(threads) as pool:
        distances, rows = zip(*pool.map(search, np.array_split(queries, threads)), strict=True)
    return np.concatenate(distances), np.concatenate(rows)


def remove_rows(index: Any, rows: Rows) -> None:  # noqa: ANN401
    """Take keys out of the index; the other rows keep their numbers."""
    index.remove_ids(_faiss().IDSelectorBatch(rows))


def pack_index(index: Any) -> bytes:  # noqa: ANN401
    """Give the index as bytes."""
    packed: bytes = _faiss().serialize_index(index).tobytes()
    return packed


def read_index(path: Path) -> Any:  # noqa: ANN401
    """Read what `pack_index` gave.

    Args:
        path: The file.

    Returns:
        The index.

    Raises:
        MissingExtra: If faiss is not installed.
    """
    return _faiss().read_index(str(path))


def _faiss() -> Any:  # noqa: ANN401
    try:
        return import_module("faiss")
    except ImportError as error:
        raise MissingExtra("datastore", "A datastore of training words") from error
