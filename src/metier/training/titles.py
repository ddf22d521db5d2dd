"""Trains job2vec on pairs of title and description; reads from top to bottom.

JOAPS (ECAI 2020): a title encoder and a description encoder over frozen word vectors, joined by WOCR with a batch
size that follows the violators; WARP pair by pair, and InfoNCE in the batch, to compare with.
"""

import copy
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from metier.data.title_pairs import TitlePair, read_title_pairs, split_pairs
from metier.errors import ConfigError
from metier.titles.batch_size import BatchSize
from metier.titles.network import TitleNetwork, padded_rows
from metier.titles.ranking_losses import BatchLoss, infonce, warp, wocr
from metier.titles.word_vectors import WordVectors
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates
from metier.training.title_accuracy import title_accuracy
from metier.training.title_examples import (
    TitleExamples,
    check_enough,
    epoch_batches,
    esco_files,
    skill_texts,
    title_examples,
    word_texts,
)
from metier.training.title_folder import WORDS_FILE, write_titles
from metier.training.word_vectors import train_word_vectors

_LOSSES: Final = ("wocr", "warp", "infonce")
_SEARCH_BLOCKS: Final = (8, 24, 96)  # titles that WARP draws at once: most searches end in the first block

Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run


@dataclass(frozen=True, kw_only=True)
class TitlesConfig:
    """What trains job2vec; `configs/titles.toml` is the shipped one."""

    languages: tuple[str, ...] = ("en",)
    all_pairs: bool = False  # train on dev and test too, to ship; then the last epoch is kept
    # word vectors
    vector_size: int = 300  # JOAPS
    least_count: int = 5  # JOAPS has 10 on a hundred times the text
    most_words: int = 20_000  # 300 bytes each in what ships
    word_epochs: int = 5
    skip_gram: bool = True
    # pairs
    description_words: int = 340  # the longest of JOAPS has 343
    mask_share: float = 0.5  # how often a description does not say its title
    # loss
    loss: str = "wocr"
    margin: float = 0.4  # of WOCR; 0.1 was tried and learnt more slowly
    warp_margin: float = 0.1  # JOAPS
    temperature: float = 0.05  # of InfoNCE
    n_negatives: int = 1000  # that WARP draws at most
    batch_start: int = 8
    batch_cap: int = 128
    batch_low: float = 0.2  # share of violators below which the batch doubles
    batch_high: float = 0.8  # and above which it halves
    # training
    epochs: int = 8
    pairs_per_epoch: int = 0  # drawn anew for each, to compare losses in little time; 0: all
    learning_rate: float = 2e-3
    warmup: float = 0.05  # share of the steps
    dropout: float = 0.2
    seed: int = 276800


