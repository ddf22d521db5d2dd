"""Hand-made cases of coordinated skills in: a phrase, and the skills that it names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from metier.errors import InputError, MissingColumn

_FIELDS: Final = ("split", "text", "skills")


@dataclass(frozen=True, slots=True)
class CoordinationCase:
    """A phrase and the skills that it is to be split into; no skills: it is to stay whole."""

    split: str  # such as `tune`, which the rules were made on, or `test`
    text: str
    skills: frozenset[str]


def read_cases(path: Path) -> list[CoordinationCase]:
    """Read a file of cases.

    Args:
        path: UTF-8, one JSON object per line with `split`, `text`, and the list `skills`.

    Returns:
        The cases in file order; empty lines are passed over.

    Raises:
        InputError: If the file cannot be read or a row is not what it should be; the message names the row.
        MissingColumn: If a row lacks a field.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); give a JSONL file of cases.") from error
    cases = [_case(line, f"{path}, row {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not cases:
        raise InputError(f"{path} holds no cases; expected one JSON object per line with {', '.join(_FIELDS)}.")
    return cases


def _case(line: str, where: str) -> CoordinationCase:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON ({error}).") from error
    if not isinstance(row, dict) or set(_FIELDS) - row.keys():
        raise MissingColumn(f"{where}: expected an object with {', '.join(_FIELDS)}.")
    split, text, skills = (row[field] for field in _FIELDS)
    if not (isinstance(split, str) and isinstance(text, str) and _is_texts(skills)):
        raise InputError(f"{where}: `split` and `text` are strings and `skills` is a list of strings.")
    return CoordinationCase(split, text, frozenset(skills))


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
