"""The state of an interrupted training run: tensors in safetensors, the rest in JSON, never a pickle."""

import json
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim import Optimizer

from metier.errors import ConfigError

_TENSORS: Final = "checkpoint.safetensors"
_STATE: Final = "checkpoint.json"


def save_checkpoint(
    folder: Path, *, networks: dict[str, nn.Module], optimizer: Optimizer, state: dict[str, Any]
) -> None:
    """Write everything that is needed to go on; the old checkpoint stays until the new one is whole.

    Args:
        folder: Made if needed.
        networks: Name -> network; all parameters and buffers are kept.
        optimizer: Its tensors are kept, by parameter number.
        state: Plain JSON values: epoch, history, the configuration's hash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{name}/{key}": value.contiguous()
        for name, network in networks.items()
        for key, value in network.state_dict().items()
    }
    for number, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{number}/{key}": torch.as_tensor(value) for key, value in slots.items()}
    marked = {**state, "torch_rng": torch.get_rng_state().tolist()}
    save_file({key: value.clone() for key, value in tensors.items()}, folder / f"{_TENSORS}.new")
    (folder / f"{_STATE}.new").write_text(json.dumps(marked))
    (folder / f"{_TENSORS}.new").rename(folder / _TENSORS)
    (folder / f"{_STATE}.new").rename(folder / _STATE)


def load_checkpoint(
    folder: Path, *, networks: dict[str, nn.Module], optimizer: Optimizer, config_sha256: str
) -> dict[str, Any] | None:
    """Read a checkpoint into the networks and the optimizer.

    Args:
        folder: Where `save_checkpoint` wrote.
        networks: The same names and shapes as when it was saved.
        optimizer: Over the same parameters in the same order.
        config_sha256: Of the configuration of this run.

    Returns:
        The state that was saved, or None if there is no checkpoint.

    Raises:
        ConfigError: If the checkpoint is of another configuration.
    """
    if (folder / f"{_STATE}.new").exists() and not (folder / f"{_TENSORS}.new").exists():
        (folder / f"{_STATE}.new").rename(folder / _STATE)  # `save_checkpoint` was stopped before its last step
    if not (folder / _STATE).exists():
        return None
    state: dict[str, Any] = json.loads((folder / _STATE).read_text())
    if state["config_sha256"] != config_sha256:
        raise ConfigError(
            f"{folder} holds an unfinished run of another configuration; delete it, or give another output folder."
        )
    tensors = load_file(folder / _TENSORS)
    for name, network in networks.items():
        prefix = f"{name}/"
        network.load_state_dict(
            {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        )
    slots: dict[int, dict[str, Any]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer/"):
            _, number, slot = key.split("/")
            slots.setdefault(int(number), {})[slot] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    torch.set_rng_state(torch.tensor(state["torch_rng"], dtype=torch.uint8))
    return state


def remove_checkpoint(folder: Path) -> None:
    """Delete a finished run's checkpoint, and its folder if nothing else is in it."""
    for name in (_TENSORS, _STATE, f"{_TENSORS}.new", f"{_STATE}.new"):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