def train_titles(
    config: TitlesConfig, *, data: Path, esco: Path | None, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, keep the epoch that is best on dev, and write a model folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from its last whole epoch.

    Args:
        config: What to train.
        data: Holds `postings/*.jsonl`.
        esco: An ESCO release folder: pairs of its occupations, and text for the word vectors; None: without.
        output: The model folder to write, which `Job2Vec.load` reads.
        progress: Told what is being done.

    Returns:
        The record of the run: figures of each epoch, seconds, seconds per pair, parameters, hashes.

    Raises:
        InputError: If the data cannot be read, or has fewer than two titles.
        ConfigError: If a value is impossible, or there is an unfinished run of another configuration.
    """
    _check(config)
    began = time.monotonic()
    torch.manual_seed(config.seed)
    progress("reading pairs", 0.0)
    pairs = read_title_pairs(data, languages=config.languages, esco=esco)
    split = split_pairs(pairs)
    train = pairs if config.all_pairs else split.train

    unfinished = output.with_name(f"{output.name}.unfinished")
    vectors = _word_vectors(config, train, esco, unfinished, progress)
    examples = title_examples(train, vectors, n_words=config.description_words)
    check_enough(examples)
    dev = title_examples(split.dev, vectors, n_words=config.description_words)

    network = TitleNetwork(vectors.floats(), dropout=config.dropout)
    optimizer = torch.optim.Adam([{"params": list(network.parameters()), "peak": config.learning_rate}])
    best = copy.deepcopy(network)
    networks = {"network": network, "best": best}
    sizes = BatchSize(start=config.batch_start, cap=config.batch_cap, low=config.batch_low, high=config.batch_high)
    state = load_checkpoint(
        unfinished, networks=networks, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"epoch": 0, "history": [], "sizes": sizes.state(), "config_sha256": config_sha256(config)}
    sizes.restore(state["sizes"])

    for epoch in range(state["epoch"], config.epochs):
        figures = _train_epoch(network, examples, config, optimizer, sizes, epoch, progress)
        if not config.all_pairs:
            figures |= title_accuracy(network, dev)
        history = [*state["history"], figures]
        if config.all_pairs or _best_epoch(history) == epoch:
            best.load_state_dict(network.state_dict())
        state |= {"epoch": epoch + 1, "history": history, "sizes": sizes.state()}
        save_checkpoint(unfinished, networks=networks, optimizer=optimizer, state=state)
        progress(_describe(epoch, figures), (epoch + 1) / config.epochs)

    record = training_record(
        config=config,
        data=_files(data, esco, config),
        seconds=time.monotonic() - began,
        measures={
            "epochs": state["history"],
            "kept_epoch": config.epochs if config.all_pairs else _best_epoch(state["history"]) + 1,
            "n_parameters": network.n_parameters,
            "n_words": len(vectors.words),
            "n_pairs": {"train": examples.n_pairs, "dev": dev.n_pairs, "left_out": examples.n_left_out},
        },
    )
    settings = {
        "description_words": config.description_words,
        "languages": list(config.languages),
        "training": asdict(config),
    }
    write_titles(output, vectors=vectors, network=best, pairs=train, settings=settings, record=record)
    (unfinished / WORDS_FILE).unlink()
    remove_checkpoint(unfinished)
    return record


def _check(config: TitlesConfig) -> None:
    if config.loss not in _LOSSES:
        raise ConfigError(f"loss is '{config.loss}'; expected one of {', '.join(_LOSSES)}.")
    if config.batch_cap < 2 or config.batch_start < 2:
        raise ConfigError("batch_start and batch_cap must be 2 or more: a title alone has no wrong ones beside it.")
    if not config.languages or config.epochs < 1:
        raise ConfigError("Give at least one language and one epoch.")


def _word_vectors(
    config: TitlesConfig, train: Sequence[TitlePair], esco: Path | None, unfinished: Path, progress: Progress
) -> WordVectors:
    """Train the word vectors, or read those of the interrupted run."""
    path = unfinished / WORDS_FILE
    if path.exists() and (unfinished / "checkpoint.json").exists():
        return WordVectors.from_bytes(path.read_bytes())
    progress("training word vectors", 0.0)
    texts = word_texts(train) + (skill_texts(esco, config.languages) if esco else [])
    vectors = train_word_vectors(
        texts,
        size=config.vector_size,
        least_count=config.least_count,
        most_words=config.most_words,
        epochs=config.word_epochs,
        skip_gram=config.skip_gram,
        seed=config.seed,
    )
    unfinished.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vectors.to_bytes())
    return vectors


def _train_epoch(
    network: TitleNetwork,
    examples: TitleExamples,
    config: TitlesConfig,
    optimizer: torch.optim.Optimizer,
    sizes: BatchSize,
    epoch: int,
    progress: Progress,
) -> dict[str, float]:
    """Go once over all pairs, or as many as are wanted; give the epoch's figures."""
    network.train()
    began = time.monotonic()
    draw = random.Random(f"{config.seed}/{epoch}")
    steps = _warp_steps if config.loss == "warp" else _batch_steps
    n_wanted = min(config.pairs_per_epoch or examples.n_pairs, examples.n_pairs)
    n_seen, figures = 0, []
    for n_pairs, found in steps(network, examples, config, sizes, draw):
        share = (epoch + min(n_seen / n_wanted, 1)) / config.epochs
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        optimizer.zero_grad()
        found.loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        n_seen += n_pairs
        figures.append((n_pairs, found.loss.item(), found.ratio))
        if len(figures) % 20 == 0:
            speed = n_seen / (time.monotonic() - began)
            progress(f"epoch {epoch + 1}/{config.epochs}, {speed:.0f} pairs/s, loss {figures[-1][1]:.3f}", share)
        if n_seen >= n_wanted:
            break
    seconds = time.monotonic() - began
    n, losses, ratios = np.array(figures).T
    return {
        "loss": round(float(np.average(losses, weights=n)), 4),
        "batch_size": round(float(n.mean()), 1),
        "violators": round(float(np.average(ratios, weights=n)), 4),  # share of the compared titles
        "seconds": round(seconds, 1),
        "seconds_per_pair": round(seconds / n_seen, 6),
    }


def _batch_steps(
    network: TitleNetwork, examples: TitleExamples, config: TitlesConfig, sizes: BatchSize, draw: random.Random
) -> Iterator[tuple[int, BatchLoss]]:
    """WOCR and InfoNCE: each batch's size and its loss."""
    for pairs in epoch_batches(examples, size=lambda: sizes.size, draw=draw):
        masked = np.array([draw.random() < config.mask_share for _ in pairs])
        texts = np.where(masked, examples.masked_of[pairs], examples.text_of[pairs])
        different, places = np.unique(examples.title_of[pairs], return_inverse=True)
        padding = len(network.titles.vectors) - 1
        titles = network.titles(padded_rows([examples.titles[row] for row in different], padding=padding))
        descriptions = network.descriptions(padded_rows([examples.texts[row] for row in texts], padding=padding))
        cosines = descriptions @ titles[torch.from_numpy(places)].T
        right = torch.from_numpy(examples.right(pairs))
        if config.loss == "wocr":
            found = wocr(cosines, right=right, margin=config.margin)
        else:
            found = infonce(cosines, right=right, temperature=config.temperature)
        sizes.update(n_violators=found.n_violators, n_compared=found.n_compared)
        yield len(pairs), found


def _warp_steps(
    network: TitleNetwork, examples: TitleExamples, config: TitlesConfig, _: BatchSize, draw: random.Random
) -> Iterator[tuple[int, BatchLoss]]:
    """WARP: pair by pair, as published; a pair without a violator among the drawn titles teaches nothing."""
    titles_of: dict[int, set[int]] = {}
    for title, text in zip(examples.title_of.tolist(), examples.text_of.tolist(), strict=True):
        titles_of.setdefault(text, set()).add(title)
    every = np.unique(examples.title_of).tolist()
    padding = len(network.titles.vectors) - 1
    order = list(range(examples.n_pairs))
    draw.shuffle(order)
    for pair in order:
        masked = draw.random() < config.mask_share
        text = examples.texts[(examples.masked_of if masked else examples.text_of)[pair]]
        own_title = padded_rows([examples.titles[examples.title_of[pair]]], padding=padding)
        description = network.descriptions(padded_rows([text], padding=padding))[0]
        own = network.titles(own_title)[0] @ description
        right = titles_of[int(examples.text_of[pair])]
        drawn = [title for title in draw.sample(every, min(config.n_negatives, len(every))) if title not in right]
        violator, trial = _first_violator(
            network, examples, drawn, description.detach(), own.item() - config.warp_margin
        )
        if violator is None:
            yield 1, BatchLoss(0 * own, 0, trial)
            continue
        rows = padded_rows([examples.titles[violator]], padding=padding)
        cosine = network.titles(rows)[0] @ description
        loss = warp(own, cosine, trial=trial, n_negatives=config.n_negatives, margin=config.warp_margin)
        yield 1, BatchLoss(loss, 1, trial)


def _first_violator(
    network: TitleNetwork, examples: TitleExamples, drawn: Sequence[int], description: Tensor, least: float
) -> tuple[int | None, int]:
    """Go through drawn titles until one has a cosine above `least`; say which, and how many were looked at."""
    padding = len(network.titles.vectors) - 1
    blocks = itertools.chain(_SEARCH_BLOCKS, itertools.repeat(_SEARCH_BLOCKS[-1]))
    start = 0
    with torch.no_grad():
        while start < len(drawn):
            block = drawn[start : start + next(blocks)]
            titles = network.titles(padded_rows([examples.titles[title] for title in block], padding=padding))
            above = torch.nonzero(titles @ description > least)
            if len(above):
                return block[int(above[0])], start + int(above[0]) + 1
            start += len(block)
    return None, len(drawn)


def _best_epoch(history: Sequence[dict[str, float]]) -> int:
    """The one with the highest mean accuracy, masked and not; of equals the last, which has seen most."""
    means = [figures["dev_accuracy_masked"] + figures["dev_accuracy"] for figures in history]
    return max(range(len(means)), key=lambda epoch: (means[epoch], epoch))


def _describe(epoch: int, figures: dict[str, float]) -> str:
    measured = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in figures.items())
    return f"epoch {epoch + 1}: {measured}"


def _files(data: Path, esco: Path | None, config: TitlesConfig) -> list[Path]:
    postings = sorted((data / "postings").glob("*.jsonl*"))
    stems = ("occupations", "skills")
    return postings + [path for stem in stems if esco for path in esco_files(esco, stem, config.languages)]
