"""Raw titles of job postings to clean ones, by rules.

What is taken off: marks of gender, places and employers where they can be told safely, terms of work, pay, codes,
words of advertising, and what the name of a statistical group says that it is not. What a job is stays, and so does
everything that no rule knows.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Final

from metier.text.title_case import calm
from metier.text.title_gender import strip_gender_marks
from metier.text.title_levels import LEVELS, Seniority, take_levels
from metier.text.title_notices import (
    adverts,
    callers,
    codes,
    companies,
    employers,
    exceptions,
    filler_words,
    money,
    notice_words,
    terms,
    wanted,
)
from metier.text.title_places import place_words, placeless

__all__ = ["CleanTitle", "Seniority", "clean_title", "title_key"]

_QUOTES: Final = str.maketrans("’‘´`“”„«»", '\'\'\'\'"""""')
_LONGEST: Final = 400  # code points of a title that are read; the longest of 13,000 postings has 199
_NOTICE, _PLACE, _JOB = range(3)  # what a part of a title is


@dataclass(frozen=True, slots=True)
class CleanTitle:
    """A job title without what is no part of it, and how senior the job is.

    `title` is empty where nothing is left. `seniority` is the highest level that the title named; None if it named
    none. It is no longer in the title if the job is named without it.
    """

    title: str
    seniority: Seniority | None


def clean_title(raw: str) -> CleanTitle:
    """Clean a job title.

    Args:
        raw: As a posting or a register has it: any text; what comes after 400 characters is not read.

    Returns:
        The clean title, itself clean; never with more words than `raw`.
    """
    title = _tidy(raw[:_LONGEST])
    levels: set[Seniority] = set()
    while title:
        found = take_levels(title)
        levels |= found.levels
        shorter = title if found.rest == title else _tidy(found.rest)
        if shorter in ("", title):
            break
        title = shorter
    return CleanTitle(title, max(levels, key=LEVELS.index, default=None))


def title_key(raw: str) -> str:
    """Give what two job titles have in common exactly if they are counted as the same.

    Args:
        raw: As a posting has it, or a key already.

    Returns:
        The clean title with its words of seniority, in full and without case; empty where nothing is left. The key
        of a key is itself.
    """
    key = _folded(_tidy(raw[:_LONGEST]))
    while (again := _folded(_tidy(key))) != key:
        key = again
    return key


def _folded(title: str) -> str:
    key = title.casefold().replace("–", "-").replace("—", "-")
    key = _short_levels().sub(lambda match: "junior" if match[0][0] == "j" else "senior", key)
    return " ".join(_around_slash().sub("/", key).split())


@cache
def _short_levels() -> re.Pattern[str]:
    return re.compile(r"(?<![\w.-])(?:jn?r|sn?r|sénior)(?:\.|(?![\w-]))(?!\w)")


@cache
def _around_slash() -> re.Pattern[str]:
    return re.compile(r"\s*/\s*")


def _tidy(text: str) -> str:
    """Apply every rule until none changes anything."""
    while (shorter := _tidied(text)) != text:
        text = shorter
    return text


def _tidied(text: str) -> str:
    text = strip_gender_marks(_plain(text))
    text = terms().sub(" ", adverts().sub(" ", exceptions().sub(" ", text)))
    if any(map(str.isdigit, text)):
        text = codes().sub(" ", money().sub(" ", text))
    text = placeless().sub(" ", text)
    text = wanted().sub("", callers().sub("", " ".join(text.split())))
    text = _without_tags(_trimmed(text))
    return calm(_trimmed(_known_parts(_without_place(text))))


def _plain(text: str) -> str:
    """One line without emoji, entities, exclamation marks and characters that cannot be seen."""
    if "&" in text:
        text = unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", _invisible().sub("", text).translate(_QUOTES))
    return _noise().sub(" ", text)


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


@cache
def _noise() -> re.Pattern[str]:
    return re.compile(
        "[\\s!?¡¿\\x00-\\x1f\\x7f-\\x9f©®™\u20e3\u2190-\u2bff\u3010\u3011\U0001f000-\U0001faff\ud800-\udfff]+|\\*{2,}|_{2,}|\\.{2,}|…"
    )


