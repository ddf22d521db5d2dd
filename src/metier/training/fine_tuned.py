"""Trains a whole encoder on the feedback of a market, documents as one text each; reads from top to bottom.

conSultantBERT (Lavi, Medentsiy and Graus, 2021), the regressor: a siamese encoder, mean vectors, and the squared
distance of the cosine from 1 where a person was wanted and from 0 where not. As there, random pairs of people and
projects that nobody brought together are added as negatives. What comes out is an encoder that `metier models export`
brings into the form that runs; `metier.matching.whole_document.WholeDocument` reads documents with it.
"""

import json
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from metier.artifacts import write_artifact
from metier.data.market import INTERACTIONS, PROFILES, PROJECTS, read_market
from metier.errors import ConfigError, InputError
from metier.linking.network import LinkerNetwork
from metier.matching.words import whole_text
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.nn.text_tensors import text_tensors
from metier.nn.wordpieces import WordPieces
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.distillation import WEIGHTS_KIND
from metier.training.market_pairs import MarketPairs, pairs_of
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates

Progress = Callable[[str, float], None]
Pair = tuple[str, str, float]  # texts of a project and a profile, and what their cosine should be


@dataclass(frozen=True, kw_only=True)
class FineTunedConfig:
    """What fine-tunes an encoder on a market; `configs/match-fine-tuned.toml` is the one that is measured."""

    encoder: str = "runs/encoder-multilingual/weights"  # any encoder of the BERT family
    text_size: int = 160  # pieces read of a document, its start and end included; in use all of it is read
    random_share: float = 0.2  # of the pairs of a batch that nobody brought together
    batch_size: int = 16  # pairs
    steps: int = 2500
    steps_per_checkpoint: int = 250  # and per measurement on validation
    validation_pairs: int = 1000  # measured at most
    learning_rate: float = 5e-5
    weight_decay: float = 0.01
    warmup: float = 0.1
    bfloat16: bool = True
    seed: int = 276800


def train_fine_tuned(config: FineTunedConfig, *, data: Path, output: Path, progress: Progress) -> dict[str, Any]:
    """Train on the feedback before the split, and write a weights folder of the encoder as it is last.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from there.

    Args:
        config: What to train.
        data: The folder of a market; interactions from its split on are not looked at.
        output: The weights folder to write; `metier models export` makes the runtime form of it.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the market cannot be read, or has no feedback to learn from.
        ConfigError: If a value is impossible, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    _check(config)
    began = time.monotonic()
    torch.manual_seed(config.seed)
    market = read_market(data)
    train, validation = pairs_of(market, market.train_interactions), pairs_of(market, market.validation_interactions)
    if not len(train.wanted):
        raise InputError(f"{data} has no feedback before its split; give a market with more interactions.")

    encoder_folder = find_encoder(config.encoder)
    tokenizer = load_tokenizer(encoder_folder)
    network = LinkerNetwork(encoder_folder, temperature=1.0)  # its attention over pieces is not used here
    optimizer = torch.optim.AdamW(
        [{"params": list(network.parameters()), "peak": config.learning_rate}], weight_decay=config.weight_decay
    )
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks={"network": network}, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"step": 0, "history": [], "config_sha256": config_sha256(config)}
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer.save_pretrained(temporary)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    answers, told = _answers(train), _told(validation, config)

    losses: list[float] = []
    for step in range(state["step"], config.steps):
        network.train()
        share = step / config.steps
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        pairs = _draw(train, answers, config, step=step)
        aims = torch.tensor([aim for _, _, aim in pairs])
        loss = (_cosines(network, pairs, wordpieces, config) - aims).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        progress(f"step {step + 1}/{config.steps}, loss {losses[-1]:.3f}", share)
        if (step + 1) % config.steps_per_checkpoint == 0 or step + 1 == config.steps:
            auc = _auc(network, told, wordpieces, config)
            figures = {"step": step + 1, "loss": round(float(np.mean(losses)), 4), "validation_auc": auc}
            state |= {"step": step + 1, "history": [*state["history"], figures]}
            losses = []
            save_checkpoint(unfinished, networks={"network": network}, optimizer=optimizer, state=state)
            progress(f"step {step + 1}: {figures}", share)

    record = training_record(
        config=config,
        data=[data / name for name in (PROFILES, PROJECTS, INTERACTIONS)],
        seconds=time.monotonic() - began,
        measures={"history": state["history"], "n_pairs": len(train.wanted)},
    )
    _write(output, network=network, tokenizer=tokenizer, config=config, record=record)
    remove_checkpoint(unfinished)
    return record


def _check(config: FineTunedConfig) -> None:
    if config.steps < 1 or config.steps_per_checkpoint < 1 or config.batch_size < 1:
        raise ConfigError("Give at least one step, one step per checkpoint and one pair per batch.")
    if not 0 <= config.random_share < 1 or config.text_size < 3:
        raise ConfigError("random_share must be in [0, 1), and text_size 3 or more.")


def _answers(pairs: MarketPairs) -> dict[tuple[int, int], float]:
    """Row of the project and of the profile -> 1 where the person was wanted, else 0."""
    rows = zip(pairs.project_of.tolist(), pairs.profile_of.tolist(), pairs.wanted.tolist(), strict=True)
    return {(project, profile): float(wanted) for project, profile, wanted in rows}


def _draw(
    train: MarketPairs, answers: Mapping[tuple[int, int], float], config: FineTunedConfig, *, step: int
) -> list[Pair]:
    """Draw a step's pairs, the same whatever came before; nobody answered what is not in `answers`."""
    draw = random.Random(f"{config.seed}/{step}")
    rows = []
    for _ in range(config.batch_size):
        if draw.random() < config.random_share:
            rows.append((draw.randrange(len(train.projects)), draw.randrange(len(train.profiles))))
        else:
            row = draw.randrange(len(train.wanted))
            rows.append((int(train.project_of[row]), int(train.profile_of[row])))
    return _texts(train, rows, [answers.get(row, 0.0) for row in rows])


