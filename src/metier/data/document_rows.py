"""One row to one person or project, and back."""

from collections.abc import Mapping
from typing import Any, Final

from metier.data.fact_rows import FACT_FIELDS, facts_from_row, facts_to_dict, language_from_row, texts_of
from metier.data.free_text import sections_of_text
from metier.data.json_resume import is_resume, row_of_resume
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS, Profile, Project
from metier.errors import InputError, MissingColumn

_TEXT: Final = "text"
_BESIDE: Final = ("category", "skills", "bonus_skills")  # a field of these names is a fact or a list, not a section
_LISTED_WORDS: Final = 6  # a longer part of a section of skills is prose
_SHOWN: Final = 12


def profile_from_row(row: Mapping[str, Any], *, fallback_id: str) -> Profile:
    """Read a person.

    Args:
        row: Field -> value: `id`, the names of `PROFILE_SECTIONS`, the facts, `language`; or with the texts under
            `sections`; or with one `text`, which is parted by its headings; or a JSON Resume. Other fields are passed
            over.
        fallback_id: The id of a row that has none.

    Returns:
        The profile, with every section, empty ones too. Skills that are not given by themselves are those that the
        section of skills lists.

    Raises:
        InputError: If a field holds what it cannot; names the field.
        MissingColumn: If no field is known.
    """
    if is_resume(row):
        row = row_of_resume(row)
    _check_fields(row, (*PROFILE_SECTIONS, *FACT_FIELDS))
    sections = _sections(row, PROFILE_SECTIONS)
    return Profile(
        id=_id(row) or fallback_id,
        sections=sections,
        skills=_listed(row, "skills", sections),
        facts=facts_from_row(row),
        language=language_from_row(row),
    )


def project_from_row(row: Mapping[str, Any], *, fallback_id: str) -> Project:
    """Read a project: as `profile_from_row`, with the names of `PROJECT_SECTIONS`, and no JSON Resume."""
    _check_fields(row, (*PROJECT_SECTIONS, *FACT_FIELDS))
    sections = _sections(row, PROJECT_SECTIONS)
    return Project(
        id=_id(row) or fallback_id,
        sections=sections,
        skills=_listed(row, "skills", sections),
        bonus_skills=_listed(row, "bonus_skills", sections),
        facts=facts_from_row(row),
        language=language_from_row(row),
    )


def document_to_dict(document: Profile | Project) -> dict[str, Any]:
    """Give the row of a person or a project.

    Args:
        document: Either.

    Returns:
        Plain JSON values that `profile_from_row` or `project_from_row` reads as the same document. `sections` is
        there only where a section has a text of its own beside the category or the skills.
    """
    is_profile = isinstance(document, Profile)
    names = PROFILE_SECTIONS if is_profile else PROJECT_SECTIONS
    own = {name: document.sections[name] for name in _BESIDE if document.sections.get(name)}
    return {
        "id": document.id,
        **{name: document.sections.get(name, "") for name in names if name not in _BESIDE},
        **({"sections": own} if own else {}),
        "skills": list(document.skills),
        **({} if isinstance(document, Profile) else {"bonus_skills": list(document.bonus_skills)}),
        **facts_to_dict(document.facts),
        "language": document.language,
    }


def _check_fields(row: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a row of another kind; a row with nothing but an id is a document without a word."""
    others = [name for name in row if name != "id"]
    expected = {*known, _TEXT, "sections", "language"}
    if others and expected.isdisjoint(others):
        raise MissingColumn(
            f"none of its fields is known: got {', '.join(others[:_SHOWN])}; expected some of {', '.join(known)}, "
            f"or {_TEXT}."
        )


def _id(row: Mapping[str, Any]) -> str:
    value = row.get("id")
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return "" if value is None else str(value).strip()
    raise InputError(f"'id' holds {type(value).__name__}, and a text was expected.")


def _sections(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    parted = sections_of_text(_text(row, _TEXT), names=names)
    own = {name: _text(row, name) for name in names if name not in _BESIDE}
    given = {**own, **_given_sections(row, names)}
    return {name: given.get(name) or parted.get(name, "") for name in names}


def _given_sections(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    given = row.get("sections")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(f"'sections' holds {type(given).__name__}, and an object of names and texts was expected.")
    unknown = [str(name) for name in given if name not in names]
    if unknown:
        raise InputError(
            f"'sections' holds {', '.join(map(repr, unknown))}, which is no section; known are {', '.join(names)}."
        )
    return {name: _text(given, name) for name in given if given[name]}


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise InputError(f"'{field}' holds {type(value).__name__}, and a text was expected.")
    return value or ""


def _listed(row: Mapping[str, Any], field: str, sections: Mapping[str, str]) -> tuple[str, ...]:
    if field in row:
        return texts_of(row, field)
    return tuple(part for part in texts_of(sections, field) if len(part.split()) <= _LISTED_WORDS)
