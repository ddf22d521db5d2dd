"""Real freelance work: projects of one market place, profiles of another, and the skill tags that both carry."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from metier.data.packed_text import read_objects
from metier.domain import Profile, Project
from metier.errors import InputError, MissingColumn

_PROJECTS: Final = "upwork_projects_en.jsonl"
_PROFILES: Final = "freelancer_profiles_en.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freelance:
    """Projects and profiles whose texts are without their tags, so that tags can judge what is found by the texts."""

    projects: list[Project]  # a mission title each
    project_tags: list[frozenset[str]]  # of each project, without case
    profiles: list[Profile]  # a biography each
    profile_tags: list[frozenset[str]]


def read_freelance(folder: Path) -> Freelance:
    """Read Upwork projects and freelancer profiles.

    Args:
        folder: Holds `upwork_projects_en.jsonl` (`id`, `title`, `skills`) and `freelancer_profiles_en.jsonl` (`id`,
            `bio`, `skills`), packed with gzip or not.

    Returns:
        Both, in file order.

    Raises:
        InputError: If a file is missing or cannot be read, or a field is of the wrong type.
        MissingColumn: If a row lacks a field.
    """
    of_projects, of_profiles = freelance_files(folder)
    projects, profiles = list(_rows(of_projects, text="title")), list(_rows(of_profiles, text="bio"))
    return Freelance(
        projects=[Project(identity, {"mission": title}, language="en") for identity, title, _ in projects],
        project_tags=[tags for *_, tags in projects],
        profiles=[Profile(identity, {"description": bio}, language="en") for identity, bio, _ in profiles],
        profile_tags=[tags for *_, tags in profiles],
    )


def freelance_files(folder: Path) -> tuple[Path, Path]:
    """The files of the projects and of the profiles: packed, if the folder holds the packed one."""
    projects, profiles = (
        packed if (packed := folder / f"{name}.gz").is_file() else folder / name for name in (_PROJECTS, _PROFILES)
    )
    return projects, profiles


def _rows(path: Path, *, text: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Give the id, the text and the tags of each row."""
    for where, row in read_objects(path):
        tags = _field(row, "skills", list, where=where)
        yield (
            _field(row, "id", str, where=where),
            _field(row, text, str, where=where),
            frozenset(" ".join(str(tag).casefold().split()) for tag in tags),
        )


def _field(row: dict[str, Any], name: str, kind: type, *, where: str) -> Any:  # noqa: ANN401  # of that kind
    if name not in row:
        raise MissingColumn(f"{where} has no '{name}'.")
    if not isinstance(row[name], kind):
        raise InputError(f"{where} has a '{name}' that is {type(row[name]).__name__}; expected {kind.__name__}.")
    return row[name]
