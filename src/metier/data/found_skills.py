"""The skills of a posting: its mentions gathered by the concept that they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from metier.domain import Concept, Link, Requirement

_STRENGTH: Final[dict[Requirement, int]] = {"required": 0, "preferred": 1, "unspecified": 2, "negated": 3}


@dataclass(frozen=True, slots=True)
class FoundSkill:
    """One concept and the links of one posting that mean it, in text order."""

    concept: Concept
    links: tuple[Link, ...]

    @property
    def probability(self) -> float:
        """That of the surest link."""
        return max(link.probability for link in self.links)

    @property
    def requirement(self) -> Requirement:
        """The strongest of the mentions: required, preferred, unspecified, negated."""
        return min((link.mention.requirement for link in self.links), key=_STRENGTH.__getitem__)

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The words that the posting uses, each once, whatever the case."""
        first: dict[str, str] = {}
        for link in self.links:
            first.setdefault(link.mention.text.casefold(), link.mention.text)
        return tuple(first.values())


def found_skills(links: Sequence[Link]) -> list[FoundSkill]:
    """Gather links by concept.

    Args:
        links: Those of one posting; those without a concept are left out, and a coordinated mention counts by its
            parts where they mean something.

    Returns:
        One item per concept: required first, then preferred, unspecified and negated; inside each by falling
        probability; ties in text order.
    """
    by_uri: dict[str, list[Link]] = {}
    told = [part for link in links for part in link.told]
    for link in sorted(told, key=lambda link: link.mention.span):
        if link.concept is not None:
            by_uri.setdefault(link.concept.uri, []).append(link)
    found = [FoundSkill(same[0].concept, tuple(same)) for same in by_uri.values() if same[0].concept]
    return sorted(found, key=lambda skill: (_STRENGTH[skill.requirement], -skill.probability))
