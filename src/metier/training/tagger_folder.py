"""The folder that a trained tagger is kept in: calibrated on dev, exported, averaged, joined to a committee."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import load_file, save_file

from metier.artifacts import Artifact, read_artifact, write_artifact
from metier.domain import MentionKind
from metier.errors import ConfigError
from metier.nn.export import Quantization, export_encoder
from metier.nn.runtime import Floats, TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.tagging.layers import LAYERS
from metier.tagging.tagger import Head, NeuralTagger, Reader, member_folders, read_head
from metier.training.calibration import (
    UNCALIBRATED,
    fit_span_calibration,
    tune_least_probability,
    tune_outside_bias,
)
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
    with tempfile.TemporaryDirectory() as temporary:
        for name, content in export_encoder(weights, quantization="float32").items():
            path = Path(temporary) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        # dev is read more than once
        reader = (_Remembering(Path(temporary) / "encoder", threads=2), WordPieces(Path(temporary) / "tokenizer.json"))
        tuned, record["measures"]["calibration"] = _tuned([reader], arrays, settings, sets, least=False)
        files = {f"weights/{path.name}": path.read_bytes() for path in weights.iterdir()}
        files["heads.npz"] = _packed(arrays, Path(temporary))
        files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings=tuned, files=files)


def _tuned(
    readers: Sequence[Reader],
    arrays: Mapping[str, np.ndarray],
    settings: Mapping[str, Any],
    sets: Sequence[TaggedSet],
    *,
    least: bool,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the settings with what is tuned on dev, with the least probability or without, and calibration's errors."""
    heads = [head for some in sets for head in some.heads]
    tuned = {
        **settings,
        "outside_bias": dict.fromkeys(heads, 0.0),
        "calibration": dict.fromkeys(heads, UNCALIBRATED),
    }
    measures: dict[str, Any] = {}

    def tagger_of(some: TaggedSet) -> NeuralTagger:
        found = {layer: read_head(head, arrays, tuned) for head, layer in some.heads.items()}
        return NeuralTagger(readers, heads=found, settings=tuned, version="training")

    for some in sets:
        by_layer: dict[str, str] = {layer: head for head, layer in some.heads.items()}
        layers = list(some.heads.values())
        biases = tune_outside_bias(tagger_of(some), some.dev, layers)
        tuned["outside_bias"] |= {by_layer[layer]: bias for layer, bias in biases.items()}
        if least:
            found = tune_least_probability(tagger_of(some), some.dev, layers)
            tuned["least"] = {by_layer[layer]: bound for layer, bound in found.items()}
        fitted, errors = fit_span_calibration(tagger_of(some), some.dev, layers)
        tuned["calibration"] |= {by_layer[layer]: values for layer, values in fitted.items()}
        measures |= {by_layer[layer]: error for layer, error in errors.items()}
    return tuned, measures


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


def join_taggers(members: Sequence[Path], *, data: Path, output: Path, threads: int = 2) -> dict[str, Any]:
    """Make a committee of taggers: the mean of their scores decides (Hansen and Salamon, 1990).

    Unlike those that are averaged they need not be of one kind or of one beginning, and the result takes as long as all
    of them together. Beside the bias of O and the calibration, dev tells below which probability a span is left out.

    Args:
        members: Exported taggers, two or more; a further data set's heads speak for one that has the set by its name.
        data: The folder of the data set; its name chooses the heads, its dev split is read.
        output: The model folder to write.
        threads: Processors to use; changes nothing but the time.

    Returns:
        The record; it holds those of the members.

    Raises:
        ConfigError: If there are fewer than two members, one is a committee, they cut or case words differently, or
            they have no layer in common.
        InputError: If the data cannot be read.
        ModelError: If a member is no tagger.
    """
    artifacts = [read_artifact(member, kind="tagger") for member in members]
    if len(artifacts) < 2:
        raise ConfigError("A committee needs two or more exported taggers.")
    for member, artifact in zip(members, artifacts, strict=True):
        if "n_members" in artifact.settings:
            raise ConfigError(f"{member} is a committee itself; give its members.")
    shared = [
        {key: artifact.settings[key] for key in ("cased", "window_size", "window_overlap")} for artifact in artifacts
    ]
    _check_alike(members, shared)
    name = data.resolve().name
    taggers = [
        NeuralTagger.load(
            member, threads=threads, data_set=name if name in artifact.settings.get("further_sets", {}) else None
        )
        for member, artifact in zip(members, artifacts, strict=True)
    ]
    layers = [layer for layer in LAYERS if all(layer in tagger.heads for tagger in taggers)]
    if not layers:
        raise ConfigError("The taggers have no layer in common, skills or knowledge; join some that have.")
    [some] = read_tagged_sets(data, names=[], layers=layers, merged=False)
    arrays, chains = _stacked([{layer: tagger.heads[layer] for layer in layers} for tagger in taggers])
    record = training_record(
        config=None,
        data=some.files,
        seconds=0,
        measures={"members": [json.loads(artifact.path("record.json").read_text()) for artifact in artifacts]},
    )
    settings = {**shared[0], "layers": layers, "chains": chains, "n_members": len(members)}
    readers = [
        (_Remembering(artifact.path("encoder"), threads=threads), WordPieces(artifact.path("tokenizer.json")))
        for artifact in artifacts
    ]
    tuned, record["measures"]["calibration"] = _tuned(readers, arrays, settings, [some], least=True)
    files = {
        f"{at}{path.relative_to(artifact.folder)}": path.read_bytes()
        for at, artifact in zip(member_folders(len(members)), artifacts, strict=True)
        for path in (artifact.path("tokenizer.json"), *artifact.path("encoder").iterdir())
    }
    with tempfile.TemporaryDirectory() as temporary:
        files["heads.npz"] = _packed(arrays, Path(temporary))
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind="tagger", settings=tuned, files=files)
    return record


def _stacked(members: Sequence[Mapping[MentionKind, Head]]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Make heads over the vectors of all members, one after the other, whose scores are the means of the members'."""
    arrays: dict[str, np.ndarray] = {}
    chains: dict[str, Any] = {}
    for layer in members[0]:
        heads = [member[layer] for member in members]
        arrays[f"{layer}.weight"] = np.concatenate([head.weight for head in heads]) / np.float32(len(heads))
        arrays[f"{layer}.bias"] = np.asarray(np.mean([head.bias for head in heads], axis=0, dtype=np.float32))
        chains[layer] = {
            "transitions": np.mean([head.chain.transitions for head in heads], axis=0).tolist(),
            "starts": np.mean([head.chain.starts for head in heads], axis=0).tolist(),
        }
    return arrays, chains


def _packed(arrays: Mapping[str, np.ndarray], folder: Path) -> bytes:
    path = folder / "heads.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for flags
    return path.read_bytes()


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
            raise ConfigError(f"{member} and {members[0]} differ in {', '.join(differing)} and cannot be put together.")


def _arrays(artifact: Artifact) -> dict[str, np.ndarray]:
    with np.load(artifact.path("heads.npz"), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _mean(members: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Average the arrays that all have."""
    shared = [name for name in members[0] if all(name in member for member in members)]
    return {name: np.asarray(np.mean([m[name] for m in members], axis=0, dtype=np.float32)) for name in shared}
