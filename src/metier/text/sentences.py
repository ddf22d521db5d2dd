"""Sentences: lines, bullets and headings end them; abbreviations, versions and addresses do not."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from metier.domain import Span

# A paragraph counts as hard-wrapped when no line is longer than this, and its long lines are longer than that.
_WIDEST_WRAP: Final = 110
_NARROWEST_WRAP: Final = 60

_STRONG_BULLETS: Final = "•▪●◦■□►▶➢➤✓✔✅"  # never inside a sentence
_ABBREVIATIONS: Final = frozenset(
    # before a name, a number or an example: the sentence goes on
    "e.g eg i.e ie dr mr mrs ms prof st sr jr vs approx ca cf incl excl resp min max tel fig vol dept est ext "  # noqa: SIM905
    "bzw inkl zzgl ggf evtl vgl gem u.a z.b d.h s.o i.d.r o.g u.u str nr bspw mind max ex c.-à-d env "
    "p.ej art núm dhr mevr o.a m.b.t t.o.v bijv f.eks fx bl.a dvs t.ex m.m np tzw tj ul "
    "m.sc b.sc m.a b.a ph.d m.d m.eng b.eng b.tech m.tech bachelor's.sc".split()
)
_OFTEN_LAST: Final = frozenset(  # these end a sentence when the next word begins one
    "etc usw inc ltd corp co llc gmbh u.s u.k u.s.a e.u d.c a.m p.m jr sr m.sc b.sc m.a b.a ph.d m.d".split()  # noqa: SIM905
)
_BEFORE_NUMBERS: Final = frozenset(
    "no nr art fig vol par sec p pp jan feb mar apr jun jul aug sep sept oct nov dec".split()  # noqa: SIM905
)
_STARTERS: Final = frozenset(
    "we you our your the this these it they he she if in as at for and to with a an all please must applicants "  # noqa: SIM905
    "candidates there what when why how join apply responsibilities requirements experience "
    "wir sie du ihr ihre dein die der das es nous vous notre votre le la les".split()
)
_GERMAN_MONTHS: Final = "januar februar märz april mai juni juli august september oktober november dezember"
_MONTHS: Final = frozenset(_GERMAN_MONTHS.split())


def sentences(text: str) -> list[Span]:
    """Split a text into sentences.

    A line break ends a sentence unless the paragraph is hard-wrapped and the next line goes on in lower case.
    A very long line without any full stop is one sentence: nothing is cut.

    Args:
        text: Plain or clean text.

    Returns:
        The sentences in order, without the bullets before them and the white space around them; none
        empty, none overlapping. Every character that is neither white space nor bullet is in one.
    """
    found: list[Span] = []
    for start, end in _blocks(text):
        found += _split_block(text, start, end)
    return found


@cache
def _lines() -> re.Pattern[str]:
    return re.compile("[^\n\r\v\f\x85\u2028\u2029]+")


@cache
def _bullet() -> re.Pattern[str]:
    return re.compile(
        rf"""(?:
        [{_STRONG_BULLETS}]
        | [-*–—·‣⁃○◆◇★☆→➔»§]+(?=\s|$)                 # a mark and a space
        | [-*–](?=[^\W\d_])                              # "-Python"
        | [#]{{1,6}}(?=\s)                                # Markdown heading
        | \(?(?:\d{{1,2}}|[a-zA-Z])\)(?=\s)                # "1)", "a)", "(1)"
        | \d{{1,2}}\.(?=\s+\S)                             # "1. Java"
        | o(?=\s+[A-Z])                                 # a round bullet that lost its font
        )\s*""",
        re.VERBOSE,
    )


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Give the lines without bullets and outer white space; the lines of a hard-wrapped sentence together."""
    for lines in _paragraphs(text):
        width = max(end - start for start, end in lines)
        block: tuple[int, int] | None = None
        room = -1  # characters that the line before had left, where the paragraph is hard-wrapped
        for start, end in lines:
            body, last = _strip(text, start, end)
            if body >= last:
                continue
            bulleted = body > start and not text[start:body].isspace()
            if block and not bulleted and _goes_on(text, block[1], start=body, room=room):
                block = (block[0], last)
            else:
                if block:
                    yield block
                block = (body, last)
            narrow = end - start <= _NARROWEST_WRAP or width > _WIDEST_WRAP
            room = -1 if narrow else width - (end - start)
        if block:
            yield block


def _goes_on(text: str, end: int, *, start: int, room: int) -> bool:
    """Say whether the line that begins at `start` continues the one that stops at `end`.

    It does if it begins in lower case, and its first word had no room on the line before.
    """
    if room < 0 or not text[start].islower() or text[end - 1] in ".!?:;":
        return False
    return not any(text[position].isspace() for position in range(start, min(start + room, len(text))))


def _paragraphs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Group the lines between blank lines."""
    group: list[tuple[int, int]] = []
    previous = 0
    for match in _lines().finditer(text):
        start, end = match.span()
        is_next = not group or text[previous:start] in ("\n", "\r\n", "\r")
        blank = match[0].isspace()
        if group and (blank or not is_next):
            yield group
            group = []
        if not blank:
            group.append((start, end))
        previous = end
    if group:
        yield group


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and (match := _bullet().match(text, start, end)):
        start = match.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@cache
def _stops() -> re.Pattern[str]:
    return re.compile(
        rf"""
        (?<![.!?…])(?P<stop>[.!?…]++)[\"'”’»)\]]*+(?=\s)              # a full stop and a space
        | (?<![。！？])(?P<wide>[。！？]++[」』”）]*)
        | (?<=[^\W\d_]{{2}})(?P<glued>[.!?])(?=[A-Z][a-z]{{2}})     # "our team.You will"
        | (?=[{_STRONG_BULLETS}])(?P<bullet>)
        """,
        re.VERBOSE,
    )


def _split_block(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _stops().finditer(text, start, end):
        stop = match.end()
        if stop <= start or not _ends_sentence(text, match, start=start, end=end):
            continue
        body, last = _strip(text, start, stop)
        if body < last:
            yield Span(body, last)
        start, _ = _strip(text, stop, end)
    body, last = _strip(text, start, end)
    if body < last:
        yield Span(body, last)


def _ends_sentence(text: str, match: re.Match[str], *, start: int, end: int) -> bool:
    if match["wide"] is not None or match["bullet"] is not None:
        return True
    before = _last_chunk(text, start, match.start())
    if match["glued"] is not None:
        return not _is_technical(before, text[match.end() : match.end() + 5])
    following = _next_word(text, match.end(), end)
    if not following or following[0].islower():
        return not following
    if match["stop"] != ".":
        return True
    return not _is_abbreviation(before, following, alone=before == text[start : match.start()])


def _last_chunk(text: str, start: int, stop: int) -> str:
    """The characters before a full stop back to white space, thirty at most."""
    chunk = text[max(start, stop - 30) : stop].rsplit(None, 1)
    return chunk[-1].lstrip("([{\"'“„«‘") if chunk and not text[stop - 1].isspace() else ""


def _next_word(text: str, position: int, end: int) -> str:
    chunk = text[position : min(end, position + 60)].lstrip().lstrip("([{\"'“„«‘¿¡")
    words = chunk.split(None, 1)
    return words[0] if words else ""


def _is_technical(before: str, after: str) -> bool:
    """Tell `Asp.Net`, addresses and file names from two sentences without a space."""
    return any(mark in before for mark in "/@") or before.startswith("www.") or after.startswith(("Net", "Core"))


def _is_abbreviation(before: str, following: str, *, alone: bool) -> bool:
    name = before.lower()
    next_name = following.lower().strip(".,:;!?")
    if name in _OFTEN_LAST:
        return next_name not in _STARTERS and not (name in ("etc", "usw") and following[0].isupper())
    if name in _BEFORE_NUMBERS:
        return following[0].isdigit()
    if name.isdigit():
        return (alone and len(name) < 3) or (len(name) < 3 and next_name in _MONTHS)
    return name in _ABBREVIATIONS or _is_initial(before)


def _is_initial(before: str) -> bool:
    """`J` in "J. Smith" and the `B` of "z. B."; but `C` and `R` are languages."""
    return len(before) == 1 and before.isalpha() and before not in "CRI"
