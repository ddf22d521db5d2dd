"""Coordinated skills taken apart: "design and test REST and gRPC APIs" names four.

A grammar of rules, without a model: `docs/explanation/coordination.md` describes it, its conventions and its limits. It
splits where the words tell what a conjunction joins, and leaves everything else whole.
"""

from typing import Final

from metier.domain import SkillPart, Span
from metier.tagging.clauses import split_once, trimmed
from metier.tagging.conjuncts import Words
from metier.tagging.coordinators import Word, words_and_joints

MAX_PARTS: Final = 64  # of one mention; one that would give more is left whole
_MAX_CHARACTERS: Final = 2000  # with the next, keeps the work linear in the length of a text
_MAX_WORDS: Final = 200


def split_coordinated(text: str, span: Span) -> tuple[SkillPart, ...]:
    """Take a coordinated mention apart.

    Args:
        text: The text that the mention stands in.
        span: Where it stands.

    Returns:
        The skills that it names, in the order of the text, each different; none if nothing is coordinated, if the
        words do not tell what is, or if there would be more than 64. A part that is split again gives none.
    """
    parts = _parts(text, span)
    again = (_parts(part.text, Span(0, len(part.text))) for part in parts)
    return () if any(again) else parts  # words that read otherwise on their own do not tell what is joined


def _parts(text: str, span: Span) -> tuple[SkillPart, ...]:
    if span.end - span.start > _MAX_CHARACTERS:
        return ()
    words = tuple(words_and_joints(text, span))
    if len(words) > _MAX_WORDS or not any(word.joint for word in words):
        return ()
    parts: dict[str, SkillPart] = {}
    for phrase in _expand(words):
        part = _part(text, phrase)
        parts.setdefault(part.text, part)
    return tuple(parts.values()) if len(parts) > 1 else ()


def _expand(words: Words) -> list[Words]:
    """Split until nothing can be split; none if that gives too many."""
    done: list[Words] = []
    waiting = [words]
    while waiting:
        phrase = trimmed(waiting.pop())
        phrases = split_once(phrase)
        if phrases:
            waiting += reversed(phrases)
        elif phrase:
            done.append(phrase)
        if len(done) + len(waiting) > MAX_PARTS:
            return []
    return done


def _part(text: str, phrase: Words) -> SkillPart:
    spans: list[Span] = []
    previous: Word | None = None
    for word in phrase:
        if previous is not None and word.number == previous.number + 1:
            spans[-1] = Span(spans[-1].start, word.span.end)
        else:
            spans.append(word.span)
        previous = word
    return SkillPart(joined(text, tuple(spans)), tuple(spans))


def joined(text: str, spans: tuple[Span, ...]) -> str:
    """Write out what stands at some places of a text.

    Args:
        text: The text.
        spans: In order.

    Returns:
        The pieces with single spaces, none after a hyphen that ends a piece: of "short-" and "term plans"
        it makes "short-term plans".
    """
    written = ""
    for span in spans:
        piece = " ".join(text[span.start : span.end].split())
        written += piece if not written or written.endswith("-") else f" {piece}"
    return written