def _texts(pairs: MarketPairs, rows: Sequence[tuple[int, int]], aims: Sequence[float]) -> list[Pair]:
    return [
        (whole_text(pairs.projects[project]), whole_text(pairs.profiles[profile]), aim)
        for (project, profile), aim in zip(rows, aims, strict=True)
    ]


def _told(validation: MarketPairs, config: FineTunedConfig) -> list[Pair]:
    """The pairs that are measured."""
    answers = _answers(validation)
    rows = random.Random(config.seed).sample(list(answers), min(config.validation_pairs, len(answers)))
    return _texts(validation, rows, [answers[row] for row in rows])


def _cosines(network: LinkerNetwork, pairs: Sequence[Pair], wordpieces: WordPieces, config: FineTunedConfig) -> Tensor:
    """Read both sides of the pairs: float32 (n_pairs,)."""
    texts = [project for project, _, _ in pairs] + [profile for _, profile, _ in pairs]
    tensors = text_tensors(texts, [None] * len(texts), wordpieces, size=config.text_size)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
        vectors = network.labels(tensors).float()
    projects, profiles = vectors.split(len(pairs))
    return (projects * profiles).sum(dim=1)


def _auc(
    network: LinkerNetwork, pairs: Sequence[Pair], wordpieces: WordPieces, config: FineTunedConfig
) -> float | None:
    """The area under the ROC curve of the cosines of pairs; None where all have one answer."""
    aims = [aim for _, _, aim in pairs]
    if len(set(aims)) < 2:
        return None
    network.eval()
    with torch.inference_mode():
        cosines = [
            _cosines(network, pairs[start : start + config.batch_size], wordpieces, config)
            for start in range(0, len(pairs), config.batch_size)
        ]
    return round(float(roc_auc_score(aims, torch.cat(cosines).numpy())), 4)


def _write(
    output: Path,
    *,
    network: LinkerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    config: FineTunedConfig,
    record: dict[str, Any],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        network.encoder.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        files = {f"weights/{path.name}": path.read_bytes() for path in Path(temporary).iterdir()}
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings={"training": asdict(config)}, files=files)
