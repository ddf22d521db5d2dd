"""What the simulated market's projects say: a part of what they take, the way clients write, among other things."""

from datetime import date, timedelta
from random import Random
from typing import Final

from metier.domain import Facts, Project
from metier.matching.market_phrases import PHRASES
from metier.matching.market_places import FAMILY_NAMES
from metier.matching.market_population import Work, own_random
from metier.matching.market_sentences import draw_missing, draw_sentences, draw_title, strange_sentence
from metier.matching.market_trades import Trades
from metier.matching.market_wording import word_skill

LISTED: Final = 0.60  # of the skills stand in the list
TOLD: Final = 0.40  # of them stand in the description, whether listed or not
_COMPANY_PROBABILITY: Final = 0.60  # a sentence of skills that nobody is asked for
_MISSING: Final = {
    "mission": 0.35,
    "title": 0.03,
    "description": 0.06,
    "family": 0.05,
    "category": 0.04,
    "skills": 0.10,
    "bonus_skills": 0.15,
}


def project_id(row: int) -> str:
    """Give the id of the project of a row."""
    return f"project-{row:05d}"


def write_project(trades: Trades, work: Work, *, first_day: date, seed: int) -> Project:
    """Write a project.

    Args:
        trades: Of the market.
        work: Of the market.
        first_day: Day 0 of the market.
        seed: Of the market.

    Returns:
        The project, with every section, empty ones too.
    """
    random = own_random(seed, 4, work.row)
    sections = _draw_sections(trades, work, random)
    skills = _draw_listed(trades, work, work.mandatory, random)
    bonus_skills = _draw_listed(trades, work, work.bonus, random)
    missing = draw_missing(_MISSING, random)
    return Project(
        id=project_id(work.row),
        sections={name: "" if name in missing else text for name, text in sections.items()},
        skills=() if "skills" in missing else skills,
        bonus_skills=() if "bonus_skills" in missing else bonus_skills,
        facts=Facts(
            country=work.place.country,
            latitude=work.place.latitude,
            longitude=work.place.longitude,
            day_rate=work.day_rate,
            languages=work.spoken,
            available_from=first_day + timedelta(days=work.starts),
            category=None if "category" in missing else trades.category(work.trade),
        ),
        language=work.language,
    )


def _draw_sections(trades: Trades, work: Work, random: Random) -> dict[str, str]:
    language, phrases = work.language, PHRASES[work.language]
    named = draw_title(trades, work.trade, language=language, random=random)
    title, months = f"{named} {phrases.levels[work.level]}", random.randint(1, 12)
    one = _word(trades, work, random.choice(work.mandatory), random)
    return {
        "mission": random.choice(phrases.mission).format(title=title, city=work.place.city, months=months, skills=one),
        "title": title,
        "description": _describe(trades, work, title=title, months=months, random=random),
        "family": FAMILY_NAMES[work.trade.family][language],
        "category": trades.category_text(work.trade, language),
        "skills": "",  # they stand in the lists
        "bonus_skills": "",
    }


def _describe(trades: Trades, work: Work, *, title: str, months: int, random: Random) -> str:
    language, phrases = work.language, PHRASES[work.language]
    mandatory = [skill for skill in work.mandatory if random.random() < TOLD]
    bonus = [skill for skill in work.bonus if random.random() < TOLD]
    words = {skill: _word(trades, work, skill, random) for skill in (*mandatory, *bonus)}
    sentences = draw_sentences(mandatory, phrases.project_skills, random) + draw_sentences(bonus, phrases.bonus, random)
    parts = [sentence.write(words, language) for sentence in sentences]
    company = strange_sentence(trades, phrases.company, language=language, random=random)
    if random.random() < _COMPANY_PROBABILITY:
        parts.insert(random.randint(0, len(parts)), company)
    opening = random.choice(phrases.project).format(title=title, city=work.place.city, months=months)
    return " ".join([opening, *parts, random.choice(phrases.project_closing)])


def _draw_listed(trades: Trades, work: Work, skills: tuple[int, ...], random: Random) -> tuple[str, ...]:
    listed = [_word(trades, work, skill, random) for skill in skills if random.random() < LISTED]
    return tuple(dict.fromkeys(listed))


def _word(trades: Trades, work: Work, skill: int, random: Random) -> str:
    return word_skill(trades, skill, language=work.language, own_words=False, random=random)
