"""Reads a taxonomy of one's own from one CSV file, and says everything that is wrong with it at once.

Columns: `id` and `label`, and where wanted `alternatives` (separated by `|` or newlines), `description`,
`parent` (the id of another row) and `kind` (`skill` or `knowledge`). Cells stand between commas,
semicolons or tabs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from metier.domain import MentionKind, Skill
from metier.errors import TaxonomyInvalid
from metier.taxonomy.facts import Facts
from metier.taxonomy.table import alternatives, collapse, read_bytes, read_records
from metier.taxonomy.taxonomy import Taxonomy, label_key

_COMPULSORY: Final = ("id", "label")
_KINDS: Final[dict[str, MentionKind | None]] = {"": None} | {kind: kind for kind in get_args(MentionKind)}
_DELIMITERS: Final = (",", ";", "\t")
_N_SHOWN: Final = 20  # problems in the message; `problems` has them all


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row of the file; `number` counts as a spreadsheet does, the header being row 1."""

    number: int
    id: str
    label: str
    alternatives: str
    description: str
    parent: str
    kind: str


def read_own(path: Path, *, name: str, version: str, language: str = "en") -> Taxonomy:
    """Read a taxonomy from a CSV file.

    Args:
        path: UTF-8, with a header row; `.csv` or `.csv.gz`.
        name: What to call the taxonomy.
        version: What to call this state of it.
        language: BCP 47 code of the labels.

    Returns:
        The taxonomy, every row a skill, in file order; `notes` warn of labels that may be mistakes.

    Raises:
        InputError: If the file cannot be opened or is not CSV.
        TaxonomyInvalid: If rows are faulty; `problems` has a line for each fault, which names its row.
    """
    entries = _read_entries(path)
    problems = _problems(entries)
    if problems:
        raise _invalid(path, problems)
    row_of = {entry.id: row for row, entry in enumerate(entries)}
    facts = Facts(
        name=name,
        version=version,
        languages=(language,),
        skills=tuple(map(_skill, entries)),
        parents=tuple((row_of[entry.parent],) if entry.parent else () for entry in entries),
    )
    descriptions = {entry.id: entry.description for entry in entries if entry.description}
    return Taxonomy(facts, descriptions=descriptions, notes=tuple(_warnings(entries)))


def _read_entries(path: Path) -> list[_Entry]:
    content = read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        problem = f"row {number}: byte {content[error.start]:#04x} is not UTF-8; save the file as CSV UTF-8."
        raise _invalid(path, [problem]) from error
    first_line = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)  # ties: the comma
    header, *records = list(read_records(text, delimiter=delimiter, source=str(path))) or [[]]
    columns = [column.strip().casefold() for column in header]
    problems = list(_table_problems(columns, records))
    if problems:
        raise _invalid(path, problems)
    return [
        _entry(number, columns, record) for number, record in enumerate(records, start=2) if any(map(str.strip, record))
    ]


def _table_problems(columns: Sequence[str], records: Sequence[Sequence[str]]) -> Iterator[str]:
    missing = [column for column in _COMPULSORY if column not in columns]
    if missing:
        found = ", ".join(filter(None, columns)) or "none"
        yield f"row 1: no column {' and no column '.join(missing)} (found: {found}); add it to the header."
    elif not any(cell.strip() for record in records for cell in record):
        yield "row 2: there is no entry below the header; add one row per concept."
    for number, record in enumerate(records, start=2):
        if any(record[len(columns) :]):
            yield (
                f"row {number}: {len(record)} cells for {len(columns)} columns; "
                "put quotes around a cell that holds the delimiter."
            )


def _entry(number: int, columns: Sequence[str], record: Sequence[str]) -> _Entry:
    cells = dict(zip(columns, record, strict=False))
    return _Entry(
        number=number,
        id=cells.get("id", "").strip(),
        label=collapse(cells.get("label", "")),
        alternatives=cells.get("alternatives", "").replace("|", "\n"),
        description=cells.get("description", "").strip(),
        parent=cells.get("parent", "").strip(),
        kind=cells.get("kind", "").strip().casefold(),
    )


def _problems(entries: Sequence[_Entry]) -> list[str]:
    """Every fault, by row."""
    first: dict[str, _Entry] = {}
    for entry in entries:
        if entry.id:
            first.setdefault(entry.id, entry)
    numbered = [(entry.number, problem) for entry in entries for problem in _entry_problems(entry, first=first)]
    numbered += [(cycle[0].number, _cycle_problem(cycle)) for cycle in _cycles(first)]
    return [f"row {number}: {problem}" for number, problem in sorted(numbered, key=lambda pair: pair[0])]


def _entry_problems(entry: _Entry, *, first: dict[str, _Entry]) -> Iterator[str]:
    if not entry.id:
        yield "the id is empty; give each concept its own."
    elif first[entry.id] is not entry:
        yield f"the id '{entry.id}' is that of row {first[entry.id].number} too; give each concept its own."
    if not entry.label:
        yield "the label is empty; write what the concept is called."
    if entry.parent and entry.parent not in first:
        yield f"the parent '{entry.parent}' is the id of no row; correct it, add the row, or clear the cell."
    if entry.kind not in _KINDS:
        yield f"the kind is '{entry.kind}'; write skill or knowledge, or clear the cell."


def _cycles(first: dict[str, _Entry]) -> Iterator[list[_Entry]]:
    """The rings that parents form, each once, from its topmost row on."""
    done: set[str] = set()
    for start in first:
        path: dict[str, None] = {}
        at = start
        while at in first and at not in done and at not in path:
            path[at] = None
            at = first[at].parent
        if at in path:
            ring = list(path)
            ring = ring[ring.index(at) :]
            top = min(range(len(ring)), key=lambda place: first[ring[place]].number)
            yield [first[one] for one in ring[top:] + ring[:top]]
        done.update(path)


def _cycle_problem(cycle: Sequence[_Entry]) -> str:
    ring = " -> ".join(f"'{entry.id}' (row {entry.number})" for entry in (*cycle, cycle[0]))
    return f"the parents form a ring, {ring}; clear the parent of one of them."


def _skill(entry: _Entry) -> Skill:
    others = alternatives(entry.alternatives, label=entry.label)
    return Skill(entry.id, entry.label, others, kind=_KINDS[entry.kind])


def _warnings(entries: Sequence[_Entry]) -> Iterator[str]:
    called: dict[str, _Entry] = {}
    for entry in entries:
        other = called.setdefault(label_key(entry.label), entry)
        if other is not entry:
            yield f"row {entry.number}: the label '{entry.label}' is that of row {other.number} too."
        if label_key(entry.label) in map(label_key, entry.alternatives.split("\n")):
            yield f"row {entry.number}: an alternative of '{entry.label}' equals its label."


def _invalid(path: Path, problems: Sequence[str]) -> TaxonomyInvalid:
    n_more = len(problems) - _N_SHOWN
    lines = [*problems[:_N_SHOWN], *([f"and {n_more} more."] if n_more > 0 else [])]
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    return TaxonomyInvalid("\n  ".join([f"{path} has {count}:", *lines]), problems)
