"""Reads a release of ESCO: a folder of the official CSV files, v1.1 or v1.2, plain or gzipped, in any language.

Columns are found by name. Relation files carry the language in their name from v1.2 on and not before. A file of
labels alone (`conceptUri, preferredLabel, altLabels, …`) is joined on URI to the English one beside it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from metier.domain import Concept, MentionKind, Occupation, Skill
from metier.errors import InputError
from metier.taxonomy.facts import Facts, Group
from metier.taxonomy.table import Row, Table, read_table
from metier.taxonomy.taxonomy import Taxonomy

_ENGLISH: Final = "en"
_SKILL_KINDS: Final[Mapping[str, MentionKind]] = {"skill/competence": "skill", "knowledge": "knowledge"}
_VERSION: Final = re.compile(r"v\d+(?:\.\d+)+")
_ISCED: Final = "/isced-f/"  # groups of knowledge come from ISCED-F and have their code in the URI
_LEVELS: Final = range(4)


def read_esco(
    folder: Path, *, language: str = _ENGLISH, other_languages: Sequence[str] = (), version: str | None = None
) -> Taxonomy:
    """Read a release folder.

    Args:
        folder: Holds `skills_en.csv`, `occupations_en.csv` and so on, each as it is or gzipped.
        language: The language of the concepts' labels; where it lacks one, English stands in, and a note says so.
        other_languages: More languages to keep preferred and alternative labels in.
        version: Such as `v1.1.1`; by default what the name of the folder says, else `unknown`.

    Returns:
        The taxonomy, named ESCO, with descriptions; `notes` tell what was left out.

    Raises:
        InputError: If the folder lacks a file that is needed, or a file cannot be read.
        MissingColumn: If a file lacks a column that is needed.
    """
    release = _Release(folder, language)
    skills, occupations = release.concepts("skills"), release.concepts("occupations")
    groups = [*_skill_groups(release), *_isco_groups(release)]
    nodes = (*skills.rows, *occupations.rows, *(group.uri for group in groups))
    row_of = {uri: row for row, uri in enumerate(nodes)}
    concepts = [*skills.rows, *occupations.rows]
    facts = Facts(
        name="ESCO",
        version=version or _version_in(folder) or "unknown",
        languages=(language, *(other for other in other_languages if other != language)),
        skills=tuple(
            Skill(*_labels(uri, row), kind=_SKILL_KINDS.get(row.get("skillType", "")))
            for uri, row in skills.rows.items()
        ),
        occupations=tuple(
            Occupation(*_labels(uri, row), isco=row.get("iscoGroup", "").removeprefix("C"))
            for uri, row in occupations.rows.items()
        ),
        groups=tuple(groups),
        parents=_parents(release, row_of),
        **_relations(release, row_of=row_of, n_skills=len(skills.rows), n_occupations=len(occupations.rows)),
        translations={
            other: _translation(folder, language=other, uris=concepts)
            for other in other_languages
            if other != language
        },
    )
    descriptions = {
        uri: row["description"]
        for table in (skills.rows, occupations.rows)
        for uri, row in table.items()
        if row.get("description")
    }
    return Taxonomy(facts, descriptions=descriptions, notes=tuple(release.notes))
