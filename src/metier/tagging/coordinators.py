"""The words of a mention, and what joins them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from metier.domain import Span
from metier.tagging.word_classes import fixed_terms, is_adjective

# "and" joins for certain, "comma" with it; "intro" opens examples and "close" ends them; "mark" announces a pair.
Joint = Literal["and", "comma", "intro", "close", "mark"]

_ONE_LETTER: Final = frozenset(["C", "C++", "C#"])


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or what joins words, and its place in the text; neighbours have numbers that follow each other."""

    text: str
    span: Span
    number: int
    joint: Joint | None = None

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()


def words_and_joints(text: str, span: Span) -> list[Word]:
    """Split a mention into words and joints.

    Fixed terms ("research and development"), and what a slash does not part ("CI/CD"), are one word.

    Args:
        text: Any text.
        span: Where the mention stands in it.

    Returns:
        In text order; a comma with the conjunction behind it is one joint. Edge punctuation is in none.
    """
    found: list[Word] = []
    for place, joint in _pieces(text, span):
        if joint and found and found[-1].joint == "comma":
            last = found.pop()
            place = Span(last.span.start, place.end)
        found.append(Word(text[place.start : place.end], place, len(found), joint))
    return found


def _pieces(text: str, span: Span) -> Iterator[tuple[Span, Joint | None]]:
    position, plural = span.start, False
    while match := _lexer().search(text, position, span.end):
        position = match.end()
        joint = _joint(match, after_plural=plural)
        plural = match[0].endswith("s")
        if joint or match.lastgroup == "fixed":
            yield Span(*match.span()), joint
        else:
            yield from _word(text, Span(*match.span()))


def _joint(match: re.Match[str], *, after_plural: bool) -> Joint | None:
    if match.lastgroup == "like":
        return "intro" if after_plural else None
    joints: dict[str | None, Joint] = {
        "conjunction": "and",
        "comma": "comma",
        "intro": "intro",
        "close": "close",
        "mark": "mark",
    }
    return joints.get(match.lastgroup)


@cache
def _lexer() -> re.Pattern[str]:
    examples = r"e\.\s?g\.,?|such\s+as|including|incl\.|for\s+example,?"
    return re.compile(
        rf"""
        (?P<fixed>{fixed_terms().pattern})
        | (?P<conjunction>(?<!\S)(?:and\s*/\s*or|and\s+also|as\s+well\s+as|but\s+also|and|or|&|/)(?!\S))
        | (?P<intro>\(\s*(?:{examples}|like)? | (?<!\S)(?:{examples})(?!\S))
        | (?P<like>(?<!\S)like(?!\S))
        | (?P<mark>(?<!\S)(?:both|either|not\s+only)(?!\S))
        | (?P<comma>(?<!\d),|,(?!\d)|;)
        | (?P<close>\))
        | (?:(?!,(?:\D|$))[^\s;()])+
        """,
        re.VERBOSE | re.IGNORECASE,
    )


def _word(text: str, place: Span) -> Iterator[tuple[Span, Joint | None]]:
    """A word without its edge punctuation; a colon behind it opens a list; a slash may part it."""
    word = text[place.start : place.end]
    bare = word.rstrip(".:!?•\"'”’»*").lstrip("\"'“‘«•*–—")
    if not bare:
        return
    start = place.start + word.index(bare)
    parts = bare.split("/")
    if len(parts) > 1 and _is_list(parts):
        for number, part in enumerate(parts):
            if number:
                yield Span(start - 1, start), "and"
            yield Span(start, start + len(part)), None
            start += len(part) + 1
    else:
        yield Span(start, start + len(bare)), None
    if word.endswith(":"):
        yield Span(place.end - 1, place.end), "intro"


def _is_list(parts: list[str]) -> bool:
    """Tell `HTML/CSS`, `C/C++` and `verbal/written` from `CI/CD`, `client/server` and `24/7`."""
    if not all(parts):
        return False
    if all(part in _ONE_LETTER for part in parts):
        return True
    if all(part[0].isupper() for part in parts):
        return min(map(len, parts)) >= 3
    return all(map(is_adjective, parts))
