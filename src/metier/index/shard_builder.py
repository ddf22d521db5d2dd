"""The process that builds the shard of a generation: Edge would hold the lock of the Python that asked for it.

`python -m metier.index.shard_builder TARGET LOG DIM [SOURCE]`: the rows of the shard SOURCE, if any, with the changes
of LOG, become the shard TARGET.
"""

import os
import subprocess
import sys
from pathlib import Path
from shutil import Error as CopyError
from shutil import copytree, ignore_patterns
from typing import Final

from metier.errors import MetierError, VectorIndexError
from metier.index.change_log import Change, read_changes
from metier.index.edge import EdgeIndex
from metier.index.sparse_copy import copy_sparse

_PASSING: Final = (".atomicwrite*", "temp_segments")  # what readers and killed writers leave for a while


def build_shard(target: Path, log: Path, *, dim: int, source: Path | None = None) -> int:
    """Build a shard in a process of its own.

    Args:
        target: Where the shard goes.
        log: The changes.
        dim: The length of every vector.
        source: A shard to begin from; it is only read.

    Returns:
        How many rows it has.

    Raises:
        VectorIndexError: If the process failed; `target` may then hold a part.
    """
    arguments = [str(target), str(log), str(dim), *([str(source)] if source else [])]
    done = subprocess.run(
        [sys.executable, "-m", "metier.index.shard_builder", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().rstrip(".").splitlines()[-1:] or [f"it ended with {done.returncode}"]
        full = "; killed while it wrote to memory on disk: the disk is probably full" if done.returncode == -7 else ""
        raise VectorIndexError(f"Building {target} failed: {said[0]}{full}. The index in use is untouched.")
    return int(done.stdout)


def write_shard(target: Path, log: Path, *, dim: int, source: Path | None, parent: int) -> int:
    """Build a shard in this process.

    Args:
        target: Where the shard goes.
        log: The changes.
        dim: The length of every vector.
        source: A shard to begin from.
        parent: The process that asked; the work ends early when it does.

    Returns:
        How many rows it has.

    Raises:
        VectorIndexError: If the shard cannot be written, or the asking process has ended.
    """
    if source:
        copytree(source, target, ignore=ignore_patterns(*_PASSING), copy_function=copy_sparse)
    index = EdgeIndex.open(target, dim=dim) if source else EdgeIndex.create(target, dim=dim)
    for change in read_changes(log):
        if os.getppid() != parent:
            raise VectorIndexError("The process that asked for the index has ended.")
        _apply(index, change)
    index.optimize()
    index.flush()
    n_items = len(index)
    index.close()
    EdgeIndex.open(target, dim=dim).close()  # applies its journals: readers must find nothing left to write
    return n_items


def _apply(index: EdgeIndex, change: Change) -> None:
    if change.vectors is None:
        index.delete(change.ids)
    else:
        index.upsert(change.ids, change.vectors, change.facts)


def _main() -> None:
    target, log, dim, *source = sys.argv[1:]
    try:
        begun = Path(source[0]) if source else None
        n_items = write_shard(Path(target), Path(log), dim=int(dim), source=begun, parent=os.getppid())
    except CopyError as error:  # of every file that could not be copied; they share one cause
        sys.exit(f"{error.args[0][0][2]}, when {error.args[0][0][1]} was written")
    except (MetierError, OSError) as error:
        sys.exit(f"{error}")
    sys.stdout.write(str(n_items))


if __name__ == "__main__":
    _main()
