"""The folder of an index that is built anew from time to time: which files there are, and how one becomes current.

    CURRENT             the name of the generation in use; replaced in one step
    LOCK                held by the one process that writes, with its number
    gen-3/index.json    format, dimension, encoder version, number of rows, size of every file of the shard
    gen-3/shard/        a shard of Qdrant Edge, never changed
    delta/gen-3.log     what changed since it was built
    gen-4.building-…/   a generation that is not ready; left by a process that was killed, it is taken away by the next

Readers take no lock: what they read is never changed, only added to or replaced.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import disk_usage, rmtree
from typing import Final

from metier.errors import IndexBusy, VectorIndexError

FORMAT: Final = 1
_CURRENT: Final = "CURRENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationCard:
    """What `index.json` says."""

    format: int
    dim: int
    encoder_version: str
    n_items: int
    sizes: dict[str, int]  # bytes of each file of the shard, by its path in it


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of a folder."""

    folder: Path  # of the index
    name: str  # such as `gen-3`

    @property
    def shard(self) -> Path:
        """Where its rows are."""
        return self.folder / self.name / "shard"

    @property
    def log(self) -> Path:
        """What changed since it was built."""
        return self.folder / "delta" / f"{self.name}.log"

    def card(self) -> GenerationCard:
        """Read `index.json`, and see that all files of the shard are there.

        Returns:
            What it says.

        Raises:
            VectorIndexError: If it cannot be read, is of another format, or a file is missing or cut short.
        """
        path = self.folder / self.name / "index.json"
        try:
            found = GenerationCard(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise VectorIndexError(f"{path} cannot be read ({error}); build the index again.") from error
        if found.format != FORMAT:
            raise VectorIndexError(f"{path} has format {found.format}, this metier reads {FORMAT}; build it again.")
        for name, size_bytes in found.sizes.items():
            file = self.shard / name
            if not file.is_file() or file.stat().st_size < size_bytes:
                raise VectorIndexError(f"{file} is missing or cut short; build the index again.")
        return found


def current_generation(folder: Path) -> Generation:
    """Say which generation is in use.

    Args:
        folder: Of the index.

    Returns:
        The generation.

    Raises:
        VectorIndexError: If the folder holds no index, or cannot be read.
    """
    try:
        name = (folder / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise VectorIndexError(f"{folder} holds no index; build one with `metier index build`.") from error
    except (OSError, ValueError) as error:
        raise VectorIndexError(f"{folder} cannot be read ({error}); check the path and its rights.") from error
    if not name.removeprefix("gen-").isdigit():
        raise VectorIndexError(f"{folder / _CURRENT} names no generation ({name[:20]!r}); build the index again.")
    return Generation(folder, name)


@contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Be the only process that writes; the system lets go when the process ends, however it does.

    Args:
        folder: Of the index; made if it is not there.

    Raises:
        IndexBusy: If another one writes; it says which.
        VectorIndexError: If the folder cannot be written.
    """
    import fcntl

    with reported(folder):
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / "LOCK").open("a+", encoding="utf-8")
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            holder = stream.read().strip() or "not yet named"
            raise IndexBusy(f"Process {holder} is writing to {folder}; wait until it is done, or end it.") from error
        with reported(folder):
            stream.truncate(0)
            stream.write(str(os.getpid()))
            stream.flush()
        yield


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """Give a folder for the next generation, which is gone afterwards if it was not published.

    Args:
        folder: Of the index; the caller holds its lock.

    Yields:
        An empty folder, on the same disk.

    Raises:
        VectorIndexError: If the disk is full, or the folder cannot be written.
    """
    with reported(folder):
        for left in folder.glob("gen-*.building-*"):
            rmtree(left, ignore_errors=True)
        stage = Path(tempfile.mkdtemp(prefix=f"{_next_name(folder)}.building-", dir=folder))
        stage.chmod(0o755)
    try:
        with reported(folder):
            yield stage
    finally:
        rmtree(stage, ignore_errors=True)


def publish(stage: Path, *, dim: int, encoder_version: str, n_items: int) -> Generation:
    """Make a generation the current one, in one step, and take the older ones away.

    Args:
        stage: What `building` gave, with `shard/` in it.
        dim: The length of every vector.
        encoder_version: What made the vectors.
        n_items: Rows of the shard.

    Returns:
        The generation.

    Raises:
        OSError: If the disk is full or cannot be written; the one before is then still current.
    """
    folder, shard = stage.parent, stage / "shard"
    sizes = {str(file.relative_to(shard)): file.stat().st_size for file in sorted(shard.rglob("*")) if file.is_file()}
    card = GenerationCard(format=FORMAT, dim=dim, encoder_version=encoder_version, n_items=n_items, sizes=sizes)
    _write_safely(stage / "index.json", json.dumps(asdict(card), indent=1) + "\n")
    generation = Generation(folder, stage.name.partition(".")[0])
    generation.log.parent.mkdir(exist_ok=True)
    _write_safely(generation.log, "")
    stage.rename(folder / generation.name)
    _write_safely(folder / f"{_CURRENT}.new", generation.name + "\n")
    (folder / f"{_CURRENT}.new").replace(folder / _CURRENT)
    _sync_folder(folder)
    _remove_others(generation)
    return generation


def check_room(folder: Path, *, size_bytes: int) -> None:
    """Refuse to begin what cannot be finished: Edge does not survive a disk that fills up under it.

    Args:
        folder: On the disk in question.
        size_bytes: What will be needed.

    Raises:
        VectorIndexError: If there is less room.
    """
    free = disk_usage(folder).free
    if free < size_bytes:
        raise VectorIndexError(
            f"Building in {folder} takes about {size_bytes / 1e9:.1f} GB and the disk has {free / 1e9:.1f} GB; "
            "make room, or give another folder."
        )


@contextmanager
def reported(folder: Path) -> Iterator[None]:
    """Say what an error of the system means for the index.

    Args:
        folder: Of the index.

    Raises:
        VectorIndexError: In place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise VectorIndexError(
            f"{error.filename or folder} cannot be used ({error.strerror}); check the path, its rights and the room on "
            "the disk. What was acknowledged before is kept."
        ) from error


def _next_name(folder: Path) -> str:
    numbers = [int(path.name[4:]) for path in folder.glob("gen-*") if path.name[4:].isdigit()]
    return f"gen-{max(numbers, default=0) + 1}"


def _remove_others(generation: Generation) -> None:
    for path in generation.folder.glob("gen-*"):
        if path.name != generation.name:
            rmtree(path, ignore_errors=True)
    for log in generation.log.parent.glob("gen-*.log"):
        if log != generation.log:
            log.unlink(missing_ok=True)


def _write_safely(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder safe too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
