"""Years of experience, with the thing they belong to."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from metier.domain import Span

_NUMBERS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "  # noqa: SIM905
    "seventeen eighteen nineteen twenty".split()
)
_FARTHEST: Final = 150  # characters between the years and what they belong to


def years_of_experience(text: str, sentence: Span, spans: Mapping[int, Span]) -> dict[int, float]:
    """Read the least years asked for.

    "5+ years of Python" belongs to the next mention of the clause; "Python (5 years)" and "Python: 5+ years" to the one
    before. Of a range the low end counts; months are parts of a year. A company's age is not read.

    Args:
        text: The clean text.
        sentence: The sentence to read.
        spans: Mention number -> its place, for the mentions of the sentence.

    Returns:
        Mention number -> years, for those that have any.
    """
    found: dict[int, float] = {}
    matches = [match for match in _years().finditer(text, sentence.start, sentence.end) if _is_asked(text, match)]
    edges = [sentence.start, *(match.start() for match in matches), sentence.end]
    for number, match in enumerate(matches):
        low = edges[number] if number == 0 else matches[number - 1].end()
        owners = _owners(text, match, spans, clause=_clause(text, match, low=low, high=edges[number + 2]))
        found |= dict.fromkeys((owner for owner in owners if owner not in found), _least(match))
    return found


@cache
def _years() -> re.Pattern[str]:
    number = rf"(?:\d{{1,2}}(?:[.,]\d)?|\b(?:{'|'.join(_NUMBERS)})\b)"
    unit = (
        r"(?P<year>years?|yrs?|jahren?|jahre?|ans|années?|años?|anni|jaar|års?|anos|lata?)"
        r"|(?P<month>months?|monaten?|mois|meses)"
    )
    return re.compile(
        rf"(?<![\w.$€£-])(?P<low>{number})\s*\+?(?:\s*\(\s*\d{{1,2}}\s*\+?\s*\))?"
        rf"(?:\s*(?:-|–|—|to|bis|à|or)\s*{number}\s*\+?)?[\s-]*(?:{unit})\b['’]?",
        re.IGNORECASE,
    )


def _least(match: re.Match[str]) -> float:
    low = match["low"].lower()
    value = float(_NUMBERS.index(low)) if low in _NUMBERS else float(low.replace(",", "."))
    return value / 12 if match["month"] else value


@cache
def _unasked() -> tuple[re.Pattern[str], re.Pattern[str]]:
    before = (
        r"\b(?:for\s+(?:over|more\s+than|nearly|almost|about|the\s+(?:last|past))|(?:last|past|next|within|in\s+under|every"
        r"|founded|established|since|seit\s+über|depuis(?:\s+plus\s+de)?)|over\s+the)\s*$"
    )
    after = (
        r"\s*(?:ago|old\b|of\s+age|in\s+business|of\s+history|history|anniversary|contract|fixed|term\b|warranty|plan\b"
        r"|(?:degree|college|university|program(?:me)?)\b|[^.;]{0,40}\b(?:we\s+have|we['’]ve|our\s+company)\b)"
    )
    return re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE)


def _is_asked(text: str, match: re.Match[str]) -> bool:
    """Tell years of experience from the age of a company, a degree or a contract."""
    before, after = _unasked()
    lead = text[max(0, match.start() - 40) : match.start()]
    if re.search(
        r"\b(?:we|company|who)\b[^.;]{0,30}\b(?:with|have|has|for)\s+(?:over\s+|more\s+than\s+)?$", lead, re.IGNORECASE
    ):
        return False
    return not before.search(lead) and not after.match(text, match.end())


def _clause(text: str, match: re.Match[str], *, low: int, high: int) -> Span:
    """The stretch around the years up to the next years, semicolon, line end or "but"."""
    ends = list(_clause_ends().finditer(text, low, high))
    start = max((end.end() for end in ends if end.end() <= match.start()), default=low)
    stop = min((end.start() for end in ends if end.start() >= match.end()), default=high)
    return Span(start, stop)


@cache
def _clause_ends() -> re.Pattern[str]:
    return re.compile(r";|\n|\bbut\b", re.IGNORECASE)


def _owners(text: str, match: re.Match[str], spans: Mapping[int, Span], *, clause: Span) -> list[int]:
    """The mentions that the years belong to: more than one only where they begin or end together."""
    around = [member for member, span in spans.items() if span.start <= match.start() and match.end() <= span.end]
    before = {m: span for m, span in spans.items() if clause.start <= span.start and span.end <= match.start()}
    after = {m: span for m, span in spans.items() if match.end() <= span.start < clause.end}
    last = max((span.end for span in before.values()), default=None)
    first = min((span.start for span in after.values()), default=None)
    preceding = [member for member, span in before.items() if span.end == last]
    if around:
        return around
    if last is not None and _names_before().fullmatch(text, last, match.start()):
        bracketed = "(" in text[last : match.start()] or text[last : match.start()].rstrip().endswith(":")
        if bracketed or first is None:
            return preceding
    if first is not None and _leads(text[match.end() : first]):
        return [member for member, span in after.items() if span.start == first]
    return preceding if last is not None and first is None and match.start() - last < _FARTHEST else []


@cache
def _names_before() -> re.Pattern[str]:
    least = r"(?:at\s+least|min(?:imum|\.)?(?:\s+of)?|mindestens|au\s+moins|over|more\s+than)?"
    return re.compile(
        rf"\s*(?:skills?|experience|knowledge|development)?\s*(?:[(:,–—-]|of|for)?\s*{least}\s*", re.IGNORECASE
    )


def _leads(gap: str) -> bool:
    """Say whether the words after the years lead up to a mention: no comma, and no second thing asked for."""
    if len(gap) > _FARTHEST or re.search(r"[:()]", gap):
        return False
    other = (
        r"\b(?:and|und|et|plus)\b.*\b(?:knowledge|understanding|familiarity|degree|strong|excellent|good"
        r"|proficien\w+|ability)\b"
    )
    if re.search(other, gap, re.IGNORECASE | re.DOTALL):
        return False
    return "," not in gap or bool(
        re.search(r"\b(?:in|with|of|using|as|including)\s+(?:an?\s+|the\s+)?$", gap, re.IGNORECASE)
    )
