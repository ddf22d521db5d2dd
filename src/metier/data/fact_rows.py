"""The facts of a person or a project: from the fields of a row, each checked, and back."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from metier.domain import Facts
from metier.errors import InputError

_TWO_LETTERS: Final = re.compile(r"[A-Za-z]{2}")
_SEPARATORS: Final = re.compile(r"[,;|\n•·]")
_Value = TypeVar("_Value")

FACT_FIELDS: Final = (
    "category",
    "country",
    "latitude",
    "longitude",
    "day_rate",
    "languages",
    "available_from",
)


def facts_from_row(row: Mapping[str, Any]) -> Facts:
    """Read the facts of a row.

    Args:
        row: Field -> value, of which those of `FACT_FIELDS` are read. Numbers and dates may be texts, languages a
            list or a text with commas; None, an empty text and a field that is not there mean: not known.

    Returns:
        The facts.

    Raises:
        InputError: If one cannot be right; names the field.
    """
    latitude = _read(row, "latitude", lambda value: _degrees(value, 90))
    longitude = _read(row, "longitude", lambda value: _degrees(value, 180))
    if (latitude is None) != (longitude is None):
        given, lacking = ("latitude", "longitude") if longitude is None else ("longitude", "latitude")
        raise InputError(f"'{given}' is given and '{lacking}' is not; give both, or neither.")
    return Facts(
        country=_read(row, "country", lambda value: _two_letters(value, "FR").upper()),
        latitude=latitude,
        longitude=longitude,
        day_rate=_read(row, "day_rate", _rate),
        languages=tuple(
            code for one in texts_of(row, "languages") if (code := _language({"languages": one}, "languages"))
        ),
        available_from=_read(row, "available_from", _day),
        category=_read(row, "category", _text),
    )


def facts_to_dict(facts: Facts) -> dict[str, Any]:
    """Give the fields of a row: plain JSON values, None where nothing is known."""
    return {
        "category": facts.category,
        "country": facts.country,
        "latitude": facts.latitude,
        "longitude": facts.longitude,
        "day_rate": facts.day_rate,
        "languages": list(facts.languages),
        "available_from": facts.available_from.isoformat() if facts.available_from else None,
    }


def language_from_row(row: Mapping[str, Any]) -> str | None:
    """Read the language of a row's texts: two small letters, or None; an `InputError` for anything else."""
    return _language(row, "language")


def texts_of(row: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """Read a field that holds several texts.

    Args:
        row: Field -> value.
        field: Holds a list, a text whose parts stand between commas, semicolons, bars, bullets or line ends, or
            nothing.

    Returns:
        The parts in order, without white space around them; empty ones are left out.

    Raises:
        InputError: If it holds something else.
    """
    value = row.get(field)
    parts = _parts(value) if isinstance(value, str) else [] if value is None else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise InputError(f"'{field}' holds {_shown(value)}, and a list of texts, or a text with commas, was expected.")
    return tuple(part.strip() for part in parts if part.strip())


def _parts(text: str) -> list[str]:
    return [part.strip().lstrip("-*– ") for part in _SEPARATORS.split(text)]


def _language(row: Mapping[str, Any], field: str) -> str | None:
    return _read(row, field, lambda value: _two_letters(value, "fr").lower())


def _read(row: Mapping[str, Any], field: str, read: Callable[[object], _Value]) -> _Value | None:
    value = row.get(field)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return read(value.strip() if isinstance(value, str) else value)
    except InputError as error:
        raise InputError(f"'{field}' holds {_shown(value)}, and {error} was expected.") from error


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int | float) else repr(value)[:60]


def _number(value: object) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))  # a column of decimals too
    except ValueError as error:
        raise InputError("a number") from error
    if not math.isfinite(number):
        raise InputError("a number")
    return number


def _degrees(value: object, most: int) -> float:
    degrees = _number(value)
    if abs(degrees) > most:
        raise InputError(f"a number of degrees from -{most} to {most}")
    return degrees


def _rate(value: object) -> float:
    rate = _number(value)
    if rate < 0:
        raise InputError("a number that is not negative")
    return rate


def _two_letters(value: object, example: str) -> str:
    if not isinstance(value, str) or not _TWO_LETTERS.fullmatch(value):
        raise InputError(f"a code of two letters, such as {example},")
    return value


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InputError("a date, such as 2026-12-01,") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InputError("a text")
    return value
