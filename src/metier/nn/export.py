"""From a trained torch encoder to the files of the runtime."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Literal

Quantization = Literal["int8", "float32"]


def export_encoder(weights_folder: Path, *, quantization: Quantization) -> dict[str, bytes]:
    """Convert an encoder saved by `transformers` for CTranslate2.

    Args:
        weights_folder: What `save_pretrained` wrote: `config.json`, `model.safetensors` and the tokenizer.
        quantization: int8 weights with float32 activations between the products, or float32 throughout.

    Returns:
        File name under the model folder (`encoder/…`, `tokenizer.json`) -> content; the same for the same weights.
    """
    import torch
    from ctranslate2.converters import TransformersConverter

    with tempfile.TemporaryDirectory() as temporary, torch.random.fork_rng():
        torch.manual_seed(0)  # the converter adds a pooling layer of random weights, which nothing reads
        source, target = Path(temporary) / "weights", Path(temporary) / "encoder"
        shutil.copytree(weights_folder, source)
        _name_position_type(source / "config.json")
        TransformersConverter(str(source)).convert(str(target), quantization=quantization)
        files = {f"encoder/{path.name}": path.read_bytes() for path in sorted(target.iterdir())}
    files["tokenizer.json"] = (weights_folder / "tokenizer.json").read_bytes()
    return files


def _name_position_type(config_file: Path) -> None:
    """Write what CTranslate2 asks for and `transformers` 5, which knows absolute positions only, leaves out."""
    config = json.loads(config_file.read_text(encoding="utf-8"))
    config.setdefault("position_embedding_type", "absolute")
    config_file.write_text(json.dumps(config), encoding="utf-8")
