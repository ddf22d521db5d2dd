"""One row of a table or of JSON to one posting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from metier.domain import Posting
from metier.errors import InputError, MissingColumn

_NAMES: Final = {  # field -> the names that it goes by, the first present wins
    "id": ("id", "job_id", "posting_id", "jobid"),
    "title": ("title", "job_title", "jobtitle"),
    "body": ("body", "description", "text", "content", "job_description"),
    "language": ("language", "lang", "inlanguage"),
    "employer": ("employer", "company", "company_name"),
    "location": ("location", "job_location"),
    "posted_on": ("posted_on", "date", "dateposted", "date_posted"),
}
_SHOWN_COLUMNS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of columns, where they are not among the usual ones."""

    text: str | None = None
    id: str | None = None
    title: str | None = None


def find_columns(present: tuple[str, ...], columns: Columns) -> dict[str, str]:
    """Say which column holds which field.

    Args:
        present: The names that a row or a table has.
        columns: Names that the caller chose.

    Returns:
        Field of `Posting` -> name; fields that are not there are left out, `body` always is there.

    Raises:
        MissingColumn: If a chosen column is absent, or none holds the text.
    """
    chosen = {"body": columns.text, "id": columns.id, "title": columns.title}
    for name in chosen.values():
        if name is not None and name not in present:
            raise MissingColumn(f"there is no column '{name}' among {_listed(present)}.")
    by_plain_name = {_plain(name): name for name in reversed(present)}
    found = {field: name for field, name in chosen.items() if name is not None}
    for field, names in _NAMES.items():
        known = next((by_plain_name[name] for name in names if name in by_plain_name), None)
        if known is not None:
            found.setdefault(field, known)
    if "body" not in found:
        raise MissingColumn(
            f"no column holds the text: expected one of {', '.join(_NAMES['body'])}, got {_listed(present)}; "
            "name yours with --text-column."
        )
    return found


def posting_from_row(row: Mapping[str, Any], found: Mapping[str, str], *, fallback_id: str, source: str) -> Posting:
    """Read one row.

    Args:
        row: Column -> value.
        found: What `find_columns` gave.
        fallback_id: The id of a row that has none.
        source: Where the row comes from.

    Returns:
        The posting.

    Raises:
        InputError: If the text is not a text, or is empty.
    """
    body = row.get(found["body"])
    if body is not None and not isinstance(body, str):
        raise InputError(f"'{found['body']}' holds {type(body).__name__}, and a text was expected.")
    if body is None or not body.strip():
        raise InputError(f"'{found['body']}' is empty; a posting needs a text.")
    return Posting(
        id=_text(row, found.get("id")) or fallback_id,
        body=body,
        title=_text(row, found.get("title")) or "",
        language=_text(row, found.get("language")),
        employer=_text(row, found.get("employer")),
        location=_text(row, found.get("location")),
        posted_on=_date(row.get(found.get("posted_on", ""))),
        source=source,
    )


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _listed(present: tuple[str, ...]) -> str:
    shown = ", ".join(present[:_SHOWN_COLUMNS])
    return shown + (f" and {len(present) - _SHOWN_COLUMNS} more" if len(present) > _SHOWN_COLUMNS else "")


def _text(row: Mapping[str, Any], name: str | None) -> str | None:
    value = row.get(name) if name else None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip() or None
    return None


def _date(value: object) -> date | None:
    """The day of a date, a time or an ISO text; None for anything else: no result rests on it."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value.strip()[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
