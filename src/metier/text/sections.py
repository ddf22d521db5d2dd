"""Sections: a posting cut into requirements, duties, company, benefits, legal and other, by heading and by cue."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from metier.domain import Section, SectionKind, Span
from metier.text.cues import FILLERS, STRENGTH_WORDS, heading_phrases, heading_words, padded, paragraph_cues
from metier.text.sentences import sentences

_LONGEST_HEADING: Final = 80
_LONGEST_INLINE_HEADING: Final = 50
_LONGEST_UNIT: Final = 300  # a longer line is judged sentence by sentence
_SKILLESS: Final[frozenset[SectionKind]] = frozenset({"company", "benefits", "legal"})
_SKILLFUL: Final[frozenset[SectionKind]] = frozenset({"requirements", "duties"})


@dataclass(slots=True)
class _Part:
    start: int
    kind: SectionKind
    headed: bool


def sections(text: str) -> list[Section]:
    """Cut a posting into sections.

    A heading rules until the next one; a paragraph with plain evidence of another kind is taken out of it. Where
    no heading rules, a paragraph goes by its own cues, and is `other` without any. `company`, `benefits` and
    `legal` need plain evidence, since they yield no skills.

    Args:
        text: Plain or clean text of one posting.

    Returns:
        The sections in order. Together they cover the text without gap or overlap; a heading is in the
        section it opens. Two in a row may be of one kind when each has its heading. None for an empty text.
    """
    parts: list[_Part] = []
    for part in _parts(text):
        if not parts or part.headed or part.kind != parts[-1].kind:
            parts.append(part)
    if not text:
        return []
    parts = parts or [_Part(0, "other", headed=False)]
    starts = [0] + [part.start for part in parts[1:]] + [len(text)]
    return [
        Section(Span(start, end), part.kind) for part, start, end in zip(parts, starts[:-1], starts[1:], strict=True)
    ]


def heading_kind(line: str) -> SectionKind | None:
    """Say which kind of section a line opens.

    Args:
        line: One line of a posting, with or without bullet and colon.

    Returns:
        The kind; None if the line is no heading, or one that says nothing about the kind.
    """
    body = line.strip().strip("#*_=-–—•▪●»>| \t")
    if not body or len(body) > _LONGEST_HEADING or body[-1] in ".,;":
        return None
    colon = body[-1] in ":：" or line.rstrip()[-1] in ":："
    words = padded(body).split()
    if not words or len(words) > 10 or (not colon and _is_bulleted(line)):
        return None
    return _by_words(words) or _by_phrase(words, colon=colon) or _about(words, body)


def _parts(text: str) -> Iterator[_Part]:
    ruling: SectionKind = "other"
    headed = False
    for unit in _units(text):
        line = text[unit.start : unit.end]
        kind = heading_kind(line)
        if kind is None and (inline := _inline_heading(line)) is not None:
            if inline not in _SKILLFUL:
                yield _Part(unit.start, inline, headed=True)
                continue
            kind = inline
        if kind is not None:
            ruling, headed = kind, True
            yield _Part(unit.start, kind, headed=True)
            continue
        if ruling in _SKILLESS and _looks_like_heading(line):
            ruling = "other"
        own = _by_cues(line, strict=headed and ruling in _SKILLFUL)
        if own in _SKILLFUL and ruling in _SKILLESS:
            ruling = "other"
        stays = own is None or (own in _SKILLFUL and ruling in _SKILLFUL)
        yield _Part(unit.start, ruling if stays or own is None else own, headed=False)


def _units(text: str) -> Iterator[Span]:
    """Give the lines that are not blank; the sentences of a line that is very long."""
    for match in _line().finditer(text):
        start, end = match.span()
        if end - start <= _LONGEST_UNIT:
            yield Span(start, end)
            continue
        for span in sentences(match[0]):
            yield Span(start + span.start, start + span.end)


@cache
def _line() -> re.Pattern[str]:
    return re.compile(r"[^\n\r]*[^\s][^\n\r]*")


def _is_bulleted(line: str) -> bool:
    return line.lstrip()[:1] in tuple("-•▪●·*–—◦○>✓✔➢") and not line.lstrip().startswith("**")


def _looks_like_heading(line: str) -> bool:
    body = line.strip().rstrip("*_ ")
    if len(body) > _LONGEST_HEADING or _is_bulleted(line):
        return False
    return body.endswith(":") or (body.isupper() and sum(map(str.isalpha, body)) > 3)


def _by_words(words: list[str]) -> SectionKind | None:
    """Judge a heading of known words only, such as "Key skills and qualifications"."""
    known = heading_words()
    if not all(word in known or word in FILLERS for word in words):
        return None
    kinds = [known[word] for word in words if word in known]
    if not kinds and not STRENGTH_WORDS.isdisjoint(words):
        return "requirements"
    return next((kind for kind in kinds if kind in _SKILLFUL), kinds[0] if kinds else None)


def _by_phrase(words: list[str], *, colon: bool) -> SectionKind | None:
    heading = f" {' '.join(words)} "
    for phrase, kind in heading_phrases():
        if phrase not in heading:
            continue
        before, after = (part.split() for part in heading.split(phrase.strip(), 1))
        leads = all(word in FILLERS for word in before)
        rest = sum(word not in FILLERS for word in after)
        if (leads and rest <= 3) or (colon and kind in _SKILLFUL):
            return kind
    if colon:
        kinds = [heading_words().get(word) for word in words]
        return next((kind for kind in kinds if kind in _SKILLFUL), None)
    return None


def _about(words: list[str], body: str) -> SectionKind | None:
    """Judge "About Acme Ltd"."""
    is_name = all(word[0].isupper() for word in body.split()[1:] if word[0].isalpha())
    return "company" if words[0] == "about" and 1 < len(words) < 5 and is_name and not body.isupper() else None


def _inline_heading(line: str) -> SectionKind | None:
    """Judge the words before the colon of "Requirements: Java and SQL"."""
    head, colon, rest = line[: _LONGEST_INLINE_HEADING + 1].partition(":")
    if not colon or rest[:1] in ("", "/") or len(padded(head).split()) > 5:
        return None
    return heading_kind(f"{head}:")


def _by_cues(line: str, *, strict: bool) -> SectionKind | None:
    """Judge a paragraph by its cues.

    One is enough for a kind without skills; two where the heading (`strict`), and three where another cue of
    the same paragraph speaks of requirements or duties.
    """
    words = padded(line)
    counts = {kind: sum(cue in words for cue in cues) for kind, cues in paragraph_cues().items()}
    skillful = max(_SKILLFUL, key=lambda kind: (counts[kind], kind == "requirements"))
    for kind in ("legal", "benefits", "company"):
        doubt = (1 if kind == "legal" else 2) if counts[skillful] else int(strict)
        if counts[kind] > doubt:
            return kind
    return skillful if counts[skillful] else None
