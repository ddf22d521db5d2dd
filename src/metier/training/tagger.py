"""Trains a tagger on SkillSpan-like data; reads from top to bottom.

SkillSpan (Zhang, Jensen, Sonniks and Plank, 2022): two parallel BIO layers; multi-task with one shared encoder
and a head per layer, or single-task with one layer; softmax or CRF heads.
"""

import copy
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from metier.artifacts import read_artifact, write_artifact
from metier.data.skillspan import TaggedSentence, find_split, read_skillspan
from metier.domain import MentionKind
from metier.errors import ConfigError
from metier.nn.chain import Chain
from metier.nn.export import Quantization, export_encoder
from metier.nn.pieces import Window, windows
from metier.nn.runtime import TokenEncoder
from metier.nn.starting_weights import MINILM, find_encoder, load_tokenizer
from metier.nn.wordpieces import WordPieces
from metier.tagging.layers import LAYERS, spans_of, tags_to_ids
from metier.tagging.network import TaggerNetwork
from metier.tagging.tagger import NeuralTagger, read_head
from metier.training.calibration import fit_span_calibration, tune_outside_bias
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates

WEIGHTS_KIND: Final = "tagger-weights"
Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run


@dataclass(frozen=True, kw_only=True)
class TaggerConfig:
    """What trains a tagger; `configs/tagger-en.toml` is the shipped one."""

    encoder: str = MINILM  # or any folder or hub model of the BERT family
    layers: tuple[MentionKind, ...] = ("skill", "knowledge")  # one layer: a single-task tagger
    crf: bool = False
    cased: bool = True  # the casing of words as token types, for an uncased vocabulary
    dropout: float = 0.2
    epochs: int = 12
    patience: int = 4  # epochs without a better dev score before stopping
    batch_size: int = 32
    learning_rate: float = 3e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1  # share of the steps
    label_smoothing: float = 0.0
    average_decay: float = 0.995  # exponential moving average of the weights, per step; 0 turns it off
    window_size: int = 256  # pieces
    window_overlap: int = 64
    freeze_embeddings: bool = True  # of the vocabulary: half of the weights; a small data set moves few of them
    bfloat16: bool = True  # on processors and GPUs that have it, twice as fast
    seed: int = 3477689  # the first of the five seeds of SkillSpan's runs


def train_tagger(config: TaggerConfig, *, data: Path, output: Path, progress: Progress) -> dict[str, Any]:
    """Train, keep the epoch that is best on dev, calibrate on dev, and write a weights folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from its last whole epoch.

    Args:
        config: What to train.
        data: A folder with `train` and `dev` in the format of SkillSpan.
        output: The weights folder to write; `export_tagger` makes the runtime form of it.
        progress: Told what is being done.

    Returns:
        The record of the run: measures on dev by epoch, seconds, hashes.

    Raises:
        InputError: If the data cannot be read.
        ConfigError: If a layer is unknown, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    if not config.layers or not set(config.layers) <= set(LAYERS):
        raise ConfigError(f"layers is {list(config.layers)}; expected one or both of {', '.join(LAYERS)}.")
    began = time.monotonic()
    _seed(config.seed)
    train_path, dev_path = find_split(data, "train"), find_split(data, "dev")
    encoder_folder = find_encoder(config.encoder)
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer = load_tokenizer(encoder_folder)
        tokenizer.save_pretrained(temporary)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    train = _examples(read_skillspan(train_path), wordpieces, config)
    dev_sentences = read_skillspan(dev_path)
    dev = _examples(dev_sentences, wordpieces, config)

    network = TaggerNetwork(
        encoder_folder, layers=config.layers, crf=config.crf, dropout=config.dropout, cased=config.cased
    )
    optimizer = _optimizer(network, config)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))
    best = copy.deepcopy(network)
    networks = {"network": network, "average": average, "best": best}

    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks=networks, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"epoch": 0, "history": [], "config_sha256": config_sha256(config)}

    for epoch in range(state["epoch"], config.epochs):
        if _epochs_since_best(state["history"]) >= config.patience:
            break
        network.train()
        batches = list(_batches(train, config, order=random.Random(f"{config.seed}/{epoch}")))
        for number, batch in enumerate(batches):
            share = (epoch + number / len(batches)) / config.epochs
            set_learning_rates(optimizer, share=share, warmup=config.warmup)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
                loss = network.loss(batch, smoothing=config.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            average.update_parameters(network)
            progress(f"epoch {epoch + 1}/{config.epochs}, loss {loss.item():.3f}", share)
        measured = network if config.average_decay == 0 else average.module
        score = _dev_scores(measured, dev, config)
        if score["sum"] > max([entry["sum"] for entry in state["history"]], default=-1.0):
            best.load_state_dict(measured.state_dict())
        state["history"].append(score)
        progress(_describe(epoch, score), (epoch + 1) / config.epochs)
        save_checkpoint(unfinished, networks=networks, optimizer=optimizer, state={**state, "epoch": epoch + 1})

    progress("calibrating on dev", 1.0)
    record = training_record(
        config=config,
        data=[train_path, dev_path],
        seconds=time.monotonic() - began,
        measures={"dev_by_epoch": state["history"]},
    )
    _write_calibrated(best, tokenizer, config, dev_sentences, output, record)
    remove_checkpoint(unfinished)
    return record


def export_tagger(weights: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of a trained tagger.

    Args:
        weights: What `train_tagger` wrote.
        output: The model folder to write.
        quantization: `int8` to ship, `float32` to compare with.
    """
    artifact = read_artifact(weights, kind=WEIGHTS_KIND)
    files = export_encoder(artifact.path("weights"), quantization=quantization)
    files["heads.npz"] = artifact.path("heads.npz").read_bytes()
    files["record.json"] = artifact.path("record.json").read_bytes()
    write_artifact(output, kind="tagger", settings={**artifact.settings, "quantization": quantization}, files=files)


