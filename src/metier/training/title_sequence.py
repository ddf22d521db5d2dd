"""Trains the sequence-to-sequence baseline on the pairs and word vectors of a job2vec; reads from top to bottom.

Teacher forcing and cross-entropy over all title words, as the JOAPS paper (2020) has its baseline.
"""

import copy
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as pack_tensors
from torch import Tensor

from metier.artifacts import Artifact, read_artifact, write_artifact
from metier.data.title_pairs import read_title_pairs, split_pairs
from metier.errors import ConfigError
from metier.titles import job2vec
from metier.titles.beam_search import END
from metier.titles.network import padded_rows
from metier.titles.sequence import KIND, OutputWords
from metier.titles.sequence_network import SequenceNetwork
from metier.titles.word_vectors import WordVectors
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates
from metier.training.title_examples import TitleExamples, check_enough, epoch_batches, esco_files, title_examples
from metier.training.title_folder import WORDS_FILE

Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TitleSequenceConfig:
    """What trains the sequence model; `configs/title-sequence.toml` is the one that job2vec is compared with."""

    titles: str = "runs/titles"  # a trained job2vec: its word vectors, languages and length of descriptions are used
    hidden: int = 256  # JOAPS
    least_count: int = 2  # a title word that comes once cannot be learnt; it counts as unknown
    longest_title: int = 13  # words; JOAPS
    mask_share: float = 0.5  # how often a description does not say its title; as job2vec
    epochs: int = 12  # more than job2vec: a network that writes begins with word counts; the best on dev is kept
    batch_size: int = 64
    learning_rate: float = 1e-3
    warmup: float = 0.05  # share of the run
    dropout: float = 0.2  # as job2vec
    seed: int = 276800


@dataclass(frozen=True, slots=True)
class _Task:
    """What an epoch needs beside the network."""

    examples: TitleExamples
    classes: list[tuple[int, ...]]  # the words and the end of each title of the examples
    vectors: Tensor  # float32 (n_words + 1, dim), of the words of descriptions; the last row is padding
    inputs: Tensor  # float32 (classes, dim)


