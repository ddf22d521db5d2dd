"""Span JSON lines, as Prodigy reads and writes them: `text`, `tokens` and `spans`, an object per line."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from metier.data.packed_text import read_objects, write_whole
from metier.data.spanned_text import LABELS, LabelledSpan, SpannedText, checked
from metier.data.tables import json_line
from metier.domain import Span
from metier.errors import InputError, MissingColumn


def read_span_lines(path: Path, *, tell: Callable[[str], None]) -> list[SpannedText]:
    """Read span JSON lines.

    Args:
        path: Objects with `text`, `spans` (`start`, `end`, `label`), maybe `tokens` (`start`, `end`), `answer` and
            `meta`; packed with gzip or not.
        tell: Called with a sentence if rows were left out, those with an `answer` other than `accept`.

    Returns:
        The rows in file order.

    Raises:
        InputError: If the file cannot be read, or a row is not what it should be; the message names the row.
        MissingColumn: If a row has no text or no spans, or a span lacks an offset or the label.
    """
    rows = list(read_objects(path))
    accepted = [(where, row) for where, row in rows if row.get("answer", "accept") == "accept"]
    if len(accepted) < len(rows):
        tell(f"{len(rows) - len(accepted)} rows were left out: their answer is not 'accept'")
    return [_row(row, where) for where, row in accepted]


def write_span_lines(rows: Sequence[SpannedText], path: Path) -> None:
    """Write span JSON lines; what Prodigy has no field for stands in `meta`.

    Args:
        rows: With words; spans begin and end with one.
        path: The file; it appears when it is whole.

    Raises:
        InputError: If the file cannot be written.
    """
    write_whole(path, "".join(json_line(_line(row)) for row in rows))


def facts_of(row: SpannedText) -> dict[str, Any]:
    """Give what a row says beside text, words and spans, where it says anything, as plain JSON values."""
    return {
        **({"posting": row.posting} if row.posting else {}),
        **({"source": row.source} if row.source else {}),
        **({"looked_for": list(row.looked_for)} if row.looked_for != LABELS else {}),
    }


def facts_from(facts: object, where: str) -> tuple[tuple[str, ...], str, str]:
    """Read back what `facts_of` gave.

    Args:
        facts: An object with some of its fields, or anything else that another tool has put there.
        where: The file and the row, for messages.

    Returns:
        What was looked for, the posting and the source.

    Raises:
        InputError: If `looked_for` is no list of strings.
    """
    known = facts if isinstance(facts, dict) else {}
    looked_for = known.get("looked_for", LABELS)
    if not isinstance(looked_for, list | tuple) or not all(isinstance(label, str) for label in looked_for):
        raise InputError(f"{where} has a 'looked_for' that is no list of labels; expected strings.")
    return tuple(looked_for), str(known.get("posting", "")), str(known.get("source", ""))


def row_to_words(row: dict[str, Any], where: str) -> tuple[Span, ...]:
    """Read `tokens`: objects with `start` and `end`, or pairs of numbers; an error names the row."""
    return tuple(Span(*offsets_of(token, f"{where}: a token")) for token in _list(row, "tokens", where))


def row_to_spans(row: dict[str, Any], where: str) -> tuple[LabelledSpan, ...]:
    """Read `spans`: objects with `start`, `end` and `label`; an error names the row."""
    what = f"{where}: a span"
    return tuple(
        LabelledSpan(*offsets_of(span, what), string_of(span, "label", what)) for span in _list(row, "spans", where)
    )


def offsets_of(value: object, what: str) -> tuple[int, int]:
    """Read `start` and `end` of an object, or a pair of numbers; an error says what it is that lacks them."""
    pair = [value.get("start"), value.get("end")] if isinstance(value, dict) else value
    if isinstance(pair, list):
        whole = [number for number in pair if isinstance(number, int) and not isinstance(number, bool)]
        if len(whole) == len(pair) == 2:
            return whole[0], whole[1]
    raise InputError(f"{what} is {value!r}; expected 'start' and 'end', whole numbers.")


def string_of(row: dict[str, Any], column: str, where: str) -> str:
    """Read a field that has to be there and to be a string.

    Args:
        row: A JSON object.
        column: The field.
        where: The file and the row, for messages.

    Returns:
        Its value.

    Raises:
        MissingColumn: If it is not there.
        InputError: If it is no string.
    """
    if column not in row:
        raise MissingColumn(
            f"{where} has no '{column}', only {', '.join(map(repr, row)) or 'nothing'}; expected a string."
        )
    value = row[column]
    if not isinstance(value, str):
        raise InputError(f"{where} has a '{column}' that is a {type(value).__name__}; expected a string.")
    return value


def _line(row: SpannedText) -> dict[str, Any]:
    words = row.words or ()
    first = {word.start: number for number, word in enumerate(words)}
    last = {word.end: number for number, word in enumerate(words)}
    tokens = [
        {"text": row.text[word.start : word.end], "start": word.start, "end": word.end, "id": number}
        for number, word in enumerate(words)
    ]
    spans = [
        {
            "start": span.start,
            "end": span.end,
            "token_start": first[span.start],
            "token_end": last[span.end],  # the last token itself, not the one behind it
            "label": span.label,
        }
        for span in row.spans
    ]
    facts = facts_of(row)
    return {"text": row.text, "tokens": tokens, "spans": spans, **({"meta": facts} if facts else {})}


def _row(row: dict[str, Any], where: str) -> SpannedText:
    text = string_of(row, "text", where)
    words = None if row.get("tokens") is None else row_to_words(row, where)
    facts = facts_from(row.get("meta"), where)
    return checked(SpannedText(text, words, row_to_spans(row, where), *facts, where))


def _list(row: dict[str, Any], column: str, where: str) -> list[Any]:
    if column not in row:
        raise MissingColumn(
            f"{where} has no '{column}', only {', '.join(map(repr, row)) or 'nothing'}; expected a list."
        )
    if not isinstance(row[column], list):
        raise InputError(f"{where} has a '{column}' that is a {type(row[column]).__name__}; expected a list.")
    return list(row[column])