@dataclass(frozen=True, slots=True)
class _Example:
    window: Window
    tags: Mapping[MentionKind, np.ndarray]  # layer -> int64 (n_words,)


def _examples(sentences: Sequence[TaggedSentence], wordpieces: WordPieces, config: TaggerConfig) -> list[_Example]:
    cut = windows(
        [sentence.words for sentence in sentences],
        wordpieces,
        size=config.window_size,
        overlap=config.window_overlap,
        cased=config.cased,
    )
    examples = []
    for window in cut:
        here = slice(window.first_word, window.first_word + window.n_words)
        sentence = sentences[window.sentence]
        tags = {  # a window that begins inside a span begins with B: no chain begins with I
            layer: tags_to_ids((getattr(sentence, layer) or ("O",) * len(sentence.words))[here])
            for layer in config.layers
        }
        examples.append(_Example(window, tags))
    return examples


def _batches(
    examples: Sequence[_Example], config: TaggerConfig, *, order: random.Random
) -> Iterator[dict[str, Tensor]]:
    """Yield batches of sentences of like length, in random order."""
    shuffled = order.sample(list(examples), len(examples))
    blocks = [shuffled[i : i + 32 * config.batch_size] for i in range(0, len(shuffled), 32 * config.batch_size)]
    batches = []
    for block in blocks:
        block.sort(key=lambda example: len(example.window.pieces))
        batches += [block[i : i + config.batch_size] for i in range(0, len(block), config.batch_size)]
    order.shuffle(batches)
    yield from (_tensors(batch, config.layers) for batch in batches)


def _tensors(batch: Sequence[_Example], layers: Sequence[MentionKind]) -> dict[str, Tensor]:
    n_pieces = max(len(example.window.pieces) for example in batch)
    n_words = max(example.window.n_words for example in batch)
    tensors: dict[str, Tensor] = {
        "pieces": torch.zeros(len(batch), n_pieces, dtype=torch.long),
        "types": torch.zeros(len(batch), n_pieces, dtype=torch.long),
        "attention": torch.zeros(len(batch), n_pieces, dtype=torch.long),
        "word_starts": torch.zeros(len(batch), n_words, dtype=torch.long),
        **{layer: torch.full((len(batch), n_words), -1) for layer in layers},
    }
    for row, example in enumerate(batch):
        window = example.window
        tensors["pieces"][row, : len(window.pieces)] = torch.tensor(window.pieces)
        tensors["types"][row, : len(window.pieces)] = torch.tensor(window.types)
        tensors["attention"][row, : len(window.pieces)] = 1
        tensors["word_starts"][row, : window.n_words] = torch.tensor(window.word_starts)
        for layer in layers:
            tensors[layer][row, : window.n_words] = torch.from_numpy(example.tags[layer])
    return tensors


