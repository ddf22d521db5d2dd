"""What the ranker looks at in a project and a profile; NaN: not known."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Facts, Profile, Project
from metier.index.where import great_circle_km
from metier.matching.skill_cover import SkillCover
from metier.protocols import Floats

FEATURES: Final = (
    "cosine",  # of the retriever
    "bm25",
    "skill_cover",  # the share of the mandatory skills that the person has
    "bonus_cover",  # the same of the bonus skills
    "rate_margin",  # what the project pays at most less what the person asks for, a day
    "distance_km",  # over the great circle
    "days_late",  # from the project's first day to the person's; below 0: the person is free earlier
    "language_cover",  # the share of the needed languages that the person speaks
    "same_country",  # 1 or 0
    "same_category",  # 1 or 0
)
_NOT_KNOWN: Final = float("nan")


def pair_features(
    pairs: Sequence[tuple[Project, Profile]], *, cosines: Floats, bm25: Floats | None, cover: SkillCover
) -> NDArray[np.float64]:
    """Describe pairs of a project and a profile.

    Args:
        pairs: Any.
        cosines: float32 (n_pairs,), of the retriever.
        bm25: float32 (n_pairs,), of `Bm25.compare`; None: not known.
        cover: Says who has which skill.

    Returns:
        float64 (n_pairs, len(FEATURES)), in order of the pairs; NaN where a side does not say.
    """
    rows = np.full((len(pairs), len(FEATURES)), _NOT_KNOWN)
    rows[:, 0] = cosines
    if bm25 is not None:
        rows[:, 1] = bm25
    for row, (project, profile) in zip(rows, pairs, strict=True):
        row[2] = _share_covered(project.skills, profile.skills, cover)
        row[3] = _share_covered(project.bonus_skills, profile.skills, cover)
        row[4:] = _of_facts(project.facts, profile.facts)
    return rows


def distance_km(facts: Facts, other: Facts) -> float:
    """Give the great-circle distance between two places.

    Args:
        facts: With or without a place.
        other: As well.

    Returns:
        Kilometres; NaN where a place is not known.
    """
    if facts.latitude is None or facts.longitude is None or other.latitude is None or other.longitude is None:
        return _NOT_KNOWN
    return great_circle_km((facts.latitude, facts.longitude), (other.latitude, other.longitude))


def _of_facts(project: Facts, profile: Facts) -> tuple[float, ...]:
    """The features from `rate_margin` on."""
    rates = project.day_rate, profile.day_rate
    days = project.available_from, profile.available_from
    return (
        _NOT_KNOWN if rates[0] is None or rates[1] is None else rates[0] - rates[1],
        distance_km(project, profile),
        _NOT_KNOWN if days[0] is None or days[1] is None else float((days[1] - days[0]).days),
        _share(project.languages, profile.languages),
        _same(project.country, profile.country),
        _same(project.category, profile.category),
    )


def _share_covered(required: Sequence[str], had: Sequence[str], cover: SkillCover) -> float:
    return float(cover.covered(required, [had]).mean()) if required and had else _NOT_KNOWN


def _share(needed: Sequence[str], had: Sequence[str]) -> float:
    return sum(each in had for each in needed) / len(needed) if needed and had else _NOT_KNOWN


def _same(one: str | None, other: str | None) -> float:
    return _NOT_KNOWN if one is None or other is None else float(one == other)
