"""Label search for people: what is called so, then what begins so, then what shares words."""

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from metier.domain import Concept, Occupation, Skill
from metier.taxonomy.taxonomy import Taxonomy, label_key

_WORD: Final = re.compile(r"[\w+#]+")  # C++ and C# are words
_Rank = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A concept, and the label of it that fits the search best."""

    concept: Skill | Occupation
    label: str


def search(
    taxonomy: Taxonomy, text: str, *, kind: Literal["skill", "occupation"] | None = None, limit: int = 10
) -> list[Found]:
    """Find concepts by what people may call them.

    Args:
        taxonomy: Where to look.
        text: One or more words in the taxonomy's first language; case and white space do not count.
        kind: Look among skills or occupations only; None: among both.
        limit: Concepts at most.

    Returns:
        Concepts with a label equal to the text first, then labels that begin with it, then labels that share
        words with it, more words first. Within each, preferred labels come before alternatives, a beginning
        that ends a word before one that does not, and shorter labels before longer ones; ties keep taxonomy
        order. None for a text without words.
    """
    concepts = taxonomy.concepts
    query = label_key(text)
    words = sorted(set(_WORD.findall(query)))
    ranked = (
        (*best, row)
        for row, concept in enumerate(concepts)
        if (kind is None or (kind == "occupation") == isinstance(concept, Occupation))
        and (best := _best(concept, query, words=words)) is not None
    )
    nearest = heapq.nsmallest(limit, ranked, key=lambda one: (one[0], one[2]))
    return [Found(concepts[row], _labels(concepts[row])[place]) for _, place, row in nearest]


def _best(concept: Concept, query: str, *, words: Sequence[str]) -> tuple[_Rank, int] | None:
    """The rank of the concept's best label, and which label that is; None if none fits."""
    ranks = (
        (_rank(key, query, words=words, is_alternative=place > 0), place)
        for place, key in enumerate(map(label_key, _labels(concept)))
        if any(word in key for word in words)  # spares most labels the costly part
    )
    return min(((rank, place) for rank, place in ranks if rank is not None), default=None)


def _rank(key: str, query: str, *, words: Sequence[str], is_alternative: bool) -> _Rank | None:
    """Lower is better; None if the label neither begins with the query nor shares a whole word with it."""
    if key == query:
        return (0, is_alternative, 0, 0)
    if key.startswith(query):
        return (1, is_alternative, key[len(query)].isalnum(), len(key))
    n_shared = len(set(words).intersection(_WORD.findall(key)))
    return (2, -n_shared, is_alternative, len(key)) if n_shared else None


def _labels(concept: Concept) -> tuple[str, ...]:
    return (concept.label, *concept.alternatives)
