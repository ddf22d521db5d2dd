"""Words reduced to their stems, as search engines do it: English ones thoroughly, those of any language lightly.

`stem` is that of Porter (1980, An algorithm for suffix stripping), with the two departures of his own program: `bli`
becomes `ble`, and `logi` becomes `log`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

_VOWELS: Final = frozenset("aeiou")
_LIGHT_FROM: Final = 4  # letters; shorter words have no ending to lose
_ENGLISH: Final = re.compile("[a-z]{3,}")  # shorter words, and words of other letters, stay as they are

# Suffix -> what takes its place, longest first where one ends with another; only behind a stem of measure 1 or more.
_STEP_2: Final = (
    *(("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble")),
    *(("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate")),
    *(("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous")),
    *(("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("logi", "log")),
)
_STEP_3: Final = (
    *(("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")),
)
_STEP_4: Final = (  # go behind a stem of measure 2 or more
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate"),
    *("iti", "ous", "ive", "ize"),
)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Give the stem of an English word.

    Args:
        word: In lower case; one with other letters than a to z, or with one or two, is its own stem.

    Returns:
        The stem, such as `commun` for `communicate` and `communication`.
    """
    if not _ENGLISH.fullmatch(word):
        return word
    word = _without_ending(_without_plural(word))
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(_replaced(word, _STEP_2), _STEP_3)
    return _without_last_e(_without_suffix(word))


def light_stem(word: str) -> str:
    """Take off the endings of number and gender that languages of Europe share, and no other.

    One rule for all languages, after the light stemmers of Savoy (2006, Light stemming approaches for the French,
    Portuguese, German and Hungarian languages): a final `s`, then a final `a`, `e` or `o`; `y` becomes `i`.

    Args:
        word: In lower case, without accents; one of up to three letters, or with other signs, is its own stem.

    Returns:
        The stem, such as `actuari` for `actuary` and `actuaries`, `abogad` for `abogado` and `abogadas`.
    """
    if len(word) < _LIGHT_FROM or not word.isalpha():
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) >= _LIGHT_FROM and word[-1] in "aeo":
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word


def _is_consonant(word: str, at: int) -> bool:
    if word[at] == "y":
        return at == 0 or not _is_consonant(word, at - 1)
    return word[at] not in _VOWELS


def _measure(part: str) -> int:
    """How many times consonants follow vowels: m of [C](VC)^m[V]."""
    forms = [_is_consonant(part, at) for at in range(len(part))]
    return sum(not before and after for before, after in pairwise(forms))


def _has_vowel(part: str) -> bool:
    return any(not _is_consonant(part, at) for at in range(len(part)))


def _ends_double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)


def _ends_short(word: str) -> bool:
    """Ends with consonant, vowel, consonant, the last none of w, x and y: such as `hop`."""
    if len(word) < 3 or word[-1] in "wxy":
        return False
    return [_is_consonant(word, len(word) - back) for back in (3, 2, 1)] == [True, False, True]


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_ending(word: str) -> str:
    """Take off `eed`, `ed` and `ing`, and mend what is left (step 1b)."""
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    ending = next((end for end in ("ed", "ing") if word.endswith(end)), "")
    if not ending or not _has_vowel(word[: -len(ending)]):
        return word
    word = word[: -len(ending)]
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _ends_double(word):
        return word if word[-1] in "lsz" else word[:-1]
    return word + "e" if _measure(word) == 1 and _ends_short(word) else word


def _replaced(word: str, suffixes: Sequence[tuple[str, str]]) -> str:
    for suffix, instead in suffixes:
        if word.endswith(suffix):
            part = word[: -len(suffix)]
            return part + instead if _measure(part) > 0 else word
    return word


def _without_suffix(word: str) -> str:
    suffix = next((end for end in _STEP_4 if word.endswith(end)), "")
    part = word[: len(word) - len(suffix)]
    if not suffix or _measure(part) < 2 or (suffix == "ion" and not part.endswith(("s", "t"))):
        return word
    return part


def _without_last_e(word: str) -> str:
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
