"""Three baselines without an encoder: exact labels, lemmas of labels, and the part-of-speech patterns of labels.

Zhang, Jensen and Plank (2022), section 3.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from metier.domain import MentionKind
from metier.tagging.weak import Found
from metier.tagging.weak_grammar import Parse, ParsedSentence
from metier.tagging.weak_skills import Words

_IRREGULAR: Final = {
    "children": "child",
    "data": "data",
    "feet": "foot",
    "held": "hold",
    "kept": "keep",
    "led": "lead",
    "made": "make",
    "men": "man",
    "people": "people",
    "ran": "run",
    "taught": "teach",
    "women": "woman",
    "written": "write",
    "wrote": "write",
}
_VOWELS: Final = frozenset("aeiouy")
_NO_PLURALS: Final = ("ss", "us", "is", "ics")  # business, status, analysis, physics
_LOST_AN_E: Final = tuple("ag ak ar as at bl id is iv iz os ov rv uc ur ut ys yz".split())  # noqa: SIM905


class LabelFinder:
    """Finds the labels of a taxonomy word for word: the longest from the left, without overlaps."""

    def __init__(self, labels: Mapping[Words, MentionKind], *, form: Callable[[str], str] = str) -> None:
        """Index the labels.

        Args:
            labels: As `metier.tagging.weak_skills.label_words` gives them.
            form: How words are written before they are compared: `str` for exact labels, `lemma` for lemmas.
        """
        self._form = form
        self._kinds: dict[Words, MentionKind] = {}
        for words, kind in labels.items():
            self._kinds.setdefault(tuple(map(form, words)), kind)
        self._longest = max(map(len, self._kinds), default=0)

    def find(self, sentences: Sequence[Sequence[str]]) -> list[list[Found]]:
        """Find the labels in each sentence; see `metier.tagging.weak.SpanFinder`.

        Args:
            sentences: Words of each sentence.

        Returns:
            One list per sentence, by start.
        """
        return [self._matches(tuple(map(self._form, words))) for words in sentences]

    def _matches(self, words: Words) -> list[Found]:
        found: list[Found] = []
        start = 0
        while start < len(words):
            ends = range(min(start + self._longest, len(words)), start, -1)
            end = next((end for end in ends if words[start:end] in self._kinds), None)
            if end is not None:
                found.append(Found(start, end, self._kinds[words[start:end]]))
            start = end or start + 1
        return found


class PatternFinder:
    """Finds the word sequences whose parts of speech are those of a taxonomy's labels."""

    def __init__(self, patterns: Mapping[Words, MentionKind], *, parse: Parse) -> None:
        """Hold the patterns.

        Args:
            patterns: As `frequent_patterns` gives them.
            parse: Tells the parts of speech.
        """
        self._finder = LabelFinder(patterns)
        self._parse = parse

    def find(self, sentences: Sequence[Sequence[str]]) -> list[list[Found]]:
        """Find the patterns in each sentence: the longest from the left, without overlaps.

        Args:
            sentences: Words of each sentence.

        Returns:
            One list per sentence, by start.
        """
        return self._finder.find([_parts(sentence) for sentence in self._parse(sentences)])


def frequent_patterns(
    labels: Mapping[Words, MentionKind], *, parse: Parse, n_patterns: int
) -> dict[Words, MentionKind]:
    """List the part-of-speech sequences that most labels have.

    Args:
        labels: As `metier.tagging.weak_skills.label_words` gives them.
        parse: Tells the parts of speech.
        n_patterns: K of the paper.

    Returns:
        Universal parts of speech -> the kind of most labels that have them; the most frequent first, ties by
        first label.
    """
    kinds: dict[Words, Counter[MentionKind]] = {}
    for sentence, kind in zip(parse(list(labels)), labels.values(), strict=True):
        kinds.setdefault(_parts(sentence), Counter())[kind] += 1
    ranked = sorted(kinds, key=lambda pattern: -kinds[pattern].total())
    return {pattern: kinds[pattern].most_common(1)[0][0] for pattern in ranked[:n_patterns]}


def singular(word: str) -> str:
    """Write an English word in lower case and without a plural ending.

    Args:
        word: One word; those in capitals or with other characters than letters are only put in lower case.

    Returns:
        The same for "Databases" and "database"; wrong for some, and mostly so for both sides of a comparison.
    """
    lower = word.lower()
    if not word.isalpha() or len(word) < 4 or word.isupper() or lower.endswith(_NO_PLURALS):
        return lower
    if lower.endswith("ies"):
        return f"{lower[:-3]}y"
    if lower.endswith(("sses", "shes", "ches", "xes", "zes")):
        return lower[:-2]
    return lower.removesuffix("s")


def lemma(word: str) -> str:
    """Write an English word in its base form, by its ending: a rule for matching, and no dictionary.

    Args:
        word: One word.

    Returns:
        As `singular`, and without the ending of a past or an -ing form: "planning" gives "plan".
    """
    lower = singular(word)
    if lower in _IRREGULAR or not word.isalpha() or word.isupper():
        return _IRREGULAR.get(lower, lower)
    for ending in ("ing", "ed"):
        stem = lower.removesuffix(ending)
        if stem != lower and len(stem) > 2 and _VOWELS & set(stem):
            return _restored(stem)
    return lower


def _restored(stem: str) -> str:
    """Undo what an ending did to a verb: "plann", "mak"."""
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    return f"{stem}e" if stem.endswith(_LOST_AN_E) else stem


def _parts(sentence: ParsedSentence) -> Words:
    return tuple(word.part for word in sentence.words)