def train_title_sequence(
    config: TitleSequenceConfig, *, data: Path, esco: Path | None, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, keep the epoch with the lowest cost on dev, and write a model folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from its last whole epoch.

    Args:
        config: What to train.
        data: Holds `postings/*.jsonl`; the same as for job2vec.
        esco: An ESCO release folder, if job2vec was given one.
        output: The model folder to write, which `SequenceTitles.load` reads.
        progress: Told what is being done.

    Returns:
        The record of the run: costs of each epoch, seconds, parameters, hashes.

    Raises:
        InputError: If the data cannot be read, or has fewer than two titles.
        ConfigError: If job2vec was trained on dev and test too, or there is an unfinished run of another configuration.
        ModelError: If there is no such job2vec.
    """
    began = time.monotonic()
    torch.manual_seed(config.seed)
    source = _source(config)
    languages, n_words = source.settings["languages"], source.settings["description_words"]
    progress("reading pairs", 0.0)
    split = split_pairs(read_title_pairs(data, languages=languages, esco=esco))
    vectors = WordVectors.from_bytes(source.path(WORDS_FILE).read_bytes())
    examples = title_examples(split.train, vectors, n_words=n_words)
    check_enough(examples)
    outputs = OutputWords(_title_vocabulary(examples, config.least_count), vectors)
    train = _task(examples, outputs, vectors, config)
    dev = _task(title_examples(split.dev, vectors, n_words=n_words), outputs, vectors, config)

    network = SequenceNetwork(vectors.dim, len(outputs), hidden=config.hidden, dropout=config.dropout)
    optimizer = torch.optim.Adam([{"params": list(network.parameters()), "peak": config.learning_rate}])
    best = copy.deepcopy(network)
    networks = {"network": network, "best": best}
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks=networks, optimizer=optimizer, config_sha256=_run_sha256(config, source)
    ) or {"epoch": 0, "history": [], "config_sha256": _run_sha256(config, source)}

    for epoch in range(state["epoch"], config.epochs):
        figures = _train_epoch(network, train, config, optimizer, epoch, progress)
        figures["dev_cost"] = _dev_cost(network, dev, config)
        history = [*state["history"], figures]
        costs = [past["dev_cost"] for past in history]
        if costs.index(min(costs)) == epoch:
            best.load_state_dict(network.state_dict())
        state |= {"epoch": epoch + 1, "history": history}
        save_checkpoint(unfinished, networks=networks, optimizer=optimizer, state=state)
        progress(f"epoch {epoch + 1}: {figures}", (epoch + 1) / config.epochs)

    files = sorted((data / "postings").glob("*.jsonl*")) + (esco_files(esco, "occupations", languages) if esco else [])
    record = training_record(
        config=config,
        data=files,
        seconds=time.monotonic() - began,
        measures={
            "titles": source.version,
            "epochs": state["history"],
            "n_parameters": network.n_parameters,
            "n_output_words": len(outputs.words),
            "n_pairs": {"train": examples.n_pairs, "dev": dev.examples.n_pairs, "left_out": examples.n_left_out},
        },
    )
    settings = {
        "languages": languages,
        "hidden": config.hidden,
        "description_words": n_words,
        "longest": config.longest_title + 1,
        "outputs": list(outputs.words),
        "training": asdict(config),
    }
    contents = {
        "network.safetensors": pack_tensors(best.state_dict()),
        WORDS_FILE: vectors.to_bytes(),
        "record.json": (json.dumps(record, indent=1) + "\n").encode(),
    }
    write_artifact(output, kind=KIND, settings=settings, files=contents)
    remove_checkpoint(unfinished)
    return record


def _source(config: TitleSequenceConfig) -> Artifact:
    """Find the job2vec that this one is to be compared with."""
    source = read_artifact(config.titles, kind=job2vec.KIND)
    if source.settings["training"]["all_pairs"]:
        raise ConfigError(
            f"{config.titles} was trained on dev and test too; give one that was trained with all_pairs = false."
        )
    return source


def _run_sha256(config: TitleSequenceConfig, source: Artifact) -> str:
    """A run goes on only with the very word vectors with which it began."""
    return f"{config_sha256(config)} {source.sha256}"


def _title_vocabulary(examples: TitleExamples, least_count: int) -> list[str]:
    """Words of the training titles that are frequent enough, by falling count over the pairs, then by letters."""
    counts = Counter(word for title in examples.title_of.tolist() for word in examples.keys[title].split())
    kept = [word for word, count in counts.items() if count >= least_count]
    return sorted(kept, key=lambda word: (-counts[word], word))


def _task(examples: TitleExamples, outputs: OutputWords, vectors: WordVectors, config: TitleSequenceConfig) -> _Task:
    classes = [(*outputs.classes(key)[: config.longest_title], END) for key in examples.keys]
    padded = np.vstack([vectors.floats(), np.zeros((1, vectors.dim), dtype=np.float32)])
    return _Task(examples, classes, torch.from_numpy(padded), outputs.inputs)


def _train_epoch(
    network: SequenceNetwork,
    task: _Task,
    config: TitleSequenceConfig,
    optimizer: torch.optim.Optimizer,
    epoch: int,
    progress: Progress,
) -> dict[str, float]:
    """Go once over all pairs; give the epoch's figures."""
    network.train()
    began = time.monotonic()
    draw = random.Random(f"{config.seed}/{epoch}")
    examples = task.examples
    n_seen, losses = 0, []
    for pairs in epoch_batches(examples, size=lambda: config.batch_size, draw=draw):
        share = (epoch + n_seen / examples.n_pairs) / config.epochs
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        masked = np.array([draw.random() < config.mask_share for _ in pairs])
        loss = _loss(network, task, pairs, np.where(masked, examples.masked_of[pairs], examples.text_of[pairs]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        n_seen += len(pairs)
        losses.append(loss.item())
        if len(losses) % 20 == 0:
            speed = n_seen / (time.monotonic() - began)
            progress(f"epoch {epoch + 1}/{config.epochs}, {speed:.0f} pairs/s, loss {losses[-1]:.3f}", share)
    seconds = time.monotonic() - began
    return {
        "cost": round(float(np.mean(losses)), 4),
        "seconds": round(seconds, 1),
        "seconds_per_pair": round(seconds / max(n_seen, 1), 6),
    }


def _dev_cost(network: SequenceNetwork, dev: _Task, config: TitleSequenceConfig) -> float:
    """Measure the mean cross-entropy of a batch, half of the descriptions masked; 0 without pairs."""
    network.eval()
    costs = []
    order = sorted(range(dev.examples.n_pairs), key=lambda pair: len(dev.examples.texts[dev.examples.text_of[pair]]))
    for start in range(0, len(order), config.batch_size):
        pairs = np.array(order[start : start + config.batch_size], dtype=np.int64)
        texts = np.where(pairs % 2 == 0, dev.examples.masked_of[pairs], dev.examples.text_of[pairs])
        with torch.inference_mode():
            costs.append(_loss(network, dev, pairs, texts).item())
    return round(float(np.mean(costs)), 4) if costs else 0.0


def _loss(network: SequenceNetwork, task: _Task, pairs: Rows, texts: Rows) -> Tensor:
    rows = [task.examples.texts[text] for text in texts]
    padded: Tensor = padded_rows(rows, padding=len(task.vectors) - 1)
    encoded = network.read(task.vectors[padded], torch.tensor([len(text) for text in rows]))
    targets = _targets([task.classes[title] for title in task.examples.title_of[pairs]])
    before = torch.nn.functional.pad(targets[:, :-1].clamp(min=END), (1, 0), value=END)  # END stands for the start
    return network.loss(encoded, task.inputs[before], targets)


def _targets(titles: Sequence[Sequence[int]]) -> Tensor:
    """Lay titles side by side: int64 (titles, steps), padded with -1."""
    return padded_rows([np.array(title, dtype=np.int64) for title in titles], padding=-1)
