"""Reads a release of ESCO: a folder of the official CSV files, v1.1 or v1.2, gzipped or not, in any language.

Columns are found by name. Relation files carry the language in their name from v1.2 on and not before. A file
of labels alone (`conceptUri, preferredLabel, altLabels, …`) is joined on URI to the English one beside it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from metier.domain import MentionKind, Occupation, Skill
from metier.errors import InputError
from metier.taxonomy.facts import Facts, Group
from metier.taxonomy.table import Row, alternatives, collapse, read_table
from metier.taxonomy.taxonomy import Taxonomy

_ENGLISH: Final = "en"
_ESSENTIAL: Final = (
    "skills",
    "occupations",
    "skillGroups",
    "broaderRelationsSkillPillar",
    "occupationSkillRelations",
)
_RELATIONS: Final = ("essential", "optional")
_OPTIONAL: Final = ("skillsHierarchy", "ISCOGroups", "broaderRelationsOccPillar")
_LABELS: Final = ("conceptUri", "preferredLabel")
_SKILL_KINDS: Final[Mapping[str, MentionKind]] = {"skill/competence": "skill", "knowledge": "knowledge"}
_VERSION: Final = re.compile(r"\d+\.\d+(?:\.\d+)?")
_ISCED: Final = "/isced-f/"  # groups of knowledge come from ISCED-F; the end of their URI is their code


def read_esco(
    folder: Path, *, language: str = _ENGLISH, other_languages: Sequence[str] = (), version: str | None = None
) -> Taxonomy:
    """Read a release folder.

    Args:
        folder: Holds `skills_en.csv`, `occupations_en.csv` and so on, each as it is or gzipped.
        language: The language of the concepts' labels; where a label is missing the English one stands in.
        other_languages: More languages to keep preferred and alternative labels in.
        version: Such as `v1.1.1`; by default what the names of the folder and its files say, else `unknown`.

    Returns:
        The taxonomy, named ESCO, with descriptions; `notes` tell what was left out.

    Raises:
        InputError: If the folder lacks a file that is needed, or a file or its columns cannot be read.
    """
    release = _Release(folder, language)
    release.check()
    skills, occupations = release.concepts("skills"), release.concepts("occupations")
    concepts = skills | occupations
    more = [other for other in dict.fromkeys(other_languages) if other != language]
    groups = (*_skill_groups(release), *_isco_groups(release))
    row_of = {uri: row for row, uri in enumerate((*concepts, *(group.uri for group in groups)))}
    relations = _relations(release, occupations=occupations, row_of=row_of)
    facts = Facts(
        name="ESCO",
        version=version or _version_in(folder),
        languages=(language, *more),
        skills=tuple(_skill(uri, row) for uri, row in skills.items()),
        occupations=tuple(_occupation(uri, row) for uri, row in occupations.items()),
        groups=groups,
        parents=_parents(release, row_of),
        essential=relations["essential"],
        optional=relations["optional"],
        translations={other: _translated(folder, other, uris=concepts) for other in more},
    )
    descriptions = {uri: row["description"] for uri, row in concepts.items() if row.get("description")}
    return Taxonomy(facts, descriptions=descriptions, notes=tuple(release.notes))


@dataclass(frozen=True, slots=True)
class _Release:
    """A folder, read in one language, and what was noticed on the way."""

    folder: Path
    language: str
    notes: list[str] = field(default_factory=list)

    def path(self, stem: str) -> Path | None:
        """The file in the language, else the one in none, else the English one, but not for skills."""
        stems = [f"{stem}_{self.language}", stem, f"{stem}_{_ENGLISH}"]
        names = [f"{name}{ending}" for name in stems for ending in (".csv", ".csv.gz")]
        if stem == "skills":
            names = names[:2]
        return next((self.folder / name for name in names if (self.folder / name).is_file()), None)

    def check(self) -> None:
        missing = [f"{stem}_{self.language}.csv" for stem in _ESSENTIAL if self.path(stem) is None]
        if missing:
            expected = ", ".join(_ESSENTIAL)
            raise InputError(
                f"{self.folder} lacks {', '.join(missing)}; a release of ESCO in '{self.language}' needs the "
                f"files {expected}, each ending in _{self.language}.csv or .csv, gzipped or not: "
                "download the whole classification as CSV from the ESCO portal."
            )
        absent = [stem for stem in _OPTIONAL if self.path(stem) is None]
        if absent:
            self.notes.append(f"the release has no {', '.join(absent)}; what they state is left out.")
        english = [stem for stem in (*_ESSENTIAL, *_OPTIONAL) if self._is_english(stem)]
        if english and self.language != _ENGLISH:
            self.notes.append(f"{', '.join(english)}: only in English, and read so.")

    def _is_english(self, stem: str) -> bool:
        path = self.path(stem)
        return path is not None and path.name.startswith(f"{stem}_{_ENGLISH}.")

    def rows(self, stem: str, *, needed: Collection[str]) -> list[Row]:
        path = self.path(stem)
        return [] if path is None else read_table(path, needed=needed)

    def note_undefined(self, kind: str, *, n: int, n_all: int) -> None:
        if n:
            self.notes.append(f"{n:,} of {n_all:,} {kind} relations name something that is not defined; left out.")

    def concepts(self, stem: str) -> dict[str, Row]:
        """URI -> row, in file order; a file of labels alone is completed from the English one."""
        rows = self.rows(stem, needed=_LABELS)
        own = _by_uri(rows)
        if len(own) < len(rows):
            self.notes.append(f"{len(rows) - len(own):,} of {len(rows):,} {stem} have no label; left out.")
        english = _Release(self.folder, _ENGLISH)
        path = english.path(stem)
        if path is None or self.path(stem) == path or _is_full(rows):
            return own
        full = _by_uri(english.rows(stem, needed=_LABELS))
        n_without, n_other = len(full.keys() - own.keys()), len(own.keys() - full.keys())
        self.notes.append(
            f"{n_without:,} of {len(full):,} {stem} have no label in '{self.language}' and keep the English "
            f"one; {n_other:,} that the English file does not hold are left out."
        )
        return {uri: row | _filled(own.get(uri, {})) for uri, row in full.items()}


def _is_full(rows: Sequence[Row]) -> bool:
    return not rows or "conceptType" in rows[0]


def _by_uri(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["conceptUri"]: row for row in rows if collapse(row["preferredLabel"])}


def _filled(row: Row) -> Row:
    """What a row of labels overrides: its labels together, and its description if it has one."""
    columns = ("preferredLabel", "altLabels") if row else ()
    labels = {column: row.get(column, "") for column in columns}
    return labels | ({"description": row["description"]} if row.get("description") else {})


def _labels(row: Row) -> tuple[str, tuple[str, ...]]:
    label = collapse(row["preferredLabel"])
    return label, alternatives(row.get("altLabels", ""), label=label)


def _skill(uri: str, row: Row) -> Skill:
    return Skill(uri, *_labels(row), kind=_SKILL_KINDS.get(row.get("skillType", "")))


def _occupation(uri: str, row: Row) -> Occupation:
    return Occupation(uri, *_labels(row), isco=row.get("iscoGroup", "").removeprefix("C"))


def _skill_groups(release: _Release) -> list[Group]:
    """The groups of the skill pillar; those that `skillGroups` lacks come from the hierarchy file."""
    placed: dict[str, Group] = {}
    for row in release.rows("skillsHierarchy", needed=("Level 0 URI", "Level 0 preferred term")):
        for level in range(4):
            uri, label = row.get(f"Level {level} URI", ""), row.get(f"Level {level} preferred term", "")
            if uri and uri not in placed:
                placed[uri] = Group(uri, collapse(label), code=_code(uri, row.get(f"Level {level} code", "")))
    groups: dict[str, Group] = {}
    for row in release.rows("skillGroups", needed=_LABELS):
        uri = row["conceptUri"]
        code = _code(uri, row.get("code", "")) or (placed[uri].code if uri in placed else "")
        groups[uri] = Group(uri, *_labels(row), code=code)
    return list((groups | {uri: group for uri, group in placed.items() if uri not in groups}).values())


def _code(uri: str, code: str) -> str:
    return f"K{uri.rpartition('/')[2]}" if _ISCED in uri else code


def _isco_groups(release: _Release) -> list[Group]:
    rows = release.rows("ISCOGroups", needed=(*_LABELS, "code"))
    return [Group(row["conceptUri"], *_labels(row), code=row["code"].removeprefix("C")) for row in rows]


def _parents(release: _Release, row_of: Mapping[str, int]) -> tuple[tuple[int, ...], ...]:
    """Per row the rows right above it, in file order."""
    needed = ("conceptUri", "broaderUri")
    pairs = [
        (row_of.get(row["conceptUri"]), row_of.get(row["broaderUri"]))
        for stem in ("broaderRelationsSkillPillar", "broaderRelationsOccPillar")
        for row in release.rows(stem, needed=needed)
    ]
    found: list[dict[int, None]] = [{} for _ in row_of]
    for below, above in pairs:
        if below is not None and above is not None:
            found[below][above] = None
    release.note_undefined("broader", n=sum(None in pair for pair in pairs), n_all=len(pairs))
    return tuple(map(tuple, found))


def _relations(
    release: _Release, *, occupations: Collection[str], row_of: Mapping[str, int]
) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Kind of relation -> per occupation the rows of its skills, in release order."""
    rows = release.rows("occupationSkillRelations", needed=("occupationUri", "relationType", "skillUri"))
    defined = [
        row
        for row in rows
        if row["occupationUri"] in occupations and row["skillUri"] in row_of and row["relationType"] in _RELATIONS
    ]
    release.note_undefined("occupation-skill", n=len(rows) - len(defined), n_all=len(rows))
    found: dict[str, dict[str, set[int]]] = {kind: {uri: set() for uri in occupations} for kind in _RELATIONS}
    for row in defined:
        found[row["relationType"]][row["occupationUri"]].add(row_of[row["skillUri"]])
    return {kind: tuple(tuple(sorted(rows)) for rows in by.values()) for kind, by in found.items()}


def _translated(folder: Path, language: str, *, uris: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    release = _Release(folder, language)
    paths = [release.path(stem) for stem in ("skills", "occupations")]
    own = [path for path in paths if path is not None and f"_{language}." in path.name]
    if not own:
        raise InputError(
            f"{folder} has no labels in '{language}'; expected skills_{language}.csv or "
            f"occupations_{language}.csv, gzipped or not."
        )
    rows = {uri: row for path in own for uri, row in _by_uri(read_table(path, needed=_LABELS)).items()}
    labels = {uri: _labels(row) for uri, row in rows.items()}
    return tuple((labels[uri][0], *labels[uri][1]) if uri in labels else () for uri in uris)


def _version_in(folder: Path) -> str:
    names = [folder.resolve().name, *sorted(path.name for path in folder.iterdir())]
    found = next((match for match in map(_VERSION.search, names) if match), None)
    return f"v{found.group()}" if found else "unknown"
