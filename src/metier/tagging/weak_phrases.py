"""Skills by grammar: verb phrases that ask something of the candidate, and traits.

The rules and word lists were written while reading sentences of SkillSpan's train split and their labels; no weight
is learned.
"""

from collections.abc import Sequence
from typing import Final

from metier.tagging.weak_grammar import ParsedSentence, ParsedWord


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


JOINERS: Final = _words(", and or / & and/or")
BULLETS: Final = _words("* • - – · o ◦ ● ▪ : ; \x95") | {'"', "“"}
# Verbs of applying, offering and being, and those that open a skill only together with another verb.
_LIGHT_VERBS: Final = _words(
    "accord apply base be become begin believe belong click come contact date do enjoy expect experience feel find "
    "follow get give go grow have hire hope include join know let like locate look love make mean need offer prefer "
    "provide read receive recruit relate require say see seek send shall start tell think thrive visit want wish would"
)
_CANDIDATE: Final = _words("you candidate candidates applicant applicants employee he/she s/he")
_OBJECTS: Final = _words("dobj attr oprd acomp")
_OBJECT_PARTS: Final = _words("NOUN PROPN ADJ NUM X")
_EDGE_PARTS: Final = _words("PUNCT CCONJ ADP DET SPACE")
# How good or of what sort something is: never part of a mention at its beginning.
EVALUATIONS: Final = _words(
    "a additional advanced all an any basic best better both broad considerable deep demonstrable demonstrated "
    "desired detailed different each effective equivalent essential every excellent exceptional exemplary expert "
    "extensive first-class fluent general good good/excellent great hands-on high highly ideal ideally impeccable "
    "in-depth its intermediate key least many minimum more most much multiple necessary new other our outstanding "
    "own practical preferred previous prior professional proficient proven real related relevant required several "
    "significant similar solid some sound strong substantial such superb that the their these this those thorough "
    "various very well-developed working your"
)
# A noun chunk that ends in one of these is a trait; one of `_BARE` needs another word before it.
_TRAITS: Final = _words(
    "ability abilities approach attitude collaboration communication communicator creativity curiosity doer drive "
    "empathy enthusiasm flexibility initiative integrity judgement judgment leader leadership learner listener "
    "mentality mentoring mindset mind-set passion personality player self-starter sense skill skills solver spirit "
    "starter teamwork thinker thinking"
)
_BARE: Final = _words("ability approach communication drive passion sense skill")
_TRAIT_ADJECTIVES: Final = _words(
    "accurate adaptable ambitious analytical articulate autonomous collaborative committed communicative confident "
    "conscientious creative curious customer-oriented decisive dedicated detail-oriented driven dynamic empathetic "
    "energetic engaged enthusiastic flexible friendly goal-oriented hardworking hard-working helpful honest "
    "independent innovative inquisitive methodical motivated open open-minded organised organized outgoing passionate "
    "patient persistent persuasive positive pragmatic proactive punctual quality-conscious reliable resilient "
    "responsible result-oriented results-oriented robust self-driven self-motivated self-organized self-reliant "
    "service-minded solution-oriented structured systematic team-oriented thorough"
)
_PREDICATES: Final = _words("acomp conj attr ROOT oprd advcl")
_PEOPLE: Final = _words("person individual candidate engineer developer player professional colleague manager team")


def verb_phrases(sentence: ParsedSentence) -> list[tuple[int, int]]:
    """List what the candidate is asked to do: a verb with its object, or with the phrase right behind it.

    A phrase goes on over "of …" and over what is joined to the object, and ends before every other phrase:
    "design and test interfaces of machines" of "to design and test interfaces of machines for customers".

    Args:
        sentence: Parsed.

    Returns:
        Word ranges of two words or more, half-open, by start; they may overlap.
    """
    found = []
    for position in range(len(sentence.words)):
        if _is_asked(sentence, position):
            end = _verb_end(sentence, position)
            start, end = trimmed(sentence.words, position, end or position)
            if end - start >= 2:
                found.append((start, end))
    return found


