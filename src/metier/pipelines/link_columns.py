"""What a linked row of a list shows: concept, codes, probability and candidates, labelled in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from metier.data.list_columns import unique_names
from metier.domain import Candidate, Concept, Occupation
from metier.errors import InputError
from metier.pipelines.link import Meaning
from metier.taxonomy.taxonomy import Taxonomy

_CANDIDATES: Final = "candidates"
_CANDIDATE_FIELDS: Final = {"uri": "VARCHAR", "label": "VARCHAR", "label_language": "VARCHAR", "probability": "DOUBLE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkColumns:
    """The columns of concepts: `uri`, `label`, `code`, `group`, `group_label`, `probability` and what is asked for."""

    taxonomy: Taxonomy
    label_language: str | None = None  # None: the taxonomy's first, and no `label_language`
    isco_level: int | None = None  # digits of an occupation's group; None: all four
    n_candidates: int = 0  # None are shown where it is 0

    def __post_init__(self) -> None:
        """Refuse a language that the taxonomy was not built in."""
        if self.label_language is not None and self.label_language not in self.taxonomy.languages:
            built = ", ".join(self.taxonomy.languages)
            raise InputError(
                f"{self.taxonomy.name} was built in {built}, not in '{self.label_language}'; "
                "build it with that too (metier taxonomy build --language) and name it with --taxonomy."
            )

    @property
    def types(self) -> dict[str, str]:
        """Name -> SQL type."""
        names = ["uri", "label", *self._told_language, "code", "group", "group_label"]
        types = {**dict.fromkeys(names, "VARCHAR"), "probability": "DOUBLE"}
        if self.n_candidates:
            fields = ", ".join(f"{name} {sql_type}" for name, sql_type in self._candidate_types.items())
            types[_CANDIDATES] = f"STRUCT({fields})[]"
        return types

    def __call__(self, meaning: Meaning) -> dict[str, Any]:
        """Give the values of one row.

        Args:
            meaning: Of its text.

        Returns:
            Plain JSON values by `types`; None where there is no concept. Groups are labelled in the taxonomy's first
            language, whatever `label_language` is.
        """
        concept = meaning.concept
        group = self._group(concept) if concept else None
        row: dict[str, Any] = {
            "uri": concept.uri if concept else None,
            **(self._label(concept) if concept else dict.fromkeys(["label", *self._told_language])),
            "code": (self.taxonomy.code(concept) or None) if concept else None,
            "group": group or None,
            "group_label": self._group_label(group) if group else None,
            "probability": None if meaning.probability is None else round(meaning.probability, 4),
        }
        if self.n_candidates:
            row[_CANDIDATES] = [self._candidate(candidate) for candidate in meaning.candidates[: self.n_candidates]]
        return row

    @property
    def _told_language(self) -> list[str]:
        return [] if self.label_language is None else ["label_language"]

    @property
    def _candidate_types(self) -> dict[str, str]:
        left_out = set() if self.label_language else {"label_language"}
        return {name: sql_type for name, sql_type in _CANDIDATE_FIELDS.items() if name not in left_out}

    def _label(self, concept: Concept) -> dict[str, str]:
        """The label in the language that was asked for; in the first, and saying so, where there is none."""
        if self.label_language is None:
            return {"label": concept.label}
        label = self.taxonomy.label(concept, self.label_language)
        if label is None:
            return {"label": concept.label, "label_language": self.taxonomy.languages[0]}
        return {"label": label, "label_language": self.label_language}

    def _group(self, concept: Concept) -> str:
        group = self.taxonomy.group(concept)
        return group[: self.isco_level] if self.isco_level and isinstance(concept, Occupation) else group

    def _group_label(self, group: str) -> str | None:
        try:
            return self.taxonomy.group_label(group)
        except InputError:  # a release without groups: the code alone is known
            return None

    def _candidate(self, candidate: Candidate) -> dict[str, Any]:
        return {
            "uri": candidate.concept.uri,
            **self._label(candidate.concept),
            "probability": round(candidate.probability, 4),
        }


def readable(candidates: Iterable[Mapping[str, Any]], *, language: str | None) -> str:
    """Write candidates for people, as in a cell of a table.

    Args:
        candidates: As `LinkColumns` gives them.
        language: Of the labels that were asked for; a label in another one is marked.

    Returns:
        Such as `SQL (0.95); Java (0.02)`; `wound care [en] (0.85)` where the label is in another language.
    """
    return "; ".join(
        f"{found['label']}{_mark(found.get('label_language'), language)} ({found['probability']:.2f})"
        for found in candidates
    )


def _mark(found: str | None, asked: str | None) -> str:
    return "" if found == asked else f" [{found}]"


def kept_names(given: Iterable[str], added: Iterable[str]) -> dict[str, str]:
    """Say under which name each column of the input comes out, so that none is lost.

    Args:
        given: The columns of the input.
        added: Those of the result, which keep their names.

    Returns:
        Given name -> name. One that the result has too, whatever the case, has `input_` before it.
    """
    taken = {name.casefold() for name in added}
    given = list(given)
    renamed = [f"input_{name}" if name.casefold() in taken else name for name in given]
    return dict(zip(given, unique_names(renamed), strict=True))
