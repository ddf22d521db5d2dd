"""The reading side of an index in generations: see `generations`."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final, Self

import numpy as np

from metier.domain import Facts, Hit, Where
from metier.errors import IndexMismatch, VectorIndexError
from metier.index.change_log import read_changes
from metier.index.edge import EdgeIndex
from metier.index.exact import ExactIndex
from metier.index.generation_folder import Generation, GenerationCard, current_generation, reported
from metier.protocols import Floats

_ATTEMPTS: Final = 5  # to open a folder whose generation changes meanwhile
_MORE: Final = 16  # hits asked for beyond those that are expected to be hidden


class Generations:
    """The reading side: sees what was acknowledged, and follows to the next generation by itself.

    It may be used from many threads; they take turns, as Edge lets only one work at a time.
    """

    def __init__(self, folder: Path, *, encoder_version: str | None = None) -> None:
        """Open an index; `open_generations` says the rest.

        Args:
            folder: Of the index.
            encoder_version: What will make the queries.
        """
        self._folder = folder
        self._expected = encoder_version
        self._turn = Lock()
        self._open()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self._shard.close()

    @property
    def generation(self) -> Generation:
        """The generation in use."""
        return self._generation

    @property
    def card(self) -> GenerationCard:
        """What is known of the generation: its dimension and the version of its encoder."""
        return self._card

    @property
    def n_changed(self) -> int:
        """Rows that were added or replaced since the generation was built."""
        return len(self._delta)

    def __len__(self) -> int:
        """How many items there are."""
        self.refresh()
        return self._card.n_items - len(self._hidden) + len(self._delta)

    def refresh(self) -> None:
        """See everything that was acknowledged until now, as `search` does.

        Raises:
            IndexMismatch: If the new generation was made by another encoder.
            VectorIndexError: If the index cannot be read.
        """
        with self._turn:
            self._follow()

    def search(self, queries: Floats, *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` items closest to each query among those that pass the filter.

        Args:
            queries: float32 (n_queries, dim), rows of unit length.
            k: Hits per query; fewer if fewer items pass the filter.
            where: What every hit must fulfil; applied inside the search.

        Returns:
            One list per query, in order, by falling cosine; ties by id.

        Raises:
            ConfigError: If the filter is not valid.
            IndexMismatch: If the queries are of another dimension, or a new generation was made by another encoder.
            VectorIndexError: If the index cannot be read.
        """
        with self._turn:
            self._follow()
            changed = self._delta.search(queries, k=k, where=where)
            built = self._search_built(queries, k, where)
        if not len(self._delta):
            return built
        both = [[*one, *other] for one, other in zip(changed, built, strict=True)]
        return [sorted(hits, key=lambda hit: (-hit.similarity, hit.id))[:k] for hits in both]

    def vectors(self, ids: Sequence[str]) -> Floats:
        """Give back vectors.

        Args:
            ids: Of items that are there.

        Returns:
            float32 (n_ids, dim), in order.

        Raises:
            VectorIndexError: If one is not there, or the index cannot be read.
        """
        with self._turn:
            self._follow()
            changed = [row for row, item in enumerate(ids) if item in self._delta]
            built = [row for row, item in enumerate(ids) if item not in self._delta and item not in self._hidden]
            found = np.full((len(ids), self._card.dim), np.nan, dtype=np.float32)
            found[changed] = self._delta.vectors([ids[row] for row in changed])
            found[built] = self._shard.vectors([ids[row] for row in built])
        if len(changed) + len(built) < len(ids):
            missing = next(item for row, item in enumerate(ids) if np.isnan(found[row, 0]))
            raise VectorIndexError(f"The index does not hold '{missing}'; it was taken out.")
        return found

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Refuse: this is the reading side.

        Args:
            ids: Any.
            vectors: Any.
            facts: Any.

        Raises:
            VectorIndexError: Always.
        """
        raise VectorIndexError(f"{self._folder} is open for reading; open it with GenerationsWriter to change it.")

    def delete(self, ids: Sequence[str]) -> None:
        """Refuse: this is the reading side.

        Args:
            ids: Any.

        Raises:
            VectorIndexError: Always.
        """
        raise VectorIndexError(f"{self._folder} is open for reading; open it with GenerationsWriter to change it.")

    def _search_built(self, queries: Floats, k: int, where: Where) -> list[list[Hit]]:
        """Search the shard for `k` hits that are not hidden: ask for more where too many were."""
        most = k + len(self._hidden)
        expected = k * len(self._hidden) / max(self._card.n_items, 1)
        wanted = min(k + 2 * int(expected) + _MORE, most) if k > 0 else 0
        found = self._shard.search(queries, k=wanted, where=where)
        while wanted < most and any(self._is_short(hits, k=k, wanted=wanted) for hits in found):
            wanted = min(4 * wanted, most)
            found = self._shard.search(queries, k=wanted, where=where)
        return [[hit for hit in hits if hit.id not in self._hidden][:k] for hits in found]

    def _is_short(self, hits: Sequence[Hit], *, k: int, wanted: int) -> bool:
        return len(hits) == wanted and sum(hit.id not in self._hidden for hit in hits) < k

    def _follow(self) -> None:
        try:
            if current_generation(self._folder) == self._generation:
                self._replay()
                return
        except FileNotFoundError:
            pass  # the log went with its generation between the two lines
        before = self._shard
        self._open()
        before.close()

    def _open(self) -> None:
        """Open the current generation, again if it is replaced meanwhile: then files vanish under our hands."""
        for attempt in range(_ATTEMPTS):
            generation = current_generation(self._folder)
            try:
                with reported(self._folder):
                    self._load(generation)
            except VectorIndexError:
                if attempt == _ATTEMPTS - 1 or current_generation(self._folder) == generation:
                    raise
            if current_generation(self._folder) == generation:
                return

    def _load(self, generation: Generation) -> None:
        card = generation.card()
        if self._expected not in (None, card.encoder_version):
            raise IndexMismatch(
                f"{self._folder} was built with {card.encoder_version}, and {self._expected} makes the queries; "
                "load that model, or build the index again."
            )
        shard = EdgeIndex.open(generation.shard, dim=card.dim)
        if len(shard) != card.n_items:
            raise VectorIndexError(
                f"{generation.shard} holds {len(shard)} rows and {card.n_items} were written; build the index again."
            )
        self._generation, self._card, self._shard = generation, card, shard
        self._expected = card.encoder_version
        self._delta, self._hidden, self._read = ExactIndex(card.dim), set[str](), 0
        self._replay()

    def _replay(self) -> None:
        """Read what was added to the log."""
        log = self._generation.log
        if log.stat().st_size == self._read:
            return
        for change in read_changes(log, start=self._read):
            if change.vectors is None:
                self._delta.delete(change.ids)
            else:
                self._delta.upsert(change.ids, change.vectors, change.facts)
            self._hidden |= self._shard.known(change.ids)
            self._read = change.end
