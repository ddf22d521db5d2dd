"""Trains the section-aware two-tower retriever on a market's interactions; reads from top to bottom.

The backbone is frozen: each text is read once and its token vectors stay on the disk, so what is trained is the heads
of the towers, which takes minutes on a CPU.
"""

import copy
import hashlib
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from metier.artifacts import CONFIG_FILE, shipped_names
from metier.data.market import CARD, INTERACTIONS, PROFILES, PROJECTS, VERSIONS, read_market
from metier.errors import InputError, ModelError
from metier.matching.adjacency import Signs, weighed_across
from metier.matching.contrastive_losses import infonce_loss, triplet_loss
from metier.matching.head import Head
from metier.matching.token_cache import TokenCache
from metier.matching.token_vectors import TokenBackbone
from metier.matching.towers import Side, Tower, Towers
from metier.matching.towers_network import TowerNetwork
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.protocols import Floats
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.encoder_folder import export_plain_encoder
from metier.training.record import training_record
from metier.training.retriever_config import RetrieverConfig
from metier.training.retriever_examples import (
    Examples,
    Progress,
    Tokens,
    between_profiles,
    draw_batch,
    examples_of,
    project_adjacency,
    read_tokens,
    steps_per_epoch,
    thin_out,
)
from metier.training.retriever_memory import ProfileMemory
from metier.training.retriever_queries import train_queries
from metier.training.retriever_validation import Validation, encode_all, read_validation, retrieved_wanted
from metier.training.schedule import set_learning_rates


