"""An encoder by itself, in the form that users run: `metier.linking.encoding.load_text_encoder` reads it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from metier.artifacts import read_artifact, write_artifact
from metier.nn.export import Quantization, export_encoder
from metier.training.distillation import WEIGHTS_KIND

PLAIN: Final = "encoder of transformers"  # what to call a folder that is no model folder of ours


def export_text_encoder(weights: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of a trained encoder.

    Args:
        weights: What `metier train distil` or `metier train multilingual` wrote.
        output: The model folder to write.
        quantization: `int8` to ship, `float32` to compare with.
    """
    artifact = read_artifact(weights, kind=WEIGHTS_KIND)
    record = artifact.path("record.json").read_bytes()
    _write(artifact.path("weights"), output, quantization=quantization, settings=artifact.settings, record=record)


def export_plain_encoder(folder: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of an encoder that others trained.

    Args:
        folder: What `transformers` saved.
        output: The model folder to write.
        quantization: As for `export_text_encoder`.
    """
    record = json.dumps({"exported": folder.name}).encode()
    _write(folder, output, quantization=quantization, settings={}, record=record)


def _write(
    folder: Path, output: Path, *, quantization: Quantization, settings: Mapping[str, Any], record: bytes
) -> None:
    files = export_encoder(folder, quantization=quantization)
    files["record.json"] = record
    described = {
        "encoder_sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "quantization": quantization,
        **settings,
    }
    write_artifact(output, kind="encoder", settings=described, files=files)
