"""The datastore of a tagger: the vector and the tags of every training word, and the corrections of its users.

A folder of kind `datastore` holds `index.faiss` (the whitened keys, in 16 bits), `keys.npz` (the tags and the entry of
each key, and the whitening), `corrections.jsonl` (in the form of SkillSpan) and `corrections.npy` (their vectors). An
entry is one sentence; those of the data sets are numbered from 0 in the order in which they came, and corrections go on
from there.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact, read_artifact, write_artifact
from metier.data.skillspan import TaggedSentence
from metier.domain import MentionKind
from metier.errors import InputError, ModelError
from metier.tagging.corrections import Corrections, pack_corrections, read_corrections
from metier.tagging.layers import LAYERS
from metier.tagging.neighbours import build_index, pack_index, read_index, remove_rows, search_index
from metier.tagging.whitening import Whitening

Floats = NDArray[np.float32]

KIND: Final = "datastore"
NO_TAG: Final = -1  # the data set has no gold for the layer: the key does not vote in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """How neighbours vote; `metier datastore tune` finds what suits a store."""

    n_neighbours: int = 32  # k; this and T as in the released example of Zhang et al. (2024)
    temperature: float = 0.1  # T
    weight: float = 0.2  # lambda: the part of the neighbours in the mixture, the rest is the tagger's; 0: no vote


@dataclass(frozen=True, slots=True)
class Keys:
    """What is known of every key, row by row."""

    tags: NDArray[np.int8]  # (n_keys, layers in the order of `LAYERS`): O, B, I or NO_TAG
    entries: NDArray[np.int32]  # (n_keys,); -1: removed
    whitening: Whitening


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest keys of each query, nearest first."""

    distances: Floats  # (n_queries, k): squared L2 between unit vectors, in [0, 4]; infinite where there is no key
    tags: NDArray[np.int8]  # (n_queries, k, layers): O, B, I or NO_TAG


