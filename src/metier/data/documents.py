"""People and projects: read from files, written to files, and as sections of text."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from metier.data.document_rows import document_to_dict, profile_from_row, project_from_row
from metier.data.posting_formats import BadRow
from metier.data.row_files import Row, read_rows
from metier.data.tables import open_rows
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS, Profile, Project
from metier.errors import ConfigError, InputError

_Document = TypeVar("_Document", Profile, Project)


def section_texts(document: Profile | Project) -> dict[str, str]:
    """Give the text of every section, empty ones too.

    Args:
        document: A profile or a project.

    Returns:
        Name of section -> text, by the order of `PROFILE_SECTIONS` or `PROJECT_SECTIONS`. A section without a text
        of its own is made of the fact beside it: the category, and the skills, by commas.
    """
    names = PROFILE_SECTIONS if isinstance(document, Profile) else PROJECT_SECTIONS
    beside = {"category": document.facts.category or "", "skills": ", ".join(document.skills)}
    if isinstance(document, Project):
        beside["bonus_skills"] = ", ".join(document.bonus_skills)
    return {name: document.sections.get(name, "").strip() or beside.get(name, "") for name in names}


def has_text(document: Profile | Project) -> bool:
    """Tell whether a document says anything that can be compared."""
    return any(section_texts(document).values())


def each_profile(path: str | Path) -> Iterator[Profile | BadRow]:
    """Read people one at a time, however many; what cannot be read comes out as a `BadRow` in its place.

    Args:
        path: `.jsonl`, `.csv`, `.parquet`, one row each (see `profile_from_row`); `.json`: one object, a list, or a
            JSON Resume; `.txt` or `.md`: one text, parted by its headings; `-`: standard input.

    Returns:
        Profiles and bad rows in reading order; ids are all different.
    """
    return _each(path, profile_from_row)


def each_project(path: str | Path) -> Iterator[Project | BadRow]:
    """Read projects one at a time: as `each_profile`, without JSON Resumes."""
    return _each(path, project_from_row)


def read_profiles(path: str | Path) -> list[Profile]:
    """Read people, all or nothing.

    Args:
        path: As `each_profile` has it.

    Returns:
        In reading order; ids are all different.

    Raises:
        InputError: With the first row that cannot be read, and why.
    """
    return _all(each_profile(path))


def read_projects(path: str | Path) -> list[Project]:
    """Read projects, all or nothing: as `read_profiles`."""
    return _all(each_project(path))


def write_profiles(path: Path, profiles: Iterable[Profile]) -> None:
    """Write people as JSON Lines, whole or not at all; `read_profiles` gives them back.

    Args:
        path: Ends in `.jsonl`; a file that is there is replaced.
        profiles: Any.

    Raises:
        ConfigError: If the ending is another one.
        InputError: If nothing can be written there.
    """
    _write(path, profiles)


def write_projects(path: Path, projects: Iterable[Project]) -> None:
    """Write projects: as `write_profiles`."""
    _write(path, projects)


def _each(path: str | Path, read: Callable[..., _Document]) -> Iterator[_Document | BadRow]:
    seen: set[str] = set()
    for row in read_rows(path):
        yield row if isinstance(row, BadRow) else _document(row, read, seen)


def _document(row: Row, read: Callable[..., _Document], seen: set[str]) -> _Document | BadRow:
    """Read a row, unless its id has been seen."""
    try:
        document = read(row.cells, fallback_id=row.fallback_id)
    except InputError as error:
        return row.bad(str(error))
    if document.id in seen:
        return row.bad(f"'id' holds {document.id!r}, which an earlier row has; ids must all be different.")
    seen.add(document.id)
    return document


def _all(rows: Iterable[_Document | BadRow]) -> list[_Document]:
    documents = []
    for row in rows:
        if isinstance(row, BadRow):
            place = row.source if row.row is None else f"{row.source}, row {row.row}"
            raise InputError(f"{place}: {row.reason}")
        documents.append(row)
    return documents


def _write(path: Path, documents: Iterable[Profile | Project]) -> None:
    if path.suffix.lower() != ".jsonl":
        raise ConfigError(f"{path} does not end in .jsonl; people and projects are written as JSON Lines.")
    with open_rows(path, columns={}) as write:
        for document in documents:
            write(document_to_dict(document))
