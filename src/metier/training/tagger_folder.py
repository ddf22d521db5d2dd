"""The folder that a trained tagger is kept in: calibrated on dev, exported, averaged."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import load_file, save_file

from metier.artifacts import Artifact, read_artifact, write_artifact
from metier.errors import ConfigError
from metier.nn.export import Quantization, export_encoder
from metier.nn.runtime import Floats, TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.tagging.tagger import NeuralTagger, read_head
from metier.training.calibration import UNCALIBRATED, fit_span_calibration, tune_outside_bias
from metier.training.record import training_record
from metier.training.tagged_examples import TaggedSet, read_tagged_sets

WEIGHTS_KIND: Final = "tagger-weights"


def write_tagger(
    output: Path,
    *,
    weights: Path,
    arrays: Mapping[str, np.ndarray],
    settings: Mapping[str, Any],
    sets: Sequence[TaggedSet],
    record: dict[str, Any],
) -> None:
    """Tune the bias of O and the calibration of every head on its dev split, as the tagger will run; then write.

    Args:
        output: The weights folder to write.
        weights: A folder with the encoder and the tokenizer as `transformers` wrote them.
        arrays: Of each head `{head}.weight` float32 (dim, 3) and `{head}.bias` float32 (3,).
        settings: Those of the tagger, but for what is tuned here.
        sets: The data sets, the main one first; only their dev splits are read.
        record: Of the run; the calibration is added to its measures.
    """
    heads = [head for some in sets for head in some.heads]
    tuned = {
        **settings,
        "outside_bias": dict.fromkeys(heads, 0.0),
        "calibration": dict.fromkeys(heads, UNCALIBRATED),
    }
    record["measures"]["calibration"] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, content in export_encoder(weights, quantization="float32").items():
            path = Path(temporary) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        encoder = _Remembering(Path(temporary) / "encoder", threads=2)  # dev is read twice
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")

        def tagger_of(some: TaggedSet) -> NeuralTagger:
            found = {layer: read_head(head, arrays, tuned) for head, layer in some.heads.items()}
            return NeuralTagger(encoder, wordpieces, heads=found, settings=tuned, version="training")

        for some in sets:
            by_layer: dict[str, str] = {layer: head for head, layer in some.heads.items()}
            layers = list(some.heads.values())
            biases = tune_outside_bias(tagger_of(some), some.dev, layers)
            tuned["outside_bias"] |= {by_layer[layer]: bias for layer, bias in biases.items()}
            fitted, errors = fit_span_calibration(tagger_of(some), some.dev, layers)
            tuned["calibration"] |= {by_layer[layer]: values for layer, values in fitted.items()}
            record["measures"]["calibration"] |= {by_layer[layer]: error for layer, error in errors.items()}
        heads_path = Path(temporary) / "heads.npz"
        np.savez(heads_path, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for flags
        files = {f"weights/{path.name}": path.read_bytes() for path in weights.iterdir()}
        files["heads.npz"] = heads_path.read_bytes()
        files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings=tuned, files=files)


class _Remembering(TokenEncoder):
    """An encoder that does not encode again what it encoded last."""

    _last: tuple[Any, list[Floats]] = ((), [])

    def encode(self, pieces: Sequence[Sequence[int]], types: Sequence[Sequence[int]]) -> list[Floats]:
        if self._last[0] != (pieces, types):
            self._last = ((pieces, types), super().encode(pieces, types))
        return self._last[1]


def export_tagger(weights: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of a trained tagger.

    Args:
        weights: What `train_tagger` or `average_taggers` wrote.
        output: The model folder to write.
        quantization: `int8` to ship, `float32` to compare with.
    """
    artifact = read_artifact(weights, kind=WEIGHTS_KIND)
    files = export_encoder(artifact.path("weights"), quantization=quantization)
    files["heads.npz"] = artifact.path("heads.npz").read_bytes()
    files["record.json"] = artifact.path("record.json").read_bytes()
    write_artifact(output, kind="tagger", settings={**artifact.settings, "quantization": quantization}, files=files)


