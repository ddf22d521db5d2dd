"""The method of the paper: every n-gram of a sentence is compared with every skill, and the closest is kept.

Zhang, Jensen and Plank (2022), section 3; at most one span per sentence there. Beyond it: several that do not overlap,
and longer n-grams.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from metier.tagging.weak import Found, without_overlaps
from metier.tagging.weak_encoder import Floats, Pooling, WordEncoder, unit
from metier.tagging.weak_skills import SkillVectors

_SENTENCES: Final = 128  # read at once
_CANDIDATES: Final = 1024  # compared at once: 1024 x 14,000 skills are 57 MB


@dataclass(frozen=True, kw_only=True)
class NgramOptions:
    """How candidates are made and kept; the defaults are the paper's."""

    contextual: bool = False  # the mean of the words' vectors in the sentence; else the n-gram read by itself
    pooling: Pooling = "first"  # of n-grams that are read by themselves
    longest: int = 4  # words in a candidate
    above: float = -1.0  # a span's cosine is above this
    several: bool = False  # per sentence: all that do not overlap, the closest first; else the closest alone


class NgramFinder:
    """Finds the n-grams that are closest to a skill."""

    def __init__(self, encoder: WordEncoder, skills: SkillVectors, *, options: NgramOptions) -> None:
        """Hold the parts.

        Args:
            encoder: Reads the candidates; the one that read the skills.
            skills: What candidates are compared with, at least one.
            options: How.
        """
        self._encoder = encoder
        self._skills = skills
        self._options = options

    def find(self, sentences: Sequence[Sequence[str]]) -> list[list[Found]]:
        """Find the spans of each sentence; see `metier.tagging.weak.SpanFinder`.

        Args:
            sentences: Words of each sentence.

        Returns:
            One list per sentence, with one span at most unless several are asked for. Of two equally close
            candidates the one that begins first is kept, then the shorter.
        """
        found: list[list[Found]] = []
        for first in range(0, len(sentences), _SENTENCES):
            block = sentences[first : first + _SENTENCES]
            places = [ngrams(len(words), longest=self._options.longest) for words in block]
            compared = self._contextual(block, places) if self._options.contextual else self._isolated(block, places)
            found += [self._kept(spans) for spans in compared]
        return found

    def _contextual(
        self, block: Sequence[Sequence[str]], places: Sequence[Sequence[tuple[int, int]]]
    ) -> list[list[Found]]:
        candidates = [_means(vectors, spans) for vectors, spans in zip(self._encoder.words(block), places, strict=True)]
        filled = [rows for rows in candidates if len(rows)]
        closest = self._closest(np.concatenate(filled)) if filled else []
        by_place = iter(closest)
        return [[self._found(span, next(by_place)) for span in spans] for spans in places]

    def _isolated(
        self, block: Sequence[Sequence[str]], places: Sequence[Sequence[tuple[int, int]]]
    ) -> list[list[Found]]:
        phrases = [
            [tuple(words[start:end]) for start, end in spans] for words, spans in zip(block, places, strict=True)
        ]
        different = list({phrase: None for some in phrases for phrase in some})
        vectors = self._encoder.phrases(different, pooling=self._options.pooling)
        closest = dict(zip(different, self._closest(vectors) if different else [], strict=True))
        return [
            [self._found(span, closest[phrase]) for span, phrase in zip(spans, some, strict=True)]
            for spans, some in zip(places, phrases, strict=True)
        ]

    def _closest(self, candidates: Floats) -> list[tuple[int, float]]:
        """The row of the closest skill, and its cosine, for each candidate."""
        closest: list[tuple[int, float]] = []
        for first in range(0, len(candidates), _CANDIDATES):
            cosines = candidates[first : first + _CANDIDATES] @ self._skills.vectors.T  # (candidates, skills)
            rows = cosines.argmax(axis=1)
            closest += zip(rows.tolist(), cosines[np.arange(len(rows)), rows].tolist(), strict=True)
        return closest

    def _found(self, span: tuple[int, int], closest: tuple[int, float]) -> Found:
        row, cosine = closest
        return Found(*span, self._skills.kinds[row], cosine)

    def _kept(self, candidates: Sequence[Found]) -> list[Found]:
        ranked = sorted((one for one in candidates if one.cosine > self._options.above), key=lambda one: -one.cosine)
        return without_overlaps(ranked, across_kinds=True) if self._options.several else ranked[:1]


def ngrams(n_words: int, *, longest: int) -> list[tuple[int, int]]:
    """List the candidates of a sentence.

    Args:
        n_words: Words of the sentence.
        longest: Words of a candidate at most.

    Returns:
        Word ranges, half-open, by start, then end.
    """
    return [(start, end) for start in range(n_words) for end in range(start + 1, min(start + longest, n_words) + 1)]


def _means(words: Floats, spans: Sequence[tuple[int, int]]) -> Floats:
    """The mean vector of each span's words, scaled to unit length; by running sums."""
    if not spans:
        return words
    sums = np.concatenate([np.zeros((1, words.shape[1])), np.cumsum(words, axis=0, dtype=np.float64)])
    starts, ends = np.array(spans).T
    return unit(((sums[ends] - sums[starts]) / (ends - starts)[:, None]).astype(np.float32))
