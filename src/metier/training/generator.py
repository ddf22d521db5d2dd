"""Trains a linker that writes labels; reads from top to bottom.

De Cao, Izacard, Riedel and Petroni (2021), "Autoregressive entity retrieval" (GENRE): teacher forcing with label
smoothing. Here the probability of a piece is its share among the pieces that may come in the trie of labels, in
training as in the search: then the probabilities of all labels sum to one, and nothing is spent on certain pieces.
Our own decoder is taught by the cosines of the encoder under it too (`training.label_task`); it links without them.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from metier.artifacts import write_artifact
from metier.data.linking_rows import read_linking
from metier.data.skillskape import read_skillskape
from metier.domain import Skill
from metier.errors import ConfigError, InputError
from metier.linking.generator import KIND
from metier.linking.generator_network import PieceDecoder
from metier.linking.hub_network import HubNetwork
from metier.nn.starting_weights import find_encoder
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.generator_fitting import fit_decoding
from metier.training.label_task import LabelTask
from metier.training.linker_pairs import Pair, composed_pair, label_pairs, sentence_pairs
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates

_SORTED_TOGETHER: Final = 8  # batches of pairs that are drawn at once, so that each has texts of about one length
Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig:
    """What trains a generator; `configs/generator.toml` is the one that is measured."""

    encoder: str = "runs/linker-en-shallow/weights"  # a BERT under a decoder of our own; it stays as it is
    layers: int = 2  # of the decoder
    model: str = ""  # or a whole sequence-to-sequence model, such as facebook/bart-base, with a rate such as 3e-5
    steps: int = 2500
    steps_per_checkpoint: int = 250
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.05
    dropout: float = 0.1
    label_smoothing: float = 0.1  # GENRE
    teacher_share: float = 0.5  # of our decoder's targets: what the encoder's cosines to all labels say
    teacher_temperature: float = 0.05  # as the encoder was trained with
    # how often a batch is of each source
    share_alternative: float = 0.7
    share_label: float = 0.1
    share_description: float = 0.05
    share_sentence: float = 0.08
    share_composed: float = 0.07
    bfloat16: bool = True
    seed: int = 276800


def train_generator(
    config: GeneratorConfig, *, taxonomy: Taxonomy, data: Path, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, choose how labels are chosen on dev, calibrate, and write a model folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from there.

    Args:
        config: What to train.
        taxonomy: As read from a release, with descriptions.
        data: Holds `skillskape/train.csv.gz` and `skill_linking_esco/*_validation_annotations.csv`.
        output: The model folder to write, which `GenerativeLinker.load` reads.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the data cannot be read.
        ConfigError: If a source has too few pairs, or there is an unfinished run of another configuration.
        ModelError: If the encoder or the model cannot be loaded.
    """
    began = time.monotonic()
    torch.manual_seed(config.seed)
    skape_path = data / "skillskape" / "train.csv.gz"
    dev_paths = sorted((data / "skill_linking_esco").glob("*_validation_annotations.csv"))
    if not dev_paths:
        raise InputError(f"{data} has no skill_linking_esco/*_validation_annotations.csv, on which choices are made.")
    skills = taxonomy.skills
    sources = _sources(config, taxonomy, skape_path)
    network = _network(config, skills)
    task = LabelTask(
        network,
        [skill.label for skill in skills],
        smoothing=config.label_smoothing,
        teacher_share=0.0 if config.model else config.teacher_share,  # no hub model was taught to find labels
        temperature=config.teacher_temperature,
    )
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in network.parameters() if p.requires_grad], "peak": config.learning_rate}],
        weight_decay=config.weight_decay,
    )
    trained = {"network": network.decoder if isinstance(network, PieceDecoder) else network}
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(unfinished, networks=trained, optimizer=optimizer, config_sha256=config_sha256(config)) or {
        "step": 0,
        "losses": [],
        "config_sha256": config_sha256(config),
    }

    network.train()
    losses: list[float] = []
    for step in range(state["step"], config.steps):
        pairs = _draw(config, skills, sources, random.Random(f"{config.seed}/{step}"))
        set_learning_rates(optimizer, share=step / config.steps, warmup=config.warmup)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            loss = task.loss(pairs)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        progress(f"step {step + 1}/{config.steps}, loss {losses[-1]:.3f}", step / config.steps)
        if (step + 1) % config.steps_per_checkpoint == 0:
            state["losses"].append(round(float(np.mean(losses)), 4))
            losses = []
            save_checkpoint(unfinished, networks=trained, optimizer=optimizer, state={**state, "step": step + 1})
            progress(f"step {step + 1}: mean loss {state['losses'][-1]}", step / config.steps)

    progress("choosing and calibrating on dev", 1.0)
    fitted = fit_decoding(network.eval(), taxonomy, [row for path in dev_paths for row in read_linking(path)])
    record = training_record(
        config=config,
        data=[skape_path, *dev_paths],
        seconds=time.monotonic() - began,
        measures={"taxonomy_sha256": taxonomy.sha256, "losses": state["losses"], **fitted.measures},
    )
    files = {**network.files(), "record.json": (json.dumps(record, indent=1) + "\n").encode()}
    settings = {"decoding": asdict(fitted.decoding), "training": asdict(config)}
    write_artifact(output, kind=KIND, settings=settings, files=files)
    remove_checkpoint(unfinished)
    return record


