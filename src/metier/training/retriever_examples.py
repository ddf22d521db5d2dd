"""What the retriever learns from: documents of a market, who answered what, and the batches of a run."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from metier.data.documents import section_texts
from metier.data.market import Interaction, Market
from metier.domain import Profile, Project
from metier.matching.adjacency import Signs, feedback_adjacency, known_to_differ, profile_adjacency, with_weak_negatives
from metier.matching.head import Layout, join_tokens
from metier.matching.token_cache import Halves, TokenCache
from metier.protocols import Floats
from metier.training.retriever_config import RetrieverConfig

_TEXTS_PER_REPORT = 4096

Progress = Callable[[str, float], None]
Rows = Sequence[int]


@dataclass(frozen=True)
class Documents:
    """Documents of one side, as the texts that its tower reads."""

    ids: tuple[str, ...]  # of people several times, where they have changed
    categories: tuple[str | None, ...]
    languages: tuple[str | None, ...]
    texts: tuple[tuple[str, ...], ...]  # of each section


@dataclass(frozen=True)
class Tokens:
    """The token vectors of documents: for each document, those of each section."""

    of_documents: Sequence[Sequence[Halves]]
    with_text: NDArray[np.bool_] | None = None  # (documents, sections): see `Layout`

    def averaged(self) -> "Tokens":
        """Give each section as one vector, its mean: all that a tower without layers makes of it."""
        means = [[rows.mean(axis=0, keepdims=True, dtype=np.float32) for rows in found] for found in self.of_documents]
        counts = np.array([[len(rows) for rows in found] for found in self.of_documents], dtype=np.int64)
        return Tokens(means, Layout(counts).filled)

    def joined(self, rows: Sequence[int]) -> tuple[Floats, Layout]:
        """Put some documents one after another.

        Args:
            rows: At least one.

        Returns:
            float32 (tokens, dim), and where they stand.
        """
        joined, layout = join_tokens([self.of_documents[row] for row in rows])
        return joined, layout if self.with_text is None else Layout(layout.counts, self.with_text[list(rows)])


@dataclass(frozen=True)
class Examples:
    """Interactions as numbers of documents."""

    projects: Documents
    profiles: Documents  # as of the days of the interactions
    wanted: Mapping[int, tuple[int, ...]]  # project -> profiles; every project here has some
    refused: Mapping[int, tuple[int, ...]]
    feedback: Mapping[str, Mapping[str, int]]  # project -> profile -> 1 or -1; the last one counts


@dataclass(frozen=True)
class Batch:
    """Rows of documents that are read together."""

    projects: list[int]
    profiles: list[int]  # the wanted before the refused before those drawn as weak negatives


def thin_out(tokens: Floats, layout: Layout, *, share: float, draw: np.random.Generator) -> tuple[Floats, Layout]:
    """Leave tokens out by chance (as PatchDropout, Liu et al., 2023, does with images).

    Args:
        tokens: float32 (tokens, dim).
        layout: Where they stand; every section has a token.
        share: How many to leave out; the first two and the last of a section stay, so that none becomes empty.
        draw: Decides which.

    Returns:
        What is left, and where it stands.
    """
    counts = layout.counts.ravel()
    starts = np.cumsum(counts) - counts
    kept = draw.random(len(tokens)) >= share
    kept[np.concatenate([starts, starts + np.minimum(counts - 1, 1), starts + counts - 1])] = True
    return tokens[kept], Layout(np.add.reduceat(kept.astype(np.int64), starts).reshape(layout.counts.shape))


def documents_of(found: Sequence[Profile] | Sequence[Project], sections: Sequence[str]) -> Documents:
    """Take from profiles or projects what a tower reads.

    Args:
        found: Any.
        sections: Names, in reading order.

    Returns:
        Their texts, in order.
    """
    texts = [section_texts(document) for document in found]
    return Documents(
        ids=tuple(document.id for document in found),
        categories=tuple(document.facts.category for document in found),
        languages=tuple(document.language for document in found),
        texts=tuple(tuple(of_document[name] for name in sections) for of_document in texts),
    )


def examples_of(
    market: Market,
    interactions: Sequence[Interaction],
    *,
    project_sections: Sequence[str],
    profile_sections: Sequence[str],
) -> Examples:
    """Turn interactions into documents and their numbers, with every profile as of the day.

    Args:
        market: Where they come from.
        interactions: Any of them.
        project_sections: What the tower of projects reads.
        profile_sections: What the tower of profiles reads.

    Returns:
        The projects in the order of their first interaction. One state of a profile is one document.
    """
    project_rows: dict[str, int] = {}
    profile_rows: dict[int, int] = {}  # by identity: a market holds each state once
    states: list[Profile] = []
    answers: dict[tuple[int, int], int] = {}
    feedback: dict[str, dict[str, int]] = {}
    for each in interactions:
        feedback.setdefault(each.project_id, {})[each.profile_id] = each.feedback
        project = project_rows.setdefault(each.project_id, len(project_rows))
        state = market.profile_as_of(each.profile_id, each.at)
        profile = profile_rows.setdefault(id(state), len(profile_rows))
        if profile == len(states):
            states.append(state)
        answers[project, profile] = each.feedback
    return Examples(
        projects=documents_of([market.projects[market.project_rows[name]] for name in project_rows], project_sections),
        profiles=documents_of(states, profile_sections),
        wanted=_grouped(answers, feedback=1),
        refused=_grouped(answers, feedback=-1),
        feedback=feedback,
    )


def read_tokens(
    documents: Documents, limits: Sequence[int], *, cache: TokenCache, progress: Progress, averaged: bool = False
) -> Tokens:
    """Read every text of some documents once, or find what earlier runs have read.

    Args:
        documents: Any.
        limits: Pieces of each section at most.
        cache: Of the backbone.
        progress: Told how far it is.
        averaged: Whether the mean of each section will do.

    Returns:
        The token vectors, which stay on the disk until they are looked at; means are held.
    """
    columns = []
    for number, limit in enumerate(limits):
        texts = [of_document[number] for of_document in documents.texts]
        found: list[Halves] = []
        for start in range(0, len(texts), _TEXTS_PER_REPORT):
            found += cache.vectors(texts[start : start + _TEXTS_PER_REPORT], limit=limit)
            progress(f"{len(found)} of {len(texts)} texts of section {number + 1}/{len(limits)}, loss not yet known", 0)
        columns.append(found)
    tokens = Tokens(list(zip(*columns, strict=True)))
    return tokens.averaged() if averaged else tokens


def draw_batch(examples: Examples, config: RetrieverConfig, *, step: int) -> Batch:
    """Draw a batch, the same whatever came before.

    Args:
        examples: With at least one project.
        config: How many documents, what is far though nobody said so, and the seed.
        step: Number of the batch; an epoch takes every project once, in an order of its own.

    Returns:
        The batch, no document twice.
    """
    draw = random.Random(f"{config.seed}/{step}")
    projects = _projects_of_step(examples, config, step=step)
    wanted = [_some(examples.wanted[row], config.wanted_per_project, draw) for row in projects]
    refused = [_some(examples.refused.get(row, ()), config.refused_per_project, draw) for row in projects]
    n_weak = 0 if config.weak_negatives == "none" else config.weak_per_batch
    others = _some(range(len(examples.profiles.ids)), n_weak, draw)
    return Batch(projects, list(dict.fromkeys(chain(*wanted, *refused, others))))


def project_adjacency(examples: Examples, config: RetrieverConfig, *, projects: Rows, profiles: Rows) -> Signs:
    """Say which profiles are near which projects: what was answered, and weak negatives.

    Args:
        examples: Where the rows point to.
        config: What is far though nobody said so.
        projects: Rows of projects.
        profiles: Rows of profiles.

    Returns:
        int8 (projects, profiles).
    """
    history = _history(examples, projects=projects, profiles=profiles)
    if not config.weak_on_project:
        return history
    categories = [examples.projects.categories[row] for row in projects]
    return with_weak_negatives(history, _weak(examples, config, categories, profiles))


def between_profiles(examples: Examples, config: RetrieverConfig, batch: Batch) -> Signs:
    """Say which profiles of a batch are near each other: by its projects, and weak negatives.

    Args:
        examples: Where the rows point to.
        config: What is far though nobody said so.
        batch: Of them.

    Returns:
        int8 (profiles, profiles); 0 between the states of one person.
    """
    history = _history(examples, projects=batch.projects, profiles=batch.profiles)
    categories = [examples.profiles.categories[row] for row in batch.profiles]
    weak = _weak(examples, config, categories, batch.profiles)
    found = profile_adjacency(history, weak, printed=config.printed_adjacency)
    return _without_own_states(found, [examples.profiles.ids[row] for row in batch.profiles])


def steps_per_epoch(examples: Examples, config: RetrieverConfig) -> int:
    """Count the batches that hold every project once."""
    return -(-len(examples.wanted) // config.projects_per_batch)


def _projects_of_step(examples: Examples, config: RetrieverConfig, *, step: int) -> list[int]:
    epoch, number = divmod(step, steps_per_epoch(examples, config))
    order = sorted(examples.wanted)
    random.Random(f"{config.seed}/epoch {epoch}").shuffle(order)
    return order[number * config.projects_per_batch : (number + 1) * config.projects_per_batch]


def _some(rows: Sequence[int], n: int, draw: random.Random) -> list[int]:
    return draw.sample(rows, min(n, len(rows)))


def _history(examples: Examples, *, projects: Rows, profiles: Rows) -> Signs:
    return feedback_adjacency(
        examples.feedback,
        projects=[examples.projects.ids[row] for row in projects],
        profiles=[examples.profiles.ids[row] for row in profiles],
    )


def _weak(
    examples: Examples, config: RetrieverConfig, categories: Sequence[str | None], profiles: Rows
) -> NDArray[np.bool_]:
    """Say which profiles are far from documents of these categories though nobody said so."""
    if config.weak_negatives == "category":
        return known_to_differ(categories, [examples.profiles.categories[row] for row in profiles])
    return np.full((len(categories), len(profiles)), config.weak_negatives == "all")


def _without_own_states(adjacency: Signs, ids: Sequence[str]) -> Signs:
    """Take out what would hold of a person and her own earlier self."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(ids))}
    of_rows = np.array([numbers[name] for name in ids])
    return np.where(of_rows[:, None] == of_rows[None, :], 0, adjacency).astype(np.int8)


def _grouped(answers: Mapping[tuple[int, int], int], *, feedback: int) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for (project, profile), answer in answers.items():
        if answer == feedback:
            found.setdefault(project, []).append(profile)
    return {project: tuple(profiles) for project, profiles in found.items()}
