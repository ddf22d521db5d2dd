"""Trains one projection for projects and one for profiles over a frozen encoder; reads from top to bottom.

Every document is read once, as the mean of its sections; what is learnt is two matrices, which takes minutes on a CPU.
The losses, the adjacency and the batches are those of the retriever, so that they differ in the encoder alone.
"""

import copy
import io
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from metier.artifacts import read_artifact, write_artifact
from metier.data.market import INTERACTIONS, PROFILES, PROJECTS, Interaction, Market, read_market
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS
from metier.errors import ConfigError, InputError
from metier.matching.contrastive_losses import infonce_loss, triplet_loss
from metier.matching.projection import KIND, PROJECTIONS_FILE
from metier.matching.section_mean import mean_of_sections
from metier.nn.long_texts import LongTextEncoder
from metier.protocols import Encoder
from metier.training.record import training_record
from metier.training.retriever_config import LOSSES, WEAK_NEGATIVES, RetrieverConfig
from metier.training.retriever_examples import (
    Batch,
    Examples,
    between_profiles,
    draw_batch,
    examples_of,
    project_adjacency,
    steps_per_epoch,
)
from metier.training.retriever_validation import retrieved_wanted
from metier.training.schedule import set_learning_rates

Progress = Callable[[str, float], None]
Side = Literal["projects", "profiles"]


@dataclass(frozen=True, kw_only=True)
class ProjectionConfig:
    """What trains a projection; `configs/match-projection.toml` and `configs/match-projection-triplet.toml`."""

    encoder: str = "encoder-multilingual"  # shipped, or a folder that `metier models export` wrote of an encoder
    loss: str = "infonce"  # or `triplet`
    temperature: float = 0.1  # of InfoNCE; as the retriever
    margin: float = 1.0  # of triplets; vectors are at most 2 apart
    weak_negatives: str = "all"  # as the retriever
    weak_on_project: bool = True
    projects_per_batch: int = 32
    wanted_per_project: int = 2
    refused_per_project: int = 1
    weak_per_batch: int = 64
    epochs: int = 4  # each takes every project once, and is measured on validation
    learning_rate: float = 3e-4
    weight_decay: float = 0.01
    warmup: float = 0.05
    seed: int = 276800

    @property
    def batches(self) -> RetrieverConfig:
        """What the batches are drawn by."""
        return RetrieverConfig(
            weak_negatives=self.weak_negatives,
            weak_on_project=self.weak_on_project,
            projects_per_batch=self.projects_per_batch,
            wanted_per_project=self.wanted_per_project,
            refused_per_project=self.refused_per_project,
            weak_per_batch=self.weak_per_batch,
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """Interactions, and the vectors of their documents."""

    examples: Examples
    projects: Tensor  # float32 (n_projects, dim)
    profiles: Tensor  # float32 (n_profiles, dim)


def train_projection(config: ProjectionConfig, *, data: Path, output: Path, progress: Progress) -> dict[str, Any]:
    """Train, keep the epoch that finds most wanted profiles of validation projects, and write a model folder.

    Args:
        config: What to train.
        data: The folder of a market; interactions from its split on are not looked at.
        output: The model folder to write, which `Projection.load` reads.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the market cannot be read, or nobody was wanted in a part of it.
        ConfigError: If a value is impossible.
        ModelError: If the encoder cannot be loaded.
    """
    _check(config)
    began = time.monotonic()
    torch.manual_seed(config.seed)
    artifact = read_artifact(config.encoder, kind="encoder")
    encoder = LongTextEncoder.load(artifact, threads=1)
    market = read_market(data)
    progress("reading every document once", 0.0)
    train = _read(market, market.train_interactions, encoder)
    validation = _read(market, market.validation_interactions, encoder)

    network = _beginning(train.projects.shape[1])
    best = copy.deepcopy(network)
    history: list[dict[str, float]] = [{"epoch": 0, "found": _found(network, validation)}]
    optimizer = torch.optim.AdamW(
        [{"params": list(network.parameters()), "peak": config.learning_rate}], weight_decay=config.weight_decay
    )
    n_steps = steps_per_epoch(train.examples, config.batches)
    for epoch in range(config.epochs):
        losses = []
        for step in range(epoch * n_steps, (epoch + 1) * n_steps):
            share = step / (config.epochs * n_steps)
            set_learning_rates(optimizer, share=share, warmup=config.warmup)
            loss = _loss(network, train, draw_batch(train.examples, config.batches, step=step), config)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            progress(f"step {step + 1}/{config.epochs * n_steps}, loss {losses[-1]:.3f}", share)
        figures = {
            "epoch": epoch + 1,
            "loss": round(float(np.mean(losses)), 4),
            "found": _found(network, validation),
        }
        if figures["found"] >= max(earlier["found"] for earlier in history):
            best.load_state_dict(network.state_dict())
        history.append(figures)
        progress(f"epoch {epoch + 1}: {figures}", (epoch + 1) / config.epochs)

    record = training_record(
        config=config,
        data=[data / name for name in (PROFILES, PROJECTS, INTERACTIONS)],
        seconds=time.monotonic() - began,
        measures={"encoder": artifact.version, "history": history},
    )
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **{side: layer.weight.detach().numpy().T for side, layer in best.items()})
    write_artifact(
        output,
        kind=KIND,
        settings={
            "encoder": config.encoder,
            "encoder_sha256": artifact.settings["encoder_sha256"],
            "training": asdict(config),
        },
        files={PROJECTIONS_FILE: stream.getvalue(), "record.json": (json.dumps(record, indent=1) + "\n").encode()},
    )
    return record