def _sources(config: GeneratorConfig, taxonomy: Taxonomy, skape_path: Path) -> dict[str, list[Pair]]:
    """Pairs by source; those that are composed come later."""
    skills = taxonomy.skills
    rows = {skill.label.lower(): row for row, skill in reversed(list(enumerate(skills)))}
    named = [
        (sentence, [rows[label.lower()] for label in labels if label.lower() in rows])
        for sentence, labels in read_skillskape(skape_path)
    ]
    of_labels = label_pairs(skills, [taxonomy.description(skill) for skill in skills])
    sources = {
        "alternative": of_labels["alternative"],
        "label": [Pair(skill.label, None, row, frozenset({row})) for row, skill in enumerate(skills)],
        "description": of_labels["description"],
        "sentence": sentence_pairs(named),
    }
    for source, pairs in sources.items():
        if getattr(config, f"share_{source}") > 0 and len(pairs) < config.batch_size:
            raise ConfigError(
                f"There are {len(pairs)} pairs of the source '{source}', fewer than a batch of {config.batch_size}; "
                f"lower batch_size or set share_{source} to 0."
            )
    if config.share_composed > 0 and not {"skill", "knowledge"} <= {skill.kind for skill in skills}:
        raise ConfigError("Composed sentences need skills of both kinds; set share_composed to 0.")
    return sources


def _network(config: GeneratorConfig, skills: Sequence[Skill]) -> PieceDecoder | HubNetwork:
    if config.model:
        return HubNetwork(config.model)
    return PieceDecoder.for_labels(
        find_encoder(config.encoder),
        [skill.label for skill in skills],
        n_layers=config.layers,
        dropout=config.dropout,
    )


def _draw(
    config: GeneratorConfig, skills: Sequence[Skill], sources: dict[str, list[Pair]], draw: random.Random
) -> list[Pair]:
    """Draw a batch of one source, of texts of about one length."""
    kinds = [*sources, "composed"]
    kind = draw.choices(kinds, [getattr(config, f"share_{kind}") for kind in kinds])[0]
    if kind == "composed":
        return [composed_pair(skills, draw) for _ in range(config.batch_size)]
    n_batches = min(_SORTED_TOGETHER, len(sources[kind]) // config.batch_size)
    drawn = draw.sample(sources[kind], n_batches * config.batch_size)
    first = draw.randrange(n_batches) * config.batch_size
    return sorted(drawn, key=lambda pair: len(pair.text))[first : first + config.batch_size]
