"""Text as if a man or a woman had written it: the gendered words of `audit_words` turned to one side."""

import re
from functools import cache
from typing import Final, Literal

from metier.matching.audit_words import GENDERED

Side = Literal["man", "woman"]

_LONG: Final = 5  # letters: "mr" with an s would be "mrs"


def count_gendered(text: str, *, language: str) -> int:
    """Say how many words of a text have a form for men and one for women.

    Args:
        text: Any.
        language: Two letters; in one that is not known nothing is found.

    Returns:
        The number; forms for everyone, such as "développeur/se" and "Entwickler:in", do not count.
    """
    return len(_pattern(language).findall(text)) if language in GENDERED else 0


def turn_gender(text: str, side: Side, *, language: str) -> str:
    """Write a text as if it were about a man, or about a woman.

    Args:
        text: Any.
        side: Whose words are put in.
        language: Two letters; a text in one that is not known stays as it is.

    Returns:
        The text with each gendered word in the form of that side, in the case in which it stood. Articles and
        adjectives beside it stay, unless they are in the list.
    """
    if language not in GENDERED:
        return text
    forms = _forms(language, side)

    def turned(found: re.Match[str]) -> str:
        return found["before"] + _cased(forms.get(found["word"].lower(), found["word"]), like=found["word"])

    return _pattern(language).sub(turned, text)


def inflect_gendered(text: str, *, language: str) -> str:
    """Hang an "s" on each gendered word of five letters or more: another form that says nothing of a gender.

    Args:
        text: Any.
        language: Two letters; a text in one that is not known stays as it is.

    Returns:
        The text. In each of the five languages an "s" marks a plural or a genitive.
    """
    if language not in GENDERED:
        return text

    def inflected(found: re.Match[str]) -> str:
        ending = "S" if found[0].isupper() else "s"
        return found[0] + ending if len(found["word"]) >= _LONG else found[0]

    return _pattern(language).sub(inflected, text)


@cache
def _forms(language: str, side: Side) -> dict[str, str]:
    """Any form -> the form of one side; of several the first in the list, so that "her" becomes "his"."""
    forms: dict[str, str] = {}
    for pair in GENDERED[language]:
        man, woman = (form.removeprefix("-") for form in pair)
        wanted, other = (man, woman) if side == "man" else (woman, man)
        forms.setdefault(other, wanted)
    return forms


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """A gendered word, `before` it the rest of a compound; not where a form of the other side hangs on to it."""
    pairs = [form for pair in GENDERED[language] for form in pair]
    words = _any_of([form.removeprefix("-") for form in pairs])
    endings = _any_of([form.removeprefix("-") for form in pairs if form.startswith("-")])
    return re.compile(
        rf"(?<![\w/:*·•])(?P<before>(?:[\w-]{{1,40}}?(?={endings}(?!\w)))?)(?P<word>{words})(?!\w|[/:*·•(-]-?\w)",
        re.IGNORECASE,
    )


def _any_of(words: list[str]) -> str:
    return "(?:" + ("|".join(sorted(set(words), key=lambda word: (-len(word), word))) or "(?!)") + ")"


def _cased(word: str, *, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
