"""Counterfactual profiles: the same person, told with one cue or another, and with two neutral words instead.

The idea is that of correspondence tests (Bertrand and Mullainathan, 2004, Are Emily and Greg More Employable than
Lakisha and Jamal?): two texts that differ in what tells of a person and in nothing that the work asks for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from metier.domain import Profile
from metier.matching import audit_phrases as phrases
from metier.matching.audit_gender import count_gendered, inflect_gendered, turn_gender

SWAPPED_SECTIONS: Final = ("title", "description", "family", "category")  # skills stay as they are
_INSERTED_INTO: Final = "description"


@dataclass(frozen=True, slots=True)
class Versions:
    """One person told in four ways: with both values of a cue, and with two neutral values in its place."""

    first: Profile
    second: Profile
    control_first: Profile
    control_second: Profile

    @property
    def all(self) -> tuple[Profile, Profile, Profile, Profile]:
        """In the order of the fields."""
        return self.first, self.second, self.control_first, self.control_second


@dataclass(frozen=True, slots=True)
class Swap:
    """A cue and its two values; `tell` gives None where a profile has no place for it."""

    name: str
    first: str
    second: str
    tell: Callable[[Profile, str, Random], Versions | None]


def tell(swap: Swap, profile: Profile, *, language: str, seed: int) -> Versions | None:
    """Tell a person in four ways.

    Args:
        swap: What is changed.
        profile: A person.
        language: In which the texts are, two letters.
        seed: With the name of the swap and the person's id it decides which name, place or year is drawn.

    Returns:
        The versions; None if the language is not one of `audit_phrases.LANGUAGES`, or there is no place for the cue:
        no gendered word, or no description into which a sentence could be put.
    """
    if language not in phrases.LANGUAGES:
        return None
    return swap.tell(profile, language, Random(f"{seed} {swap.name} {profile.id}"))


def _gendered(profile: Profile, language: str, random: Random) -> Versions | None:
    """Turn the gendered words; another ending of theirs is the control, or where they are short two weekdays."""
    if not any(count_gendered(text, language=language) for text in _swapped(profile).values()):
        return None
    man = _written(profile, lambda text: turn_gender(text, "man", language=language))
    woman = _written(profile, lambda text: turn_gender(text, "woman", language=language))
    inflected = _written(profile, lambda text: inflect_gendered(text, language=language))
    if inflected != profile:
        return Versions(man, woman, profile, inflected)
    days = [phrases.CALL_ON[language].format(day) for day in random.sample(phrases.DAYS[language], 2)]
    neutral = _said(profile, [*days, *days])
    return neutral and Versions(man, woman, neutral.first, neutral.second)


def _swapped(profile: Profile) -> dict[str, str]:
    return {name: text for name, text in profile.sections.items() if name in SWAPPED_SECTIONS}


def _written(profile: Profile, write: Callable[[str], str]) -> Profile:
    sections = {name: write(text) for name, text in _swapped(profile).items()}
    return replace(profile, sections={**profile.sections, **sections})


def _said(profile: Profile, sentences: Sequence[str]) -> Versions | None:
    """Put each of four sentences before the description."""
    text = profile.sections.get(_INSERTED_INTO, "").strip()
    if not text:
        return None
    told = [
        replace(profile, sections={**profile.sections, _INSERTED_INTO: f"{sentence} {text}"}) for sentence in sentences
    ]
    return Versions(*told)


def _name_of_gender(profile: Profile, language: str, random: Random) -> Versions | None:
    men, women, said = phrases.MEN[language], phrases.WOMEN[language], phrases.NAMED[language]
    names = [random.choice(men), random.choice(women), *random.sample(random.choice((men, women)), 2)]
    return _said(profile, [said.format(name) for name in names])


def _name_of_origin(profile: Profile, language: str, random: Random) -> Versions | None:
    here, elsewhere = random.choice(
        (
            (phrases.MEN[language], phrases.MEN_FROM_ELSEWHERE),
            (phrases.WOMEN[language], phrases.WOMEN_FROM_ELSEWHERE),
        )
    )
    names = [random.choice(here), random.choice(elsewhere), *random.sample(here, 2)]
    return _said(profile, [phrases.NAMED[language].format(name) for name in names])


def _fact(
    name: str,
    said: Mapping[str, str],
    *,
    first: Mapping[str, Sequence[str]] | Sequence[str],
    second: Mapping[str, Sequence[str]] | Sequence[str],
    labels: tuple[str, str],
) -> Swap:
    """A sentence that states a fact; two weekdays are the control where the first value is the only one."""

    def told(profile: Profile, language: str, random: Random) -> Versions | None:
        firsts, seconds = (values[language] if isinstance(values, Mapping) else values for values in (first, second))
        control, drawn = (said, firsts) if len(firsts) > 1 else (phrases.CALL_ON, phrases.DAYS[language])
        sentences = [said[language].format(random.choice(values)) for values in (firsts, seconds)]
        neutral = [control[language].format(value) for value in random.sample(drawn, 2)]
        return _said(profile, [*sentences, *neutral])

    return Swap(name, *labels, told)


SWAPS: Final = (
    Swap("gendered words", "man", "woman", _gendered),
    Swap("first name, gender", "man", "woman", _name_of_gender),
    Swap("first name, origin", "local", "elsewhere", _name_of_origin),
    _fact(
        "place of birth",
        phrases.BORN_AT,
        first=phrases.PLACES,
        second=phrases.PLACES_ELSEWHERE,
        labels=("local", "elsewhere"),
    ),
    _fact(
        "nationality",
        phrases.NATIONALITY,
        first=phrases.NATIONALITIES,
        second=phrases.NATIONALITIES_ELSEWHERE,
        labels=("local", "elsewhere"),
    ),
    _fact(
        "mother tongue",
        phrases.MOTHER_TONGUE,
        first=phrases.TONGUES,
        second=phrases.TONGUES_ELSEWHERE,
        labels=("local", "elsewhere"),
    ),
    _fact(
        "year of birth",
        phrases.BORN_IN,
        first=phrases.YEARS_OF_YOUNG,
        second=phrases.YEARS_OF_OLD,
        labels=("1990s", "1960s"),
    ),
    _fact(
        "year of the degree",
        phrases.GRADUATED,
        first=phrases.LATE_YEARS,
        second=phrases.EARLY_YEARS,
        labels=("2010s", "1980s"),
    ),
)
