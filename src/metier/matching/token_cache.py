"""Token vectors on disk, so that the encoder reads every text once, whatever is trained on them afterwards.

A folder per encoder holds pairs of files. `NAME.vectors` is float16 (rows, dim), one text after another; `NAME.keys`
says whose rows they are. A process that finds new texts appends to a pair of its own, the vectors first, so that any
number of runs share a folder without waiting for each other, and what a stopped run left half-written is passed over.
"""

import hashlib
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.errors import ModelError
from metier.matching.token_vectors import TokenBackbone

Halves = NDArray[np.float16]

_KEY: Final = np.dtype([("key", "V16"), ("start", "<i8"), ("n_rows", "<i4")])
_TEXTS_PER_WRITE: Final = 512  # so many are lost at most when a run is stopped


class TokenCache:
    """Remembers the token vectors of every text that it was asked for."""

    def __init__(self, folder: Path, backbone: TokenBackbone) -> None:
        """Read what earlier runs have written.

        Args:
            folder: Shared by all encoders and runs; made when the first text is kept.
            backbone: Reads the texts that are new.
        """
        self._backbone = backbone
        self._folder = folder / backbone.sha256[:16]
        self._own = self._folder / uuid.uuid4().hex
        self._n_own_rows = 0
        self._files: list[Halves] = []
        self._places: dict[bytes, tuple[int, int, int]] = {}  # key -> file, first row, end
        for path in sorted(self._folder.glob("*.keys")):
            self._read(path.with_suffix(""))

    def vectors(self, texts: Sequence[str], *, limit: int) -> list[Halves]:
        """Give the vectors of the first pieces of each text.

        Args:
            texts: Any.
            limit: Pieces per text at most, as for `TokenBackbone.encode`.

        Returns:
            float16 (n_pieces, dim) for each text, in order; rows of a file, read when they are looked at.

        Raises:
            ModelError: If the folder cannot be written.
        """
        keys = [_key(text, limit) for text in texts]
        new = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._places}.items())
        for start in range(0, len(new), _TEXTS_PER_WRITE):
            block = new[start : start + _TEXTS_PER_WRITE]
            self._append([key for key, _ in block], self._backbone.encode([text for _, text in block], limit=limit))
        places = [self._places[key] for key in keys]
        return [self._files[file][first:end] for file, first, end in places]

    def _append(self, keys: Sequence[bytes], vectors: Sequence[NDArray[np.float32]]) -> None:
        counts = np.array([len(rows) for rows in vectors])
        records = np.zeros(len(keys), dtype=_KEY)
        records["key"] = np.frombuffer(b"".join(keys), dtype="V16")
        records["start"] = self._n_own_rows + np.cumsum(counts) - counts
        records["n_rows"] = counts
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._own.with_suffix(".vectors"), np.concatenate(vectors).astype(np.float16).tobytes())
            _write(self._own.with_suffix(".keys"), records.tobytes())
        except OSError as error:
            raise ModelError(f"{self._folder} cannot be written ({error.strerror}); give another folder.") from error
        self._n_own_rows += int(counts.sum())
        self._hold(self._own, records)

    def _read(self, path: Path) -> None:
        content = path.with_suffix(".keys").read_bytes()
        self._hold(path, np.frombuffer(content[: len(content) // _KEY.itemsize * _KEY.itemsize], dtype=_KEY))

    def _hold(self, path: Path, records: NDArray[np.void]) -> None:
        """Take in records whose rows are all there."""
        dim = self._backbone.dim
        file = path.with_suffix(".vectors")
        n_rows = file.stat().st_size // (2 * dim) if file.exists() else 0
        if not n_rows:
            return
        rows = np.memmap(file, dtype=np.float16, mode="r", shape=(n_rows, dim))
        self._files.append(np.asarray(rows))  # slices of plain arrays are made faster, and weigh less
        for key, start, count in records.tolist():
            if start + count <= n_rows:
                self._places[key] = (len(self._files) - 1, start, start + count)


def _key(text: str, limit: int) -> bytes:
    return hashlib.sha256(f"{limit} {text}".encode(errors="surrogatepass")).digest()[:16]


def _write(path: Path, content: bytes) -> None:
    """Append, and wait until it is on the disk."""
    with path.open("ab") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
