"""Keywords v0: runs of telling words, weighted by how often and how early their words come.

Candidates are the runs between stop words and punctuation of RAKE (Rose, Engel, Cramer and Cowley, 2010, section
1.2.1); the preference for early ones is that of YAKE (Campos et al., 2020, section 3.2, term position).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from metier.domain import Keyword, Span
from metier.keywords.stop_words import GENERIC_WORDS, STOP_WORDS
from metier.text.sentences import sentences
from metier.text.words import words

_LONGEST: Final = 4  # words in a phrase
_SINGLE: Final = 0.7  # weight of a one-word phrase against a longer one, chosen on Inspec
_EARLY: Final = 200  # characters within which a phrase counts as early
# No word of a phrase: addresses, placeholders, m/f/d, and everything without a letter.
_NO_WORD: Final = re.compile(r"https?:.*|www\..*|.*@.*|<.*>|\w(?:/\w)+|[\W\d_]+", re.DOTALL)
_NOUNS_IN_LY: Final = frozenset(["anomaly", "assembly", "butterfly", "family", "italy", "reassembly", "supply"])


class _Word(NamedTuple):
    text: str
    key: str  # the same for upper and lower case, singular and plural
    start: int
    end: int


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
    breaks = _breaks(lines)
    runs = [run for line in lines for run in _runs(line, breaks)]
    counts = Counter(word.key for run in runs for word in run)
    phrases: dict[tuple[str, ...], list[_Run]] = {}
    for run in runs:
        if len(run) <= _LONGEST and any(len(word.text) > 1 for word in run):
            phrases.setdefault(tuple(word.key for word in run), []).append(run)
    weights = {key: _weight(same, counts) for key, same in phrases.items()}
    ranked = sorted(phrases, key=lambda key: -weights[key])
    chosen = _without_repeats(ranked, limit)
    places = _places(lines, chosen)
    return [
        Keyword(" ".join(word.text for word in phrases[key][0]), tuple(places[key]), weights[key]) for key in chosen
    ]


def _words_of(text: str, sentence: Span) -> list[_Word]:
    line, offset = text[sentence.start : sentence.end], sentence.start
    found = []
    for word in words(line):
        surface = line[word.start : word.end]
        found.append(_Word(surface, _key(surface), offset + word.start, offset + word.end))
    return found


@lru_cache(maxsize=1 << 14)
def _key(word: str) -> str:
    lower = word.casefold()
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return lower[:-3] + "y" if lower.endswith("ies") and len(lower) > 4 else lower[:-1]
    return lower


def _breaks(lines: Iterable[Sequence[_Word]]) -> frozenset[str]:
    """The words of the text that are in no phrase; stop words are those of the language with most of them in it."""
    counts = Counter(word.text for line in lines for word in line)
    lower = Counter(text.lower() for text in counts.elements())
    stop_words = max(STOP_WORDS.values(), key=lambda words_: sum(lower[word] for word in words_ if word in lower))
    return frozenset(text for text in counts if _is_break(text, stop_words))


def _is_break(text: str, stop_words: frozenset[str]) -> bool:
    lower = text.lower()
    return lower in stop_words or _NO_WORD.fullmatch(text) is not None or _is_adverb(lower)


def _runs(line: Sequence[_Word], breaks: frozenset[str]) -> list[_Run]:
    runs: list[list[_Word]] = [[]]
    for word in line:
        if word.text in breaks:
            runs.append([])
        else:
            runs[-1].append(word)
    return [trimmed for run in runs if run and (trimmed := _trimmed(run))]


def _is_adverb(word: str) -> bool:
    return len(word) > 4 and word.endswith("ly") and word not in _NOUNS_IN_LY


def _trimmed(run: Sequence[_Word]) -> _Run:
    """The run without generic words at its ends."""
    telling = [i for i, word in enumerate(run) if word.text.lower() not in GENERIC_WORDS]
    return tuple(run[telling[0] : telling[-1] + 1]) if telling else ()


def _weight(runs: Sequence[_Run], counts: Counter[str]) -> float:
    """Sum of 1 + ln count over the words, times 1 + ln count of the phrase, less the later it first comes; >= 0."""
    first = runs[0]
    telling = sum(1 + math.log(counts[word.key]) for word in first) * (1 + math.log(len(runs)))
    late = 1 + 0.3 * math.log1p(first[0].start / _EARLY)
    return round(telling * (_SINGLE if len(first) == 1 else 1.0) / late, 6)


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
                    places[key].append(Span(word.start, row[-1].end))
    return places
