"""Label Studio: its JSON export read, and tasks with annotations written for its import.

Offsets count code points, as Label Studio has stored them since its editor was mended for emoji (pull request 1559,
2021). Older exports counted UTF-16 units and are refused where the marked text shows it.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from metier.data.packed_text import read_text, write_whole
from metier.data.span_lines import facts_from, facts_of, offsets_of, row_to_words, string_of
from metier.data.spanned_text import LabelledSpan, SpannedText, checked
from metier.data.tables import json_line
from metier.errors import InputError

_LINE_ENDS: Final = re.compile(r"\s|\\[rn]")  # the marked text of an export may hold an escaped `\n`


def read_label_studio(path: Path, *, tell: Callable[[str], None]) -> list[SpannedText]:
    """Read a JSON export.

    Args:
        path: A list of tasks with `data` and `annotations`, packed with gzip or not. The text is `data.text`, or the
            only string of `data`; `data.tokens` may say where words are.
        tell: Called with a sentence if tasks without an annotation were left out.

    Returns:
        The tasks in file order. Regions that are not labels on text are passed over.

    Raises:
        InputError: If the file cannot be read, is another export, or a task has two annotations; the message names it.
        MissingColumn: If a region lacks a field.
    """
    try:
        tasks = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON ({error}); give the JSON export of Label Studio.") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise InputError(f"{path} is no list of tasks; give the JSON export of Label Studio.")
    rows = [_row(task, f"{path}, row {number}") for number, task in enumerate(tasks, start=1)]
    if n_without := rows.count(None):
        tell(f"{n_without} tasks without an annotation were left out")
    return [row for row in rows if row is not None]


def write_label_studio(rows: Sequence[SpannedText], path: Path) -> None:
    """Write tasks with one annotation each, for a set-up with a `Labels` named `label` and a `Text` named `text`.

    Args:
        rows: Any.
        path: The file; it appears when it is whole.

    Raises:
        InputError: If the file cannot be written.
    """
    tasks = [json_line(_task(row)).rstrip("\n") for row in rows]
    write_whole(path, "[\n" + ",\n".join(tasks) + "\n]\n" if tasks else "[]\n")


def _row(task: dict[str, Any], where: str) -> SpannedText | None:
    data, annotations = task.get("data"), task.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        raise InputError(
            f"{where} has no 'data' object and 'annotations' list, only {', '.join(map(repr, task)) or 'nothing'}; "
            "give the JSON export of Label Studio, not JSON-MIN."
        )
    kept = [one for one in annotations if isinstance(one, dict) and not one.get("was_cancelled")]
    if not kept:
        return None
    if len(kept) > 1:
        raise InputError(f"{where} has {len(kept)} annotations; give one file per annotator, with one each.")
    text = string_of(data, _text_field(data, where), where)
    words = None if data.get("tokens") is None else row_to_words(data, where)
    spans = [span for region in kept[0].get("result", []) for span in _spans(region, text, where)]
    return checked(SpannedText(text, words, tuple(spans), *facts_from(data, where), where))


def _text_field(data: dict[str, Any], where: str) -> str:
    strings = [name for name, value in data.items() if isinstance(value, str)]
    if "text" not in data and len(strings) != 1:
        raise InputError(f"{where} has no 'text' in its data, only {', '.join(map(repr, data)) or 'nothing'}.")
    return "text" if "text" in data else strings[0]


def _spans(region: object, text: str, where: str) -> list[LabelledSpan]:
    if not isinstance(region, dict) or region.get("type") != "labels":
        return []
    value = region.get("value")
    if not isinstance(value, dict) or not isinstance(value.get("labels"), list):
        raise InputError(f"{where} has a region without 'labels' in its value; expected start, end and labels.")
    start, end = offsets_of(value, f"{where}: a region")
    marked = value.get("text")
    if isinstance(marked, str) and _squeezed(marked) != _squeezed(text[start:end]):
        raise InputError(
            f"{where}: the region {start}..{end} says '{marked}', but there stands '{text[start:end]}'; "
            "offsets have to count code points, and old versions of Label Studio counted UTF-16 units."
        )
    return [LabelledSpan(start, end, str(label)) for label in value["labels"]]


def _squeezed(text: str) -> str:
    return _LINE_ENDS.sub("", text)


def _task(row: SpannedText) -> dict[str, Any]:
    tokens = {} if row.words is None else {"tokens": [[word.start, word.end] for word in row.words]}
    regions = [
        {
            "id": f"span-{number}",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": span.start,
                "end": span.end,
                "text": row.text[span.start : span.end],
                "labels": [span.label],
            },
        }
        for number, span in enumerate(row.spans, start=1)
    ]
    return {"data": {"text": row.text, **tokens, **facts_of(row)}, "annotations": [{"result": regions}]}
