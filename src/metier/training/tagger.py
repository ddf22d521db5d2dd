"""Trains a tagger on SkillSpan-like data; reads from top to bottom.

SkillSpan (Zhang, Jensen, Sonniks and Plank, 2022): two parallel BIO layers; multi-task with one shared encoder
and a head per layer, or single-task with one layer; softmax or CRF heads.
"""

import copy
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from metier.data.skillspan import TaggedSentence
from metier.domain import MentionKind
from metier.errors import ConfigError
from metier.nn.chain import Chain
from metier.nn.starting_weights import MINILM, find_encoder, load_tokenizer
from metier.nn.wordpieces import WordPieces
from metier.tagging.layers import LAYERS, spans_of
from metier.tagging.network import TaggerNetwork
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates
from metier.training.tagged_examples import Example, TaggedSet, epoch_batches, examples_of, read_tagged_sets, to_tensors
from metier.training.tagger_folder import write_tagger

Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run


@dataclass(frozen=True, kw_only=True)
class TaggerConfig:
    """What trains a tagger; `configs/tagger-en.toml` is the shipped one."""

    encoder: str = MINILM  # or any folder or hub model of the BERT family
    layers: tuple[MentionKind, ...] = ("skill", "knowledge")  # one layer: a single-task tagger
    data_sets: tuple[str, ...] = ()  # folders of --data that share the encoder, each with its own heads; first: main
    further_share: float = 1.0  # of the further sets' sentences, drawn anew for every epoch
    merged: bool = False  # one layer without types: skill wins, else knowledge (NNOSE); layers is then ["skill"]
    crf: bool = False
    cased: bool = True  # the casing of words as token types, for an uncased vocabulary
    dropout: float = 0.2
    epochs: int = 12
    patience: int = 4  # epochs without a better dev score before stopping; 0: the last is kept, none measured
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
    _check(config)
    began = time.monotonic()
    _seed(config.seed)
    sets = read_tagged_sets(data, names=config.data_sets, layers=config.layers, merged=config.merged)
    encoder_folder = find_encoder(config.encoder)
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer = load_tokenizer(encoder_folder)
        tokenizer.save_pretrained(temporary)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    train = [_examples(some.train, wordpieces, config, some.heads) for some in sets]
    dev = [_examples(some.dev, wordpieces, config, some.heads) for some in sets]

    network = TaggerNetwork(
        encoder_folder,
        layers=[head for some in sets for head in some.heads],
        crf=config.crf,
        dropout=config.dropout,
        cased=config.cased,
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
        if config.patience and _epochs_since_best(state["history"]) >= config.patience:
            break
        network.train()
        order = random.Random(f"{config.seed}/{epoch}")
        batches = list(
            epoch_batches(train, batch_size=config.batch_size, further_share=config.further_share, order=order)
        )
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
        if not config.patience:
            best.load_state_dict(measured.state_dict())
        else:
            score = {head: f1 for some in dev for head, f1 in _dev_scores(measured, some, config).items()}
            score["sum"] = sum(score[head] for head in sets[0].heads)  # the main set chooses the epoch
            if score["sum"] > max([entry["sum"] for entry in state["history"]], default=-1.0):
                best.load_state_dict(measured.state_dict())
            state["history"].append(score)
            progress(_describe(epoch, score), (epoch + 1) / config.epochs)
        save_checkpoint(unfinished, networks=networks, optimizer=optimizer, state={**state, "epoch": epoch + 1})

    progress("calibrating on dev", 1.0)
    record = training_record(
        config=config,
        data=[path for some in sets for path in some.files],
        seconds=time.monotonic() - began,
        measures={"dev_by_epoch": state["history"]},
    )
    _write(best, tokenizer, config, sets, output, record)
    remove_checkpoint(unfinished)
    return record


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


def _check(config: TaggerConfig) -> None:
    if not config.layers or not set(config.layers) <= set(LAYERS):
        raise ConfigError(f"layers is {list(config.layers)}; expected one or both of {', '.join(LAYERS)}.")
    if config.merged and config.layers != ("skill",):
        raise ConfigError(
            f"merged gives one layer without types, so layers must be ['skill'], not {list(config.layers)}."
        )
    if not 0 < config.further_share <= 1:
        raise ConfigError(f"further_share is {config.further_share}; expected more than 0, and 1 at most.")


def _examples(
    sentences: Sequence[TaggedSentence], wordpieces: WordPieces, config: TaggerConfig, heads: Mapping[str, MentionKind]
) -> list[Example]:
    return examples_of(
        sentences,
        wordpieces,
        heads=heads,
        size=config.window_size,
        overlap=config.window_overlap,
        cased=config.cased,
    )


def _dev_scores(network: TaggerNetwork, dev: Sequence[Example], config: TaggerConfig) -> dict[str, float]:
    """Strict span F1 per head, over windows (a sentence of more than one window is rare)."""
    network.eval()
    heads = list(dev[0].tags)
    counts = {head: np.zeros(3) for head in heads}  # true positives, predicted, gold
    chains = {head: _chain(network, head) for head in heads}
    ordered = sorted(dev, key=lambda example: len(example.window.pieces))
    for start in range(0, len(ordered), 64):
        batch = ordered[start : start + 64]
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            emissions = network.emissions(to_tensors(batch), heads=heads)
        for head in heads:
            rows = [emissions[head][i, : e.window.n_words].numpy() for i, e in enumerate(batch)]
            for example, path in zip(batch, chains[head].best_paths(rows), strict=True):
                predicted, gold = set(spans_of(path)), set(spans_of(example.tags[head]))
                counts[head] += [len(predicted & gold), len(predicted), len(gold)]
    return {head: float(2 * tp / max(n + m, 1)) for head, (tp, n, m) in counts.items()}


def _chain(network: TaggerNetwork, layer: str) -> Chain:
    settings = network.chain_settings()[layer]
    return Chain(np.array(settings["transitions"], dtype=np.float32), np.array(settings["starts"], dtype=np.float32))


def _write(
    network: TaggerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    config: TaggerConfig,
    sets: Sequence[TaggedSet],
    output: Path,
    record: dict[str, Any],
) -> None:
    settings = {
        "layers": list(sets[0].heads),
        "further_sets": {some.name: list(some.heads.values()) for some in sets[1:]},
        "cased": config.cased,
        "window_size": config.window_size,
        "window_overlap": config.window_overlap,
        "chains": network.chain_settings(),
        "training": asdict(config),
    }
    arrays = {}
    for name, head in network.heads.items():
        arrays[f"{name}.weight"] = head.weight.detach().numpy().T.copy()
        arrays[f"{name}.bias"] = head.bias.detach().numpy()
    with tempfile.TemporaryDirectory() as weights:
        network.encoder.save_pretrained(weights)
        tokenizer.save_pretrained(weights)
        write_tagger(output, weights=Path(weights), arrays=arrays, settings=settings, sets=sets, record=record)


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
