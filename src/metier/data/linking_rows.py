"""Rows of a linking benchmark in: a sentence, a span of it, and the label of the concept it means.

The form is that of Decorte, Van Hautte, Deleu, Develder and Demeester (2022), Design of Negative Sampling
Strategies for Distantly Supervised Skill Extraction.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metier.domain import Span
from metier.errors import InputError, MissingColumn

NIL_LABELS: Final = frozenset({"LABEL NOT PRESENT", "UNDERSPECIFIED"})
_COLUMNS: Final = ("sentence", "span", "sub_span", "label")


@dataclass(frozen=True, slots=True)
class LinkingRow:
    """One mention and its one label, as a row of the file gives them.

    `span` points into `sentence`: to the sub-span where the row has one and it stands there word for word,
    else to the whole span. `text` is the sub-span or the span as the row writes it; where it differs from the
    slice (`verbatim` is False) the annotator put the words of a discontinuous mention together.
    """

    sentence: str
    span: Span
    text: str
    outer: Span  # the whole span: rows that share it are parts, or alternatives, of one mention
    label: str | None  # None: the taxonomy has no concept for it
    verbatim: bool = True


@dataclass(frozen=True, slots=True)
class LinkingMention:
    """One whole span of a sentence and every label that its rows give it; no labels: not in the taxonomy."""

    sentence: str
    span: Span
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkingSentence:
    """One sentence and every label that its rows give it, each once, in file order."""

    text: str
    labels: tuple[str, ...]


def read_linking(path: Path) -> list[LinkingRow]:
    """Read a CSV file of mentions with their labels.

    Args:
        path: UTF-8, with the columns `sentence`, `span`, `sub_span` (may be empty) and `label`; the labels
            `LABEL NOT PRESENT` and `UNDERSPECIFIED` mean that the taxonomy has no concept for the mention.

    Returns:
        One row per line of the file, in file order, repeats kept. A span is looked for from the left.

    Raises:
        InputError: If the file cannot be read, or a span does not stand in its sentence; names the row.
        MissingColumn: If a column is not there.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                found = ", ".join(reader.fieldnames or ()) or "nothing"
                raise MissingColumn(f"{path} has no column {', '.join(missing)}, only {found}.")
            return [_row(values, f"{path}, row {number}") for number, values in enumerate(reader, start=1)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read ({error}); give a UTF-8 CSV file.") from error


def group_sentences(rows: Sequence[LinkingRow]) -> list[LinkingSentence]:
    """Put the rows of each sentence together.

    Args:
        rows: As `read_linking` gives them.

    Returns:
        Each sentence once, in order of first row; its labels each once. No labels: none of its rows has one.
    """
    labels: dict[str, dict[str, None]] = {}
    for row in rows:
        held = labels.setdefault(row.sentence, {})
        if row.label is not None:
            held[row.label] = None
    return [LinkingSentence(text, tuple(held)) for text, held in labels.items()]


def group_mentions(rows: Sequence[LinkingRow]) -> list[LinkingMention]:
    """Put the rows of each whole span together.

    Args:
        rows: As `read_linking` gives them.

    Returns:
        Each span of each sentence once, in order of first row; its labels each once.
    """
    labels: dict[tuple[str, Span], dict[str, None]] = {}
    for row in rows:
        held = labels.setdefault((row.sentence, row.outer), {})
        if row.label is not None:
            held[row.label] = None
    return [LinkingMention(sentence, span, tuple(held)) for (sentence, span), held in labels.items()]


def _row(values: dict[str, str], where: str) -> LinkingRow:
    if None in values or None in values.values():
        raise InputError(f"{where} has not {len(_COLUMNS)} fields; expected {', '.join(_COLUMNS)}.")
    sentence, span, sub_span, label = (values[column] for column in _COLUMNS)
    start = sentence.find(span) if span else -1
    if start < 0:
        raise InputError(f"{where}: the span '{span}' does not stand in the sentence; copy it word for word.")
    if not label.strip():
        raise InputError(f"{where} has an empty label; expected a label, or LABEL NOT PRESENT.")
    outer = Span(start, start + len(span))
    inside = span.find(sub_span)
    exact = Span(start + inside, start + inside + len(sub_span)) if sub_span and inside >= 0 else outer
    return LinkingRow(
        sentence=sentence,
        span=exact,
        text=sub_span or span,
        outer=outer,
        label=None if label.strip() in NIL_LABELS else label.strip(),
        verbatim=inside >= 0,
    )
