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
from metier.training.calibration import fit_span_calibration, tune_outside_bias
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
        "calibration": {head: (1.0, 0.0, 0.0) for head in heads},
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
    """Average the weights of taggers trained from the same start (model soup; Wortsman et al., 2022).

    Args:
        members: Weights folders of one configuration, trained with different seeds; two or more.
        data: As for `train_tagger`; only dev is read, to tune the bias of O and the calibration.
        output: The weights folder to write.

    Returns:
        The record; it holds those of the members.

    Raises:
        ConfigError: If there are fewer than two members, or they differ in more than the seed.
        InputError: If the data cannot be read.
        ModelError: If a member is no trained tagger.
    """
    artifacts = [read_artifact(member, kind=WEIGHTS_KIND) for member in members]
    if len(artifacts) < 2:
        raise ConfigError("Averaging needs two or more trained taggers.")
    configs = [{**artifact.settings["training"], "seed": None} for artifact in artifacts]
    for member, config in zip(members, configs, strict=True):
        if config != configs[0]:
            differing = sorted(key for key in config if config[key] != configs[0].get(key))
            raise ConfigError(f"{member} and {members[0]} differ in {', '.join(differing)}; only the seed may differ.")
    settings = dict(artifacts[0].settings)
    training = settings["training"]
    sets = read_tagged_sets(data, names=training["data_sets"], layers=training["layers"], merged=training["merged"])
    settings["chains"] = {
        head: {
            part: np.mean([artifact.settings["chains"][head][part] for artifact in artifacts], axis=0).tolist()
            for part in ("transitions", "starts")
        }
        for head in settings["chains"]
    }
    record = training_record(
        config=None,
        data=[path for some in sets for path in some.files],
        seconds=0,
        measures={"members": [json.loads(artifact.path("record.json").read_text()) for artifact in artifacts]},
    )
    with tempfile.TemporaryDirectory() as temporary:
        for path in artifacts[0].path("weights").iterdir():
            (Path(temporary) / path.name).write_bytes(path.read_bytes())
        tensors = [load_file(artifact.path("weights/model.safetensors")) for artifact in artifacts]
        mean = {name: np.mean([some[name] for some in tensors], axis=0, dtype=np.float32) for name in tensors[0]}
        save_file(mean, Path(temporary) / "model.safetensors", metadata={"format": "pt"})
        write_tagger(
            output,
            weights=Path(temporary),
            arrays=_mean_arrays(artifacts),
            settings=settings,
            sets=sets,
            record=record,
        )
    return record


def _mean_arrays(artifacts: Sequence[Artifact]) -> dict[str, np.ndarray]:
    held = []
    for artifact in artifacts:
        with np.load(artifact.path("heads.npz"), allow_pickle=False) as arrays:
            held.append({name: arrays[name] for name in arrays.files})
    return {name: np.asarray(np.mean([some[name] for some in held], axis=0, dtype=np.float32)) for name in held[0]}