def traits(sentence: ParsedSentence) -> list[tuple[int, int]]:
    """List what the candidate is asked to be: "analytical", "team player", "communication skills".

    Args:
        sentence: Parsed.

    Returns:
        Word ranges, half-open; none overlap. Words of evaluation before them are left out.
    """
    words = sentence.words
    found = []
    for first, end in sentence.chunks:
        head = words[end - 1].lemma
        start = first
        while start < end - 1 and is_evaluation(words[start]):
            start += 1
        if head in _TRAITS and (end - start > 1 or head not in _BARE):
            found.append((start, end))
    inside = {position for start, end in found for position in range(start, end)}
    alone = [i for i, word in enumerate(words) if i not in inside and _is_trait(word, words[word.head])]
    return sorted(found + [(position, position + 1) for position in alone])


def trimmed(words: Sequence[ParsedWord], start: int, end: int) -> tuple[int, int]:
    """Take punctuation and function words off the end, and punctuation off the beginning, of a word range."""
    while end > start and (words[end - 1].part in _EDGE_PARTS or words[end - 1].text in BULLETS):
        end -= 1
    while end > start and (words[start].part in ("PUNCT", "CCONJ", "SPACE") or words[start].text in BULLETS):
        start += 1
    return start, end


def is_evaluation(word: ParsedWord) -> bool:
    """Whether a word at the beginning of a noun phrase says nothing about the skill."""
    return word.part in ("DET", "PRON", "NUM", "ADV") or word.lower in EVALUATIONS or word.text in BULLETS


def _is_trait(word: ParsedWord, head: ParsedWord) -> bool:
    said_of_someone = word.relation in _PREDICATES or head.lemma in _PEOPLE
    return word.lower.strip(".,") in _TRAIT_ADJECTIVES and said_of_someone


def _is_asked(sentence: ParsedSentence, position: int) -> bool:
    """Whether a verb stands for something the candidate is to do: its subject is the candidate, or unsaid."""
    words, word = sentence.words, sentence.words[position]
    if word.part != "VERB" or word.tag not in ("VB", "VBG", "VBP", "VBZ") or word.lemma in _LIGHT_VERBS:
        return False
    below = [words[one] for one in sentence.below[position]]
    relations = {one.relation for one in below}
    subjects = [one.lower for one in below if one.relation in ("nsubj", "nsubjpass")]
    if relations & {"auxpass", "neg"} or word.relation in ("amod", "compound") or not _CANDIDATE.issuperset(subjects):
        return False
    is_first = position == 0 or words[position - 1].text in BULLETS
    joined = word.relation == "conj" and words[word.head].part == "VERB"
    return bool(subjects) or is_first or joined or word.tag == "VBG" or "aux" in relations


def _verb_end(sentence: ParsedSentence, verb: int) -> int | None:
    """Where the phrase of a verb ends; None for a verb with nothing behind it."""
    words = sentence.words
    behind = [one for one in sentence.below[verb] if one > verb]
    objects = [one for one in behind if words[one].relation in _OBJECTS and words[one].part in _OBJECT_PARTS]
    if objects:
        return _noun_end(sentence, objects[0])
    end = verb + 1 + any(words[one].relation == "prt" for one in behind[:1])
    joined = [one for one in behind if words[one].relation == "conj" and words[one].part == "VERB"]
    prepositions = [one for one in behind if words[one].relation in ("prep", "agent")]
    if joined and joined[0] - end <= 2 and (not prepositions or prepositions[0] > joined[0]):
        return _verb_end(sentence, joined[0])
    if prepositions and prepositions[0] - end <= 1:
        inside = [one for one in sentence.below[prepositions[0]] if words[one].relation == "pobj"]
        return _noun_end(sentence, inside[0]) if inside else None
    return None


def _noun_end(sentence: ParsedSentence, noun: int) -> int:
    """Where a noun phrase ends: over "of …" right behind it, and over what is joined to it."""
    words = sentence.words
    end = noun + 1
    for one in sentence.below[noun]:
        if one < noun:
            continue
        if words[one].lower == "of" and one == end:
            inside = [it for it in sentence.below[one] if words[it].relation in ("pobj", "pcomp")]
            end = max([end, *(_noun_end(sentence, it) for it in inside)])
        elif words[one].relation == "conj" and words[one].part in ("NOUN", "PROPN", "ADJ"):
            between = words[end : sentence.first_below(one)]
            if all(word.lower in JOINERS for word in between):
                end = max(end, _noun_end(sentence, one))
    return end
