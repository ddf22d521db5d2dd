"""One conjunction at a time: what a coordinated phrase says, said without it."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from metier.tagging.conjuncts import Words, noun_phrases, segments_of
from metier.tagging.coordinators import Word
from metier.tagging.word_classes import (
    CLAUSE_WORDS,
    COLLECTIVE,
    DEGREES,
    DETERMINERS,
    FIRST_NOUN_VERBS,
    FRAMES,
    ING_MODIFIERS,
    ING_NOUNS,
    INTRANSITIVE,
    NOUN_VERBS,
    PARTICLES,
    PREPOSITION_VERBS,
    PREPOSITIONS,
    SKILL_HEADS,
    WITH_VERBS,
    Form,
    is_adjective,
    is_adverb,
    is_name,
    is_plural,
    is_verb_of,
    verb_forms,
)

_JOINING: Final = ("and", "comma", "intro")


def split_once(words: Words) -> list[Words]:
    """Undo one conjunction of a phrase.

    Args:
        words: The phrase, with its joints.

    Returns:
        The phrases that it stands for, in text order, each with fewer joints; none where there is no
        conjunction or the words do not tell what it joins.
    """
    words = trimmed(words)
    if not _joints(words) or any(word.lower in COLLECTIVE for word in words):
        return []
    for read in (_without_clause, _marked, _independent, _after_frame, _purpose, _adverbials, _predicates, _examples):
        phrases = read(words)
        if phrases is not None:
            return phrases
    return noun_phrases(words, after_verb=False)


def trimmed(words: Words) -> Words:
    """Drop joints at the ends: they join nothing; a bracket is kept where it is closed."""
    start, end = 0, len(words)
    while start < end and words[start].joint in _JOINING:
        start += 1
    while end > start and (words[end - 1].joint in (*_JOINING, "mark") or _closes_nothing(words[start:end])):
        end -= 1
    return words[start:end]


def _closes_nothing(words: Words) -> bool:
    return words[-1].joint == "close" and not any(word.text.startswith("(") for word in words)


def _joints(words: Words) -> list[int]:
    return [place for place, word in enumerate(words) if word.joint in _JOINING]


def _with_left(left: Words, phrases: Sequence[Words]) -> list[Words]:
    return [(*left, *phrase) for phrase in phrases]


def _without_clause(words: Words) -> list[Words] | None:
    """What a subordinate clause joins is left alone."""
    at = next((place for place, word in enumerate(words) if place and word.lower in CLAUSE_WORDS), None)
    if at is None:
        return None
    if not _joints(words[:at]):
        return []
    if words[at - 1].joint:
        return []
    verbs = _verb_row(words[:at])
    return verbs and [(*phrase, *words[at:]) for phrase in verbs]


def _verb_row(words: Words) -> list[Words]:
    form = _first_form(words)
    phrases = _shared_object(words, form) if form else []
    return phrases or []


def _marked(words: Words) -> list[Words] | None:
    """Both, either and not only say where the first conjunct begins."""
    at = next((place for place, word in enumerate(words) if word.joint == "mark"), None)
    if at is None or any(joint < at - 1 for joint in _joints(words)):
        return None
    left = tuple(word for word in words[:at] if not word.joint)
    return _with_left(left, split_once(words[at + 1 :]))


def _independent(words: Words) -> list[Words] | None:
    """Part "knowledge of Python and communication skills": a conjunct with a frame of its own takes no other."""
    if not _asked_end(segments_of(words)[0]):
        return None
    for joint in _joints(words):
        following = segments_of(words[joint + 1 :])[0]
        framed = any(
            word.lower in FRAMES and place + 1 < len(following) and following[place + 1].lower in PREPOSITIONS
            for place, word in enumerate(following)
        )
        if framed or (following and following[-1].lower in SKILL_HEADS):
            return [words[:joint], words[joint + 1 :]] if words[joint].joint != "intro" else []
    return None


def _after_frame(words: Words) -> list[Words] | None:
    """Degrees, "experience with", "ability to" and adverbs before a verb hold for all that follows."""
    end = _frame_end(words)
    if not end:
        return None
    return _with_left(words[:end], split_once(words[end:]))


def _frame_end(words: Words) -> int:
    """Count the words of the frame that opens the phrase."""
    first = segments_of(words)[0]
    if asked := _asked_end(first):
        return asked
    if len(first) > 1 and first[0].lower in DEGREES:
        return 1
    return 1 if len(first) > 1 and is_adverb(first[0].text) and verb_forms(first[1].text) else 0


def _asked_end(first: Words) -> int:
    """Count the words of "good knowledge of", "experience with"; 0 where there is no such frame."""
    for place, word in enumerate(first[1:-1], start=1):
        if word.lower in PREPOSITIONS and first[place - 1].lower in FRAMES:
            return place + 1
    return 0


def _purpose(words: Words) -> list[Words] | None:
    """In "work with A and B to plan and deliver C" each side of "to" is read by itself."""
    places = [place for place, word in enumerate(words) if place and word.lower == "to"]
    at = next((place for place in places if _base_verb(words[place + 1 :])), None)
    if at is None:
        return None
    if _joints(words[:at]):
        return [(*phrase, *words[at:]) for phrase in split_once(words[:at])]
    return _with_left(words[: at + 1], _verb_row(words[at + 1 :]))


def _base_verb(words: Words) -> bool:
    return bool(words) and "base" in verb_forms(words[0].text)


def _adverbials(words: Words) -> list[Words] | None:
    """Adverbs and prepositional phrases in a row: "work independently and in a team"."""
    segments = segments_of(words)
    *others, last = segments
    if len(segments) < 2 or not all(segments) or not all(map(_is_adverbial, segments[1:])):
        return None
    first = others[0]
    at = _adverbial_start(first)
    if at is None:
        return []
    return [first, *(_with_left(first[:at], [*others[1:], last]))]


def _is_adverbial(segment: Words) -> bool:
    return segment[0].lower in PREPOSITIONS - {"of"} or all(is_adverb(word.text) for word in segment)


def _adverbial_start(segment: Words) -> int | None:
    if is_adverb(segment[-1].text):
        return len(segment) - 1
    places = [place for place, word in enumerate(segment) if word.lower in PREPOSITIONS - {"of"}]
    return places[-1] if places else None


def _predicates(words: Words) -> list[Words] | None:
    """Verbs and what is done to their objects; None where no verb opens the phrase."""
    form = _first_form(words)
    if form is None:
        return None
    clauses = _clauses(words, form)
    if clauses is None:
        return []
    if len(clauses) > 1:
        return clauses
    shared = _shared_object(words, form)
    if shared is not None:
        return shared
    left = _verb_end(words)
    return _with_left(words[:left], _objects(words[left:]))


def _objects(words: Words) -> list[Words]:
    """Take apart what verbs are done to."""
    left = next((place for place, word in enumerate(words) if word.lower not in PREPOSITIONS), len(words))
    rest = words[left:]
    if rest and rest[0].joint == "mark":
        rest = rest[1:]
    examples = _examples(rest)
    return _with_left(words[:left], noun_phrases(rest, after_verb=True) if examples is None else examples)


def _first_form(words: Words) -> Form | None:
    """Say in which form a verb opens the phrase."""
    segments = [segment for segment in segments_of(words) if segment]
    forms = verb_forms(words[0].text)
    if not forms or words[0].joint:
        return None
    [form, *_] = sorted(forms)
    doubtful = words[0].lower in (ING_NOUNS if form == "ing" else FIRST_NOUN_VERBS)
    if not doubtful or any(_opens(segment, form) and not _is_doubtful(segment) for segment in segments[1:]):
        return form
    return form if len(segments[0]) > 1 and _begins_object(segments[0][1].text) else None


def _begins_object(word: str) -> bool:
    """Tell what may follow a verb and not a noun that modifies."""
    return word.lower() in DETERMINERS or is_name(word) or is_adjective(word)


def _after_adverbs(segment: Words) -> Words:
    return segment[1:] if len(segment) > 1 and is_adverb(segment[0].text) else segment


def _opens(segment: Words, form: Form) -> bool:
    bare = _after_adverbs(segment)
    return bool(bare) and form in verb_forms(bare[0].text)


def _is_doubtful(segment: Words) -> bool:
    first = _after_adverbs(segment)[0].lower
    return first in NOUN_VERBS or first in ING_NOUNS


def _verb_end(segment: Words) -> int:
    """Count the words of the verb: its adverbs, its particle and the preposition that it takes."""
    end = len(segment) - len(_after_adverbs(segment)) + 1
    while end < len(segment) and segment[end].lower in PARTICLES | PREPOSITIONS - {"as"}:
        end += 1
    return end


def _is_verb_alone(segment: Words, form: Form) -> bool:
    return _opens(segment, form) and _verb_end(segment) == len(segment)


def _clauses(words: Words, form: Form) -> list[Words] | None:
    """Cut before each verb that follows an object; None where a word may be a verb or a noun."""
    starts = [0]
    has_object = False
    for joint in [-1, *_joints(words)]:
        segment = segments_of(words[joint + 1 :])[0]
        if not segment:
            return None
        opens = _opens(segment, form) and (joint < 0 or words[joint].joint != "intro")
        if opens and has_object and _is_doubtful(segment):
            if len(segment) > 1 and not _has_plain_object(segment):
                return None
            opens = len(segment) > 1
        complete = _is_complete(words, starts[-1], joint) and not _takes_preposition(segment)
        if opens and (has_object or complete):
            starts.append(joint + 1)
            has_object = False
        if not opens and not has_object and joint >= 0:
            return None  # a noun right after a verb without an object: "greet and customers"
        has_object = has_object or not _is_verb_alone(segment, form)
    ends = [*(start - 1 for start in starts[1:]), len(words)]
    return [words[start:end] for start, end in zip(starts, ends, strict=True)]


def _is_complete(words: Words, start: int, joint: int) -> bool:
    """Tell verbs that need no object: "travel and work weekends"."""
    return joint > start and joint - start == 1 and is_verb_of(words[start].text, INTRANSITIVE)


def _takes_preposition(segment: Words) -> bool:
    return len(segment) > 1 and segment[1].lower in PREPOSITIONS


def _has_plain_object(segment: Words) -> bool:
    """Tell "test software" and "support our users" from "test activities"."""
    second = segment[1].lower
    if second in DETERMINERS or segment[0].lower in ING_MODIFIERS:
        return second in DETERMINERS
    return len(segment) > 2 or (is_plural(second) and second not in ("activities", "processes"))


def _shared_object(words: Words, form: Form) -> list[Words] | None:
    """Give each verb of a row the object of the last one; None if there is one verb only."""
    segments = segments_of(words)
    n_alone = len(list(takewhile(lambda segment: _is_verb_alone(segment, form), segments)))
    if n_alone == 0:
        return None
    if n_alone == len(segments):
        return list(segments) if len(segments) > 1 else None
    last = segments[n_alone]
    if not _opens(last, form):
        return []
    verbs = segments[:n_alone]
    start = _joints(words)[n_alone - 1] + 1
    own = _own_end(verbs, last)
    objects = _objects(words[start + own :]) or [words[start + own :]]
    return [(*verb, *phrase) for verb in [*verbs, words[start : start + own]] for phrase in objects]


def _own_end(verbs: Sequence[Words], last: Words) -> int:
    """Count the words that the last verb of a row has to itself: it may take a preposition that the others do not."""
    bare = len(last) - len(_after_adverbs(last)) + 1
    end = bare
    while end < len(last) and last[end].lower in PARTICLES:
        end += 1
    if end < len(last) and last[end].lower in PREPOSITIONS and is_verb_of(last[bare - 1].text, PREPOSITION_VERBS):
        with_verbs = all(is_verb_of(verb[-1].text, WITH_VERBS) for verb in verbs)
        return end if with_verbs else end + 1
    return end


def _examples(words: Words) -> list[Words] | None:
    """A head and its examples are all phrases of their own: "databases (PostgreSQL, MySQL)"."""
    at = next((place for place, word in enumerate(words) if word.joint == "intro"), None)
    if at is None:
        return None
    closed = words[-1].joint == "close"
    inside = words[at + 1 : -1 if closed else None]
    opened = words[at].text.startswith("(") or words[at].text.endswith("(")
    if _joints(words[:at]) or closed != opened or any(word.joint in ("close", "intro") for word in inside):
        return []
    examples = noun_phrases(inside, after_verb=False) or _name_pair(inside)
    return [words[:at], *examples] if examples else []


def _name_pair(words: Sequence[Word]) -> list[Words]:
    """Two examples parted by a comma alone."""
    segments = segments_of(tuple(words))
    return segments if len(segments) == 2 and all(0 < len(segment) <= 3 for segment in segments) else []
