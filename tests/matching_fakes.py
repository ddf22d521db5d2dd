"""People, projects and an encoder of words for the tests of matching."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from metier.data.market import Interaction, Market
from metier.domain import Facts, Profile, Project

_DIM = 64


class WordEncoder:
    """Counts words in 64 boxes; see `metier.protocols.Encoder`."""

    def __init__(self):
        self.n_read = 0

    def encode(self, texts: Sequence[str]):
        self.n_read += len(texts)
        counts = np.zeros((len(texts), _DIM), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word in text.casefold().split():
                row[sum(map(ord, word)) % _DIM] += 1
        lengths = np.linalg.norm(counts, axis=1, keepdims=True)
        return counts / np.where(lengths > 0, lengths, 1)


PROFILES = [
    Profile(
        "ana",
        {"title": "Développeuse Python", "description": "Je construis des API en Python et Django"},
        ("Python", "Django"),
        Facts("FR", 48.85, 2.35, 450.0, ("fr", "en"), date(2026, 1, 5), "software"),
    ),
    Profile("nobody"),
    Profile("dup-1", {"title": "React developer"}, ("React",), Facts(country="ES", category="software")),
    Profile("dup-2", {"title": "React developer"}, ("React",), Facts(country="ES", category="software")),
    Profile("cook", {"title": "Koch", "description": "Ich koche 👍"}, ("cooking",), Facts(country="DE")),
    Profile("jo", {"description": "python data pandas sql"}, ("SQL", "PYTHON"), Facts("FR", day_rate=300.0)),
]
PROJECTS = [
    Project("api", {"title": "Developpeur python"}, ("python", "SQL"), facts=Facts("FR", category="software")),
    Project("empty"),
    Project("front", {"mission": "We need a React developer"}, ("react",), ("Python",)),
    Project("emoji", {"title": "👍 ♥"}),
]

_TRADES = {
    "baking": ("baker", "bread", "dough"),
    "welding": ("welder", "steel", "torch"),
    "nursing": ("nurse", "wound", "ward"),
}


def small_market(*, n_profiles: int = 60, n_projects: int = 120, seed: int = 1) -> Market:
    """A market in which people of the trade are wanted unless they ask for more than the project pays."""
    draw = random.Random(seed)
    profiles = [_person(f"f{number}", draw) for number in range(n_profiles)]
    projects = [_work(f"p{number}", draw) for number in range(n_projects)]
    began = date(2025, 1, 1)
    interactions = [
        Interaction(project.id, profile.id, _answer(project, profile), began + timedelta(days=number))
        for number, project in enumerate(projects)
        for profile in draw.sample(profiles, 6)
    ]
    split_at = began + timedelta(days=n_projects * 3 // 4)
    return Market(profiles=profiles, projects=projects, interactions=interactions, split_at=split_at)


def _person(name: str, draw: random.Random) -> Profile:
    trade = draw.choice(list(_TRADES))
    return Profile(name, *_said(trade, draw), Facts(day_rate=draw.choice([200.0, 400.0, 600.0]), category=trade))


def _work(name: str, draw: random.Random) -> Project:
    trade = draw.choice(list(_TRADES))
    return Project(name, *_said(trade, draw), facts=Facts(day_rate=draw.choice([300.0, 500.0]), category=trade))


def _said(trade: str, draw: random.Random) -> tuple[dict[str, str], tuple[str, ...]]:
    title, *skills = _TRADES[trade]
    return {"title": title, "description": " ".join(draw.choices(skills, k=3))}, (draw.choice(skills),)


def _answer(project: Project, profile: Profile) -> int:
    fits = project.facts.category == profile.facts.category
    return 1 if fits and profile.facts.day_rate <= project.facts.day_rate else -1
