"""Postings in schema.org's JobPosting format, alone or inside a web page."""

import hashlib
import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from metier.domain import Posting
from metier.errors import InputError


def postings_in_page(html: str) -> list[Posting]:
    """Read the JobPosting objects that a page carries as JSON-LD.

    Args:
        html: A web page.

    Returns:
        The postings in page order; none if the page has no such object, or only ones that cannot be read.
    """
    found: list[Posting] = []
    for block in _blocks(html):
        try:
            content = json.loads(block, strict=False)
        except (ValueError, RecursionError):
            continue  # the page itself can still be read
        found += [posting_from_json(posting) for posting in _postings(content) if _has_text(posting)]
    return found


def posting_from_json(posting: Mapping[str, Any]) -> Posting:
    """Turn one schema.org JobPosting into a posting.

    Args:
        posting: The JSON object.

    Returns:
        The posting. `body` is the `description` as it stands in the JSON value, HTML or not. Without an identifier
        the `id` is the URL, or else the first twelve digits of the SHA-256 of title and description.

    Raises:
        InputError: If there is neither a title nor a description.
    """
    if not _has_text(posting):
        given = ", ".join(sorted(map(str, posting))[:8]) or "nothing"
        raise InputError(f"A JobPosting needs a title or a description, and this one has: {given}.")
    body = _text(posting.get("description"), raw=True) or ""
    title = _text(posting.get("title")) or _text(posting.get("name")) or ""
    source = _text(posting.get("url")) or _text(posting.get("@id"))
    digest = hashlib.sha256(f"{title}\n{body}".encode(errors="surrogatepass")).hexdigest()[:12]
    return Posting(
        id=_text(posting.get("identifier"), keys=("value", "@id", "name")) or source or digest,
        body=body,
        title=title,
        language=_text(posting.get("inLanguage"), keys=("alternateName", "name")),
        employer=_text(posting.get("hiringOrganization"), keys=("name", "legalName")),
        location=_location(posting.get("jobLocation")),
        posted_on=_date(posting.get("datePosted")),
        source=source,
    )


def _blocks(html: str) -> Iterator[str]:
    """Give the content of each JSON-LD script; of one that a truncated file leaves open, nothing."""
    position = 0
    while opening := _script().search(html, position):
        position = opening.end()
        closing = _script_end().search(html, position)
        if closing is None:
            return
        yield re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", html[position : closing.start()])
        position = closing.end()


@cache
def _script() -> re.Pattern[str]:
    return re.compile(r"<script\b[^>]*\btype\s*=\s*[\"']?application/ld\+json\b[^>]*>", re.IGNORECASE)


@cache
def _script_end() -> re.Pattern[str]:
    return re.compile(r"</script", re.IGNORECASE)


def _postings(content: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON value
    """Walk any JSON value, in order, for objects of the type JobPosting."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            types = value.get("@type")
            names = types if isinstance(types, list) else [types]
            if any(str(name).rsplit("/", 1)[-1].removeprefix("schema:") == "JobPosting" for name in names):
                yield value
            else:
                waiting += reversed(value.values())


def _has_text(posting: Mapping[str, Any]) -> bool:
    return any(_text(posting.get(field)) for field in ("description", "title", "name"))


def _text(value: Any, *, keys: tuple[str, ...] = ("@value", "@id", "name"), raw: bool = False) -> str | None:  # noqa: ANN401
    """The first text in a JSON value: itself, in a list, or under one of the keys; `raw` leaves it as it is."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str | int | float):
        return (str(value) if raw else " ".join(entities.unescape(str(value)).split())) or None
    if isinstance(value, list):
        return next((text for item in value if (text := _text(item, keys=keys, raw=raw))), None)
    if isinstance(value, dict):
        return next((text for key in keys if (text := _text(value.get(key), keys=keys, raw=raw))), None)
    return None


def _location(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    places = (_place(place) for place in (value if isinstance(value, list) else [value]))
    return "; ".join(dict.fromkeys(filter(None, places))) or None


def _place(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    address = value.get("address", value) if isinstance(value, dict) else value
    if not isinstance(address, dict):
        return _text(address)
    parts = (_text(address.get(key)) for key in ("addressLocality", "addressRegion", "addressCountry"))
    return ", ".join(dict.fromkeys(filter(None, parts))) or _text(address)


def _date(value: Any) -> date | None:  # noqa: ANN401 - any JSON value
    """The day of an ISO date or time; None if it is written otherwise."""
    try:
        return date.fromisoformat((_text(value) or "")[:10])
    except ValueError:
        return None
