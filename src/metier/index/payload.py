"""How an item is written into Qdrant, embedded or server: its point id and its payload."""

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from metier.domain import Facts

_SPACE: Final = UUID("8c7f4a52-6a0e-5d0b-9f0e-2f1f3c7f9b11")  # ids of metier; made once, at random
PLACE: Final = "place"  # latitude and longitude together, as Qdrant asks
# The fields to filter by, and of which kind; an id is asked for by its point. Days are whole numbers: a date has no
# hour that could be misread.
FIELDS: Final = {
    "country": "keyword",
    "category": "keyword",
    "languages": "keyword",
    "day_rate": "float",
    "available_from": "integer",
    PLACE: "geo",
}


def point_id(item: str) -> str:
    """Give the UUID of an id.

    Args:
        item: Any text.

    Returns:
        A UUID of version 5 (RFC 9562): 122 bits of SHA-1, so that two ids with the same one are not expected.
    """
    return str(uuid5(_SPACE, item))


def pack_payload(item: str, facts: Facts) -> dict[str, Any]:
    """Write the id and what is known.

    Args:
        item: The id.
        facts: Of the item.

    Returns:
        Only fields that are known, by the names of `FIELDS`, and `id`.
    """
    payload: dict[str, Any] = {"id": item}
    if facts.latitude is not None and facts.longitude is not None:
        payload[PLACE] = {"lat": float(facts.latitude), "lon": float(facts.longitude)}
    if facts.languages:
        payload["languages"] = list(facts.languages)
    if facts.day_rate is not None:
        payload["day_rate"] = float(facts.day_rate)
    if facts.available_from is not None:
        payload["available_from"] = facts.available_from.toordinal()
    for fact in ("country", "category"):
        if getattr(facts, fact) is not None:
            payload[fact] = getattr(facts, fact)
    return payload


def unpack_payload(payload: dict[str, Any]) -> tuple[str, Facts]:
    """Read what `pack_payload` wrote.

    Args:
        payload: Of one point.

    Returns:
        The id, and the facts.
    """
    place = payload.get(PLACE, {})
    day = payload.get("available_from")
    return payload["id"], Facts(
        country=payload.get("country"),
        latitude=place.get("lat"),
        longitude=place.get("lon"),
        day_rate=payload.get("day_rate"),
        languages=tuple(payload.get("languages", ())),
        available_from=None if day is None else date.fromordinal(day),
        category=payload.get("category"),
    )
