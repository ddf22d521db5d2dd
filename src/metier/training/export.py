"""From trained weights to the form that users run, whatever the system."""

from pathlib import Path

from metier.artifacts import read_artifact, read_kind
from metier.errors import ModelError
from metier.nn.export import Quantization
from metier.training import linker, tagger_folder, title_bi_encoder


def export_model(weights: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of a weights folder.

    Args:
        weights: What one of the training commands wrote.
        output: The model folder to write.
        quantization: `int8` to use, `float32` to compare with.

    Raises:
        ModelError: If the folder holds no trained weights, or is damaged.
    """
    exporters = {
        tagger_folder.WEIGHTS_KIND: tagger_folder.export_tagger,
        linker.WEIGHTS_KIND: linker.export_linker,
        title_bi_encoder.WEIGHTS_KIND: title_bi_encoder.export_title_bi_encoder,
    }
    kind = read_kind(weights)
    if kind not in exporters:
        raise ModelError(f"{weights} is a {kind}; expected one of {', '.join(sorted(exporters))}.")
    read_artifact(weights, kind=kind)
    exporters[kind](weights, output, quantization=quantization)
