"""Groups for spans without annotators: the labelling rule of Kompetencer, over any search for concepts.

Zhang, Jensen and Plank (2022), Kompetencer: Fine-grained Skill Classification in Danish Job Postings via Distant
Supervision and Transfer Learning, section 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metier.domain import MentionKind
from metier.taxonomy.concept_search import NO_GROUP, ConceptSearch, FoundConcept
from metier.text.edit_distance import edit_distances

_N_FOUND: Final = 100  # hits that the rule looks at
_JUNK: Final = ".,;:)({} "  # left out at the end of a span
_NO_CODE: Final = "0000"


@dataclass(frozen=True, slots=True)
class DistantLabel:
    """The group of a span, and the concept that it comes from; None: nothing was found."""

    code: str
    concept: FoundConcept | None
    contains: bool = False  # the concept's title contains the span


def distant_label(span: str, *, kind: MentionKind | None, search: ConceptSearch, language: str) -> DistantLabel:
    """Label one span.

    Args:
        span: Its text.
        kind: What it was annotated as; None: not known, concepts of either kind will do.
        search: Where to look.
        language: BCP 47, of the span.

    Returns:
        The group of the concept that `choose` takes; `K99` where nothing was found, or the concept has no group.

    Raises:
        MetierError: What the search raises; a failed search is never a label.
    """
    return choose(span, found_for(span, search=search, language=language), kind=kind)


def found_for(span: str, *, search: ConceptSearch, language: str) -> Sequence[FoundConcept]:
    """Look a span up, without the punctuation at its end; nothing is found for one without a letter or a digit."""
    query = span.rstrip(_JUNK)
    if not any(character.isalnum() for character in query):
        return []
    return search.search(query, language=language, limit=_N_FOUND)


def choose(span: str, found: Sequence[FoundConcept], *, kind: MentionKind | None) -> DistantLabel:
    """Take one of the concepts that were found.

    Of the span's kind and with a code, if there are such, else of all: the first whose title contains the span, else
    the one whose title is the fewest edits away, the first of several.

    Args:
        span: Its text.
        found: In the order of the search.
        kind: What the span was annotated as; None: any.

    Returns:
        The concept and its group.
    """
    query = span.rstrip(_JUNK).lower()
    fitting = [one for one in found if kind in (None, one.kind) and one.group != _NO_CODE] or found
    if not fitting:
        return DistantLabel(NO_GROUP, None)
    titles = [one.title.lower() for one in fitting]
    at = next((place for place, title in enumerate(titles) if query in title), None)
    nearest = int(edit_distances(query, titles).argmin()) if at is None else at
    return DistantLabel(fitting[nearest].group or NO_GROUP, fitting[nearest], at is not None)
