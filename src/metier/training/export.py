"""From trained weights to the form that users run, whatever the system."""

from functools import partial
from pathlib import Path
from typing import Protocol

from metier.artifacts import read_kind
from metier.errors import ConfigError, ModelError
from metier.nn.export import Quantization
from metier.nn.starting_weights import find_encoder
from metier.training import distillation, encoder_folder, linker, reranker, tagger_folder, title_bi_encoder


class Exporter(Protocol):
    """Makes the runtime form of one kind of weights."""

    def __call__(self, weights: Path, output: Path, /, *, quantization: Quantization) -> None:
        """Read `weights` and write `output`."""
        ...


def export_model(weights: str | Path, output: Path, *, quantization: Quantization, encoder: str | None = None) -> None:
    """Make the runtime form of a weights folder.

    Args:
        weights: What one of the training commands wrote; or an encoder that others trained: a folder that
            `transformers` saved, or all-MiniLM-L6-v2 by its name.
        output: The model folder to write.
        quantization: `int8` to use, `float32` to compare with.
        encoder: For a linker: the exported encoder that it shares with others, instead of a copy of its own.

    Raises:
        ConfigError: If `encoder` is given for what is no linker.
        ModelError: If the folder holds no trained weights, or is damaged.
    """
    plain = Path(find_encoder(str(weights)))
    is_plain = (plain / "model.safetensors").is_file()
    kind = encoder_folder.PLAIN if is_plain else read_kind(weights)
    if encoder is not None and kind != linker.WEIGHTS_KIND:
        raise ConfigError(f"{weights} is a {kind}; only a linker can share an encoder: leave --encoder away.")
    exporters: dict[str, Exporter] = {
        tagger_folder.WEIGHTS_KIND: tagger_folder.export_tagger,
        linker.WEIGHTS_KIND: partial(linker.export_linker, encoder=encoder),
        reranker.WEIGHTS_KIND: reranker.export_reranker,
        title_bi_encoder.WEIGHTS_KIND: title_bi_encoder.export_title_bi_encoder,
        distillation.WEIGHTS_KIND: encoder_folder.export_text_encoder,
        encoder_folder.PLAIN: encoder_folder.export_plain_encoder,
    }
    if kind not in exporters:
        raise ModelError(f"{weights} is a {kind}; expected one of {', '.join(sorted(exporters))}.")
    exporters[kind](plain, output, quantization=quantization)