@dataclass(slots=True, eq=False)
class Datastore:
    """Keys with tags to vote, and corrections that decide; belongs to one tagger."""

    tagger: str  # name and content hash of the tagger whose vectors these are
    sets: Mapping[str, int]  # data set -> its number of sentences, in the order of the entries
    keys: Keys | None = None  # None: no data set
    index: Any = None  # of faiss; None: no data set
    vote: Vote = field(default_factory=Vote)
    name: str = "datastore"
    threads: int = 2
    corrections: Corrections = field(default_factory=Corrections)
    removed: list[int] = field(default_factory=list)  # entries of the data sets that were taken out

    @classmethod
    def of_vectors(
        cls,
        sets: Mapping[str, int],
        *,
        tagger: str,
        vectors: NDArray[np.float16],
        tags: NDArray[np.int8],
        entries: NDArray[np.int32],
        whitening: Whitening,
        threads: int = 2,
    ) -> Self:
        """Index the words of data sets; `build_datastore` is what callers want.

        Args:
            sets: Data set -> its number of sentences.
            tagger: Name and content hash of the tagger whose vectors these are.
            vectors: float16 (n_keys, dim), one key at least.
            tags: int8 (n_keys, layers).
            entries: int32 (n_keys,), the sentence of each key.
            whitening: Fitted on the vectors.
            threads: Processors to use.

        Returns:
            The store.
        """
        index = build_index(whitening.apply(vectors), threads=threads)
        return cls(tagger, dict(sets), Keys(tags, entries, whitening), index, threads=threads)

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 2) -> Self:
        """Read a datastore.

        Args:
            name: The folder.
            threads: Processors to use; changes nothing but the time.

        Returns:
            The store.

        Raises:
            ModelError: If there is no such folder, or it is damaged or of another kind.
            MissingExtra: If it holds keys and faiss is not installed.
        """
        artifact = read_artifact(name, kind=KIND)
        settings = artifact.settings
        return cls(
            settings["tagger"],
            settings["sets"],
            keys=_read_keys(artifact) if settings["n_keys"] else None,
            index=read_index(artifact.path("index.faiss")) if settings["n_keys"] else None,
            vote=Vote(**settings["vote"]),
            name=artifact.name,
            threads=threads,
            corrections=read_corrections(artifact),
            removed=list(settings["removed"]),
        )

    def save(self, folder: Path) -> None:
        """Write the store, all or nothing.

        Args:
            folder: Where it goes; a datastore already there is replaced.

        Raises:
            ModelError: If the folder holds something else, or cannot be written.
        """
        files = pack_corrections(self.corrections)
        if self.keys is not None:
            files |= {"index.faiss": pack_index(self.index), "keys.npz": _pack_keys(self.keys)}
        settings = {
            "tagger": self.tagger,
            "sets": dict(self.sets),
            "n_keys": self.n_keys,
            "vote": asdict(self.vote),
            "removed": self.removed,
            "next_correction": self.corrections.next_entry,
        }
        write_artifact(folder, kind=KIND, settings=settings, files=files)
        self.name = folder.resolve().name

    @property
    def version(self) -> str:
        """Name and content hash, such as `my-store@1a2b3c4d`; a correction changes it."""
        content = [self.tagger, self.sets, self.n_keys, asdict(self.vote), self.removed, self.corrections.rows()]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        if self.keys is not None:
            digest.update(self.keys.tags.tobytes() + self.keys.whitening.projection.tobytes())
        return f"{self.name}@{digest.hexdigest()[:8]}"

    @property
    def n_keys(self) -> int:
        """Keys that can be found: one for each word of the data sets that was not removed."""
        return 0 if self.index is None else int(self.index.ntotal)

    def check_tagger(self, version: str) -> None:
        """Make sure that the store holds vectors of this tagger.

        Args:
            version: Name and content hash of the tagger.

        Raises:
            ModelError: If it is another one.
        """
        if version.rpartition("@")[2] != self.tagger.rpartition("@")[2]:
            raise ModelError(
                f"The datastore {self.name} was built for the tagger {self.tagger}, got {version}; "
                "give that tagger, or build the datastore again."
            )

    def search(self, vectors: Floats, *, k: int) -> Neighbours:
        """Find the nearest keys of each vector.

        Args:
            vectors: float32 (n, dim), as the tagger gives them; n may be 0.
            k: Neighbours per vector.

        Returns:
            Neighbours in the order of the vectors. Large stores are searched cell by cell, in the nearest cells only.
        """
        if self.keys is None:
            return Neighbours(
                np.full((len(vectors), k), np.inf, dtype=np.float32),
                np.full((len(vectors), k, len(LAYERS)), NO_TAG, dtype=np.int8),
            )
        distances, rows = search_index(self.index, self.keys.whitening.apply(vectors), k=k, threads=self.threads)
        tags = np.where((rows >= 0)[..., None], self.keys.tags[rows], np.int8(NO_TAG))  # (n, k, layers)
        return Neighbours(np.where(rows >= 0, distances, np.float32(np.inf)), tags)

    def add(self, sentence: TaggedSentence, *, vectors: Floats) -> int:
        """Add a corrected sentence; it decides from the next call on.

        Args:
            sentence: Its words and right tags; a layer of None is not corrected.
            vectors: float32 (n_words, dim), as the tagger gives them.

        Returns:
            The number of the entry.

        Raises:
            InputError: If the sentence has no words, no tags, or not one tag per word.
        """
        _check_sentence(sentence)
        self.corrections.next_entry = max(self.corrections.next_entry, sum(self.sets.values()))
        return self.corrections.add(sentence, vectors)

    def remove(self, entry: int) -> None:
        """Take an entry out: a correction, or a sentence of a data set.

        Args:
            entry: Its number. When the last correction of a sentence is out, the old answer is back.

        Raises:
            InputError: If there is no such entry.
        """
        if self.corrections.remove(entry):
            return
        rows = np.zeros(0, dtype=np.int64) if self.keys is None else np.flatnonzero(self.keys.entries == entry)
        if entry < 0 or not len(rows) or self.keys is None:
            raise InputError(
                f"The datastore {self.name} has no entry {entry}; `metier datastore info` lists its entries."
            )
        remove_rows(self.index, rows)
        entries = self.keys.entries.copy()
        entries[rows] = -1
        self.keys = replace(self.keys, entries=entries)
        self.removed.append(entry)

    def set_of(self, entry: int) -> str:
        """Give the data set that an entry comes from.

        Args:
            entry: Its number.

        Returns:
            The name of the data set, or `corrections`.
        """
        for name, n_entries in self.sets.items():
            if entry < n_entries:
                return name
            entry -= n_entries
        return "corrections"


def _check_sentence(sentence: TaggedSentence) -> None:
    layers = [tags for tags in (sentence.skill, sentence.knowledge) if tags is not None]
    if not sentence.words or not layers:
        raise InputError("A corrected sentence has no words or no tags; give both.")
    if any(len(tags) != len(sentence.words) for tags in layers):
        lengths = " and ".join(str(len(tags)) for tags in layers)
        raise InputError(f"A corrected sentence of {len(sentence.words)} words has {lengths} tags; give one per word.")


def _pack_keys(keys: Keys) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        tags=keys.tags,
        entries=keys.entries,
        mean=keys.whitening.mean,
        projection=keys.whitening.projection,
    )
    return buffer.getvalue()


def _read_keys(artifact: Artifact) -> Keys:
    with np.load(artifact.path("keys.npz"), allow_pickle=False) as arrays:
        return Keys(arrays["tags"], arrays["entries"], Whitening(arrays["mean"], arrays["projection"]))


def tags_of(sentence: TaggedSentence, layer: MentionKind) -> tuple[str, ...] | None:
    """Give the tags of one layer; None: not annotated."""
    return sentence.skill if layer == "skill" else sentence.knowledge
