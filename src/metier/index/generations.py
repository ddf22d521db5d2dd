"""An index that is built anew from time to time and changed in between, while any number of processes read it.

A generation is a shard of Qdrant Edge that is never changed; the changes since then are a log that every reader holds
in memory and searches exactly. `generation_folder` says which files there are.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from metier.domain import Facts, Hit, Where
from metier.index.change_log import ChangeLog
from metier.index.generation_folder import building, check_room, current_generation, publish, reported, write_lock
from metier.index.generations_reader import Generations
from metier.index.rows import check_rows
from metier.index.shard_builder import build_shard
from metier.protocols import Floats

__all__ = ["Generations", "GenerationsWriter", "build_generation", "open_generations"]

_ROOM: Final = 3  # times the rows: the shard, and what its optimisation needs for a while


class GenerationsWriter:
    """The writing side, which one process at a time can hold; a context manager."""

    def __init__(self, folder: Path, *, encoder_version: str | None = None) -> None:
        """Say which index; it is opened on entering.

        Args:
            folder: Of an index that `build_generation` began.
            encoder_version: What makes the vectors; None: not checked.
        """
        self._folder = folder
        self._encoder_version = encoder_version

    def __enter__(self) -> Self:
        """Lock the index.

        Returns:
            Itself.

        Raises:
            IndexBusy: If another process writes; it says which.
            IndexMismatch: If the index was built with another encoder.
            VectorIndexError: If the index cannot be read or written.
        """
        with ExitStack() as stack:
            current_generation(self._folder)  # no lock file where there is no index
            stack.enter_context(write_lock(self._folder))
            self._reader = stack.enter_context(Generations(self._folder, encoder_version=self._encoder_version))
            self._log = self._open_log()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Let another process write."""
        self._log.close()
        self._stack.close()

    @property
    def reader(self) -> Generations:
        """What readers see."""
        return self._reader

    def __len__(self) -> int:
        """How many items there are."""
        return len(self._reader)

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add items, or replace those that are there; once this returns they are safe, and readers see them.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim), rows of unit length.
            facts: Of each item.

        Raises:
            IndexMismatch: If the vectors are of another dimension.
            VectorIndexError: If they cannot be held, or the disk is full or cannot be written; of many rows the first
                may then be there.
        """
        check_rows(ids, vectors, facts, dim=self._reader.card.dim)
        with reported(self._folder):
            self._log.put(ids, vectors, facts)

    def delete(self, ids: Sequence[str]) -> None:
        """Take items out; once this returns they are gone for good.

        Args:
            ids: Those that are not there are passed over.

        Raises:
            VectorIndexError: If the disk is full or cannot be written.
        """
        with reported(self._folder):
            self._log.delete(ids)

    def search(self, queries: Floats, *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Search as readers do: see `Generations.search`.

        Args:
            queries: float32 (n_queries, dim), rows of unit length.
            k: Hits per query.
            where: What every hit must fulfil.

        Returns:
            One list per query, in order, by falling cosine; ties by id.
        """
        return self._reader.search(queries, k=k, where=where)

    def compact(self) -> None:
        """Make one generation of the current one and its changes; interrupted, it can be asked for again.

        Raises:
            VectorIndexError: If the disk is full or cannot be written; nothing is changed then.
        """
        if not self._log.size_bytes:
            return
        current, card = self._reader.generation, self._reader.card
        with building(self._folder) as stage:
            check_room(stage, size_bytes=_ROOM * (sum(card.sizes.values()) + self._log.size_bytes))
            n_items = build_shard(stage / "shard", current.log, dim=card.dim, source=current.shard)
            publish(stage, dim=card.dim, encoder_version=card.encoder_version, n_items=n_items)
        self._reader.refresh()
        self._log.close()
        self._log = self._open_log()

    def _open_log(self) -> ChangeLog:
        with reported(self._folder):
            return ChangeLog(self._reader.generation.log)


def open_generations(folder: Path, *, encoder_version: str | None = None) -> Generations:
    """Open an index for reading; a process that writes to it is not in the way, nor in this one's.

    Args:
        folder: Of the index; its files must be writable, as Edge opens them so.
        encoder_version: What will make the queries; None: taken from the index.

    Returns:
        The index. It follows to new generations of the same encoder; `close` it, or use it as a context manager.

    Raises:
        IndexMismatch: If the index was built with another encoder.
        VectorIndexError: If there is no index, or it cannot be read.
        MissingExtra: If Qdrant Edge is not installed.
    """
    return Generations(folder, encoder_version=encoder_version)


def build_generation(
    folder: Path,
    batches: Iterable[tuple[Sequence[str], Floats, Sequence[Facts]]],
    *,
    encoder_version: str,
    dim: int,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Build an index from all its rows, beside the one that is in use, and put it in its place in one step.

    Args:
        folder: Of the index; begun if it is not there.
        batches: Ids, vectors and facts; read once, and not held. An id that comes again replaces what it was.
        encoder_version: What made the vectors.
        dim: The length of every vector.
        progress: Called with the number of rows read so far.

    Raises:
        IndexBusy: If another process writes; it says which.
        VectorIndexError: If a row cannot be held, or the disk is full or cannot be written. The index that was there
            stays in use.
        MissingExtra: If Qdrant Edge is not installed.
    """
    with write_lock(folder), building(folder) as stage:
        log, n_rows = ChangeLog(stage / "rows.log"), 0
        try:
            for ids, vectors, facts in batches:
                check_rows(ids, vectors, facts, dim=dim)
                log.put(ids, vectors, facts)
                n_rows += len(ids)
                if progress:
                    progress(n_rows)
        finally:
            log.close()
        check_room(stage, size_bytes=_ROOM * log.size_bytes)
        n_items = build_shard(stage / "shard", stage / "rows.log", dim=dim)
        (stage / "rows.log").unlink()
        publish(stage, dim=dim, encoder_version=encoder_version, n_items=n_items)
