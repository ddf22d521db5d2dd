"""The trades of the simulated market: occupations of the taxonomy, their skills, and what these are called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Final

from metier.domain import Occupation, Skill
from metier.errors import ConfigError
from metier.matching.market_places import FAMILIES, LANGUAGE_SHARES
from metier.taxonomy.taxonomy import Taxonomy

_FEWEST_SKILLS: Final = 8  # a trade with fewer cannot tell its people apart
_CATEGORY_SLOPE: Final = 1.1  # demand of the category of rank r is r ** -slope (Zipf)
_TRADE_SLOPE: Final = 1.2  # the same of the occupations inside a category
_RANK_NOISE: Final = 160.0  # how far chance moves a category from the rank of its family; a family has about 15
_ALIKE: Final = 4  # letters that the male and the female form of a title share at least
_BRACKET: Final = re.compile(r"\s*\([^)]*\)$")


@dataclass(frozen=True, slots=True)
class Trade:
    """An occupation that the market knows; skills are rows of the taxonomy's."""

    occupation: Occupation
    essential: tuple[int, ...]
    optional: tuple[int, ...]

    @property
    def skills(self) -> tuple[int, ...]:
        """Essential, then optional, each once."""
        return tuple(dict.fromkeys((*self.essential, *self.optional)))

    @property
    def code(self) -> str:
        """The ISCO-08 unit group: the category."""
        return self.occupation.isco

    @property
    def family(self) -> str:
        """The ISCO-08 sub-major group."""
        return self.occupation.isco[:2]


class Trades:
    """All trades, by falling demand of their category, with their labels."""

    def __init__(self, taxonomy: Taxonomy, *, seed: int) -> None:
        """Choose the trades and how much each is in demand.

        Args:
            taxonomy: With occupations, their ISCO codes and their skills.
            seed: Of the order of the categories.

        Raises:
            ConfigError: If the taxonomy has no occupation with enough skills, or lacks a language.
        """
        lacking = [language for language in LANGUAGE_SHARES if language not in taxonomy.languages]
        if lacking:
            raise ConfigError(f"{taxonomy.name} has no labels in {', '.join(lacking)}; build it with them.")
        self.taxonomy = taxonomy
        self._rows = {skill.uri: row for row, skill in enumerate(taxonomy.skills)}
        found = [trade for job in taxonomy.occupations if (trade := self._trade(job)) is not None]
        if not found:
            raise ConfigError(f"{taxonomy.name} has no occupation with {_FEWEST_SKILLS} skills or more.")
        ranks = _category_ranks(found, Random(seed))
        self.all = sorted(found, key=lambda trade: ranks[trade.code])  # stable: inside a category, release order
        self._cumulative = list(accumulate(_weights(self.all, ranks)))

    def draw(self, random: Random) -> Trade:
        """Draw a trade by its demand."""
        return random.choices(self.all, cum_weights=self._cumulative)[0]

    def draw_any(self, random: Random) -> Trade:
        """Draw a trade, each as likely."""
        return random.choice(self.all)

    def beside(self, trade: Trade) -> Sequence[Trade]:
        """The trades of the same category, itself among them."""
        return self._by_category[trade.code]

    def labels(self, skill: int, language: str) -> tuple[str, ...]:
        """The labels of a skill in a language, the preferred one first, without a bracket at their end."""
        found = self.taxonomy.all_labels(self.taxonomy.skills[skill], language)
        return tuple(_BRACKET.sub("", label) for label in found)

    def titles(self, trade: Trade, language: str) -> list[str]:
        """What people of a trade are called, the preferred form first; in English where there is no other name."""
        labels = self.taxonomy.all_labels(trade.occupation, language) or self.taxonomy.all_labels(
            trade.occupation, "en"
        )
        return [form for label in labels for form in _forms(label)]

    def category(self, trade: Trade) -> str:
        """The category's name for filters: the English label of its ISCO group."""
        return self.taxonomy.isco_label(trade.code) or trade.code

    def category_text(self, trade: Trade, language: str) -> str:
        """The category's name for people of a language: that of the occupation most like it."""
        return self._category_texts[trade.code, language]

    @cached_property
    def broader(self) -> list[tuple[int, ...]]:
        """Of each skill: the skills right above it."""
        parents = [self.taxonomy.parents(skill) for skill in self.taxonomy.skills]
        return [tuple(self._rows[above.uri] for above in found if isinstance(above, Skill)) for found in parents]

    @cached_property
    def groups(self) -> list[str]:
        """Of each skill: the code of the nearest group above it."""
        return [self.taxonomy.code(skill) for skill in self.taxonomy.skills]

    @cached_property
    def _by_category(self) -> dict[str, list[Trade]]:
        found: dict[str, list[Trade]] = {}
        for trade in self.all:
            found.setdefault(trade.code, []).append(trade)
        return found

    @cached_property
    def _category_texts(self) -> dict[tuple[str, str], str]:
        texts = {}
        for code, trades in self._by_category.items():
            name = set(self.taxonomy.isco_label(code).lower().replace("s ", " ").rstrip("s").split())
            nearest = max(trades, key=lambda trade: len(name & set(trade.occupation.label.lower().split())))
            for language in LANGUAGE_SHARES:
                texts[code, language] = self.titles(nearest, language)[0]
        return texts

    def _trade(self, job: Occupation) -> Trade | None:
        if not any(job.isco.startswith(family.code) for family in FAMILIES):
            return None
        essential = tuple(self._rows[skill.uri] for skill in self.taxonomy.essential_skills(job))
        optional = tuple(self._rows[skill.uri] for skill in self.taxonomy.optional_skills(job))
        if len(essential) + len(optional) < _FEWEST_SKILLS:
            return None
        return Trade(job, essential, optional)


def _category_ranks(trades: Sequence[Trade], random: Random) -> dict[str, int]:
    """Order the categories: those of the families in demand come early, with much chance."""
    place = {family.code: at for at, family in enumerate(FAMILIES)}
    codes = sorted({trade.code for trade in trades})
    keys = {code: 15 * place[code[:2]] + _RANK_NOISE * random.random() for code in codes}
    return {code: rank for rank, code in enumerate(sorted(codes, key=lambda code: keys[code]), start=1)}


def _weights(trades: Sequence[Trade], ranks: dict[str, int]) -> list[float]:
    """The demand of each trade: that of its category, shared out among its trades."""
    inside: dict[str, list[float]] = {}
    for trade in trades:
        shares = inside.setdefault(trade.code, [])
        shares.append((len(shares) + 1) ** -_TRADE_SLOPE)
    seen = dict.fromkeys(inside, 0)
    weights = []
    for trade in trades:
        shares = inside[trade.code]
        weights.append(ranks[trade.code] ** -_CATEGORY_SLOPE * shares[seen[trade.code]] / sum(shares))
        seen[trade.code] += 1
    return weights


def _forms(label: str) -> list[str]:
    """Part "Prüfer/Prüferin" into its two forms; leave "TCP/IP engineer" whole."""
    first, slash, second = label.partition("/")
    alike = slash and first[:_ALIKE].lower() == second.strip()[:_ALIKE].lower() and len(second) > _ALIKE
    return [first.strip(), second.strip()] if alike else [label]