def _optimizer(network: TaggerNetwork, config: TaggerConfig) -> torch.optim.Optimizer:
    network.encoder.embeddings.word_embeddings.requires_grad_(not config.freeze_embeddings)
    encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
    rest = [*network.heads.parameters(), *network.chains.parameters()]
    return torch.optim.AdamW(
        [
            {"params": encoder, "peak": config.learning_rate},
            {"params": rest, "peak": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )


def _dev_scores(network: TaggerNetwork, dev: Sequence[_Example], config: TaggerConfig) -> dict[str, float]:
    """Strict span F1 per layer, over windows (a sentence of more than one window is rare)."""
    network.eval()
    counts = {layer: np.zeros(3) for layer in config.layers}  # true positives, predicted, gold
    chains = {layer: _chain(network, layer) for layer in config.layers}
    ordered = sorted(dev, key=lambda example: len(example.window.pieces))
    for start in range(0, len(ordered), 64):
        batch = ordered[start : start + 64]
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            emissions = network.emissions(_tensors(batch, config.layers))
        for layer in config.layers:
            rows = [emissions[layer][i, : e.window.n_words].numpy() for i, e in enumerate(batch)]
            for example, path in zip(batch, chains[layer].best_paths(rows), strict=True):
                predicted, gold = set(spans_of(path)), set(spans_of(example.tags[layer]))
                counts[layer] += [len(predicted & gold), len(predicted), len(gold)]
    scores: dict[str, float] = {layer: float(2 * tp / max(n + m, 1)) for layer, (tp, n, m) in counts.items()}
    return {**scores, "sum": sum(scores.values())}


def _chain(network: TaggerNetwork, layer: str) -> Chain:
    settings = network.chain_settings()[layer]
    return Chain(np.array(settings["transitions"], dtype=np.float32), np.array(settings["starts"], dtype=np.float32))


def _write_calibrated(
    network: TaggerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    config: TaggerConfig,
    dev: Sequence[TaggedSentence],
    output: Path,
    record: dict[str, Any],
) -> None:
    """Tune the bias of O and the calibration on dev, as the tagger will run, then write the folder."""
    settings = {
        "layers": list(config.layers),
        "cased": config.cased,
        "window_size": config.window_size,
        "window_overlap": config.window_overlap,
        "chains": network.chain_settings(),
        "outside_bias": dict.fromkeys(config.layers, 0.0),
        "calibration": {layer: (1.0, 0.0, 0.0) for layer in config.layers},
        "training": asdict(config),
    }
    arrays = {}
    for layer in config.layers:
        arrays[f"{layer}.weight"] = network.heads[layer].weight.detach().numpy().T.copy()
        arrays[f"{layer}.bias"] = network.heads[layer].bias.detach().numpy()
    with tempfile.TemporaryDirectory() as temporary:
        weights = Path(temporary) / "weights"
        network.encoder.save_pretrained(weights)
        tokenizer.save_pretrained(weights)
        runtime = export_encoder(weights, quantization="float32")
        for name, content in runtime.items():
            path = Path(temporary) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        encoder = TokenEncoder(Path(temporary) / "encoder", threads=2)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")

        def runtime_tagger() -> NeuralTagger:
            heads = {layer: read_head(layer, arrays, settings) for layer in config.layers}
            return NeuralTagger(encoder, wordpieces, heads=heads, settings=settings, version="training")

        settings["outside_bias"] = tune_outside_bias(runtime_tagger(), dev, config.layers)
        settings["calibration"], record["measures"]["calibration"] = fit_span_calibration(
            runtime_tagger(), dev, config.layers
        )
        heads_path = Path(temporary) / "heads.npz"
        np.savez(heads_path, **arrays)
        files = {f"weights/{path.name}": path.read_bytes() for path in weights.iterdir()}
        files["heads.npz"] = heads_path.read_bytes()
        files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings=settings, files=files)


def _epochs_since_best(history: Sequence[Mapping[str, float]]) -> int:
    if not history:
        return 0
    sums = [entry["sum"] for entry in history]
    return len(sums) - 1 - sums.index(max(sums))


def _describe(epoch: int, score: Mapping[str, float]) -> str:
    layers = ", ".join(f"{layer} {value:.3f}" for layer, value in score.items() if layer != "sum")
    return f"epoch {epoch + 1}: dev F1 {layers}"


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002  # libraries below use the global generator
    torch.manual_seed(seed)
