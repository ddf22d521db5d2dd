"""The life of an index of people: built, refreshed day by day, looked into, checked.

    CURRENT, gen-3/, delta/     the vectors and the facts; see `metier.index.generation_folder`
    profiles/profiles.sqlite    the people as they were when their vectors were made, each with a hash of its content
    profiles/encoded.sqlite     vectors of a build that is under way, or was interrupted
    profiles/LOCK               held by the one process that builds or refreshes

A vector is on disk before its profile's hash is: an interrupted refresh repeats at most one batch.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from metier.data.profile_store import EncodedProfiles, ProfileStore, content_sha256, read_unfinished, remove_store
from metier.domain import Facts, Profile
from metier.errors import InputError
from metier.index.generation_folder import current_generation, write_lock
from metier.index.generations import GenerationsWriter, build_generation, open_generations
from metier.protocols import DocumentEncoder, Floats

_BLOCK_BYTES: Final = 512  # of `st_blocks` (POSIX): files of an index have holes, which take no room
BATCH_SIZE: Final = 256  # profiles encoded, written and acknowledged together
_COMPACT_SHARE: Final = 0.05  # changes are held in memory and searched one by one: beyond this they cost too much
_CHARACTERS: Final = re.compile("[^\0\ud800-\udfff]+", re.DOTALL)  # what every engine can hold

OnProfile = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChange:
    """What a build or a refresh did."""

    n_profiles: int  # given
    n_encoded: int  # of them, in this run: new, changed, or all
    n_deleted: int  # no longer given
    n_without_text: int  # kept, and never found
    rebuilt: bool  # from scratch, beside the one that was in use


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInfo:
    """What an index holds."""

    encoder_version: str
    dim: int
    generation: str  # such as `gen-3`
    n_profiles: int
    n_without_text: int  # of them; kept, and never found
    n_changed: int  # vectors written since the generation was built
    n_encoded_ahead: int  # vectors of a build that was interrupted, or is under way
    size_bytes: int


def build_index(
    profiles: Iterable[Profile], folder: Path, *, encoder: DocumentEncoder, on_profile: OnProfile = lambda: None
) -> IndexChange:
    """Encode all profiles and put them into an index, beside the one that is in use, which is replaced in one step.

    Interrupted, it goes on where it was when it is called again with the same encoder.

    Args:
        profiles: Ids are all different.
        folder: Of the index; begun if it is not there.
        encoder: Makes the vectors.
        on_profile: Called after each profile that is encoded.

    Returns:
        What was done.

    Raises:
        InputError: If there is no profile, or two have one id.
        IndexBusy: If another process builds or refreshes the index.
        VectorIndexError: If the folder cannot be written; the index that was there stays in use.
        MissingExtra: If Qdrant Edge is not installed.
    """
    held = _checked(profiles)
    with write_lock(folder / "profiles"):
        return _build(held, folder, encoder, on_profile)


def refresh_index(
    profiles: Iterable[Profile], folder: Path, *, encoder: DocumentEncoder, on_profile: OnProfile = lambda: None
) -> IndexChange:
    """Bring an index up to date: encode who is new or has changed, take out who is no longer given.

    Readers go on meanwhile, and see each batch once it is on disk. With another encoder than the index was built
    with, the index is built anew beside the old one, as `build_index` does.

    Args:
        profiles: Everybody, as of now.
        folder: Of an index that `build_index` began.
        encoder: Makes the vectors.
        on_profile: Called after each profile that is encoded.

    Returns:
        What was done.

    Raises:
        InputError: If there is no profile, or two have one id.
        IndexBusy: If another process builds or refreshes the index.
        VectorIndexError: If there is no index, or it cannot be written; what was done until then is kept.
    """
    held = _checked(profiles)
    version = current_generation(folder).card().encoder_version
    with write_lock(folder / "profiles"):
        unfinished = read_unfinished(_encoded_path(folder))
        begun = unfinished is not None and unfinished.version == encoder.version
        if version != encoder.version or begun or not store_path(folder).exists():
            return _build(held, folder, encoder, on_profile)
        with GenerationsWriter(folder, encoder_version=version) as writer, ProfileStore(store_path(folder)) as store:
            return _refresh(held, writer, store, encoder, on_profile)


def read_indexed_profiles(folder: Path, ids: Sequence[str]) -> list[Profile]:
    """Give people of an index as they were when their vectors were made.

    Args:
        folder: Of the index.
        ids: Any.

    Returns:
        In the order of `ids`; those that are not there are left out.

    Raises:
        VectorIndexError: If the index cannot be read.
    """
    with ProfileStore(store_path(folder), read_only=True) as store:
        return store.read(ids)


def index_info(folder: Path) -> IndexInfo:
    """Say what an index holds.

    Args:
        folder: Of the index.

    Returns:
        Its facts and figures.

    Raises:
        VectorIndexError: If there is no index, or it cannot be read.
    """
    unfinished = read_unfinished(_encoded_path(folder))
    with open_generations(folder) as index, ProfileStore(store_path(folder), read_only=True) as store:
        n_profiles, n_comparable = store.counts()
        return IndexInfo(
            encoder_version=index.card.encoder_version,
            dim=index.card.dim,
            generation=index.generation.name,
            n_profiles=n_profiles,
            n_without_text=n_profiles - n_comparable,
            n_changed=index.n_changed,
            n_encoded_ahead=0 if unfinished is None else unfinished.n_encoded,
            size_bytes=sum(path.stat().st_blocks * _BLOCK_BYTES for path in folder.rglob("*") if path.is_file()),
        )


def store_path(folder: Path) -> Path:
    """Where an index keeps its people."""
    return folder / "profiles" / "profiles.sqlite"


def _build(profiles: list[Profile], folder: Path, encoder: DocumentEncoder, on_profile: OnProfile) -> IndexChange:
    path = _encoded_path(folder)
    with EncodedProfiles(path, version=encoder.version) as encoded:
        known = encoded.hashes()
        missing = [profile for profile in profiles if known.get(profile.id) != content_sha256(profile)]
        for batch in _batches(missing):
            encoded.put(batch, encoder.encode_profiles(batch))
            _count(batch, on_profile)
        wordless = encoded.without_vector()
        rows = _rows([profile for profile in profiles if profile.id not in wordless], encoded)
        build_generation(folder, rows, encoder_version=encoder.version, dim=encoder.dim)
    with ProfileStore(store_path(folder)) as store:
        gone = store.hashes().keys() - {profile.id for profile in profiles}
        store.replace_all(profiles, comparable=[profile.id not in wordless for profile in profiles])
        n_profiles, n_comparable = store.counts()
    remove_store(path)
    return IndexChange(
        n_profiles=n_profiles,
        n_encoded=len(missing),
        n_deleted=len(gone),
        n_without_text=n_profiles - n_comparable,
        rebuilt=True,
    )


def _refresh(
    profiles: list[Profile],
    writer: GenerationsWriter,
    store: ProfileStore,
    encoder: DocumentEncoder,
    on_profile: OnProfile,
) -> IndexChange:
    known = store.hashes()
    gone = sorted(known.keys() - {profile.id for profile in profiles})
    changed = [profile for profile in profiles if known.get(profile.id) != content_sha256(profile)]
    if gone:
        writer.delete(gone)
        store.delete(gone)
    for batch in _batches(changed):
        _put(batch, encoder.encode_profiles(batch), writer, store)
        _count(batch, on_profile)
    _compact(writer)
    n_profiles, n_comparable = store.counts()
    return IndexChange(
        n_profiles=n_profiles,
        n_encoded=len(changed),
        n_deleted=len(gone),
        n_without_text=n_profiles - n_comparable,
        rebuilt=False,
    )


def _put(batch: Sequence[Profile], vectors: Floats, writer: GenerationsWriter, store: ProfileStore) -> None:
    """Write the vectors first: a profile whose hash is known must be in the index."""
    comparable: list[bool] = np.any(vectors, axis=1).tolist()
    found = [row for row, has_words in enumerate(comparable) if has_words]
    wordless = [profile.id for profile, has_words in zip(batch, comparable, strict=True) if not has_words]
    writer.upsert([batch[row].id for row in found], vectors[found], [batch[row].facts for row in found])
    if wordless:  # they may have had words before
        writer.delete(wordless)
    store.put(batch, comparable=comparable)


def _compact(writer: GenerationsWriter) -> None:
    """Build a new generation once many rows have changed, or are only hidden."""
    n_items = len(writer)  # looks at what was written
    n_changed = writer.reader.n_changed
    n_hidden = writer.reader.card.n_items + n_changed - n_items
    if max(n_changed, n_hidden) > _COMPACT_SHARE * max(n_items, 1):
        writer.compact()


def _rows(
    profiles: Sequence[Profile], encoded: EncodedProfiles
) -> Iterator[tuple[Sequence[str], Floats, Sequence[Facts]]]:
    for batch in _batches(profiles):
        ids = [profile.id for profile in batch]
        yield ids, encoded.read(ids), [profile.facts for profile in batch]


def _checked(profiles: Iterable[Profile]) -> list[Profile]:
    """Hold the profiles, if they can be told apart and there are some: an empty file must not empty an index."""
    held = list(profiles)
    seen: set[str] = set()
    for profile in held:
        if profile.id in seen:
            raise InputError(f"Two profiles have the id '{profile.id}'; give each person once.")
        if not _CHARACTERS.fullmatch(profile.id):
            raise InputError(f"The id {profile.id!r} of a profile holds no characters, or half ones; give another one.")
        seen.add(profile.id)
    if not held:
        raise InputError("There is no profile; give a file with one at least.")
    return held


def _batches(profiles: Sequence[Profile]) -> Iterator[Sequence[Profile]]:
    for start in range(0, len(profiles), BATCH_SIZE):
        yield profiles[start : start + BATCH_SIZE]


def _count(batch: Sequence[Profile], on_profile: OnProfile) -> None:
    for _ in batch:
        on_profile()


def _encoded_path(folder: Path) -> Path:
    return folder / "profiles" / "encoded.sqlite"
