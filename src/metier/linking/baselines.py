"""Linkers that others are measured against: words alone, and the bi-encoder alone. Neither is calibrated."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Candidate, Link, Mention, Skill
from metier.errors import TaxonomyMismatch
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import N_CANDIDATES, SAME_WORDS, ConceptLinker
from metier.linking.top_rows import top_rows

_ANY_WORD: Final = 1e-6  # a cosine that one shared word exceeds


class LexicalLinker:
    """Links by words alone: TF-IDF cosine to everything a skill is called; see `metier.protocols.Linker`.

    The cosine stands in the place of the probability: it ranks, and is not calibrated.
    """

    def __init__(self, skills: Sequence[Skill], index: LexicalIndex, *, version: str, exact: bool = False) -> None:
        """Put the parts together.

        Args:
            skills: What can be linked to.
            index: Over the same skills, in the same order.
            version: What results are stamped with.
            exact: Find only skills that have a label of the very same words, whatever their order, number or case.

        Raises:
            TaxonomyMismatch: If the index is not of these skills.
        """
        if len(skills) != index.n_concepts:
            raise TaxonomyMismatch(
                f"The lexical index has {index.n_concepts} skills, and {len(skills)} were given; "
                "give the skills of the taxonomy that the index was built from."
            )
        self._skills = skills
        self._index = index
        self._version = version
        self._least = SAME_WORDS if exact else _ANY_WORD

    @property
    def version(self) -> str:
        """What results are stamped with."""
        return self._version

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        """Link the mentions of each text, each by itself; see `metier.protocols.Linker`.

        Args:
            texts: Sentences; not read.
            mentions: The mentions of each text.

        Returns:
            One list per text, one link per mention; no concept where no label is near enough.
        """
        different = dict.fromkeys(mention.text for found in mentions for mention in found)
        candidates = {text: tuple(self._candidates(text, N_CANDIDATES)) for text in different}
        return [[_link(mention, candidates[mention.text]) for mention in found] for found in mentions]

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the skills whose labels share words with each text; see `metier.protocols.Linker`.

        Args:
            texts: Sentences.
            k: Candidates per text; fewer where fewer labels are near enough.

        Returns:
            One list per text, by falling cosine; ties keep taxonomy order.
        """
        return [self._candidates(text, k) for text in texts]

    def _candidates(self, text: str, k: int) -> list[Candidate]:
        cosines = self._index.cosines(text)
        rows = top_rows(cosines, k)
        near: NDArray[np.int64] = rows[cosines[rows] >= self._least]
        return [
            Candidate(self._skills[row], round(cosine, 4))
            for row, cosine in zip(near.tolist(), cosines[near].tolist(), strict=True)
        ]


def bi_encoder_alone(linker: ConceptLinker, skills: Sequence[Skill]) -> ConceptLinker:
    """Give the same linker without its lexical stage: the order of its candidates is that of the cosines.

    Args:
        linker: Whose encoder and vectors are used.
        skills: The ones that it links to.

    Returns:
        A linker that never abstains; its probability is the logistic function of the cosine, not calibrated.
    """
    alone = replace(
        linker.fusion,
        mention_lexical=0.0,
        same_words=0.0,
        sentence_lexical=0.0,
        calibration=(1.0, 0.0, 0.0, 0.0, 0.0),
        abstain_below=0.0,
    )
    return ConceptLinker(linker.encoder, skills, linker.index, fusion=alone, version=f"bi-encoder of {linker.version}")


def _link(mention: Mention, candidates: tuple[Candidate, ...]) -> Link:
    if not candidates:
        return Link(mention, None, 0.0)
    return Link(mention, candidates[0].concept, candidates[0].probability, candidates)