def average_taggers(members: Sequence[Path], *, data: Path, output: Path) -> dict[str, Any]:
    """Average the weights of taggers that began from the same encoder (model soup; Wortsman et al., 2022).

    They may differ in seed, in recipe and in the further data sets, and one may have begun from the encoder of another;
    the heads that all have are kept. Taggers of unrelated encoders average to one that finds nothing.

    Args:
        members: Weights folders, two or more.
        data: The folder of the main data set; dev is read, to tune the bias of O and the calibration. Where all members
            have the heads of further data sets, the folder that holds the folders of the sets.
        output: The weights folder to write.

    Returns:
        The record; it holds those of the members.

    Raises:
        ConfigError: If there are fewer than two members, or they cannot be averaged; the message names the setting.
        InputError: If the data cannot be read.
        ModelError: If a member is no trained tagger.
    """
    artifacts = [read_artifact(member, kind=WEIGHTS_KIND) for member in members]
    if len(artifacts) < 2:
        raise ConfigError("Averaging needs two or more trained taggers.")
    _check_alike(members, [_what_must_agree(artifact) for artifact in artifacts])
    settings = dict(artifacts[0].settings)
    training = settings["training"]
    further = [set(artifact.settings["further_sets"]) for artifact in artifacts]
    kept = [name for name in settings["further_sets"] if all(name in some for some in further)]
    names = [training["data_sets"][0], *kept] if kept else []
    sets = read_tagged_sets(data, names=names, layers=settings["layers"], merged=training["merged"])
    heads = [head for some in sets for head in some.heads]
    settings["further_sets"] = {name: settings["further_sets"][name] for name in kept}
    settings["chains"] = {
        head: {
            part: np.mean([artifact.settings["chains"][head][part] for artifact in artifacts], axis=0).tolist()
            for part in ("transitions", "starts")
        }
        for head in heads
    }
    record = training_record(
        config=None,
        data=[path for some in sets for path in some.files],
        seconds=0,
        measures={"members": [json.loads(artifact.path("record.json").read_text()) for artifact in artifacts]},
    )
    arrays = [_arrays(artifact) for artifact in artifacts]
    with tempfile.TemporaryDirectory() as temporary:
        for path in artifacts[0].path("weights").iterdir():
            (Path(temporary) / path.name).write_bytes(path.read_bytes())
        tensors = [load_file(artifact.path("weights/model.safetensors")) for artifact in artifacts]
        save_file(_mean(tensors), Path(temporary) / "model.safetensors", metadata={"format": "pt"})
        write_tagger(
            output,
            weights=Path(temporary),
            arrays={name: mean for name, mean in _mean(arrays).items() if name.rpartition(".")[0] in heads},
            settings=settings,
            sets=sets,
            record=record,
        )
    return record


def _what_must_agree(artifact: Artifact) -> dict[str, Any]:
    training = artifact.settings["training"]
    return {
        "layers": artifact.settings["layers"],
        **{key: training[key] for key in ("crf", "cased", "merged", "window_size", "window_overlap")},
    }


def _check_alike(members: Sequence[Path], settings: Sequence[Mapping[str, Any]]) -> None:
    for member, found in zip(members, settings, strict=True):
        differing = sorted(key for key in found if found[key] != settings[0][key])
        if differing:
            raise ConfigError(f"{member} and {members[0]} differ in {', '.join(differing)} and cannot be averaged.")


def _arrays(artifact: Artifact) -> dict[str, np.ndarray]:
    with np.load(artifact.path("heads.npz"), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _mean(members: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Average the arrays that all have."""
    shared = [name for name in members[0] if all(name in member for member in members)]
    return {name: np.asarray(np.mean([m[name] for m in members], axis=0, dtype=np.float32)) for name in shared}
