"""Figures on disk, with everything that is needed to make them again."""

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from metier.data.files_out import written_whole

_FOLDERS: Final = re.compile(r"(?<![^\s=:'\"])/(?:[^\s/'\"]+/)*(?=[^\s/])")  # of an absolute path


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What made a set of figures."""

    command: str
    model: str  # name and content hash
    data: str  # the file's name, without its folder
    data_sha256: str
    seed: int
    metier: str
    commit: str | None  # of the source tree that metier runs from; None outside one


def make_record(data: Path, *, command: str, model: str, seed: int) -> Record:
    """Describe an evaluation.

    Args:
        data: The file that was evaluated on.
        command: The command line.
        model: Name and content hash of the model.
        seed: Of the intervals.

    Returns:
        The record, with the version, the commit and the hash of the data filled in.
    """
    return Record(
        command=command,
        model=model,
        data=data.name,
        data_sha256=file_sha256(data),
        seed=seed,
        metier=version("metier"),
        commit=source_commit(),
    )


def write_record(path: Path, figures: Mapping[str, Any], record: Record) -> None:
    """Write figures and what made them as one JSON object, all or nothing.

    Args:
        path: The file to write; replaced if it is there.
        figures: Plain JSON values.
        record: What made them; goes under `record`. Of an absolute path in its command only the last name is kept, for
            folders differ between machines.

    Raises:
        InputError: If the file cannot be written there.
    """
    told = asdict(record) | {"command": _FOLDERS.sub("", record.command)}
    content = json.dumps({**figures, "record": told}, indent=1, ensure_ascii=False) + "\n"
    with written_whole(path) as temporary:
        temporary.write_text(content, encoding="utf-8")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file that exists, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def source_commit(source: Path = Path(__file__)) -> str | None:
    """Give the commit of the source tree that metier runs from.

    Args:
        source: A file of that tree.

    Returns:
        40 hexadecimal digits, with `-dirty` behind them where files differ from the commit; None outside git.
    """
    tracked = _git("ls-files", "--error-unmatch", source.name, folder=source.parent)
    if tracked is None:
        return None
    return _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*", folder=source.parent)


def _git(*arguments: str, folder: Path) -> str | None:
    try:
        found = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
