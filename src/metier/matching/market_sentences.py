"""Sentences of the simulated market, and what is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from metier.matching.market_phrases import PHRASES
from metier.matching.market_trades import Trade, Trades
from metier.matching.market_wording import word_skill

_MOST_AT_ONCE: Final = 4  # skills in a sentence
_OTHER_TITLE_PROBABILITY: Final = 0.6  # another title than the preferred one


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to be, and the skills that it names: a template with one hole, `{skills}`."""

    template: str
    skills: tuple[int, ...]

    def write(self, words: Mapping[int, str], language: str) -> str:
        """Write it with those of its skills that have words; empty if none has."""
        found = [words[skill] for skill in self.skills if skill in words]
        return self.template.format(skills=joined(found, language)) if found else ""


def draw_sentences(skills: Sequence[int], templates: Sequence[str], random: Random) -> list[Sentence]:
    """Part skills into sentences of one to four."""
    sentences: list[Sentence] = []
    left = list(skills)
    while left:
        n = random.randint(1, _MOST_AT_ONCE)
        sentences.append(Sentence(random.choice(templates), tuple(left[:n])))
        left = left[n:]
    return sentences


def strange_sentence(trades: Trades, templates: Sequence[str], *, language: str, random: Random) -> str:
    """Write a sentence of skills of another trade, which are neither offered nor asked for."""
    other = trades.draw(random)
    chosen = random.sample(other.skills, random.randint(2, _MOST_AT_ONCE))
    words = [word_skill(trades, skill, language=language, own_words=False, random=random) for skill in chosen]
    return random.choice(templates).format(
        skills=joined(words, language), other=draw_title(trades, other, language=language, random=random)
    )


def joined(words: Sequence[str], language: str) -> str:
    """Write a list: "a, b and c"."""
    front, last = ", ".join(words[:-1]), words[-1]
    return front + PHRASES[language].joint + last if front else last


def draw_title(trades: Trades, trade: Trade, *, language: str, random: Random) -> str:
    """Draw what somebody of a trade is called."""
    titles = trades.titles(trade, language)
    return random.choice(titles) if random.random() < _OTHER_TITLE_PROBABILITY else titles[0]


def draw_missing(probabilities: Mapping[str, float], random: Random) -> frozenset[str]:
    """Draw the sections that are left empty."""
    return frozenset(name for name, probability in probabilities.items() if random.random() < probability)
