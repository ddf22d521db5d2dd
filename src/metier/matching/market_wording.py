"""How people of the simulated market call a skill: each in words of their own."""

from random import Random
from typing import Final

from metier.matching.market_phrases import FRENCH_NOUNS, FRENCH_OF, LAST_VERB_NOUNS
from metier.matching.market_trades import Trades

_ENGLISH_PROBABILITY: Final = 0.10  # a word of English in a text of another language
_BROADER_PROBABILITY: Final = 0.15  # the skill above instead
_NOUN_PROBABILITY: Final = 0.6  # of people; projects keep the verb


def word_skill(trades: Trades, skill: int, *, language: str, own_words: bool, random: Random) -> str:
    """Call a skill by one of its names.

    Args:
        trades: Which know the labels.
        skill: A row of the taxonomy.
        language: Of the text.
        own_words: True: rather an alternative, and a noun instead of a verb, as people do; False: rather the preferred
            label, as projects do.
        random: Decides.

    Returns:
        A label of the skill or of one right above it, in the language or in English.
    """
    if trades.broader[skill] and random.random() < _BROADER_PROBABILITY:
        skill = random.choice(trades.broader[skill])
    labels = trades.labels(skill, language)
    if not labels or random.random() < _ENGLISH_PROBABILITY:
        language, labels = "en", trades.labels(skill, "en")
    preferred = len(labels) == 1 or random.random() < (0.25 if own_words else 0.7)
    label = labels[0] if preferred else random.choice(labels[1:])
    return as_noun(label, language) if own_words and random.random() < _NOUN_PROBABILITY else label


def as_noun(label: str, language: str) -> str:
    """Say by a noun what a label says by a verb.

    Args:
        label: Such as "gérer les stocks", "Lager verwalten".
        language: French, German or Dutch; labels of others stay as they are.

    Returns:
        Such as "gestion des stocks", "Verwaltung: Lager"; the label where its verb is not known.
    """
    if language == "fr":
        verb, _, rest = label.partition(" ")
        return f"{FRENCH_NOUNS[verb.lower()]} {_of(rest)}" if rest and verb.lower() in FRENCH_NOUNS else label
    rest, _, verb = label.rpartition(" ")
    noun = LAST_VERB_NOUNS.get(language, {}).get(verb)
    return f"{noun}: {rest}" if noun and rest else label


def _of(rest: str) -> str:
    """Put "de" before a French object."""
    for article in sorted(FRENCH_OF, key=len, reverse=True):
        if rest.startswith(article):
            return (
                FRENCH_OF[article] + rest[len(article) :] if FRENCH_OF[article] != "de " else _of(rest[len(article) :])
            )
    return ("d'" if rest[0].lower() in "aeiouyéèêàâîôûœh" else "de ") + rest
