"""The record of a training run: what made a model, so that it can be made again."""

import hashlib
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from metier.training.config import config_sha256, config_values


def training_record(
    *,
    config: object,
    data: Sequence[Path],
    seconds: float,
    measures: dict[str, Any],
) -> dict[str, Any]:
    """Describe a run.

    Args:
        config: The frozen configuration.
        data: The files it was trained and tuned on.
        seconds: How long it took since it was last started.
        measures: What was measured, plain JSON values.

    Returns:
        Plain JSON values.
    """
    return {
        "metier": version("metier"),
        "torch": version("torch"),
        "commit": _commit(),
        "config": config_values(config),
        "config_sha256": config_sha256(config),
        "data_sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in data},
        "seconds": round(seconds),
        "measures": measures,
    }


def _commit() -> str | None:
    """The commit of the source tree that metier runs from, or None outside one."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
