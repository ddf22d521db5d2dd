"""Knowledge by grammar: noun phrases that have a cue above them, a taxonomy label in them, or the look of a name.

The rules and word lists were written while reading sentences of SkillSpan's train split and their labels; no weight
is learned.
"""

import re
from collections.abc import Mapping
from typing import Final

from metier.domain import MentionKind
from metier.tagging.weak_baselines import LabelFinder, singular
from metier.tagging.weak_grammar import ParsedSentence, ParsedWord
from metier.tagging.weak_phrases import BULLETS, is_evaluation, trimmed
from metier.tagging.weak_skills import Words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CUES: Final = _words(
    "ability background certification command competence competency degree education experience expertise exposure "
    "familiarity fluency grasp insight interest knowledge mastery proficiency qualification skill training "
    "understanding"
)
_CUE_ADJECTIVES: Final = _words(
    "comfortable educated experienced expert familiar fluent interested knowledgeable proficient skilled specialised "
    "specialized versed"
)
_CUE_VERBS: Final = _words("know master speak study understand use")
_PREPOSITIONS: Final = _words("as for in including like of on using with within")
_UNSURE_CUES: Final = _words("degree know understand use")  # what they govern is knowledge only if it looks like it
_CLIMBED: Final = _words("amod appos compound conj dep nmod pobj prep")
_GENERIC: Final = _words(
    "ability applicant application area background benefit business candidate career client colleague company "
    "customer date day degree description employee environment experience expertise field industry it knowledge "
    "level member office one opportunity organization part people person plus position product qualification "
    "requirement responsibility role size skill solution something stakeholder system team technology them thing time "
    "tool type understanding us way we work world year you"
)
_FIRST_PARTS: Final = _words("DET PRON PUNCT CCONJ NUM SPACE ADV ADP SCONJ")
_FIRST_TAGS: Final = _words("PRP$ POS JJR JJS RB")
_NAME_OF_TECHNOLOGY: Final = re.compile(r"[a-z][A-Z]|[+#]|\d|\.[a-z]|^[A-Z]{2,}")
_PLACEHOLDER: Final = re.compile(r"<[A-Z_]+>")
_LONGEST_LABEL: Final = 6


class KnowledgeRules:
    """Finds the noun phrases that name knowledge."""

    def __init__(self, labels: Mapping[Words, MentionKind]) -> None:
        """Index the labels of knowledge.

        Args:
            labels: Of any kind, as `metier.tagging.weak_skills.label_words` gives them; skills are passed over.
        """
        known: dict[Words, MentionKind] = {
            words: kind for words, kind in labels.items() if kind == "knowledge" and len(words) <= _LONGEST_LABEL
        }
        self._labels = LabelFinder(known, form=singular)

    def phrases(self, sentence: ParsedSentence, *, unsure: bool) -> list[tuple[int, int]]:
        """List the knowledge of a sentence.

        Args:
            sentence: Parsed.
            unsure: Also take names of technologies, and phrases that hold a label, where nothing governs them.

        Returns:
            Word ranges, half-open, by start; none overlap.
        """
        found = []
        for first, last in sentence.chunks:
            start, end = _core(sentence.words, first, last)
            if start < end and self._is_knowledge(sentence, (start, end), chunk=(first, last), unsure=unsure):
                found.append((start, end))
        return found

    def _is_knowledge(
        self, sentence: ParsedSentence, span: tuple[int, int], *, chunk: tuple[int, int], unsure: bool
    ) -> bool:
        words = sentence.words[slice(*span)]
        if any(_PLACEHOLDER.search(word.text) for word in words) or (len(words) == 1 and words[0].lemma in _GENERIC):
            return False
        [labels] = self._labels.find([[word.text for word in words]])
        is_name = any(_NAME_OF_TECHNOLOGY.search(word.text) for word in words)
        cue = governing_cue(sentence, _head(sentence.words, chunk))
        if cue is not None and (cue not in _UNSURE_CUES or labels or is_name):
            return True
        if labels and (len(words) == labels[0].end - labels[0].start or all(w.part == "PROPN" for w in words)):
            return True
        return unsure and (is_name or bool(labels))


def governing_cue(sentence: ParsedSentence, noun: int) -> str | None:
    """Find the word that makes a noun phrase knowledge: "experience" for Java in "experience with Python and Java".

    Args:
        sentence: Parsed.
        noun: The head of the noun phrase.

    Returns:
        The cue; None if the way up meets none.
    """
    words = sentence.words
    position = noun
    for _ in words:  # the way up ends at the root; no way is longer than the sentence
        word, above = words[position], words[words[position].head]
        if word.relation == "dobj" and above.lemma in _CUE_VERBS:
            return above.lemma
        if word.relation not in _CLIMBED or word.head == position:
            return None
        if word.relation == "prep":
            if word.lower in _PREPOSITIONS and above.lemma in _CUES:
                return above.lemma
            if word.lower in _PREPOSITIONS and above.lower in _CUE_ADJECTIVES:
                return above.lower
            if above.part in ("VERB", "AUX"):
                return None
        position = word.head
    return None


def _core(words: tuple[ParsedWord, ...], start: int, end: int) -> tuple[int, int]:
    """A noun chunk without determiners, evaluations, and a cue at its end: "Java" of "a solid Java experience"."""
    while start < end and (
        is_evaluation(words[start])
        or words[start].part in _FIRST_PARTS
        or words[start].tag in _FIRST_TAGS
        or words[start].text in BULLETS
    ):
        start += 1
    start, end = trimmed(words, start, end)
    if end - start > 1 and words[end - 1].lemma in _CUES:
        end -= 1
    return start, end


def _head(words: tuple[ParsedWord, ...], chunk: tuple[int, int]) -> int:
    """The word of a chunk that depends on a word outside it."""
    start, end = chunk
    inside = (i for i in range(end - 1, start - 1, -1) if not start <= words[i].head < end or words[i].head == i)
    return next(inside, end - 1)
