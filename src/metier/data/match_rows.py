"""Matches as rows: for JSON, and for tables."""

from collections.abc import Mapping
from typing import Any, Final

from metier.domain import Match

MATCH_COLUMNS: Final = {  # name -> SQL type
    "project_id": "VARCHAR",
    "rank": "INTEGER",
    "profile_id": "VARCHAR",
    "probability": "DOUBLE",
    "similarity": "DOUBLE",
    "shared": "VARCHAR[]",
    "missing": "VARCHAR[]",
    "section": "VARCHAR",
}


def match_to_dict(match: Match, *, rank: int) -> dict[str, Any]:
    """Give the row of a match.

    Args:
        match: A person for a project.
        rank: From 1, among the matches of its project.

    Returns:
        Plain JSON values with the keys of `MATCH_COLUMNS`; numbers to four digits; `probability` is None without a
        ranker, `section` where it is not known.
    """
    return {
        "project_id": match.project_id,
        "rank": rank,
        "profile_id": match.profile_id,
        "probability": None if match.probability is None else round(match.probability, 4),
        "similarity": round(match.similarity, 4),
        "shared": list(match.shared),
        "missing": list(match.missing),
        "section": match.section,
    }


def match_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row of `match_to_dict` for CSV: lists become texts, their parts with semicolons between them."""
    return {name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()}
