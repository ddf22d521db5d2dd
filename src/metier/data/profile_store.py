"""Profiles in one file, found by id, each with the hash of its content; one process writes while others read."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

import numpy as np

from metier.data.document_rows import document_to_dict, profile_from_row
from metier.domain import Profile
from metier.errors import VectorIndexError
from metier.protocols import Floats

_STORE: Final = """
    CREATE TABLE IF NOT EXISTS profiles (
        id TEXT PRIMARY KEY, sha256 BLOB NOT NULL, content BLOB NOT NULL, comparable INTEGER NOT NULL
    )"""
_ENCODED: Final = """
    CREATE TABLE IF NOT EXISTS encoded (id TEXT PRIMARY KEY, sha256 BLOB NOT NULL, vector BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS made_by (version TEXT NOT NULL)"""
_TO_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # `dumps` would make one each time
_AMONG: Final = "IN (SELECT value FROM json_each(?))"


class ProfileStore:
    """The profiles of an index, as they were when their vectors were made."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file.

        Args:
            path: Begun if it is not there, unless it is only read.
            read_only: Readers take no lock and see what was last committed.

        Raises:
            VectorIndexError: If it cannot be opened.
        """
        self._path = path
        with _translated(path):
            self._database = _connect_to_read(path) if read_only else _connect_to_write(path, _STORE)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    def hashes(self) -> dict[str, bytes]:
        """Give the hash of every profile by its id."""
        with _translated(self._path):
            return dict(self._database.execute("SELECT id, sha256 FROM profiles"))

    def comparable_ids(self) -> list[str]:
        """Give the ids of the profiles that have a vector, sorted."""
        with _translated(self._path):
            return [row[0] for row in self._database.execute("SELECT id FROM profiles WHERE comparable ORDER BY id")]

    def counts(self) -> tuple[int, int]:
        """Count the profiles, and those of them that have a vector."""
        with _translated(self._path):
            n_all, n_comparable = self._database.execute("SELECT count(*), total(comparable) FROM profiles").fetchone()
        return int(n_all), int(n_comparable)

    def put(self, profiles: Sequence[Profile], *, comparable: Sequence[bool]) -> None:
        """Add profiles, or replace those that are there, in one step.

        Args:
            profiles: Ids are all different.
            comparable: Whether each has a vector; one without a word has none.

        Raises:
            VectorIndexError: If the file cannot be written; nothing is changed then.
        """
        with _translated(self._path), self._database:
            self._insert(profiles, comparable)

    def replace_all(self, profiles: Sequence[Profile], *, comparable: Sequence[bool]) -> None:
        """Hold these profiles and no others, in one step; as `put`."""
        with _translated(self._path), self._database:
            self._database.execute("DELETE FROM profiles")
            self._insert(profiles, comparable)

    def delete(self, ids: Iterable[str]) -> None:
        """Take profiles out, in one step.

        Args:
            ids: Those that are not there are passed over.

        Raises:
            VectorIndexError: If the file cannot be written; nothing is changed then.
        """
        with _translated(self._path), self._database:
            self._database.execute(f"DELETE FROM profiles WHERE id {_AMONG}", [json.dumps(list(ids))])

    def read(self, ids: Sequence[str]) -> list[Profile]:
        """Give profiles by their ids.

        Args:
            ids: Any.

        Returns:
            In the order of `ids`; those that are not there are left out.

        Raises:
            VectorIndexError: If the file cannot be read.
        """
        query = f"SELECT id, content FROM profiles WHERE id {_AMONG}"
        with _translated(self._path):
            held = dict(self._database.execute(query, [json.dumps(list(ids))]))
        return [_profile(item, held[item]) for item in ids if item in held]

    def damaged_ids(self) -> Iterator[str]:
        """Give the ids of profiles whose content is not what was written."""
        with _translated(self._path):
            for item, sha256, content in self._database.execute("SELECT id, sha256, content FROM profiles"):
                if hashlib.sha256(content).digest() != sha256:
                    yield item

    def _insert(self, profiles: Sequence[Profile], comparable: Sequence[bool]) -> None:
        rows = (
            (profile.id, hashlib.sha256(content).digest(), content, int(has_vector))
            for profile, has_vector in zip(profiles, comparable, strict=True)
            if (content := _content(profile))
        )
        self._database.executemany("INSERT OR REPLACE INTO profiles VALUES (?, ?, ?, ?)", rows)


class EncodedProfiles:
    """Vectors of a build that is under way, kept so that one that was interrupted goes on where it was."""

    def __init__(self, path: Path, *, version: str) -> None:
        """Open the file.

        Args:
            path: Begun if it is not there.
            version: Of the encoder; vectors of another one are thrown away.

        Raises:
            VectorIndexError: If it cannot be opened.
        """
        self._path = path
        with _translated(path):
            self._database = _connect_to_write(path, _ENCODED)
            if self._database.execute("SELECT version FROM made_by").fetchone() != (version,):
                with self._database:
                    self._database.execute("DELETE FROM encoded")
                    self._database.execute("DELETE FROM made_by")
                    self._database.execute("INSERT INTO made_by VALUES (?)", [version])

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    def hashes(self) -> dict[str, bytes]:
        """Give the hash of every profile that has been encoded, by its id."""
        with _translated(self._path):
            return dict(self._database.execute("SELECT id, sha256 FROM encoded"))

    def without_vector(self) -> set[str]:
        """Give the ids of those whose vector is zero: profiles without a word."""
        with _translated(self._path):
            return {row[0] for row in self._database.execute("SELECT id FROM encoded WHERE vector = x''")}

    def put(self, profiles: Sequence[Profile], vectors: Floats) -> None:
        """Keep vectors, in one step.

        Args:
            profiles: Ids are all different.
            vectors: float32 (n_profiles, dim); zeros for a profile without a word.

        Raises:
            VectorIndexError: If the file cannot be written; nothing is changed then.
        """
        rows = [
            (profile.id, content_sha256(profile), vector.astype("<f4").tobytes() if vector.any() else b"")
            for profile, vector in zip(profiles, vectors, strict=True)
        ]
        with _translated(self._path), self._database:
            self._database.executemany("INSERT OR REPLACE INTO encoded VALUES (?, ?, ?)", rows)

    def read(self, ids: Sequence[str]) -> Floats:
        """Give the vectors of profiles that are there.

        Args:
            ids: Of profiles that were put in with a vector.

        Returns:
            float32 (n_ids, dim), in order.

        Raises:
            VectorIndexError: If the file cannot be read.
        """
        with _translated(self._path):
            query = f"SELECT id, vector FROM encoded WHERE id {_AMONG}"
            held = dict(self._database.execute(query, [json.dumps(list(ids))]))
        return np.stack([np.frombuffer(held[item], dtype="<f4") for item in ids])


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A build that was interrupted, or is under way."""

    version: str  # of the encoder
    n_encoded: int


def read_unfinished(path: Path) -> Unfinished | None:
    """Say how far a build has come.

    Args:
        path: What an `EncodedProfiles` was opened with.

    Returns:
        Its state; None: there is none.

    Raises:
        VectorIndexError: If the file cannot be read.
    """
    if not path.exists():
        return None
    with _translated(path), closing(_connect_to_read(path)) as database:
        row = database.execute("SELECT version, (SELECT count(*) FROM encoded) FROM made_by").fetchone()
    return Unfinished(*row) if row else None


def remove_store(path: Path) -> None:
    """Take a file of either kind away, with what SQLite keeps beside it."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def content_sha256(profile: Profile) -> bytes:
    """Hash all that a profile says: another text, skill or fact is another hash."""
    return hashlib.sha256(_content(profile)).digest()


def _content(profile: Profile) -> bytes:
    return _TO_JSON(document_to_dict(profile)).encode("utf-8", "surrogatepass")  # half a character may come from JSON


def _profile(item: str, content: bytes) -> Profile:
    return profile_from_row(json.loads(content.decode("utf-8", "surrogatepass")), fallback_id=item)


def _connect_to_write(path: Path, tables: str) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")  # readers go on meanwhile
    database.execute("PRAGMA synchronous = NORMAL")  # a change that a power cut takes back is only encoded again
    database.executescript(tables)
    return database


def _connect_to_read(path: Path) -> sqlite3.Connection:
    closed = "" if os.access(path.parent, os.W_OK) else "&immutable=1"  # nobody can be writing there
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro{closed}", uri=True)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise VectorIndexError(
            f"{path} cannot be used ({error}); check the path, its rights and the room on the disk, "
            "or build the index again."
        ) from error
    except OSError as error:
        raise VectorIndexError(f"{path} cannot be used ({error.strerror}); give another folder.") from error
