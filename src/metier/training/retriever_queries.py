"""The third tower: short queries beside profiles, trained on queries that are simulated from projects."""

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from metier.domain import Project
from metier.matching.adjacency import Signs, with_weak_negatives
from metier.matching.contrastive_losses import infonce_loss
from metier.matching.queries import simulated_query
from metier.matching.token_cache import TokenCache
from metier.matching.towers_network import TowerNetwork
from metier.protocols import Floats
from metier.training.retriever_config import RetrieverConfig
from metier.training.retriever_examples import Documents, Examples, Progress, Tokens, read_tokens
from metier.training.retriever_validation import Validation, encode_all, retrieved_wanted
from metier.training.schedule import set_learning_rates

_STEPS_PER_MEASUREMENT = 100


@dataclass(frozen=True)
class _Market:
    """Profiles as frozen vectors, and what projects said of them."""

    vectors: Floats  # (profiles, dim)
    projects: Sequence[int]  # those that wanted one of these profiles
    answers: Sequence[tuple[list[int], list[int]]]  # of each project: rows wanted, rows refused


def train_queries(
    config: RetrieverConfig,
    *,
    networks: tuple[TowerNetwork, TowerNetwork],
    examples: Examples,
    profile_tokens: Tokens,
    projects: Sequence[Project],
    validation: Validation,
    cache: TokenCache,
    progress: Progress,
) -> tuple[TowerNetwork, list[dict[str, Any]]]:
    """Train the tower of queries; that of profiles stays as it is.

    Args:
        config: What to train.
        networks: The towers of projects, which it begins as, and of profiles.
        examples: Of the training projects.
        profile_tokens: Of the profiles of the examples.
        projects: Those of the examples, in their order.
        validation: To choose the best.
        cache: Of the backbone.
        progress: Told what is being done.

    Returns:
        The tower with the best share of wanted profiles on validation, and the history.
    """
    progress("encoding profiles for queries", 0.0)
    market = _market(examples, profile_tokens, networks[1], config)
    variants = range(config.query_variants)
    texts = [simulated_query(projects[row], variant=variant) for row in market.projects for variant in variants]
    tokens = _read(texts, config, cache, progress)
    judged = _read([simulated_query(project) for project in validation.projects], config, cache, progress)
    judged_profiles = encode_all(networks[1], validation.profile_tokens)

    network = _begin(networks[0], config)
    best, history = copy.deepcopy(network), [{"step": 0, "loss": 0.0, "queries_found": 0.0}]
    optimizer = torch.optim.AdamW([{"params": network.parameters(), "peak": config.learning_rate}])
    vectors, losses = torch.from_numpy(market.vectors), []
    network.train()
    for step in range(config.query_steps):
        set_learning_rates(optimizer, share=step / config.query_steps, warmup=config.warmup)
        draw = random.Random(f"{config.seed}/query {step}")
        rows = draw.sample(range(len(market.projects)), min(config.query_batch, len(market.projects)))
        joined, layout = tokens.joined([row * len(variants) + draw.choice(variants) for row in rows])
        adjacency = torch.from_numpy(_adjacency(market, rows))
        queries = network(torch.from_numpy(joined), layout)
        loss = infonce_loss(queries, vectors, adjacency, temperature=config.temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        progress(f"queries: step {step + 1}/{config.query_steps}, loss {losses[-1]:.3f}", step / config.query_steps)
        if (step + 1) % _STEPS_PER_MEASUREMENT == 0 or step + 1 == config.query_steps:
            found = retrieved_wanted(
                encode_all(network, judged), judged_profiles, validation.wanted, weights=validation.weights
            )
            if found >= max(figures["queries_found"] for figures in history):
                best.load_state_dict(network.state_dict())
            history.append({"step": step + 1, "loss": float(np.mean(losses)), "queries_found": round(found, 4)})
            losses = []
            progress(f"queries: {history[-1]}", step / config.query_steps)
    return best, history[1:]


def _market(examples: Examples, tokens: Tokens, network: TowerNetwork, config: RetrieverConfig) -> _Market:
    every = sorted({row for rows in examples.wanted.values() for row in rows})
    chosen = random.Random(config.seed).sample(every, min(config.query_profiles, len(every)))
    places = {row: place for place, row in enumerate(chosen)}

    def known(rows: Sequence[int]) -> list[int]:
        return [places[row] for row in rows if row in places]

    projects = [project for project in sorted(examples.wanted) if known(examples.wanted[project])]
    return _Market(
        vectors=encode_all(network, tokens, rows=chosen),
        projects=projects,
        answers=[(known(examples.wanted[row]), known(examples.refused.get(row, ()))) for row in projects],
    )


def _read(texts: Sequence[str], config: RetrieverConfig, cache: TokenCache, progress: Progress) -> Tokens:
    documents = Documents(
        ids=("",) * len(texts),
        categories=(None,) * len(texts),
        languages=(None,) * len(texts),
        texts=tuple((text,) for text in texts),
    )
    return read_tokens(documents, [config.query_pieces], cache=cache, progress=progress, averaged=config.averaged)


def _begin(projects: TowerNetwork, config: RetrieverConfig) -> TowerNetwork:
    """Give a tower of one section that is the projects' as it reads a title."""
    shape = config.head_shape(n_sections=1, dim=projects.shape.dim)
    network = TowerNetwork(shape, dropout=config.dropout, bfloat16=config.bfloat16)
    state = dict(projects.state_dict())
    title = list(config.limits()["projects"]).index("title")
    for name in ("sections", "projections"):
        if name in state:
            state[name] = state[name][title : title + 1]
    network.load_state_dict(state)
    return network


def _adjacency(market: _Market, rows: Sequence[int]) -> Signs:
    history = np.zeros((len(rows), len(market.vectors)), dtype=np.int8)
    for place, row in enumerate(rows):
        wanted, refused = market.answers[row]
        history[place, refused] = -1
        history[place, wanted] = 1
    return with_weak_negatives(history, np.ones(history.shape, dtype=np.bool_))
