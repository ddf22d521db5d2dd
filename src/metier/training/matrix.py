"""Trains and measures taggers in all combinations: tasks apart or together, softmax or CRF, encoders, seeds."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain, product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from metier.data.skillspan import find_split
from metier.data.tagged_sets import read_tagged
from metier.domain import Mention, MentionKind, Span
from metier.errors import ConfigError
from metier.evaluation.tagging import POOLED, evaluate_tagging
from metier.nn.starting_weights import MINILM, quiet_transformers
from metier.tagging.layers import LAYERS
from metier.tagging.tagger import NeuralTagger
from metier.training.tagger import TaggerConfig, train_tagger
from metier.training.tagger_folder import export_tagger

Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole
_FIGURES: Final = (*LAYERS, POOLED)


@dataclass(frozen=True, kw_only=True)
class MatrixConfig:
    """What is combined; `configs/tagger-matrix.toml` is the one that the experiments use."""

    encoders: tuple[str, ...] = (MINILM,)  # the first is the one to compare the others with
    multi_task: tuple[bool, ...] = (False, True)  # False: one tagger per layer
    crf: tuple[bool, ...] = (False, True)
    seeds: tuple[int, ...] = (3477689, 4213916, 8749520)
    epochs: int = 3
    learning_rate: float = 2e-4
    average_decay: float = 0.98


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination, trained with every seed."""

    encoder: str
    multi_task: bool
    crf: bool

    @property
    def name(self) -> str:
        """Such as `linker, multi, crf`."""
        tasks, head = "multi" if self.multi_task else "single", "crf" if self.crf else "softmax"
        return f"{_short(self.encoder)}, {tasks}, {head}"


@dataclass(frozen=True, slots=True)
class _Run:
    encoder: str
    layers: tuple[MentionKind, ...]
    crf: bool
    seed: int

    @property
    def name(self) -> str:
        return f"{_short(self.encoder)}-{'-'.join(self.layers)}-{'crf' if self.crf else 'softmax'}-{self.seed}"


def run_matrix(
    config: MatrixConfig, *, data: Path, split: str, output: Path, jobs: int, progress: Progress
) -> dict[str, Any]:
    """Train what is not there yet, then measure every combination on one split.

    Args:
        config: What to combine.
        data: A folder in the form of SkillSpan with `train`, `dev` and the split.
        split: What to measure on.
        output: Keeps one tagger per run, int8; what is there is not trained again.
        jobs: Trainings at the same time.
        progress: Told of every finished run.

    Returns:
        `cells`: for each combination and figure (`skill`, `knowledge`, `pooled`: strict span F1) its values by seed,
        mean and sample deviation; `gains`: for each encoder but the first, what it adds to the first, paired by
        combination and seed.

    Raises:
        ConfigError: If nothing is combined.
        InputError: If the data cannot be read.
        ModelError: If an encoder cannot be loaded.
    """
    cells = [Cell(*parts) for parts in product(config.encoders, config.multi_task, config.crf)]
    if not cells or not config.seeds:
        raise ConfigError("The matrix is empty; give at least one encoder, one choice of each kind, and one seed.")
    sentences = read_tagged(find_split(data, split))
    runs = [run for seed in config.seeds for cell in cells for run in _runs(cell, seed)]
    runs.sort(key=lambda run: -len(run.layers))  # the quicker half of the table first
    for finished, name in enumerate(_train_missing(runs, config, data=data, output=output, jobs=jobs), start=1):
        progress(f"trained {name}", finished / (len(runs) + 1))
    measured = []
    for cell in cells:
        by_seed = []
        for seed in config.seeds:
            taggers = [NeuralTagger.load(output / run.name) for run in _runs(cell, seed)]
            report = evaluate_tagging(_Together(taggers), sentences, n_resamples=1)
            by_seed.append({name: report.layers[name].strict.f1 for name in _FIGURES})
        measured.append({"name": cell.name, "encoder": _short(cell.encoder), **_summary(by_seed)})
        progress(f"measured {cell.name}", 1.0)
    return {"split": split, "seeds": list(config.seeds), "cells": measured, "gains": _gains(measured, config)}


class _Together:
    """Several taggers as one: their mentions side by side."""

    def __init__(self, taggers: Sequence[NeuralTagger]) -> None:
        self._taggers = taggers

    @property
    def version(self) -> str:
        return " + ".join(tagger.version for tagger in self._taggers)

    def tag(self, texts: Sequence[str], *, words: Sequence[Sequence[Span]] | None = None) -> list[list[Mention]]:
        found = [tagger.tag(texts, words=words) for tagger in self._taggers]
        return [sorted(chain(*parts), key=lambda mention: mention.span) for parts in zip(*found, strict=True)]


def _runs(cell: Cell, seed: int) -> list[_Run]:
    tasks = [LAYERS] if cell.multi_task else [(layer,) for layer in LAYERS]
    return [_Run(cell.encoder, layers, cell.crf, seed) for layers in tasks]


def _train_missing(runs: Sequence[_Run], config: MatrixConfig, *, data: Path, output: Path, jobs: int) -> Iterator[str]:
    """Train in processes of their own, and yield the name of each run that is there."""
    missing = [run for run in runs if not (output / run.name).is_dir()]
    yield from (run.name for run in runs if run not in missing)
    if not missing:
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_train_one, run, config, data, output, jobs): run for run in missing}
        for done in as_completed(waiting):
            done.result()
            yield waiting[done].name


def _train_one(run: _Run, config: MatrixConfig, data: Path, output: Path, jobs: int) -> None:
    import torch

    quiet_transformers()
    torch.set_num_threads(max(1, torch.get_num_threads() // jobs))
    weights = output / f"{run.name}.weights"
    settings = TaggerConfig(
        encoder=run.encoder,
        layers=run.layers,
        crf=run.crf,
        epochs=config.epochs,
        learning_rate=config.learning_rate,
        average_decay=config.average_decay,
        patience=0,
        seed=run.seed,
    )
    train_tagger(settings, data=data, output=weights, progress=lambda doing, share: None)
    export_tagger(weights, output / run.name, quantization="int8")
    with contextlib.suppress(OSError):
        shutil.rmtree(weights)


def _summary(by_seed: Sequence[dict[str, float]]) -> dict[str, Any]:
    return {name: _spread([figures[name] for figures in by_seed]) for name in _FIGURES}


def _spread(values: Sequence[float]) -> dict[str, Any]:
    """Mean and sample deviation; of a single value there is no deviation."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"mean": float(np.mean(values)), "deviation": deviation, "by_seed": list(values)}


def _gains(cells: Sequence[dict[str, Any]], config: MatrixConfig) -> dict[str, Any]:
    first, *others = [_short(encoder) for encoder in config.encoders]
    gains = {}
    for other in others:
        pairs = [
            (plain, better)
            for plain in cells
            for better in cells
            if (plain["encoder"], better["encoder"]) == (first, other) and _same_but_encoder(plain, better)
        ]
        gains[other] = {
            figure: _spread(
                [
                    after - before
                    for plain, better in pairs
                    for before, after in zip(plain[figure]["by_seed"], better[figure]["by_seed"], strict=True)
                ]
            )
            for figure in _FIGURES
        }
    return gains


def _same_but_encoder(plain: dict[str, Any], better: dict[str, Any]) -> bool:
    return str(plain["name"]).split(", ")[1:] == str(better["name"]).split(", ")[1:]


def _short(encoder: str) -> str:
    """Call an encoder by the last part of its name; a folder of weights by what it is in."""
    path = Path(encoder)
    return path.parent.name if path.name == "weights" else path.name
