"""Pairs of ESCO texts for relation prediction: linked, grouped, or random.

Zhang, van der Goot and Plank (2023), ESCOXLM-R. There a text could be paired with itself, a grouped pair could be
linked, and a random pair either; here each pair is what its label says.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metier.domain import Concept, Occupation
from metier.errors import ConfigError
from metier.taxonomy.taxonomy import Taxonomy

RANDOM, LINKED, GROUPED = range(3)
N_RELATIONS: Final = 3
_TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class RelationText:
    """A label with its description, and the occupations (rows) that it describes or that need it."""

    text: str
    language: str
    occupations: frozenset[int]


@dataclass(frozen=True, slots=True)
class RelationPair:
    """Two texts and how they hang together."""

    first: str
    second: str
    relation: int  # RANDOM, LINKED or GROUPED


class RelationTexts:
    """The texts of a taxonomy in some languages, by occupation, and pairs drawn from them."""

    def __init__(self, taxonomies: Sequence[Taxonomy]) -> None:
        """Collect the texts: of every occupation its labels and its essential and optional skills.

        Args:
            taxonomies: The same release read in each language; the first decides which occupations there are.

        Raises:
            ConfigError: If there are fewer than two ISCO sub-major groups, or none with two occupations.
        """
        occupations = taxonomies[0].occupations
        self._group = [occupation.isco[:2] for occupation in occupations]
        self._in_group: dict[str, list[int]] = {}
        for row, group in enumerate(self._group):
            self._in_group.setdefault(group, []).append(row)
        if len(self._in_group) < 2 or max(map(len, self._in_group.values())) < 2:
            raise ConfigError("Relation prediction needs occupations in two ISCO groups, and two of one group.")
        rows = {occupation.uri: row for row, occupation in enumerate(occupations)}
        self._texts = [_texts_in(taxonomy, rows) for taxonomy in taxonomies]  # by language
        self._by_occupation: list[list[list[RelationText]]] = [
            [[] for _ in occupations] for _ in taxonomies
        ]  # by language, then by occupation
        for texts, places in zip(self._texts, self._by_occupation, strict=True):
            for text in texts:
                for row in text.occupations:
                    places[row].append(text)
        self._languages = [i for i, texts in enumerate(self._texts) if texts]

    def draw(self, draw: random.Random) -> RelationPair:
        """Draw one pair; each relation is equally likely, and so is each language.

        Args:
            draw: Decides everything.

        Returns:
            A pair that is what its relation says: a linked one shares an occupation and is not one text twice, a
            grouped one shares no occupation but an ISCO sub-major group, a random one shares neither.
        """
        relation = draw.choice((RANDOM, LINKED, GROUPED))
        for _ in range(_TRIES):
            first, row = self._draw_text(draw, None)
            second, _ = self._draw_text(draw, self._row_for(relation, row, draw))
            if self._relation(first, second) == relation:
                return RelationPair(first.text, second.text, relation)
        return self.draw(draw)

    def _draw_text(self, draw: random.Random, row: int | None) -> tuple[RelationText, int]:
        while True:
            place = draw.randrange(len(self._group)) if row is None else row
            texts = self._by_occupation[draw.choice(self._languages)][place]
            if texts:
                return draw.choice(texts), place

    def _row_for(self, relation: int, first: int, draw: random.Random) -> int:
        """Draw an occupation whose texts may be in the relation to those of the first."""
        if relation == LINKED:
            return first
        if relation == GROUPED:
            return draw.choice(self._in_group[self._group[first]])
        while True:
            row = draw.randrange(len(self._group))
            if self._group[row] != self._group[first]:
                return row

    def _relation(self, first: RelationText, second: RelationText) -> int | None:
        if first is second or first.text == second.text:
            return None
        if first.occupations & second.occupations:
            return LINKED
        groups = ({self._group[row] for row in text.occupations} for text in (first, second))
        return GROUPED if set.intersection(*groups) else RANDOM


def _texts_in(taxonomy: Taxonomy, rows: dict[str, int]) -> list[RelationText]:
    """List the texts of one language; a concept that many occupations need is listed once."""
    occupations: dict[str, set[int]] = {}
    concepts: dict[str, Concept] = {}
    for occupation in taxonomy.occupations:
        if occupation.uri in rows:
            for concept in _described_by(taxonomy, occupation):
                concepts[concept.uri] = concept
                occupations.setdefault(concept.uri, set()).add(rows[occupation.uri])
    language = taxonomy.languages[0]
    return [
        RelationText(f"{label} {taxonomy.description(concept)}".strip(), language, frozenset(occupations[uri]))
        for uri, concept in concepts.items()
        for label in _labels(concept)
    ]


def _described_by(taxonomy: Taxonomy, occupation: Occupation) -> list[Concept]:
    return [occupation, *taxonomy.essential_skills(occupation), *taxonomy.optional_skills(occupation)]


def _labels(concept: Concept) -> tuple[str, ...]:
    """Occupations go by all their names, skills by the preferred one: as in the paper."""
    names = (concept.label, *concept.alternatives) if isinstance(concept, Occupation) else (concept.label,)
    return tuple(name for name in names if name)
