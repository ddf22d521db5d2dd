"""How much a posting asks for each skill: required, preferred or not needed; alternatives; years of experience."""

import bisect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from metier.domain import Mention, Requirement, Section, Span
from metier.tagging.either import alternatives
from metier.tagging.years import years_of_experience
from metier.text.cues import PREFERRED_HEADING, REQUIRED_HEADING, padded
from metier.text.sections import heading_kind

MASK: Final = "\ufffc"  # stands for each character of a mention, so that no cue is read inside one

_LONGEST_SENTENCE: Final = 2000  # characters; keeps the work linear where a text has no full stops

# Each cue: whether it looks "ahead" to the mentions after it first, "back" to those before it first, at the "next"
# mention only, or at those "within" it; and its words, as a pattern.
_CUES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "negated": (
        ("within", r"\bno\b[^,;.:\n]{0,80}?\b(?:required|needed|necessary|expected)"),
        ("within", r"\bkeine?n?\b[^,;.:\n]{0,80}?(?:erforderlich|notwendig|nötig|vorausgesetzt|voraussetzung)"),
        (
            "back",
            r"(?:\bnot|n['’]t)\s+(?!only\b)(?:[a-z]+\s+){0,2}?(?:required|necessary|need(?:ed)?|mandatory|essential|obligatory"
            r"|compulsory|expected|a\s+must|an?\s+(?:hard\s+)?requirement|a\s+prerequisite|looking\s+for)\b",
        ),
        ("ahead", r"\bneed\s+not\b|\bneedn['’]t\b|\bno\s+need\s+(?:for|to)\b"),
        (
            "next",
            r"\b(?:without|no)\s+(?:(?:any|prior|previous|knowledge|experience|skills|background|of|in|with|an?|the"
            rf"|needing|using|having)\s+)*(?={MASK})",
        ),
        ("back", r"\bnicht\s+(?:\w+\s+){0,2}?(?:erforderlich|notwendig|nötig|zwingend|vorausgesetzt|voraussetzung)"),
        ("back", r"\b(?:pas|non)\s+(?:\w+\s+)?(?:requis|nécessaire|obligatoire|exigé|indispensable)\w*"),
    ),
    "preferred": (
        (
            "ahead",
            r"\bideally\b|\bpreferably\b|\b(?:nice|good|great)[- ]to[- ]have|\b(?:bonus|extra|plus|brownie)\s+points?\b"
            r"|\bbonus\s*(?=:|if\b|for\b)|\bplus\s+if\b|\bwe(?:['’]d|\s+would)\s+(?:also\s+)?(?:love|like)\b|\boptionally\b"
            r"|\bwe\s+prefer\b|\bpreference\s+(?:is\s+|will\s+be\s+)?(?:given\s+)?(?:to|for)\b|\bgreat\s+if\b"
            r"|\bidealerweise\b|\bvorzugsweise\b|\bim\s+idealfall\b|\bidéalement\b|\bde\s+préférence\b",
        ),
        (
            "back",
            r"\bprefer(?:red|able)\b|\bdesirable\b|\b(?:is|are|highly|also|strongly)\s+desired\b"
            r"|\bdesired(?=\s*(?:$|[).,;:]|skills?|experience|qualifications?))"
            r"|\b(?:an?|big|huge|strong|great|definite|real|major|distinct|added|additional)\s+(?:plus|bonus|advantage|asset)\b"
            r"|\bplus(?=\s*(?:$|[).!]))|\badvantageous\b|\bbeneficial\b|\boptional\b|\bof\s+advantage\b"
            r"|\bwould\s+be\s+(?:very\s+)?(?:nice|great|helpful|useful|welcome|good|ideal)\b"
            r"|\b(?:is|are)\s+(?:helpful|useful|welcome|(?:highly\s+)?(?:valued|regarded|appreciated))\b"
            r"|\bwünschenswert\b|\bvon\s+(?:großem\s+)?vorteil\b|\bein\s+plus\b|\bgern\s+gesehen\b"
            r"|\bsouhaité\w*|\bapprécié\w*|\bun\s+(?:vrai\s+|réel\s+)?(?:plus|atout)\b",
        ),
    ),
    "required": (
        (
            "ahead",
            r"\bmust\b(?!-)|\bwe\s+(?:require|need)\b|\brequires?\b|\brequiring\b|\bneeds?\s+to\s+(?:have|be|know)\b"
            r"|\byou(?:['’]ll|\s+will)?\s+need\b",
        ),
        (
            "back",
            r"(?<!as )(?<!if )(?<!when )(?<!where )\b(?:required|necessary|needed)\b|\bmandatory\b"
            r"|\bessential\b|\ba\s+must\b"
            r"|\bmust[- ]haves?\b|\bindispensable\b|\bcompulsory\b|\bprerequisite\b|\bimperative\b|\bobligatory\b"
            r"|\berforderlich\b|\bvorausgesetzt\b|\bvoraussetzung\b|\bzwingend\b|\bnotwendig\b|\bunabdingbar\b"
            r"|\brequise?s?\b|\bexigée?s?\b|\bobligatoires?\b|\bimpérati(?:f|ve|vement)s?\b",
        ),
    ),
    # said of a wish list too, so these do not overrule a heading such as "Nice to have"
    "weak": (
        (
            "ahead",
            r"\byou(?:['’]ve|\s+have|\s+bring|\s+possess|\s+are|\s+know)\b|\bproficien(?:t|cy)\b"
            r"|\b(?:du\s+hast|sie\s+haben|du\s+bringst|sie\s+bringen|vous\s+avez|vous\s+maîtrisez)\b",
        ),
    ),
}
_CLAUSE_ENDS: Final = r";|\n|(?P<but>,?\s\b(?:but|however|though|although|aber|mais)\b)|,?\s\b(?:while|whereas)\b"
_SEGMENT_ENDS: Final = r",|\)|\s(?:and|or|und|oder|et|ou|&)\s"


