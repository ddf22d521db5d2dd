"""The record of a training run: what made a model, so that it can be made again."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from metier.evaluation.record import source_commit
from metier.training.config import config_sha256, config_values


def training_record(
    *,
    config: object | None,
    data: Sequence[Path],
    seconds: float,
    measures: dict[str, Any],
) -> dict[str, Any]:
    """Describe a run.

    Args:
        config: The frozen configuration; None where there is none.
        data: The files it was trained and tuned on.
        seconds: How long it took since it was last started.
        measures: What was measured, plain JSON values.

    Returns:
        Plain JSON values.
    """
    return {
        "metier": version("metier"),
        "torch": version("torch"),
        "commit": source_commit(),
        "config": None if config is None else config_values(config),
        "config_sha256": None if config is None else config_sha256(config),
        "data_sha256": {_name(path, data): hashlib.sha256(path.read_bytes()).hexdigest() for path in data},
        "seconds": round(seconds),
        "measures": measures,
    }


def _name(path: Path, among: Sequence[Path]) -> str:
    """Call a file by its name, or with its folder where several are called so."""
    alone = sum(other.name == path.name for other in among) == 1
    return path.name if alone else f"{path.parent.name}/{path.name}"
