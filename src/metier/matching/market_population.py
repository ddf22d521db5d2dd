"""Who is on the simulated market: people and projects with all their skills, those that no text names too."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from metier.matching.market_places import (
    CITIES_OF,
    FAMILIES,
    LANGUAGE_SHARES,
    PLACES,
    RATE_FACTORS,
    SPOKEN_IN,
    Place,
)
from metier.matching.market_trades import Trade, Trades

N_DAYS: Final = 364
TEST_DAYS: Final = 70  # ten weeks (Malt, 2024)

_SENIORITY_SHARES: Final = (0.25, 0.45, 0.30)
_ESSENTIAL: Final = (0.45, 0.60, 0.75)  # of a trade's essential skills, by seniority, before specialities
_N_OPTIONAL: Final = (4.0, 7.0, 11.0)  # optional skills, about
_ESSENTIAL_WEIGHT: Final = 3.0  # a project asks for an essential skill so much rather than for an optional one
_BESIDE_PROBABILITY: Final = 0.35  # knows half of another trade of the category
_MOST_SKILLS: Final = 48
_RATE_OF_LEVEL: Final = (0.72, 1.0, 1.35)
_RATE_SPREAD: Final = 0.22  # standard deviation of the logarithm
_ENGLISH_PROBABILITY: Final = 0.6
_JOINED_BEFORE: Final = 0.7  # of the people, on the first day
_CHANGES: Final = (0, 1, 2)
_CHANGE_SHARES: Final = (0.65, 0.25, 0.10)
_RATE_STEP: Final = 0.92  # the rate before a change, of that behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A person between two changes."""

    until: int  # the first day on which it no longer holds
    skills: tuple[int, ...]
    day_rate: float
    level: int  # 0: junior, 1: experienced, 2: senior
    available: int  # day, counted as all days from the first of the market


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who offers work."""

    row: int
    trade: Trade
    language: str
    place: Place
    spoken: tuple[str, ...]
    joined: int  # day
    popularity: float  # mean 0, variance 1
    states: tuple[State, ...]  # in the order of time; the last one holds for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A project, and everything that it takes."""

    row: int
    trade: Trade
    language: str
    place: Place
    spoken: tuple[str, ...]
    posted: int  # day
    starts: int  # day
    level: int
    mandatory: tuple[int, ...]
    bonus: tuple[int, ...]
    day_rate: float  # the most that is paid


def own_random(seed: int, stream: int, row: int) -> Random:
    """Give the source of chance of one row, so that no row depends on another."""
    return Random((seed << 48) + (stream << 40) + row)


def draw_person(trades: Trades, row: int, *, seed: int) -> Person:
    """Draw a person.

    Args:
        trades: Of the market.
        row: Its number, from 0.
        seed: Of the market.

    Returns:
        The person, who is on the market before the test begins.
    """
    random = own_random(seed, 1, row)
    trade = trades.draw(random)
    language, place, spoken = _draw_home(random)
    level = random.choices(range(3), _SENIORITY_SHARES)[0]
    skills = _draw_skills(trades, trade, level, random)
    rate = _market_rate(trade, place, level) * random.lognormvariate(0, _RATE_SPREAD)
    joined = 0 if random.random() < _JOINED_BEFORE else random.randrange(N_DAYS - TEST_DAYS)
    return Person(
        row=row,
        trade=trade,
        language=language,
        place=place,
        spoken=spoken,
        joined=joined,
        popularity=random.gauss(0, 1),
        states=_draw_states(skills, rate, level, random),
    )


def draw_work(trades: Trades, row: int, *, n_works: int, seed: int) -> Work:
    """Draw a project.

    Args:
        trades: Of the market.
        row: Its number, from 0; later projects have higher ones.
        n_works: How many projects there are; they come evenly over the year.
        seed: Of the market.

    Returns:
        The project.
    """
    random = own_random(seed, 2, row)
    trade = trades.draw(random)
    language, place, spoken = _draw_home(random)
    level = random.choices(range(3), _SENIORITY_SHARES)[0]
    mandatory, bonus = _draw_demand(trades, trade, level, random)
    posted = row * N_DAYS // n_works
    rate = _market_rate(trade, place, level) * random.lognormvariate(0.10, _RATE_SPREAD)
    return Work(
        row=row,
        trade=trade,
        language=language,
        place=place,
        spoken=spoken if random.random() < _ENGLISH_PROBABILITY else (language,),
        posted=posted,
        starts=posted + random.randrange(7, 60),
        level=level,
        mandatory=mandatory,
        bonus=bonus,
        day_rate=_rounded(rate),
    )


