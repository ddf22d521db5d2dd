"""Search over everything that the skills of a taxonomy are called, offline: what stands in for ESCO's web service."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from metier.domain import Skill
from metier.errors import InputError
from metier.index.bm25 import WordIndex
from metier.linking.top_rows import top_rows
from metier.taxonomy.concept_search import FoundConcept, group_class
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.stemming import stem

_WORD: Final = re.compile(r"\w+")
_STOP_WORDS: Final = frozenset(  # Lucene's, for English
    _WORD.findall(
        "a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
        "this to was will with"
    )
)


class LabelSearch:
    """BM25 over preferred and alternative labels, a document per skill; see `metier.taxonomy.concept_search`.

    English is stemmed and stop words are left out, as in the search engine behind ESCO's service: each brings the
    labels nearer to those that Kompetencer got from that service (`docs/experiments.md`).
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Prepare to search.

        Args:
            taxonomy: Whose skills to find; a language is indexed when it is first asked for.
        """
        self._taxonomy = taxonomy
        self._groups = [group_class(taxonomy.group(skill)) for skill in taxonomy.skills]
        self._indexes: dict[str, tuple[WordIndex, list[str]]] = {}

    def search(self, text: str, *, language: str, limit: int) -> list[FoundConcept]:
        """Find skills by their labels.

        Args:
            text: What to look for.
            language: One of the taxonomy's, of the text and of the titles.
            limit: Concepts at most.

        Returns:
            By falling weight, ties in taxonomy order; none if no word is shared.

        Raises:
            InputError: If the taxonomy has no labels of skills in this language.
        """
        index, titles = self._index(language)
        weights = index.weights(_words(text, language))
        n_found = min(limit, int(np.count_nonzero(weights)))
        return [self._found(row, titles[row]) for row in top_rows(weights, n_found).tolist()]

    def has_language(self, language: str) -> bool:
        """Tell whether the taxonomy has labels of skills in a language."""
        return language in self._taxonomy.languages and any(
            self._taxonomy.all_labels(skill, language) for skill in self._taxonomy.skills
        )

    def _found(self, row: int, title: str) -> FoundConcept:
        skill: Skill = self._taxonomy.skills[row]
        return FoundConcept(skill.uri, title, skill.kind, self._groups[row])

    def _index(self, language: str) -> tuple[WordIndex, list[str]]:
        if language not in self._indexes:
            if not self.has_language(language):
                raise InputError(
                    f"{self._taxonomy.name} has no labels of skills in '{language}' here; "
                    "give another language, or ask the web service."
                )
            labels = [self._taxonomy.all_labels(skill, language) for skill in self._taxonomy.skills]
            index = WordIndex([_words(" ".join(called), language) for called in labels])
            self._indexes[language] = index, [called[0] if called else "" for called in labels]
        return self._indexes[language]


def _words(text: str, language: str) -> Sequence[str]:
    words = _WORD.findall(text.lower())
    return [stem(word) for word in words if word not in _STOP_WORDS] if language == "en" else words
