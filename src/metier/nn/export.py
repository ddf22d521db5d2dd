"""From a trained torch encoder to the files of the runtime."""

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
        File name under the model folder (`encoder/…`, `tokenizer.json`) -> content.
    """
    from ctranslate2.converters import TransformersConverter

    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "encoder"
        TransformersConverter(str(weights_folder)).convert(str(target), quantization=quantization, force=True)
        files = {f"encoder/{path.name}": path.read_bytes() for path in sorted(target.iterdir())}
    files["tokenizer.json"] = (weights_folder / "tokenizer.json").read_bytes()
    return files
