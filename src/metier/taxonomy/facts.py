"""What a taxonomy states: concepts, labels, groups, hierarchy and relations; as plain data, and as bytes."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from metier.domain import Concept, MentionKind, Occupation, Skill

_KINDS: Final = (None, *get_args(MentionKind))  # a skill's kind is saved as its place in this tuple


@dataclass(frozen=True, slots=True)
class Group(Concept):
    """A group of concepts and its code, such as `S4.8.1`, `K0613` or the ISCO-08 code `2512`."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a taxonomy states; descriptions are no part of it.

    Rows count from 0 over `skills`, then `occupations`, then `groups`.
    """

    name: str
    version: str
    languages: tuple[str, ...]  # BCP 47; the first is the language of the concepts' own labels
    skills: tuple[Skill, ...]
    occupations: tuple[Occupation, ...] = ()
    groups: tuple[Group, ...] = ()
    parents: tuple[tuple[int, ...], ...] = ()  # per row: the rows right above it
    essential: tuple[tuple[int, ...], ...] = ()  # per occupation: rows of the skills it cannot do without
    optional: tuple[tuple[int, ...], ...] = ()  # per occupation: rows of the skills that may help
    # language -> per skill, then per occupation: preferred label, then alternatives; () where there are none
    translations: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def facts_to_json(facts: Facts) -> bytes:
    """Give the one JSON form of the facts: equal facts, equal bytes.

    Args:
        facts: Labels hold no newline.

    Returns:
        UTF-8 JSON of columns; alternatives of one concept are joined by newlines.
    """
    columns = {
        "name": facts.name,
        "version": facts.version,
        "languages": facts.languages,
        "skills": {**_labels(facts.skills), "kind": [_KINDS.index(skill.kind) for skill in facts.skills]},
        "occupations": {**_labels(facts.occupations), "isco": [job.isco for job in facts.occupations]},
        "groups": {**_labels(facts.groups), "code": [group.code for group in facts.groups]},
        "parents": facts.parents,
        "essential": facts.essential,
        "optional": facts.optional,
        "translations": {
            language: ["\n".join(labels) for labels in rows] for language, rows in sorted(facts.translations.items())
        },
    }
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()


def facts_from_json(content: bytes) -> Facts:
    """Read back what `facts_to_json` wrote.

    Args:
        content: UTF-8 JSON.

    Returns:
        Facts equal to those that were written.
    """
    columns = json.loads(content)
    skills, occupations, groups = columns["skills"], columns["occupations"], columns["groups"]
    kinds = [_KINDS[kind] for kind in skills["kind"]]
    return Facts(
        name=columns["name"],
        version=columns["version"],
        languages=tuple(columns["languages"]),
        skills=tuple(map(Skill, *_read_labels(skills), kinds)),
        occupations=tuple(map(Occupation, *_read_labels(occupations), occupations["isco"])),
        groups=tuple(map(Group, *_read_labels(groups), groups["code"])),
        parents=tuple(map(tuple, columns["parents"])),
        essential=tuple(map(tuple, columns["essential"])),
        optional=tuple(map(tuple, columns["optional"])),
        translations={language: tuple(map(_split, rows)) for language, rows in columns["translations"].items()},
    )


def pack(content: bytes) -> bytes:
    """Compress so that equal content gives equal bytes: no time is written."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def sha256(content: bytes) -> str:
    """The SHA-256 of the facts' JSON form, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _labels(concepts: Sequence[Concept]) -> dict[str, list[str]]:
    return {
        "uri": [concept.uri for concept in concepts],
        "label": [concept.label for concept in concepts],
        "alternatives": ["\n".join(concept.alternatives) for concept in concepts],
    }


def _read_labels(columns: Mapping[str, Any]) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    return columns["uri"], columns["label"], [_split(cell) for cell in columns["alternatives"]]


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("\n")) if cell else ()
