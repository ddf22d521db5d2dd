"""Is an index what it should be: nothing damaged, nothing missing, and nothing lost under a filter."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from metier.data.profile_store import ProfileStore
from metier.domain import Between, Facts, Hit, Near, OneOf, Profile, Unless, Where
from metier.index.exact import ExactIndex
from metier.index.generations import Generations, open_generations
from metier.index.where import format_where, passes
from metier.pipelines.index_profiles import store_path
from metier.protocols import Floats

_BLOCK: Final = 1000  # profiles compared at once
_N_SAMPLED: Final = 1000  # profiles whose facts make the filters
_ROUNDING: Final = 1e-5  # two sums of one cosine differ by less
_LEAST_RECALL: Final = 0.95  # below it something is wrong: a compressed search that compares again loses nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCheck:
    """What was found; an index without `problems` is as it should be."""

    n_profiles: int
    n_vectors: int
    recalls: dict[str, float]  # filter -> recall@k against comparing everybody, mean over the queries
    n_violations: int  # hits that do not pass their filter
    problems: tuple[str, ...]


def check_index(folder: Path, *, n_queries: int = 20, k: int = 100, seed: int = 0) -> IndexCheck:
    """Compare what an index holds with what was written, and its answers with those of the exact index.

    Args:
        folder: Of the index; nobody should write to it meanwhile.
        n_queries: Queries per filter, each between two profiles.
        k: Hits per query.
        seed: Of the queries and filters.

    Returns:
        What was found.

    Raises:
        VectorIndexError: If the index cannot be read, or lacks a vector.
    """
    with open_generations(folder) as index, ProfileStore(store_path(folder), read_only=True) as store:
        n_profiles, n_comparable = store.counts()
        problems = [f"the profile '{item}' is not what was written" for item in store.damaged_ids()]
        if len(index) != n_comparable:
            problems.append(f"there are {len(index)} vectors for {n_comparable} profiles with a text")
        recalls, n_violations = _compare(store, index, n_queries=n_queries, k=k, seed=seed)
        problems += [
            f"recall is {recall:.3f} where {text}" for text, recall in recalls.items() if recall < _LEAST_RECALL
        ]
        if n_violations:
            problems.append(f"{n_violations} hits do not pass their filter")
        return IndexCheck(
            n_profiles=n_profiles,
            n_vectors=len(index),
            recalls=recalls,
            n_violations=n_violations,
            problems=tuple(problems),
        )


def recall_of(found: Sequence[Hit], expected: Sequence[Hit]) -> float:
    """Give the share of the expected hits that was found.

    Args:
        found: By falling similarity.
        expected: The same, by comparing everything.

    Returns:
        In [0, 1]; 1 where nothing is expected. A hit as close as the last expected one counts, whichever it is.
    """
    if not expected:
        return 1.0
    least = expected[-1].similarity - _ROUNDING
    return sum(hit.similarity >= least for hit in found) / len(expected)


def sample_filters(facts: Sequence[Facts]) -> list[Where]:
    """Make filters of different hardness from facts that occur.

    Args:
        facts: Of some items; those that are not known are passed over.

    Returns:
        No filter first, then those for which a fact is known.
    """
    rates = [known.day_rate for known in facts if known.day_rate is not None]
    places = [known for known in facts if known.latitude is not None and known.longitude is not None]
    countries = [known.country for known in facts if known.country]
    filters: list[Where] = [()]
    if rates:
        filters.append((Between("day_rate", None, median(rates)),))
    if countries:
        filters += [(OneOf("country", (countries[0],)),), (Unless(OneOf("country", (countries[0],))),)]
    if rates and countries:
        filters.append((OneOf("country", (countries[0],)), Between("day_rate", median(rates), None)))
    filters += [(OneOf("category", (known.category,)),) for known in facts[:1] if known.category]
    filters += [(OneOf("languages", known.languages[:1]),) for known in facts[:1] if known.languages]
    filters += [(Near(known.latitude or 0.0, known.longitude or 0.0, 50.0),) for known in places[:1]]
    return filters


def _compare(
    store: ProfileStore, index: Generations, *, n_queries: int, k: int, seed: int
) -> tuple[dict[str, float], int]:
    """Give the recall of every filter, and the number of hits that do not pass theirs."""
    draw, ids = random.Random(seed), store.comparable_ids()
    if not ids:
        return {}, 0
    pairs = [draw.choices(ids, k=2) for _ in range(n_queries)]
    sums = np.stack([index.vectors(pair).sum(axis=0) for pair in pairs])
    queries: Floats = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    sampled = store.read(draw.sample(ids, min(_N_SAMPLED, len(ids))))
    filters = sample_filters([profile.facts for profile in sampled])
    expected = _search_all(store, index, ids, queries=queries, filters=filters, k=k)
    recalls, n_violations = {}, 0
    for where, wanted in zip(filters, expected, strict=True):
        found = index.search(queries, k=k, where=where)
        pairs_of_hits = zip(found, wanted, strict=True)
        recalls[format_where(where) or "everybody"] = float(np.mean([recall_of(*pair) for pair in pairs_of_hits]))
        held = {profile.id: profile for profile in store.read(list({hit.id for hits in found for hit in hits}))}
        n_violations += sum(not _passes(hit, held, where) for hits in found for hit in hits)
    return recalls, n_violations


def _passes(hit: Hit, held: dict[str, Profile], where: Where) -> bool:
    return hit.id in held and passes(held[hit.id].facts, hit.id, where)


def _search_all(
    store: ProfileStore, index: Generations, ids: Sequence[str], *, queries: Floats, filters: Sequence[Where], k: int
) -> list[list[list[Hit]]]:
    """Compare all queries with everybody, block by block, so that the vectors need not be held together."""
    best: list[list[list[Hit]]] = [[[] for _ in queries] for _ in filters]
    for block in _blocks(ids):
        exact = ExactIndex(index.card.dim)
        exact.upsert(block, index.vectors(block), [profile.facts for profile in store.read(block)])
        for held, where in zip(best, filters, strict=True):
            for row, hits in enumerate(exact.search(queries, k=k, where=where)):
                held[row] = sorted([*held[row], *hits], key=lambda hit: (-hit.similarity, hit.id))[:k]
    return best


def _blocks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BLOCK):
        yield ids[start : start + _BLOCK]
