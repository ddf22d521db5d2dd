"""The statistics of a market, to be shown beside those that were published for a real one."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from metier.data.documents import section_texts
from metier.data.market import Interaction, Market
from metier.domain import Profile, Project

# Malt, RecSysHR 2024, section 4.1 and table 2; None: not published.
PUBLISHED: Final = {
    "test projects": 3_911,
    "test profiles": 32_000,
    "test interactions": 61_000,
    "interactions per test project": 15.6,
    "projects in fr": 0.810,
    "projects in es": 0.087,
    "projects in en": 0.053,
    "projects in de": 0.047,
    "projects in nl": 0.002,
}


def market_statistics(market: Market) -> dict[str, float]:
    """Count a market.

    Args:
        market: Any with a project, a profile and an interaction.

    Returns:
        Name -> figure; counts, shares in [0, 1], and the slope of the sizes of the categories over their ranks on
        logarithmic scales, which is -1 for Zipf's law.
    """
    tested = market.test_interactions
    return {
        "profiles": len(market.profiles),
        "earlier versions of profiles": len(market.versions),
        "projects": len(market.projects),
        "interactions": len(market.interactions),
        "train interactions": len(market.train_interactions),
        "validation interactions": len(market.validation_interactions),
        "test projects": len(market.test_projects),
        "test profiles": len(market.profiles),
        "test interactions": len(tested),
        "interactions per test project": _rounded(len(tested) / max(len(market.test_projects), 1)),
        **_feedback_figures(market),
        **{f"projects in {language}": share for language, share in _languages(market.projects).items()},
        **{f"profiles in {language}": share for language, share in _languages(market.profiles).items()},
        "categories": len(_categories(market.profiles)),
        "slope of categories": _rounded(zipf_slope(list(_categories(market.profiles).values()))),
        "skills listed per profile": _rounded(float(np.mean([len(profile.skills) for profile in market.profiles]))),
        "skills listed per project": _rounded(float(np.mean([len(project.skills) for project in market.projects]))),
        **{f"profiles without {name}": share for name, share in _empty(market.profiles).items()},
        **{f"projects without {name}": share for name, share in _empty(market.projects).items()},
        **_truth_figures(market, tested),
    }


def zipf_slope(sizes: Sequence[int]) -> float:
    """Fit a line through the logarithms of sizes over those of their ranks, by least squares.

    Args:
        sizes: Above 0, in any order.

    Returns:
        The slope; 0 for fewer than two sizes.
    """
    if len(sizes) < 2:
        return 0.0
    ranks = np.log(np.arange(1, len(sizes) + 1))
    return float(np.polyfit(ranks, np.log(np.sort(sizes)[::-1]), 1)[0])


def _feedback_figures(market: Market) -> dict[str, float]:
    project_language = {project.id: project.language for project in market.projects}
    profile_language = {profile.id: profile.language for profile in market.profiles}
    foreign = [project_language[each.project_id] != profile_language[each.profile_id] for each in market.interactions]
    return {
        "positive interactions": _rounded(_mean([each.feedback > 0 for each in market.interactions])),
        "interactions across languages": _rounded(_mean(foreign)),
        "test projects with both signs": len(_signs(market.test_interactions)),
    }


def _signs(interactions: Sequence[Interaction]) -> set[str]:
    """The projects with a positive and a negative interaction."""
    liked = {each.project_id for each in interactions if each.feedback > 0}
    return liked & {each.project_id for each in interactions if each.feedback < 0}


def _truth_figures(market: Market, tested: Sequence[Interaction]) -> dict[str, Any]:
    truth = market.truth
    if truth is None:
        return {}
    projects = {identity: row for row, identity in enumerate(truth.project_ids)}
    profiles = {identity: row for row, identity in enumerate(truth.profile_ids)}
    by_sign: dict[int, list[float]] = {1: [], -1: []}
    for each in tested:
        by_sign[each.feedback].append(float(truth.skill_match[projects[each.project_id], profiles[each.profile_id]]))
    return {
        "mean true match": _rounded(float(truth.skill_match.mean())),
        "mean true match of positives": _rounded(_mean(by_sign[1])),
        "mean true match of negatives": _rounded(_mean(by_sign[-1])),
        "true matches from 0.6 on per test project": _rounded(float((truth.skill_match >= 0.6).sum(axis=1).mean())),
    }


def _languages(documents: Sequence[Profile] | Sequence[Project]) -> dict[str, float]:
    counted = Counter(document.language or "unknown" for document in documents)
    return {language: _rounded(n / len(documents)) for language, n in counted.most_common()}


def _categories(documents: Sequence[Profile]) -> Counter[str]:
    return Counter(document.facts.category for document in documents if document.facts.category)


def _empty(documents: Sequence[Profile] | Sequence[Project]) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for document in documents:
        counted.update({name: int(not text) for name, text in section_texts(document).items()})
    return {name: _rounded(n / len(documents)) for name, n in counted.items()}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _rounded(value: float) -> float:
    return round(value, 3)
