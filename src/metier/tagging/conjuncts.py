"""Noun phrases in a row: which words each has to itself, and which they share.

A row is `segments`, cut at its joints: of "REST and gRPC APIs" they are "REST" and "gRPC APIs", and "APIs" is shared.
None, wherever it is given, means that the words do not tell.
"""

from collections.abc import Callable, Sequence
from itertools import dropwhile, takewhile
from typing import Final

from metier.tagging.coordinators import Word
from metier.tagging.word_classes import (
    CLAUSE_WORDS,
    DETERMINERS,
    FRAMES,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    SKILL_HEADS,
    WIDE_TAILS,
    is_adjective,
    is_adverb,
    is_count_noun,
    is_name,
    is_plural,
    is_process,
    takes_of,
)

Words = tuple[Word, ...]


def segments_of(words: Words) -> list[Words]:
    """Cut at the joints; what stands between two joints that follow each other is empty."""
    segments: list[list[Word]] = [[]]
    for word in words:
        if word.joint:
            segments.append([])
        else:
            segments[-1].append(word)
    return [tuple(segment) for segment in segments]


def noun_phrases(words: Words, *, after_verb: bool) -> list[Words]:
    """Take a row of noun phrases apart.

    Args:
        words: The row, with its joints, without what stands before it.
        after_verb: Whether they are the objects of a verb.

    Returns:
        One phrase per segment with the words that it shares; none where the words do not tell.
    """
    segments = segments_of(words)
    if len(segments) < 2 or not all(segments) or _is_odd(segments):
        return []
    last, tail = _tail(segments[-1])
    segments = [*segments[:-1], last]
    if any(word.lower in PREPOSITIONS for segment in segments[:-1] for word in segment):
        return _after_preposition(words, after_verb=after_verb)
    cut = _ellipsis(segments)
    if cut:
        return [(*phrase, *tail) for phrase in cut]
    n_shared = None if any(map(_ends_oddly, segments)) else _n_shared(segments)
    only_commas = not any(word.joint == "and" for word in words)
    if n_shared is None or (only_commas and not _is_plain_list(segments, n_shared)):
        return []
    shared = last[len(last) - n_shared :]
    firsts = [(*segment, *shared) for segment in segments[:-1]]
    left = _shared_modifiers(segments) if not n_shared else ()
    wide = tail and _is_wide(tail, [*firsts, last], after_verb=after_verb)
    if tail and not wide and not after_verb and any(len(phrase) == 1 for phrase in firsts):
        return []  # "tools and methods for planning": bare "tools" are no skill
    phrases = [*firsts[:1], *((*left, *phrase) for phrase in firsts[1:])]
    return [*((*phrase, *(tail if wide else ())) for phrase in phrases), (*left, *last, *tail)]


def _is_odd(segments: Sequence[Words]) -> bool:
    """Clauses and pronouns refer to what this grammar does not see."""
    first_words = [segment[0].lower for segment in segments]
    inner = {word.lower for segment in segments for word in segment}
    adverbs_alone = any(all(is_adverb(word.text) for word in segment) for segment in segments)
    return adverbs_alone or any(word in PREPOSITIONS for word in first_words) or bool(inner & (CLAUSE_WORDS | PRONOUNS))


def _ends_oddly(segment: Words) -> bool:
    """Tell phrases that lack their noun: "crystal growth structural"."""
    return is_adjective(segment[-1].text) and not _is_bare_adjective(segment)


def _tail(segment: Words) -> tuple[Words, Words]:
    """Part a phrase from the prepositional phrase or the adverb that ends it."""
    for position, word in enumerate(segment):
        opens = word.lower in PREPOSITIONS | PARTICLES or is_adverb(word.text)
        if position and opens and not _modifies(segment, position):
            return segment[:position], segment[position:]
    return segment, ()


def _modifies(segment: Words, position: int) -> bool:
    """Tell the adverb of "highly available systems" from the one that ends a phrase."""
    return (
        is_adverb(segment[position].text) and position + 1 < len(segment) and is_adjective(segment[position + 1].text)
    )


def _is_wide(tail: Words, phrases: Sequence[Words], *, after_verb: bool) -> bool:
    """Tell whether the tail of the last phrase belongs to all of them."""
    heads = [phrase[-1] for phrase in phrases]
    if all(takes_of(head.text) for head in heads) or all(head.lower in FRAMES for head in heads):
        return True
    first = tail[0]
    if is_adverb(first.text):
        return after_verb
    return first.lower in WIDE_TAILS


def _after_preposition(words: Words, *, after_verb: bool) -> list[Words]:
    """Of "relationships with customers and suppliers", share all up to the preposition if the nouns are alike."""
    segments = segments_of(words)
    at = max((place for place, word in enumerate(segments[0]) if word.lower in PREPOSITIONS), default=-1)
    inner = (segments[0][at + 1 :], *segments[1:])
    if at < 1 or not all(inner) or any(word.lower in PREPOSITIONS for segment in inner for word in segment):
        return []
    alike: tuple[Callable[[str], bool], ...] = (is_plural, is_name)
    if not any(all(test(segment[-1].text) for segment in inner) for test in alike):
        return []
    phrases = noun_phrases(words[at + 1 :], after_verb=after_verb)
    return [(*words[: at + 1], *phrase) for phrase in phrases]