@dataclass(frozen=True, slots=True)
class _Cue:
    span: Span
    strength: str
    looks: str


def read_requirements(
    text: str, mentions: Sequence[Mention], *, sections: Sequence[Section], sentences: Sequence[Span]
) -> list[Mention]:
    """Say of each mention how much it is asked for.

    Words in the mention's own clause ("is a plus", "must have", "not required") come before the heading of its
    section; without either it stays `unspecified`, and so it does in company, benefits and legal sections.

    Args:
        text: The clean text of one posting.
        mentions: What was found in it, by start.
        sections: The sections of the text.
        sentences: The sentences of the text.

    Returns:
        The same mentions in the same order, with `requirement`, `section`, `either` and `years` filled.
    """
    asked = _by_heading(text, mentions, sections)
    masked = _mask(text, mentions)
    years: dict[int, float] = {}
    groups: list[list[int]] = []
    for sentence, members in _by_sentence(mentions, sentences):
        for member, strength in _by_cues(masked, sentence, mentions, members).items():
            weak = strength == "weak"
            if not weak or asked[member] == "unspecified":
                asked[member] = "required" if weak else _STRENGTHS[strength]
        years |= years_of_experience(text, sentence, {member: mentions[member].span for member in members})
        groups += alternatives(text, {member: mentions[member].span for member in members})
    either = {member: number for number, group in enumerate(groups, start=1) for member in group}
    kinds = [_section_of(mention, sections) for mention in mentions]
    return [
        replace(
            mention,
            requirement=asked[number],
            section=section.kind if section else None,
            either=either.get(number),
            years=_shared(years, number, either) if not section or section.kind != "company" else None,
        )
        for number, (mention, section) in enumerate(zip(mentions, kinds, strict=True))
    ]


_STRENGTHS: Final[Mapping[str, Requirement]] = {
    "required": "required",
    "preferred": "preferred",
    "negated": "negated",
}


def _shared(years: Mapping[int, float], number: int, either: Mapping[int, int]) -> float | None:
    """The years of a mention, or of one of its alternatives: "5 years of Java or Kotlin"."""
    if number in years or number not in either:
        return years.get(number)
    return next((years[other] for other in years if either.get(other) == either[number]), None)


