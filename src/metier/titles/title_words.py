"""Words of titles and descriptions, as the title models read them: lower case, without numbers and punctuation."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from metier.domain import Span
from metier.text.words import words


@dataclass(frozen=True, slots=True)
class TitleWord:
    """A word as the models read it, and where it stands in the text."""

    word: str
    span: Span


@cache
def _parts() -> re.Pattern[str]:
    letters = r"(?:[^\W_][\u0300-\u036f]*)+"  # an accent may be a character of its own
    return re.compile(
        rf"""
        \.net(?!\w)
        | (?<!\w)[a-z]&[a-z](?!\w)                              # r&d
        | {letters}(?:\.(?:js|net|io)(?!\w)|\+\+|\#)?           # node.js, c++, c#
        """,
        re.VERBOSE | re.IGNORECASE,
    )


def title_words(text: str) -> list[str]:
    """Give the words of a title or a description.

    `c++`, `c#`, `.net`, `node.js` and `r&d` stay whole; other words are parted at hyphens, apostrophes and strokes,
    so that `full-stack` and `full stack` are the same. What has no letter (a number, an emoji) and addresses
    are left out.

    Args:
        text: Any text, in any language.

    Returns:
        Lower-case words in NFC, in order.
    """
    return [found.word for found in spanned_title_words(text)]


def spanned_title_words(text: str) -> Iterator[TitleWord]:
    """Give the words of `title_words` with their places.

    Args:
        text: Any text.

    Yields:
        Each word with its span in `text`, in order.
    """
    for span in words(text):
        token = text[span.start : span.end]
        if token.isalpha():  # nearly all, so worth a way of its own
            yield TitleWord(unicodedata.normalize("NFC", token.lower()), span)
        elif not token.startswith(("http://", "https://", "www.")) and "@" not in token.strip("@"):
            yield from _parts_of(token, span.start)


def _parts_of(token: str, offset: int) -> Iterator[TitleWord]:
    for match in _parts().finditer(token):
        if any(map(str.isalpha, match[0])):
            word = unicodedata.normalize("NFC", match[0].lower())
            yield TitleWord(word, Span(offset + match.start(), offset + match.end()))
