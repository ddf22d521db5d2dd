"""What people of the simulated market write: a part of their skills, in their own words, among others."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from metier.domain import Facts, Profile
from metier.matching.market_phrases import PHRASES
from metier.matching.market_places import FAMILY_NAMES
from metier.matching.market_population import Person, State, own_random
from metier.matching.market_sentences import (
    Sentence,
    draw_missing,
    draw_sentences,
    draw_title,
    strange_sentence,
)
from metier.matching.market_trades import Trades
from metier.matching.market_wording import word_skill

LISTED: Final = 0.40  # of the skills stand in the list
TOLD: Final = 0.30  # of them stand in the description, whether listed or not
_PAST_PROBABILITY: Final = 0.45  # a sentence of skills that the person does not offer
_MISSING: Final = {"title": 0.04, "description": 0.15, "family": 0.05, "category": 0.04, "skills": 0.12}
_YEARS: Final = (2, 6, 13)  # of experience, by seniority


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """All that somebody will ever write; a state shows what stands to the skills held by then."""

    title: str
    opening: str  # a template with one hole, `{years}`
    told: tuple[Sentence, ...]
    words: dict[int, str]
    past: str
    closing: str
    listed: dict[int, str]
    missing: frozenset[str]


def write_profiles(trades: Trades, person: Person, *, first_day: date, seed: int) -> list[Profile]:
    """Write the profile of a person in each of its states.

    Args:
        trades: Of the market.
        person: Of the market.
        first_day: Day 0 of the market.
        seed: Of the market.

    Returns:
        One profile per state, in the order of time, with one id and every section, empty ones too. They differ by
        what changed, and in nothing else.
    """
    plan = _draw_plan(trades, person, own_random(seed, 3, person.row))
    return [_write_state(trades, person, state, plan, first_day) for state in person.states]


def _draw_plan(trades: Trades, person: Person, random: Random) -> _Plan:
    language, skills = person.language, person.states[-1].skills
    phrases = PHRASES[language]

    def words(chosen: list[int]) -> dict[int, str]:
        return {skill: word_skill(trades, skill, language=language, own_words=True, random=random) for skill in chosen}

    title = draw_title(trades, person.trade, language=language, random=random)
    told = [skill for skill in skills if random.random() < TOLD]
    past = strange_sentence(trades, phrases.person_past, language=language, random=random)
    return _Plan(
        title=title,
        opening=random.choice(phrases.person).format(title=title, city=person.place.city, years="{years}"),
        told=tuple(draw_sentences(told, phrases.person_skills, random)),
        words=words(told),
        past=past if random.random() < _PAST_PROBABILITY else "",
        closing=random.choice(phrases.person_closing),
        listed=words([skill for skill in skills if random.random() < LISTED]),
        missing=draw_missing(_MISSING, random),
    )


def _write_state(trades: Trades, person: Person, state: State, plan: _Plan, first_day: date) -> Profile:
    language, trade, place = person.language, person.trade, person.place
    words = {skill: plan.words[skill] for skill in state.skills if skill in plan.words}
    listed = [plan.listed[skill] for skill in state.skills if skill in plan.listed]
    told = [sentence.write(words, language) for sentence in plan.told]
    parts = [plan.opening.format(years=_YEARS[state.level]), *told, plan.past, plan.closing]
    sections = {
        "title": f"{plan.title} {PHRASES[language].levels[state.level]}",
        "description": " ".join(part for part in parts if part),
        "family": FAMILY_NAMES[trade.family][language],
        "category": trades.category_text(trade, language),
        "skills": "",  # they stand in the list
    }
    return Profile(
        id=f"profile-{person.row:05d}",
        sections={name: "" if name in plan.missing else text for name, text in sections.items()},
        skills=() if "skills" in plan.missing else tuple(dict.fromkeys(listed)),
        facts=Facts(
            country=place.country,
            latitude=place.latitude,
            longitude=place.longitude,
            day_rate=state.day_rate,
            languages=person.spoken,
            available_from=first_day + timedelta(days=state.available),
            category=None if "category" in plan.missing else trades.category(trade),
        ),
        language=language,
    )
