"""Keywords v0: runs of telling words, weighted by how often and how early their words come.

Candidates are the runs between stop words and punctuation of RAKE (Rose, Engel, Cramer and Cowley, 2010, section
1.2.1); the preference for early ones is that of YAKE (Campos et al., 2020, section 3.2, term position).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from metier.domain import Keyword, Span
from metier.keywords.stop_words import GENERIC_WORDS, STOP_WORDS
from metier.text.sentences import sentences
from metier.text.words import words

_LONGEST: Final = 4  # words in a phrase
_SINGLE: Final = 0.7  # weight of a one-word phrase against a longer one, chosen on Inspec
_EARLY: Final = 200  # characters within which a phrase counts as early
# No word of a phrase: addresses, placeholders, m/f/d, and everything without a letter.
_NO_WORD: Final = re.compile(r"https?:.*|www\..*|.*@.*|<.*>|\w(?:/\w)+|[\W\d_]+", re.DOTALL)
_NOUNS_IN_LY: Final = frozenset("anomaly assembly butterfly family italy reassembly supply".split())


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    key: str  # the same for upper and lower case, singular and plural
    span: Span


_Run = tuple[_Word, ...]


class PhraseKeywords:
    """Picks the phrases of a text that tell most; looks at nothing but that text."""

    def extract(self, texts: Sequence[str], *, limit: int) -> list[list[Keyword]]:
        """Find up to `limit` keywords in each text; see `metier.protocols.KeywordExtractor`.

        Args:
            texts: Whole postings, in English, German, French, Spanish or Danish; others get poorer phrases.
            limit: Keywords per text at most.

        Returns:
            One list per text, by falling weight; ties by first position. No phrase holds only words of a phrase
            above it. Spans are all places where the words of the phrase stand in a row, in singular or plural.
        """
        return [_extract(text, limit) for text in texts]


def _extract(text: str, limit: int) -> list[Keyword]:
    lines = [_words_of(text, sentence) for sentence in sentences(text)]
    stop_words = _stop_words(lines)
    runs = [run for line in lines for run in _runs(line, stop_words)]
    counts = Counter(word.key for run in runs for word in run)
    phrases: dict[tuple[str, ...], _Run] = {}  # key -> where it stands first
    for run in runs:
        if len(run) <= _LONGEST and any(len(word.text) > 1 for word in run):
            phrases.setdefault(tuple(word.key for word in run), run)
    weights = {key: _weight(run, counts) for key, run in phrases.items()}
    ranked = sorted(phrases, key=lambda key: -weights[key])
    chosen = _without_repeats(ranked, limit)
    places = _places(lines, chosen)
    return [Keyword(" ".join(word.text for word in phrases[key]), tuple(places[key]), weights[key]) for key in chosen]


def _words_of(text: str, sentence: Span) -> list[_Word]:
    found = []
    for word in words(text[sentence.start : sentence.end]):
        span = Span(sentence.start + word.start, sentence.start + word.end)
        surface = text[span.start : span.end]
        found.append(_Word(surface, _key(surface), span))
    return found


def _key(word: str) -> str:
    lower = word.casefold()
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return lower[:-3] + "y" if lower.endswith("ies") and len(lower) > 4 else lower[:-1]
    return lower


def _stop_words(lines: Iterable[Sequence[_Word]]) -> frozenset[str]:
    """Those of the language that has most of them in the text; English if none has any."""
    counts = Counter(word.text.lower() for line in lines for word in line)
    return max(STOP_WORDS.values(), key=lambda stop_words: sum(counts[word] for word in stop_words if word in counts))


def _runs(line: Sequence[_Word], stop_words: frozenset[str]) -> list[_Run]:
    runs: list[list[_Word]] = [[]]
    for word in line:
        lower = word.text.lower()
        if lower in stop_words or _NO_WORD.fullmatch(word.text) or _is_adverb(lower):
            runs.append([])
        else:
            runs[-1].append(word)
    return [trimmed for run in runs if (trimmed := _trimmed(run))]


def _is_adverb(word: str) -> bool:
    return len(word) > 4 and word.endswith("ly") and word not in _NOUNS_IN_LY


def _trimmed(run: Sequence[_Word]) -> _Run:
    """The run without generic words at its ends."""
    telling = [i for i, word in enumerate(run) if word.text.lower() not in GENERIC_WORDS]
    return tuple(run[telling[0] : telling[-1] + 1]) if telling else ()


def _weight(run: _Run, counts: Counter[str]) -> float:
    """Sum of 1 + ln count over the words, less the later the phrase comes first; >= 0, to six digits."""
    telling = sum(1 + math.log(counts[word.key]) for word in run)
    early = 1 + 0.3 * math.log1p(run[0].span.start / _EARLY)
    return round(telling * (_SINGLE if len(run) == 1 else 1.0) / early, 6)


def _without_repeats(ranked: Iterable[tuple[str, ...]], limit: int) -> list[tuple[str, ...]]:
    chosen: list[tuple[str, ...]] = []
    for key in ranked:
        if len(chosen) >= limit:
            break
        if not any(set(key) <= set(other) for other in chosen):
            chosen.append(key)
    return chosen


def _places(lines: Iterable[Sequence[_Word]], phrases: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], list[Span]]:
    places: dict[tuple[str, ...], list[Span]] = {key: [] for key in phrases}
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for key in phrases:
        by_first.setdefault(key[0], []).append(key)
    for line in lines:
        for i, word in enumerate(line):
            for key in by_first.get(word.key, ()):
                row = line[i : i + len(key)]
                if tuple(other.key for other in row) == key:
                    places[key].append(Span(word.span.start, row[-1].span.end))
    return places
