"""The words of a label, written one way: what the lexical stage compares."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from metier.domain import Concept

_WORD: Final = re.compile(r"\.net\b|\w+(?:[+#]+|(?:[.&]\w+)*)", re.UNICODE)  # c++, c#, .net, node.js, r&d
_ACRONYMS: Final = re.compile(r"\b([A-Z]{2,})s\b")  # APIs, KPIs, PCs: their plural is told by its case alone
_QUALIFIER: Final = re.compile(r"\s*\([^()]*\)\s*$")
_FUNCTION_WORDS: Final = frozenset(["a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with"])


def normal_words(text: str) -> tuple[str, ...]:
    """Write a text's words one way: compatible characters, lower case, no accents, no plurals, no function words.

    Args:
        text: A label, a mention or a sentence.

    Returns:
        The words in order. "Databases, the R&D of APIs" gives ("database", "r&d", "api"). A text of function
        words alone keeps them.
    """
    told = _ACRONYMS.sub(r"\1", text)
    if not told.isascii():
        told = "".join(one for one in unicodedata.normalize("NFKD", told).lower() if not unicodedata.combining(one))
    folded = told.lower()
    words = _WORD.findall(folded)
    telling = [word for word in words if word not in _FUNCTION_WORDS] or words
    return tuple(_singular(word) for word in telling)


def has_plural_acronym(text: str) -> bool:
    """Tell whether the case of a text counts in its words: `APIs` are APIs, and `apis` may be anything."""
    return _ACRONYMS.search(text) is not None


def label_forms(concept: Concept) -> Iterator[str]:
    """List what a concept is called: its label, its alternatives, and both without a final qualifier.

    Args:
        concept: "Python (computer programming)" is also called "Python".

    Yields:
        Labels, the preferred first; repeats are possible.
    """
    for label in (concept.label, *concept.alternatives):
        yield label
        bare = _QUALIFIER.sub("", label)
        if bare and bare != label:
            yield bare


def _singular(word: str) -> str:
    if len(word) < 4 or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word