def _draw_demand(trades: Trades, trade: Trade, level: int, random: Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw what a project must have and what it would like."""
    liked = _speciality(trades, trade.skills, random)
    essential = frozenset(trade.essential)
    wanted = [(skill, liked[trades.groups[skill]]) for skill in trade.skills]
    weighted = [(skill, weight * (_ESSENTIAL_WEIGHT if skill in essential else 1.0)) for skill, weight in wanted]
    mandatory = _weighted_sample(weighted, 4 + level + random.randrange(3), random)
    return mandatory, _weighted_sample(
        [pair for pair in wanted if pair[0] not in mandatory], random.randrange(6), random
    )


def _draw_home(random: Random) -> tuple[str, Place, tuple[str, ...]]:
    """Draw a language of texts, a place where some write it, and the spoken languages."""
    language = random.choices(list(LANGUAGE_SHARES), list(LANGUAGE_SHARES.values()))[0]
    places = [place for place in PLACES if _is_home(place, CITIES_OF[language])]
    place = random.choices(places, [place.weight for place in places])[0]
    around = SPOKEN_IN.get(place.country, language)
    english = ("en",) if random.random() < _ENGLISH_PROBABILITY else ()
    return language, place, tuple(dict.fromkeys((language, around, *english)))


def _is_home(place: Place, homes: Sequence[str]) -> bool:
    return place.country in homes or f"{place.country}:{place.city}" in homes


def _market_rate(trade: Trade, place: Place, level: int) -> float:
    base = next(family.day_rate for family in FAMILIES if family.code == trade.family)
    return base * RATE_FACTORS[place.country] * _RATE_OF_LEVEL[level]


def _draw_skills(trades: Trades, trade: Trade, level: int, random: Random) -> tuple[int, ...]:
    """Draw all skills of a person, in the order in which they came."""
    found = _pick(trades, trade, level, 1.0, random)
    if random.random() < _BESIDE_PROBABILITY:
        found += _pick(trades, random.choice(trades.beside(trade)), level, 0.5, random)
    stray = trades.draw_any(random)
    found += random.sample(stray.skills, random.randrange(4))
    skills = list(dict.fromkeys(found)) or [trade.essential[0] if trade.essential else trade.optional[0]]
    random.shuffle(skills)
    return tuple(skills[:_MOST_SKILLS])


def _pick(trades: Trades, trade: Trade, level: int, share: float, random: Random) -> list[int]:
    """Pick skills of a trade; those of a group come together, because people specialise."""
    liked = _speciality(trades, trade.skills, random)
    optional = share * min(0.8, _N_OPTIONAL[level] / max(len(trade.optional), 1))
    chances = [(skill, share * _ESSENTIAL[level]) for skill in trade.essential]
    chances += [(skill, optional) for skill in trade.optional]
    return [skill for skill, chance in chances if random.random() < chance * liked[trades.groups[skill]]]


def _speciality(trades: Trades, skills: Sequence[int], random: Random) -> dict[str, float]:
    """Draw how much somebody cares for each group of skills: 0.2 to 1.8, in the mean 1."""
    groups = dict.fromkeys(trades.groups[skill] for skill in skills)
    return {group: 0.2 + 1.6 * random.random() for group in groups}


def _weighted_sample(weighted: Sequence[tuple[int, float]], n: int, random: Random) -> tuple[int, ...]:
    """Sample without replacement, in proportion to the weights (Efraimidis and Spirakis, 2006)."""
    keys = sorted(((random.random() ** (1 / weight), item) for item, weight in weighted), reverse=True)
    return tuple(item for _, item in keys[:n])


def _draw_states(skills: tuple[int, ...], rate: float, level: int, random: Random) -> tuple[State, ...]:
    """Draw when somebody changed, and go back in time: fewer skills, a lower rate, at last a lower level."""
    n_changes = random.choices(_CHANGES, _CHANGE_SHARES)[0]
    days = sorted(random.sample(range(1, N_DAYS), n_changes), reverse=True)
    states: list[State] = []
    until, begin = N_DAYS + 1, [*days, 0]
    for day in begin:
        available = max(0, day + random.randrange(-20, 60)) if states else day + random.randrange(N_DAYS - day + 60)
        states.append(State(until=until, skills=skills, day_rate=_rounded(rate), level=level, available=available))
        kept = len(skills) - random.randrange(1, 6)
        skills, rate, until = skills[: max(kept, 3)], rate * _RATE_STEP, day
        level = max(level - (random.random() < 0.3), 0)
    return tuple(reversed(states))


def _rounded(rate: float) -> float:
    return float(max(10 * round(rate / 10), 80))