def _section_of(mention: Mention, sections: Sequence[Section]) -> Section | None:
    place = bisect.bisect_right(sections, mention.span.start, key=lambda section: section.span.start) - 1
    return sections[place] if place >= 0 else None


def _by_heading(text: str, mentions: Sequence[Mention], sections: Sequence[Section]) -> list[Requirement]:
    ruling: Requirement = "unspecified"
    strengths: dict[Section, Requirement] = {}
    for section in sections:
        heading = _heading(text, section.span)
        if heading is not None:
            ruling = _heading_strength(heading) if section.kind == "requirements" else "unspecified"
        strengths[section] = ruling if section.kind == "requirements" else "unspecified"
    found = (_section_of(mention, sections) for mention in mentions)
    return [strengths[section] if section else "unspecified" for section in found]


def _heading(text: str, section: Span) -> str | None:
    """The first line of a section, or what stands before its colon, if that is a heading."""
    lines = text[section.start : min(section.end, section.start + 400)].strip().splitlines()
    if not lines:
        return None
    before, colon, _ = lines[0].partition(":")
    candidates = (lines[0], before + colon) if colon else (lines[0],)
    return next((candidate for candidate in candidates if heading_kind(candidate) is not None), None)


def _heading_strength(heading: str) -> Requirement:
    words = padded(heading)
    preferred, required = (any(f" {cue} " in words for cue in cues) for cues in (PREFERRED_HEADING, REQUIRED_HEADING))
    if preferred:
        return "unspecified" if required else "preferred"
    return "required"  # "Your profile" and "What we expect" ask as much as "Requirements" does


def _mask(text: str, mentions: Sequence[Mention]) -> str:
    pieces: list[str] = []
    done = 0
    for mention in mentions:
        start, end = max(mention.span.start, done), max(mention.span.end, done)
        pieces += (text[done:start], MASK * (end - start))
        done = end
    return "".join([*pieces, text[done:]])


def _by_sentence(mentions: Sequence[Mention], sentences: Sequence[Span]) -> Iterator[tuple[Span, list[int]]]:
    """Group the mentions by the sentence they begin in; by stretches of one that is very long."""
    members: dict[Span, list[int]] = {}
    for number, mention in enumerate(mentions):
        place = bisect.bisect_right(sentences, mention.span.start, key=lambda span: span.start) - 1
        if place < 0:
            continue
        sentence = sentences[place]
        start = mention.span.start - (mention.span.start - sentence.start) % _LONGEST_SENTENCE
        stretch = Span(start, min(start + _LONGEST_SENTENCE, sentence.end))
        members.setdefault(stretch, []).append(number)
    yield from members.items()


def _by_cues(masked: str, sentence: Span, mentions: Sequence[Mention], members: Sequence[int]) -> dict[int, str]:
    spans = {member: mentions[member].span for member in members}
    strengths: dict[int, str] = {}
    before: list[int] = []
    for clause, follows_but in _clauses(masked, sentence):
        inside = {member: span for member, span in spans.items() if clause.start <= span.start < clause.end}
        cues = _cues(masked, clause)
        if follows_but and cues and not inside:  # "X is not required but a plus"
            strengths |= dict.fromkeys(before, cues[-1].strength)
            continue
        strengths |= _clause_strengths(masked, clause, cues=cues, spans=inside)
        before = list(inside)
    return strengths


def _clauses(masked: str, sentence: Span) -> Iterator[tuple[Span, bool]]:
    start, follows_but = sentence.start, False
    for match in _pattern(_CLAUSE_ENDS).finditer(masked, sentence.start, sentence.end):
        yield Span(start, match.start()), follows_but
        start, follows_but = match.end(), match["but"] is not None
    yield Span(start, sentence.end), follows_but


def _cues(masked: str, clause: Span) -> list[_Cue]:
    pattern, names = _cue_pattern()
    return [
        _Cue(Span(*match.span()), *names[match.lastgroup or ""])
        for match in pattern.finditer(masked, clause.start, clause.end)
    ]


