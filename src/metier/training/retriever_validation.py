"""How a retriever in training is judged: by the wanted profiles that it finds for projects it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from metier.data.market import Market
from metier.domain import Project
from metier.errors import InputError
from metier.matching.adjacency import weighed_across
from metier.matching.token_cache import TokenCache
from metier.matching.towers_network import TowerNetwork
from metier.protocols import Floats
from metier.training.retriever_config import RetrieverConfig
from metier.training.retriever_examples import Progress, Tokens, documents_of, read_tokens

K: Final = 100
_DOCUMENTS_PER_BLOCK: Final = 48


@dataclass(frozen=True)
class Validation:
    """Projects, the profiles to find theirs among, and who was wanted."""

    projects: Sequence[Project]
    project_tokens: Tokens
    profile_tokens: Tokens
    wanted: Sequence[NDArray[np.int64]]  # of each project, the rows of its profiles
    weights: Sequence[Floats]  # what finding each of them counts, as in the loss


def read_validation(market: Market, config: RetrieverConfig, *, cache: TokenCache, progress: Progress) -> Validation:
    """Take the validation projects of a market, and profiles as of its split.

    Args:
        market: Any.
        config: How many at most, and what is read of them.
        cache: Of the backbone.
        progress: Told how far it is.

    Returns:
        Projects that somebody was interested in, in the order of their first interaction.

    Raises:
        InputError: If there is none.
    """
    wanted: dict[str, dict[str, None]] = {}
    for each in market.validation_interactions:
        if each.feedback > 0:
            wanted.setdefault(each.project_id, {})[each.profile_id] = None
    names = list(wanted)[: config.validation_projects]
    if not names:
        raise InputError("The market has no validation project with an interested profile; give a larger market.")
    asked = dict.fromkeys(person for name in names for person in wanted[name])
    others = np.random.default_rng(config.seed).permutation([person.id for person in market.profiles]).tolist()
    people = list(dict.fromkeys([*asked, *others]))[: max(config.validation_profiles, len(asked))]
    rows = {person: row for row, person in enumerate(people)}
    projects = [market.projects[market.project_rows[name]] for name in names]
    profiles = [market.profile_as_of(person, market.split_at) for person in people]
    near = [np.array([rows[person] for person in wanted[name]], dtype=np.int64) for name in names]
    limits = config.limits()
    tokens = {}
    for side, documents in (
        ("projects", documents_of(projects, list(limits["projects"]))),
        ("profiles", documents_of(profiles, list(limits["profiles"]))),
    ):
        sections = list(limits["projects" if side == "projects" else "profiles"].values())
        tokens[side] = read_tokens(documents, sections, cache=cache, progress=progress, averaged=config.averaged)
    return Validation(
        projects=projects,
        project_tokens=tokens["projects"],
        profile_tokens=tokens["profiles"],
        wanted=near,
        weights=[
            weighed_across(
                np.ones((1, len(theirs)), dtype=np.int8),
                [project.language],
                [profiles[row].language for row in theirs.tolist()],
                weight=config.across_languages,
            )[0]
            for project, theirs in zip(projects, near, strict=True)
        ],
    )


def encode_all(network: TowerNetwork, tokens: Tokens, *, rows: Sequence[int] | None = None) -> Floats:
    """Encode many documents.

    Args:
        network: Of their side; it is left as it was, in training or not.
        tokens: Of the documents.
        rows: Which of them; None: all.

    Returns:
        float32 (documents, dim), rows of unit length.
    """
    chosen = range(len(tokens.of_documents)) if rows is None else rows
    training = network.training
    network.eval()
    blocks = []
    with torch.inference_mode():
        for start in range(0, len(chosen), _DOCUMENTS_PER_BLOCK):
            joined, layout = tokens.joined(chosen[start : start + _DOCUMENTS_PER_BLOCK])
            blocks.append(network(torch.from_numpy(joined), layout).numpy())
    network.train(training)
    return np.concatenate(blocks) if blocks else np.zeros((0, network.shape.dim), dtype=np.float32)


def retrieved_wanted(
    queries: Floats,
    profiles: Floats,
    wanted: Sequence[NDArray[np.int64]],
    *,
    weights: Sequence[Floats] | None = None,
    k: int = K,
) -> float:
    """Give the share of the wanted profiles that are among the `k` nearest, mean over queries.

    Args:
        queries: float32 (queries, dim), rows of unit length.
        profiles: float32 (profiles, dim), rows of unit length.
        wanted: Rows of profiles for each query, at least one.
        weights: What each of them counts, above 0; None: all the same.
        k: How many are looked at.

    Returns:
        In [0, 1].
    """
    shares = []
    for number, (query, rows) in enumerate(zip(queries, wanted, strict=True)):
        cosines = profiles @ query
        nearer = (cosines[None, :] > cosines[rows][:, None]).sum(axis=1)  # (wanted,): how many stand before each
        shares.append(float(np.average(nearer < k, weights=None if weights is None else weights[number])))
    return float(np.mean(shares))