def _without_tags(text: str) -> str:
    """Take away a tag in square brackets that comes before the title, and brackets that hold no job."""
    text = _tag().sub("", text)
    return _bracket().sub(lambda match: match[0] if _kind(match[0]) == _JOB else " ", text)


@cache
def _tag() -> re.Pattern[str]:
    return re.compile(r"^\s*\[[^\[\]]*\]\s*(?=.*[^\W\d_])")


@cache
def _bracket() -> re.Pattern[str]:
    return re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")


def _known_parts(text: str) -> str:
    """Drop the parts between dashes, bars and commas that are notices, places or companies."""
    pieces = _separators().split(text)  # part, separator, part, ..., part
    parts = [employers().sub("", part) for part in pieces[::2]]
    kinds = [_kind(part) for part in parts]
    n_jobs = kinds.count(_JOB)
    dropped = {_NOTICE, _PLACE} if n_jobs else {_NOTICE}
    kept = [place for place, kind in enumerate(kinds) if kind not in dropped]
    if n_jobs > 1:
        kept = [place for place in kept if not companies().match(parts[place])] or kept
    if not kept:
        return ""
    if len(kept) == len(parts):
        return "".join((pieces[2 * place - 1] if place else "") + parts[place] for place in kept)
    between = [pieces[2 * place - 1].strip() for place in kept[1:]]  # spaces may have gone to a separator before
    joints = [f"{mark} " if mark in ",;" else f" {mark} " for mark in between]
    return "".join(joint + parts[place] for joint, place in zip(["", *joints], kept, strict=True))


@cache
def _separators() -> re.Pattern[str]:
    return re.compile(r"((?:\s+[-–—|·:]+\s*|(?<![+#])[-–—|·]+\s+|\s*\|+\s*|\s*[,;•]\s*|\s+//\s+)(?![^()]*\)))")


@cache
def _words() -> re.Pattern[str]:
    return re.compile(r"[^\W\d_]+(?:[.'-][^\W\d_]+)*")


def _kind(part: str) -> int:
    """Say what a part is by its words; one without any letter is a notice."""
    found = [word.casefold() for word in _words().findall(part)]
    if any(word not in place_words() and word not in notice_words() and word not in filler_words() for word in found):
        return _JOB
    if any(word in place_words() for word in found):
        return _PLACE
    return _NOTICE if not found or any(word in notice_words() for word in found) else _JOB


def _without_place(text: str) -> str:
    """Take away `in Berlin`, `in Powell, Tennessee` and the like from the end."""
    place = _at_end().search(text)
    return text[: place.start()] if place and _kind(place["place"]) == _PLACE else text


@cache
def _at_end() -> re.Pattern[str]:
    town = r"(?:(?-i:[A-ZÀ-Þ])[\w.'-]*\s?){1,3},\s*"
    return re.compile(
        rf"(?<=\w)\s+(?:in|à|en|i|til|near|nær|secteur)\s+(?:{town})?(?P<place>[\w.'-]+(?:\s[\w.'-]+){{0,2}})$",
        re.IGNORECASE,
    )


def _trimmed(text: str) -> str:
    """Cut what is no word from the ends, and empty or lone brackets; a text without a letter comes out empty."""
    text = _empty().sub(lambda match: " " if match[0][0] in "([{" else "", text)
    text = _all_in_brackets().sub(r"\1", text)
    if text.count("(") != text.count(")"):
        text = text.replace("(", " ").replace(")", " ")
    text = _edges().sub("", " ".join(text.split()))
    return text if any(map(str.isalpha, text)) else ""


@cache
def _empty() -> re.Pattern[str]:
    return re.compile(r"[(\[{][\s/|,.;:&+–-]*[)\]}]|(?<=[(\[])[\s/|,;:&–-]+|[\s/|,;:&–-]+(?=[)\]])")


@cache
def _all_in_brackets() -> re.Pattern[str]:
    return re.compile(r"^\s*[(\[]([^()\[\]]*)[)\]]\s*$")


@cache
def _edges() -> re.Pattern[str]:
    """What is cut: a letter, a digit, a bracket, the dot of `.NET` and the ends of `C++`, `C#` and `R&D (Lab)` stay."""
    return re.compile(r"^(?:(?!\.[^\W\d_])[^\w(\[{]|_)+|(?:(?![+#])[^\w)\]}]|(?<![\w+])\+|(?<!\w)#|_)+$")
