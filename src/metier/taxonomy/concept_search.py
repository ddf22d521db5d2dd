"""What a search for concepts gives, whether it asks a taxonomy on disk or a service on the web."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from metier.domain import MentionKind

NO_GROUP: Final = "K99"  # of a span that nothing was found for


@dataclass(frozen=True, slots=True)
class FoundConcept:
    """One hit of a search."""

    uri: str
    title: str  # the preferred label, in the language that was searched
    kind: MentionKind | None  # None: neither a skill nor knowledge, or not said
    group: str  # as `group_class` gives it; empty: not said


class ConceptSearch(Protocol):
    """Finds skills and fields of knowledge by their labels."""

    def search(self, text: str, *, language: str, limit: int) -> Sequence[FoundConcept]:
        """Find concepts.

        Args:
            text: What to look for.
            language: BCP 47, of the text and of the titles.
            limit: Concepts at most.

        Returns:
            The best first; none if nothing shares a word with the text.
        """
        ...


def group_class(code: str) -> str:
    """Bring the code of a group to one of the 26 classes of Kompetencer (Zhang, Jensen and Plank, 2022).

    They are of ESCO v1.0, where attitudes (`A1`) and values (`A2`) stood where later versions have transversal skills
    (`T1` to `T6`), and languages were one group.

    Args:
        code: Such as `S4`, `S4.8.1`, `K0613`, `0613`, `T3` or `L2`, or the code of a pillar.

    Returns:
        Such as `S4`, `K06`, `A1` or `L1`; a code of another kind as it is.
    """
    first = code.split(".")[0]
    digits = first.removeprefix("K")
    if digits.isdecimal() and first != "0000":
        return f"K{digits[:2]}"
    if first[:1] == "T" and first[1:].isdecimal():
        return "A1"
    return "L1" if first == "L2" else first