def train_retriever(
    config: RetrieverConfig, *, market: Path, output: Path, cache: Path, progress: Progress
) -> dict[str, Any]:
    """Train, keep the checkpoint that is best on validation projects, and write a model folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from there.

    Args:
        config: What to train.
        market: The folder of a market; interactions from its split on are not looked at, nor is its truth.
        output: The model folder to write, which `Towers.load` reads.
        cache: Keeps token vectors; runs may share it.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the market cannot be read, or has too few interactions.
        ConfigError: If a value is impossible, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    began = time.monotonic()
    torch.manual_seed(config.seed)
    backbone = _backbone(config.encoder, cache, progress)
    config.check(dim=backbone.dim)
    limits, token_cache = config.limits(), TokenCache(cache, backbone)

    progress("reading the market", 0.0)
    held = read_market(market)
    examples = examples_of(
        held,
        held.train_interactions,
        project_sections=list(limits["projects"]),
        profile_sections=list(limits["profiles"]),
    )
    if not examples.wanted:
        raise InputError(f"{market} has no interested profile to learn from; give a market with more interactions.")
    progress(f"reading {len(examples.projects.ids)} projects and {len(examples.profiles.ids)} profiles", 0.0)
    tokens = {
        "projects": read_tokens(
            examples.projects,
            list(limits["projects"].values()),
            cache=token_cache,
            progress=progress,
            averaged=config.averaged,
        ),
        "profiles": read_tokens(
            examples.profiles,
            list(limits["profiles"].values()),
            cache=token_cache,
            progress=progress,
            averaged=config.averaged,
        ),
    }
    validation = read_validation(held, config, cache=token_cache, progress=progress)
    read_seconds = time.monotonic() - began

    networks = nn.ModuleDict(
        {
            side: TowerNetwork(
                config.head_shape(n_sections=len(limits[side]), dim=backbone.dim),
                dropout=config.dropout,
                bfloat16=config.bfloat16,
            )
            for side in _SIDES
        }
    )
    best, memory = copy.deepcopy(networks), ProfileMemory(config.memory, dim=backbone.dim)
    named = list(networks.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [values for name, values in named if name.endswith("projections") is projects], "peak": peak}
            for projects, peak in ((False, config.learning_rate), (True, config.projection_learning_rate))
        ],
        weight_decay=config.weight_decay,
    )
    unfinished = output.with_name(f"{output.name}.unfinished")
    checked = {"networks": networks, "best": best, "memory": memory}
    state = load_checkpoint(unfinished, networks=checked, optimizer=optimizer, config_sha256=config_sha256(config)) or {
        "step": 0,
        "seconds": 0.0,
        "history": [],
        "config_sha256": config_sha256(config),
    }
    if not state["history"]:  # as it begins: the mean of the backbone's vectors
        state["history"] = [{"step": 0, "loss": None, "found": _found(networks, validation)}]

    n_steps = config.epochs * steps_per_epoch(examples, config)
    losses: list[float] = []
    since, first_step = time.monotonic(), state["step"]
    for step in range(state["step"], n_steps):
        networks.train()
        set_learning_rates(optimizer, share=step / n_steps, warmup=config.warmup)
        loss = _loss(networks, tokens, examples, memory, config, step=step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(networks.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        pace = (step + 1 - first_step) / (time.monotonic() - since)
        left = f"{pace:.1f} steps/s, {(n_steps - step - 1) / pace / 60:.1f} min left"
        progress(f"step {step + 1}/{n_steps}, loss {losses[-1]:.3f}, {left}", step / n_steps)
        if (step + 1) % config.steps_per_checkpoint == 0 or step + 1 == n_steps:
            figures = {
                "step": step + 1,
                "loss": round(float(np.mean(losses)), 4),
                "found": _found(networks, validation),
            }
            if figures["found"] >= max(earlier["found"] for earlier in state["history"]):
                best.load_state_dict(networks.state_dict())
            state |= {
                "step": step + 1,
                "seconds": state["seconds"] + time.monotonic() - since,
                "history": [*state["history"], figures],
            }
            save_checkpoint(unfinished, networks=checked, optimizer=optimizer, state=state)
            progress(f"step {step + 1}/{n_steps}: {figures}, {left}", step / n_steps)
            since, first_step, losses = time.monotonic(), step + 1, []

    towers: dict[Side, TowerNetwork] = {side: best[side] for side in _SIDES}
    query_history: list[dict[str, Any]] = []
    if config.queries:
        towers["queries"], query_history = train_queries(
            config,
            networks=(best["projects"], best["profiles"]),
            examples=examples,
            profile_tokens=tokens["profiles"],
            projects=[held.projects[held.project_rows[name]] for name in examples.projects.ids],
            validation=validation,
            cache=token_cache,
            progress=progress,
        )
    files = [market / name for name in (PROFILES, PROJECTS, INTERACTIONS, VERSIONS, CARD) if (market / name).exists()]
    record = training_record(
        config=config,
        data=files,
        seconds=time.monotonic() - began,
        measures={
            "history": state["history"],
            "query_history": query_history,
            "n_train": _counts(examples),
            "n_validation": _validation_counts(validation),
            "seconds_reading": round(read_seconds, 1),
            "seconds_training": round(state["seconds"], 1),
            "n_trained_parameters": sum(values.numel() for values in networks.parameters()),
        },
    )
    _write(output, towers=towers, backbone=backbone, config=config, record=record)
    remove_checkpoint(unfinished)
    return record


_SIDES: tuple[Side, Side] = ("projects", "profiles")


def _backbone(name: str, cache: Path, progress: Progress) -> TokenBackbone:
    """Load an encoder as it runs; one that `transformers` saved is exported first, once, and kept in the cache."""
    threads = max(1, torch.get_num_threads())
    if name in shipped_names() or (Path(name) / "encoder").is_dir():
        return TokenBackbone.load(name, threads=threads)
    found = find_encoder(name)
    weights = Path(found) / "model.safetensors"
    content = weights.read_bytes() if weights.is_file() else found.encode()
    exported = cache / f"encoder-{hashlib.sha256(content).hexdigest()[:16]}"
    if not (exported / CONFIG_FILE).exists():
        progress(f"exporting {name}", 0.0)
        _export(found, exported)
    return TokenBackbone.load(exported, threads=threads)


def _export(encoder: str, output: Path) -> None:
    from transformers import AutoModel

    tokenizer = load_tokenizer(encoder)
    with tempfile.TemporaryDirectory() as temporary, torch.random.fork_rng():
        torch.manual_seed(0)  # a pooling layer that the weights may lack is made up, and nothing reads it
        try:
            AutoModel.from_pretrained(encoder).save_pretrained(temporary)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The encoder '{encoder}' cannot be loaded ({str(error).splitlines()[0]}); give a shipped one, a "
                "folder of ours or of `transformers`, or a hub model."
            ) from error
        tokenizer.save_pretrained(temporary)
        export_plain_encoder(Path(temporary), output, quantization="int8")


def _loss(
    networks: nn.ModuleDict,
    tokens: dict[str, Tokens],
    examples: Examples,
    memory: ProfileMemory,
    config: RetrieverConfig,
    *,
    step: int,
) -> Tensor:
    """The loss of one batch: L(P, F, A_PF), and with `profile_term` + L(F, F, A_FF); eq. 14 prints (P, F) twice."""
    batch, draw = draw_batch(examples, config, step=step), np.random.default_rng((config.seed, step))
    encoded = {}
    for side, rows in (("projects", batch.projects), ("profiles", batch.profiles)):
        joined, layout = tokens[side].joined(rows)
        if not config.averaged:
            joined, layout = thin_out(joined, layout, share=config.token_dropout, draw=draw)
        encoded[side] = networks[side](torch.from_numpy(joined), layout)
    projects, profiles = encoded["projects"], encoded["profiles"]
    rows, vectors = memory.without(batch.profiles)
    memory.keep(batch.profiles, profiles)
    seen = [*batch.profiles, *rows]
    near_project = weighed_across(
        project_adjacency(examples, config, projects=batch.projects, profiles=seen),
        [examples.projects.languages[row] for row in batch.projects],
        [examples.profiles.languages[row] for row in seen],
        weight=config.across_languages,
    )
    loss = _contrast(projects, torch.cat([profiles, vectors]), near_project, config)
    if config.profile_term:
        loss = loss + _contrast(profiles, profiles, between_profiles(examples, config, batch), config)
    return loss


def _contrast(anchors: Tensor, others: Tensor, adjacency: Signs | Floats, config: RetrieverConfig) -> Tensor:
    near = torch.from_numpy(adjacency)
    if config.loss == "triplet":
        return triplet_loss(anchors, others, near, margin=config.margin)
    return infonce_loss(anchors, others, near, temperature=config.temperature)


def _found(networks: nn.ModuleDict, validation: Validation) -> float:
    """The share of wanted profiles among the hundred nearest, weighed as in the loss, mean over validation projects."""
    profiles = encode_all(networks["profiles"], validation.profile_tokens)
    projects = encode_all(networks["projects"], validation.project_tokens)
    return round(retrieved_wanted(projects, profiles, validation.wanted, weights=validation.weights), 4)


def _counts(examples: Examples) -> dict[str, int]:
    return {
        "interactions": sum(map(len, examples.wanted.values())) + sum(map(len, examples.refused.values())),
        "projects": len(examples.projects.ids),
        "profiles": len(examples.profiles.ids),
    }


def _validation_counts(validation: Validation) -> dict[str, int]:
    return {"projects": len(validation.projects), "profiles": len(validation.profile_tokens.of_documents)}


def _write(
    output: Path,
    *,
    towers: dict[Side, TowerNetwork],
    backbone: TokenBackbone,
    config: RetrieverConfig,
    record: dict[str, Any],
) -> None:
    limits = config.limits()
    made = {
        side: Tower(
            limits[side],
            Head(network.shape, {name: values.numpy() for name, values in network.state_dict().items()}),
        )
        for side, network in towers.items()
    }
    notes = {"record.json": (json.dumps(record, indent=1) + "\n").encode()}
    Towers(version=output.name, backbone=backbone, towers=made, training=asdict(config)).save(output, notes=notes)