@cache
def _cue_pattern() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    names: dict[str, tuple[str, str]] = {}
    parts: list[str] = []
    for strength, cues in _CUES.items():
        for looks, words in cues:
            name = f"cue{len(names)}"
            names[name] = (strength, looks)
            parts.append(f"(?P<{name}>{words})")
    return re.compile("|".join(parts), re.IGNORECASE), names


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


def _clause_strengths(masked: str, clause: Span, *, cues: Sequence[_Cue], spans: Mapping[int, Span]) -> dict[int, str]:
    weak = [cue for cue in cues if cue.strength == "weak"]
    strong = [cue for cue in cues if cue.strength != "weak"]
    strengths = _reach_all(masked, weak, spans=spans)
    if len({cue.strength for cue in strong}) < 2:
        return strengths | _reach_all(masked, strong, spans=spans)
    return strengths | _by_segment(masked, clause, cues=strong, spans=spans)


def _by_segment(masked: str, clause: Span, *, cues: Sequence[_Cue], spans: Mapping[int, Span]) -> dict[int, str]:
    """Share the mentions of a clause among cues that differ: "Java and SQL required, Go preferred"."""
    strengths: dict[int, str] = {}
    waiting: dict[int, Span] = {}  # mentions without a cue of their own, before one that looks back
    ruling: str | None = None  # the strength of a cue that looks ahead: it rules the segments after its own
    for segment in _segments(masked, clause, cues=cues):
        inside = {member: span for member, span in spans.items() if segment.start <= span.start < segment.end}
        own = [cue for cue in cues if segment.start <= cue.span.start < segment.end]
        if not own:
            waiting |= inside
            if ruling:
                strengths |= dict.fromkeys(inside, ruling)
                waiting = {}
            continue
        strengths |= _reach_all(masked, own, spans=inside or waiting)
        ahead = not inside or own[0].span.start < min(span.start for span in inside.values())
        if not ahead:
            strengths |= dict.fromkeys(waiting, own[0].strength)
        ruling = own[-1].strength if ahead else None
        waiting = {}
    return strengths


def _segments(masked: str, clause: Span, *, cues: Sequence[_Cue]) -> Iterator[Span]:
    """Cut a clause at its commas, brackets and conjunctions that are not inside a cue."""
    start = clause.start
    for match in _pattern(_SEGMENT_ENDS).finditer(masked, clause.start, clause.end):
        if not any(cue.span.start < match.start() < cue.span.end for cue in cues):
            yield Span(start, match.end())
            start = match.end()
    yield Span(start, clause.end)


def _reach_all(masked: str, cues: Sequence[_Cue], *, spans: Mapping[int, Span]) -> dict[int, str]:
    """What the cues say of the mentions they reach; an earlier cue gives way to a later one."""
    strengths: dict[int, str] = {}
    done = 0  # a cue looks back as far as the cue before it
    for cue in cues:
        strengths |= dict.fromkeys(_reach(masked, cue, spans=spans, done=done), cue.strength)
        done = cue.span.end
    return strengths


def _reach(masked: str, cue: _Cue, *, spans: Mapping[int, Span], done: int) -> list[int]:
    within = [member for member, span in spans.items() if cue.span.start <= span.start < cue.span.end]
    before = [member for member, span in spans.items() if done <= span.start and span.end <= cue.span.start]
    after = [member for member, span in spans.items() if span.start >= cue.span.end]
    if within:
        return within
    if cue.looks == "next":
        first = min((spans[member].start for member in after), default=None)
        return [member for member in after if spans[member].start == first]
    if before and masked[max(0, cue.span.start - 9) : cue.span.start].rstrip()[-1:] == "(":  # "Python (required)"
        last = max(spans[member].end for member in before)
        return [member for member in before if spans[member].end == last]
    if cue.looks == "ahead" or masked[cue.span.end : cue.span.end + 9].lstrip()[:1] == ":":
        return after or before
    return before or after