def _check(config: ProjectionConfig) -> None:
    if config.loss not in LOSSES or config.weak_negatives not in WEAK_NEGATIVES:
        raise ConfigError(f"loss is one of {', '.join(LOSSES)}; weak_negatives is one of {', '.join(WEAK_NEGATIVES)}.")
    if config.epochs < 1 or config.projects_per_batch < 1 or config.wanted_per_project < 1 or config.temperature <= 0:
        raise ConfigError("Give at least one epoch, project and wanted profile, and a temperature above 0.")


def _read(market: Market, interactions: list[Interaction], encoder: Encoder) -> _Part:
    examples = examples_of(market, interactions, project_sections=PROJECT_SECTIONS, profile_sections=PROFILE_SECTIONS)
    if not examples.wanted:
        raise InputError("Nobody was wanted for training, or for validation; give a market with more interactions.")
    return _Part(
        examples,
        projects=torch.from_numpy(mean_of_sections(encoder, examples.projects.texts)),
        profiles=torch.from_numpy(mean_of_sections(encoder, examples.profiles.texts)),
    )


def _beginning(dim: int) -> nn.ModuleDict:
    """Two projections that change nothing yet."""
    network = nn.ModuleDict({side: nn.Linear(dim, dim, bias=False) for side in ("projects", "profiles")})
    for layer in network.values():
        nn.init.eye_(layer.weight)
    return network


def _loss(network: nn.ModuleDict, train: _Part, batch: Batch, config: ProjectionConfig) -> Tensor:
    """The dual loss of the retriever: L(P, F, A_PF) + L(F, F, A_FF)."""
    projects = _project(network, train.projects[batch.projects], side="projects")
    profiles = _project(network, train.profiles[batch.profiles], side="profiles")
    losses = []
    examples, drawn = train.examples, config.batches
    near_projects = project_adjacency(examples, drawn, projects=batch.projects, profiles=batch.profiles)
    near_profiles = between_profiles(examples, drawn, batch)
    for anchors, adjacency in ((projects, near_projects), (profiles, near_profiles)):
        near = torch.from_numpy(adjacency)
        if config.loss == "triplet":
            losses.append(triplet_loss(anchors, profiles, near, margin=config.margin))
        else:
            losses.append(infonce_loss(anchors, profiles, near, temperature=config.temperature))
    return losses[0] + losses[1]


def _project(network: nn.ModuleDict, means: Tensor, *, side: Side) -> Tensor:
    return nn.functional.normalize(network[side](means), dim=1)


def _found(network: nn.ModuleDict, validation: _Part) -> float:
    """The share of wanted profiles among the hundred nearest of those that were contacted, mean over projects."""
    rows = sorted(validation.examples.wanted)
    with torch.inference_mode():
        projects = _project(network, validation.projects[rows], side="projects").numpy()
        profiles = _project(network, validation.profiles, side="profiles").numpy()
    wanted = [np.array(validation.examples.wanted[row], dtype=np.int64) for row in rows]
    return round(retrieved_wanted(projects, profiles, wanted), 4)
