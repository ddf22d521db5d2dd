"""What may be put into an index, whichever it is."""

import math
from collections.abc import Sequence

import numpy as np

from metier.domain import Facts
from metier.errors import IndexMismatch, VectorIndexError
from metier.protocols import Floats


def check_rows(ids: Sequence[str], vectors: Floats, facts: Sequence[Facts], *, dim: int) -> None:
    """Refuse rows that no index can hold.

    Args:
        ids: Must be all different.
        vectors: Must be float (n_items, `dim`) and finite.
        facts: Must be of places on the earth, and finite.
        dim: Of the index.

    Raises:
        IndexMismatch: If the vectors are of another dimension.
        VectorIndexError: If anything else is wrong; it names the item.
    """
    check_vectors(vectors, dim=dim)
    if not len(ids) == len(vectors) == len(facts):
        raise VectorIndexError(f"Got {len(ids)} ids, {len(vectors)} vectors and {len(facts)} facts; give one of each.")
    if len(set(ids)) < len(ids):
        twice = next(item for number, item in enumerate(ids) if item in ids[:number])
        raise VectorIndexError(f"The id '{twice}' comes twice in one call; give each item once.")
    for item, known in zip(ids, facts, strict=True):
        _check_facts(item, known)


def check_vectors(vectors: Floats, *, dim: int) -> None:
    """Refuse vectors that cannot be compared with those of an index.

    Args:
        vectors: Must be float (n, `dim`) and finite.
        dim: Of the index.

    Raises:
        IndexMismatch: If they are of another dimension.
        VectorIndexError: If one is not finite.
    """
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise IndexMismatch(f"The index holds vectors of {dim} numbers, got an array of shape {vectors.shape}.")
    if not np.isfinite(vectors).all():
        raise VectorIndexError("A vector holds a number that is not finite; encode its text again.")


def is_writable(text: str) -> bool:
    """Say whether a text has a form in UTF-8: half a surrogate pair has none.

    Args:
        text: Any.

    Returns:
        Whether it can be written.
    """
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _check_facts(item: str, facts: Facts) -> None:
    if any(not is_writable(text) for text in (item, facts.country, facts.category, *facts.languages) if text):
        raise VectorIndexError(f"A text of {item!r} holds half a character (a lone surrogate); correct its source.")
    limits = {"latitude": 90.0, "longitude": 180.0, "day_rate": math.inf}
    for fact, limit in limits.items():
        number = getattr(facts, fact)
        if number is not None and not (math.isfinite(number) and abs(number) <= limit):
            raise VectorIndexError(f"The {fact} of '{item}' is {number}; correct it, or leave it out if not known.")