def _ellipsis(segments: Sequence[Words]) -> list[Words]:
    """Complete the hyphens of "short- and long-term planning"; none where there are none."""
    *firsts, last = segments
    if not all(segment[-1].text.endswith("-") and len(segment[-1].text) > 1 for segment in firsts):
        return []
    whole = last[0]
    hyphen = whole.text.find("-")
    if not 0 < hyphen < len(whole.text) - 1:
        return []
    start = whole.span.start + hyphen + 1
    rest = Word(whole.text[hyphen + 1 :], type(whole.span)(start, whole.span.end), whole.number)
    return [*((*segment, rest, *last[1:]) for segment in firsts), last]


def _is_plain_list(segments: Sequence[Words], n_shared: int) -> bool:
    """Commas alone join names and plurals; they also part the adjectives before one noun."""
    return not n_shared and len(segments) > 2 and not any(is_adjective(segment[-1].text) for segment in segments)


def _shared_modifiers(segments: Sequence[Words]) -> Words:
    """Of "software design and implementation", share "software": both are done to it."""
    first, *others = segments
    if len(first) < 2 or not all(len(segment) == 1 and is_process(segment[0].text) for segment in others):
        return ()
    return first[:-1] if is_process(first[-1].text) else ()


def _n_shared(segments: Sequence[Words]) -> int | None:
    """Count the words at the end of the last segment that all segments share."""
    *firsts, last = segments
    if any(segment[-1].text.endswith("-") for segment in firsts):
        return None
    if len(last) == 1 or last[0].lower in DETERMINERS:
        return None if any(_is_bare_adjective(segment) for segment in firsts) and not _is_bare_adjective(last) else 0
    if any(_stands_alone(segment) for segment in firsts):
        return None if any(_is_bare_adjective(segment) for segment in firsts) else 0
    if last[-1].lower in SKILL_HEADS:
        return _n_shared_skills(firsts, last)
    rules = (_n_after_adjectives, _n_after_twins, _n_after_names, _n_after_nouns)
    for rule in rules:
        if (n_shared := rule(firsts, last)) is not None:
            return n_shared if n_shared >= 0 else None
    return None


_UNSURE: Final = -1


def _n_shared_skills(firsts: Sequence[Words], last: Words) -> int:
    adjectives = all(map(_is_bare_adjective, firsts)) and is_adjective(last[0].text)
    return len(last) - 1 if adjectives else 1


def _n_after_adjectives(firsts: Sequence[Words], last: Words) -> int | None:
    """Count for "preventive and corrective maintenance"."""
    if not any(map(_is_bare_adjective, firsts)):
        return None
    if all(map(_is_bare_adjective, firsts)) and (is_adjective(last[0].text) or len(last) == 2):
        return len(last) - 1
    return _UNSURE


def _n_after_twins(firsts: Sequence[Words], last: Words) -> int | None:
    """Count for "front end and back end development": what stands before the head is said again."""
    if len(last) > 2 and all(len(first) > 1 and first[-1].lower == last[-2].lower for first in firsts):
        return 1
    return None


def _n_after_names(firsts: Sequence[Words], last: Words) -> int | None:
    """Count for "REST and gRPC APIs", "SQL and data modelling"."""
    if not all(is_name(first[-1].text) for first in firsts):
        return None
    n_names = len(list(takewhile(lambda word: is_name(word.text) and not is_plural(word.text), last)))
    if not n_names:
        return _UNSURE if is_plural(last[-1].text) or is_adjective(last[0].text) else 0
    return len(last) - n_names


def _n_after_nouns(firsts: Sequence[Words], last: Words) -> int | None:
    """Count for "project and product management", "project management and data analysis"."""
    cores = [_without_adjectives(first) for first in firsts]
    if all(len(core) == 1 and is_count_noun(core[0].text) for core in cores):
        return 1 if len(last) == 2 else _UNSURE
    if all(len(core) > 1 for core in cores) and not is_plural(last[-1].text):
        return 0
    return _UNSURE


def _without_adjectives(segment: Words) -> Words:
    return tuple(dropwhile(lambda word: is_adjective(word.text), segment))


def _is_bare_adjective(segment: Words) -> bool:
    described = segment[1:] if segment[0].lower in DETERMINERS else segment
    words = [word.text for word in described]
    return bool(words) and is_adjective(words[-1]) and all(is_adjective(word) or is_adverb(word) for word in words)


def _stands_alone(segment: Words) -> bool:
    if segment[0].lower in DETERMINERS:
        return not _is_bare_adjective(segment)
    return is_plural(segment[-1].text)
