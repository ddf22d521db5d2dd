"""Alternatives: "either A or B", "one of A, B and C", "A/B"."""

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from metier.domain import Span

_FILLERS = (
    r"(?:(?:even|also|other|another|similar|equivalent|strong|solid|experience|expertise|knowledge|skills|proficiency|with|in"
    r"|of|an?|the|using)\s+){0,4}"
)


def alternatives(text: str, spans: Mapping[int, Span]) -> list[list[int]]:
    """Group the mentions of one sentence that may stand for each other.

    Args:
        text: The clean text.
        spans: Mention number -> its place.

    Returns:
        Groups of two or more mention numbers, in text order. A mention is in one group at most.
    """
    # Of two mentions that end together, the inner one comes last and is what the list goes on from.
    order = sorted(spans, key=lambda member: (spans[member].end, spans[member].start))
    heads = [
        member
        for member, following in zip(order, [*order[1:], None], strict=True)
        if following is None or spans[following].end > spans[member].end
    ]
    runs = _runs(text, heads, spans)
    return [group for run in runs for group in _groups(text, run, spans)]


def _runs(text: str, members: list[int], spans: Mapping[int, Span]) -> list[list[int]]:
    """Cut the mentions where something other than a comma, a slash or a conjunction parts two of them."""
    runs: list[list[int]] = []
    for member in members:
        if runs and _joint(text, spans[runs[-1][-1]], spans[member]):
            runs[-1].append(member)
        else:
            runs.append([member])
    return runs


def _joint(text: str, left: Span, right: Span) -> str | None:
    """How two mentions are joined: "or", "slash", "comma" or "and"; None if otherwise."""
    if right.start < left.end or right.start - left.end > 60:
        return None
    match = _joints().fullmatch(text, left.end, right.start)
    return match.lastgroup if match else None


@cache
def _joints() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<or>\s*,?\s*\b(?:and\s*/\s*or|or|oder|ou|eller|lub|oppure)\s+{_FILLERS})"
        r"|(?P<slash>\s*/\s*)|(?P<comma>\s*,\s*)|(?P<and>\s*,?\s*(?:and|und|et|&)\s+)",
        re.IGNORECASE,
    )


@cache
def _choice() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:either|one(?:\s+or\s+more)?\s+of|any(?:\s+one)?\s+of|entweder|eine[rsmn]?\s+der|l['’]une?\s+des)\b"
        r"(?:\s+(?:the|following|these|languages|technologies|in|with|our))*\s*:?\s*$",
        re.IGNORECASE,
    )


def _groups(text: str, run: list[int], spans: Mapping[int, Span]) -> list[list[int]]:
    if len(run) < 2:
        return []
    joints = [_joint(text, spans[left], spans[right]) for left, right in pairwise(run)]
    start = spans[run[0]].start
    if _choice().search(text, max(0, start - 60), start):
        return [run]
    groups: list[list[int]] = []
    for part in _split(run, joints, at=("and",)):
        chain = run[part.start : part.end]
        inner = joints[part.start : part.end - 1]
        if "or" in inner:
            groups.append(chain)
        else:
            slashed = _split(chain, inner, at=("comma",))
            groups += [chain[piece.start : piece.end] for piece in slashed if piece.end - piece.start > 1]
    return groups


def _split(members: list[int], joints: list[str | None], *, at: tuple[str, ...]) -> list[Span]:
    cuts = [number + 1 for number, joint in enumerate(joints) if joint in at]
    return [Span(start, end) for start, end in pairwise([0, *cuts, len(members)])]
