"""A taxonomy as an object: its concepts, how they hang together, and what they are called."""

import gzip
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

from metier.artifacts import read_artifact, write_artifact
from metier.domain import Concept, Occupation, Skill
from metier.errors import InputError
from metier.taxonomy.card import card
from metier.taxonomy.facts import Facts, Group, facts_from_json, facts_to_json, pack, sha256

FACTS_FILE: Final = "facts.json.gz"
_KIND: Final = "taxonomy"


class Taxonomy:
    """The concepts of one taxonomy: skills in release order, then occupations in release order."""

    def __init__(
        self, facts: Facts, *, descriptions: Mapping[str, str] | None = None, notes: tuple[str, ...] = ()
    ) -> None:
        """Hold what a reader found.

        Args:
            facts: What the taxonomy states.
            descriptions: URI -> description, where a release was read; they are never saved.
            notes: What the reader left out or found odd, one sentence each.
        """
        self._facts = facts
        self._descriptions = descriptions or {}
        self.notes = notes
        self._nodes: tuple[Concept, ...] = (*facts.skills, *facts.occupations, *facts.groups)

    def __repr__(self) -> str:
        return f"<Taxonomy {self.name} {self.version}: {len(self.skills)} skills>"

    @property
    def name(self) -> str:
        """Such as `ESCO`."""
        return self._facts.name

    @property
    def version(self) -> str:
        """Such as `v1.1.1`; `unknown` where the release does not say."""
        return self._facts.version

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes; the first is the language of `Concept.label` and `Concept.alternatives`."""
        return self._facts.languages

    @property
    def skills(self) -> tuple[Skill, ...]:
        """The skills and fields of knowledge, in release order."""
        return self._facts.skills

    @property
    def occupations(self) -> tuple[Occupation, ...]:
        """The occupations, in release order."""
        return self._facts.occupations

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that hold the concepts, in release order: skill groups, then ISCO groups."""
        return self._facts.groups

    @cached_property
    def concepts(self) -> tuple[Skill | Occupation, ...]:
        """Skills, then occupations."""
        return (*self.skills, *self.occupations)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the facts, in hexadecimal: the same after saving, whatever else the folder holds."""
        return sha256(facts_to_json(self._facts))

    def concept(self, uri: str) -> Concept:
        """Find a skill, an occupation or a group.

        Args:
            uri: Its URI, or its id in a taxonomy of one's own.

        Returns:
            The concept.

        Raises:
            InputError: If the taxonomy has none.
        """
        return self._nodes[self._row(uri)]

    def parents(self, concept: Concept) -> tuple[Concept, ...]:
        """List what stands right above a concept.

        Args:
            concept: One of this taxonomy.

        Returns:
            Broader concepts and groups, in release order; none for a root.

        Raises:
            InputError: If the taxonomy does not hold the concept.
        """
        return tuple(self._nodes[row] for row in self._facts.parents[self._row(concept.uri)])

    def group(self, concept: Concept) -> str:
        """Give the code of the group to count a concept under.

        Args:
            concept: One of this taxonomy.

        Returns:
            For an ESCO skill the first level of the nearest group above it: `S1` to `S8`, `T1` to `T6`, `L1`
            or `L2`, or `K` and the ISCED-F code that it stands under, such as `K0613`; the first in release
            order where several are equally near. A concept right under the root of a pillar has the root's
            code. For an occupation its ISCO-08 code, such as `2512`. Without coded groups, the id of the
            topmost concept above. Empty if there is nothing above.

        Raises:
            InputError: If the taxonomy does not hold the concept.
        """
        if isinstance(concept, Occupation) and concept.isco:
            return concept.isco
        return self._group_of_row(self._row(concept.uri))

    def code(self, concept: Concept) -> str:
        """Give the full code of the nearest group above a concept, of which `group` gives the first level.

        Args:
            concept: One of this taxonomy.

        Returns:
            Such as `S4.8.1` or `K0613`; for an occupation its ISCO-08 code. Without coded groups, what `group` gives.

        Raises:
            InputError: If the taxonomy does not hold the concept.
        """
        if isinstance(concept, Occupation) and concept.isco:
            return concept.isco
        return self._group_of_row(self._row(concept.uri), in_full=True)

    def group_label(self, code: str) -> str:
        """Give the label of a code that `group` gave, or of any other group code.

        Args:
            code: Such as `S4`, `K0613` or `2512`.

        Returns:
            Its label.

        Raises:
            InputError: If the taxonomy has no such group.
        """
        return self._group_labels[code] if code in self._group_labels else self.concept(code).label

    def isco_label(self, code: str) -> str:
        """Give the label of an ISCO-08 group.

        Args:
            code: One to four digits.

        Returns:
            Its label; empty if the release came without ISCO groups.
        """
        return self._group_labels.get(code, "")

    def label(self, concept: Concept, language: str) -> str | None:
        """Give the preferred label in a language.

        Args:
            concept: A skill or an occupation of this taxonomy.
            language: One of `languages`.

        Returns:
            The label; None if the taxonomy has none for this concept in this language.

        Raises:
            InputError: If the language was not built in, or the concept is not held.
        """
        labels = self.all_labels(concept, language)
        return labels[0] if labels else None

    def all_labels(self, concept: Concept, language: str) -> tuple[str, ...]:
        """Give the preferred label, then the alternatives, in a language.

        Args:
            concept: A skill or an occupation of this taxonomy.
            language: One of `languages`.

        Returns:
            The labels; none if the taxonomy has none for this concept in this language.

        Raises:
            InputError: If the language was not built in, or the concept is not held.
        """
        if language not in self.languages:
            built = ", ".join(self.languages)
            raise InputError(f"{self.name} was built in {built}, not in '{language}'; build it with that too.")
        row = self._row(concept.uri)
        if language == self.languages[0]:
            held = self._nodes[row]
            return (held.label, *held.alternatives)
        translated = self._facts.translations[language]
        return translated[row] if row < len(translated) else ()

    def description(self, concept: Concept) -> str:
        """Give the description that the release had; empty if it had none or the taxonomy was loaded."""
        return self._descriptions.get(concept.uri, "")

    def with_label(self, text: str) -> tuple[Skill | Occupation, ...]:
        """Find the concepts called exactly so, whatever the case and the white space.

        Args:
            text: A preferred or alternative label, in the first language.

        Returns:
            Concepts in taxonomy order, each once; none if nothing is called so.
        """
        return self.by_label.get(label_key(text), ())

    @cached_property
    def by_label(self) -> Mapping[str, tuple[Skill | Occupation, ...]]:
        """`label_key` of each preferred or alternative label -> the concepts called so, in order."""
        found: dict[str, tuple[Skill | Occupation, ...]] = {}
        for concept in self.concepts:
            for key in dict.fromkeys(map(label_key, (concept.label, *concept.alternatives))):
                found[key] = (*found.get(key, ()), concept)
        return found

    def essential_skills(self, occupation: Occupation) -> tuple[Skill, ...]:
        """The skills that the occupation cannot do without, in release order."""
        return self._related(self._facts.essential, occupation)

    def optional_skills(self, occupation: Occupation) -> tuple[Skill, ...]:
        """The skills that may help in the occupation, in release order."""
        return self._related(self._facts.optional, occupation)

    def save(
        self,
        folder: Path,
        *,
        extra_files: Mapping[str, bytes] | None = None,
        extra_settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the taxonomy to a new folder, all or nothing; descriptions stay out.

        Args:
            folder: Where it goes; a taxonomy already there is replaced.
            extra_files: What others keep beside the facts, such as `vectors.npz`; `sha256` does not cover it.
            extra_settings: What they need to know again; plain JSON values.
        """
        facts = facts_to_json(self._facts)
        settings = {
            **(extra_settings or {}),
            "name": self.name,
            "version": self.version,
            "languages": list(self.languages),
            "sha256": sha256(facts),
        }
        files = {**(extra_files or {}), FACTS_FILE: pack(facts), "README.md": card(self._facts).encode()}
        write_artifact(folder, kind=_KIND, settings=settings, files=files)

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Read a shipped taxonomy by name, or a folder.

        Args:
            name: Such as `esco`, or the path of a folder that `save` wrote.

        Returns:
            The taxonomy, without descriptions.

        Raises:
            ModelError: If there is none, it is damaged, or the folder holds something else.
        """
        content = gzip.decompress(read_artifact(name, kind=_KIND).path(FACTS_FILE).read_bytes())
        taxonomy = cls(facts_from_json(content))
        taxonomy.__dict__["sha256"] = sha256(content)  # fills the cached property: the bytes are at hand
        return taxonomy

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {node.uri: row for row, node in enumerate(self._nodes)}

    def _row(self, uri: str) -> int:
        row = self._rows.get(uri)
        if row is None:
            raise InputError(f"{self.name} {self.version} has no concept '{uri}'; check the id and the version.")
        return row

    @cached_property
    def _group_labels(self) -> dict[str, str]:
        return {group.code: group.label for group in self.groups}

    def _group_of_row(self, row: int, *, in_full: bool = False) -> str:
        level = [row]
        seen = {row}
        while level:
            for found in level:
                node = self._nodes[found]
                if isinstance(node, Group) and node.code:
                    return node.code if in_full else node.code.split(".")[0]
            above = [up for at in level for up in self._facts.parents[at] if up not in seen]
            if not above:
                return self._nodes[level[0]].uri if level[0] != row else ""
            seen.update(above)
            level = list(dict.fromkeys(above))
        return ""

    def _related(self, relation: tuple[tuple[int, ...], ...], occupation: Occupation) -> tuple[Skill, ...]:
        position = self._row(occupation.uri) - len(self.skills)
        if not 0 <= position < len(relation):
            return ()
        return tuple(self.skills[row] for row in relation[position])


def label_key(text: str) -> str:
    """The form in which labels are compared: composed accents (NFC), no case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
