"""Weak supervision: spans found without any labelled sentence, and the tagger that serves them as mentions.

Zhang, Jensen and Plank (2022), Skill Extraction from Job Postings using Weak Supervision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from metier.domain import Mention, MentionKind, Span
from metier.text.words import words as words_of


@dataclass(frozen=True, slots=True)
class Found:
    """Words `start` to `end` of a sentence, half-open, taken for a skill or a piece of knowledge.

    `cosine` is to the closest taxonomy label; 1 where words were matched and nothing was compared.
    """

    start: int
    end: int
    kind: MentionKind
    cosine: float = 1.0


class SpanFinder(Protocol):
    """A way to find spans without training."""

    def find(self, sentences: Sequence[Sequence[str]]) -> list[list[Found]]:
        """Find the spans of each sentence.

        Args:
            sentences: Words of each sentence.

        Returns:
            One list per sentence, by start, then end; those of one kind do not overlap.
        """
        ...


class WeakTagger:
    """A span finder with the face of a tagger; its probabilities are cosines, and not calibrated."""

    def __init__(self, finder: SpanFinder, *, version: str) -> None:
        """Wrap a finder.

        Args:
            finder: Finds the spans.
            version: What results are stamped with: the method and what it reads.
        """
        self._finder = finder
        self._version = version

    @property
    def version(self) -> str:
        """The method and what it reads."""
        return self._version

    def tag(self, texts: Sequence[str], *, words: Sequence[Sequence[Span]] | None = None) -> list[list[Mention]]:
        """Find the mentions of each text; see `metier.protocols.Tagger`.

        Args:
            texts: Sentences.
            words: The word boundaries of each text; found by `metier.text.words` where not given.

        Returns:
            One list per text; mentions by start, then end, skill before knowledge.
        """
        boundaries = [words_of(text) for text in texts] if words is None else words
        sentences = [
            [text[word.start : word.end] for word in spans] for text, spans in zip(texts, boundaries, strict=True)
        ]
        return [
            [_mention(text, Span(spans[one.start].start, spans[one.end - 1].end), one) for one in found]
            for text, spans, found in zip(texts, boundaries, self._finder.find(sentences), strict=True)
        ]


def without_overlaps(found: Iterable[Found], *, across_kinds: bool = False) -> list[Found]:
    """Keep the spans that no better one overlaps.

    Args:
        found: The best first.
        across_kinds: A skill and a piece of knowledge may not overlap either.

    Returns:
        What is kept, by start, then end, skill before knowledge.
    """
    kept: list[Found] = []
    for one in found:
        rivals = [other for other in kept if across_kinds or one.kind == other.kind]
        if not any(one.start < other.end and other.start < one.end for other in rivals):
            kept.append(one)
    return sorted(kept, key=lambda one: (one.start, one.end, one.kind != "skill"))


def _mention(text: str, span: Span, one: Found) -> Mention:
    return Mention(span, text[span.start : span.end], one.kind, round(max(0.0, min(1.0, one.cosine)), 4))
