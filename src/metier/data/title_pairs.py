"""Pairs of a job title and the description under it: from postings, and from the occupations of ESCO."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from metier.data.near_duplicates import near_duplicate_groups
from metier.data.packed_text import read_objects
from metier.errors import InputError
from metier.taxonomy.table import alternatives, collapse, read_table
from metier.text.html import read_text
from metier.text.job_titles import clean_title, title_key

ESCO: Final = "esco"  # the source of pairs made of occupations
_TRAIN_SHARE: Final = 0.8
_DEV_SHARE: Final = 0.1  # the test split gets what is left, a tenth
_ESCO_COLUMNS: Final = ("conceptUri", "preferredLabel", "altLabels", "description")


@dataclass(frozen=True, slots=True)
class TitlePair:
    """One job: what it is called, and what it says."""

    id: str  # the source, a colon and the row, from 1; of ESCO the concept's URI, `#`, language and number of label
    title: str  # as it came, not cleaned
    description: str  # plain text
    language: str
    source: str  # the stem of the postings file, or "esco"


@dataclass(frozen=True, slots=True)
class PairSplit:
    """Pairs to train on, to tune on and to report on; each in the order in which it came."""

    train: list[TitlePair]
    dev: list[TitlePair]
    test: list[TitlePair]


def read_title_pairs(data: Path, *, languages: Sequence[str], esco: Path | None = None) -> list[TitlePair]:
    """Read the pairs of postings, and those of ESCO if asked.

    Args:
        data: A folder with `postings/*.jsonl`, packed with gzip or not; rows hold `title` and `description` (HTML or
            plain), and maybe `lang`, which else is the end of the file's name: `adzuna_uk_en.jsonl`.
        languages: Two-letter codes; rows in others are left out.
        esco: A folder with `occupations_XX.csv` of each language, packed or not: every label of an occupation makes
            a pair with its description.

    Returns:
        The pairs by file name, then row; those of ESCO last, by language as asked. Rows without a title field are
        passed over, and pairs whose title has no word or whose description is empty.

    Raises:
        InputError: If there are no postings, a file cannot be read, a title or a description is no text, or ESCO
            lacks a language.
    """
    files = sorted(path for path in (data / "postings").glob("*.jsonl*") if path.name.endswith((".jsonl", ".jsonl.gz")))
    if not files:
        raise InputError(f"{data} has no postings/*.jsonl or *.jsonl.gz; give the folder that holds them.")
    pairs = [pair for path in files for pair in _posting_pairs(path, languages)]
    if esco is not None:
        pairs += [pair for language in languages for pair in _esco_pairs(esco, language)]
    return [pair for pair in pairs if pair.description and title_key(pair.title)]


def split_pairs(pairs: Sequence[TitlePair]) -> PairSplit:
    """Split pairs so that no text of one part comes again, whole or nearly, in another.

    Pairs whose descriptions are near duplicates go together, and so do all pairs of an occupation of ESCO, in all
    languages. A hash of their texts decides where: neither order nor chance plays a part.

    Args:
        pairs: As `read_title_pairs` gives them.

    Returns:
        About 80, 10 and 10 per cent of the groups.
    """
    groups = _groups(pairs)
    first: dict[int, bytes] = {}
    for pair, group in zip(pairs, groups, strict=True):
        digest = _digest(_identity(pair))
        first[group] = min(first.get(group, digest), digest)
    split = PairSplit([], [], [])
    for pair, group in zip(pairs, groups, strict=True):
        share = int.from_bytes(first[group], "big") / 2 ** (8 * len(first[group]))
        if share < _TRAIN_SHARE:
            split.train.append(pair)
        elif share < _TRAIN_SHARE + _DEV_SHARE:
            split.dev.append(pair)
        else:
            split.test.append(pair)
    return split


def mask_title(description: str, title: str) -> str:
    """Blank out a title where the description says it.

    Args:
        description: Any text.
        title: As it came.

    Returns:
        A text of the same length: whole-word, case-blind occurrences of the title as it came, and of its clean form
        with and without the seniority, are spaces. White space inside an occurrence may be any.
    """
    forms = {title, title_key(title), clean_title(title).title}
    patterns = [
        r"\s+".join(map(re.escape, form.split())) for form in sorted(forms, key=len, reverse=True) if form.strip()
    ]
    if not patterns:
        return description
    found = re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
    return found.sub(lambda match: " " * len(match[0]), description)


def _posting_pairs(path: Path, languages: Sequence[str]) -> Iterator[TitlePair]:
    source = path.name.split(".", 1)[0]
    for number, (where, row) in enumerate(read_objects(path), start=1):
        language = row.get("lang") or source.rsplit("_", 1)[-1]
        if language in languages and row.get("title") is not None:
            description = read_text(_text(row, "description", where)).text.strip()
            identity = f"{source}:{number}"
            yield TitlePair(identity, collapse(_text(row, "title", where)), description, str(language), source)


def _text(row: dict[str, Any], field: str, where: str) -> str:
    value = row.get(field)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where} has a '{field}' that is {type(value).__name__}; expected a text.")
    return value or ""


def _esco_pairs(folder: Path, language: str) -> Iterator[TitlePair]:
    names = [f"occupations_{language}.csv", f"occupations_{language}.csv.gz"]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise InputError(f"{folder} has neither {names[0]} nor {names[1]}; leave the language '{language}' out.")
    for row in read_table(path, needed=_ESCO_COLUMNS):
        label, description = collapse(row["preferredLabel"]), read_text(row["description"]).text.strip()
        for number, title in enumerate((label, *alternatives(row["altLabels"], label=label))):
            identity = f"{row['conceptUri']}#{language}{number}"
            yield TitlePair(identity, title, description, language, ESCO)


def _identity(pair: TitlePair) -> str:
    """What a pair may not share across the split: its occupation, else its text."""
    return pair.id.rsplit("#", 1)[0] if pair.source == ESCO else pair.description


def _groups(pairs: Sequence[TitlePair]) -> list[int]:
    """Number the groups of pairs that must stay together."""
    row_of = {text: row for row, text in enumerate(dict.fromkeys(pair.description for pair in pairs))}
    similar = near_duplicate_groups(list(row_of))
    found = [int(similar[row_of[pair.description]]) for pair in pairs]
    parents = list(range(len(row_of)))
    occupations: dict[str, int] = {}
    for pair, group in zip(pairs, found, strict=True):
        if pair.source == ESCO:
            other = occupations.setdefault(_identity(pair), group)
            parents[_root(parents, other)] = _root(parents, group)
    return [_root(parents, group) for group in found]


def _root(parents: list[int], node: int) -> int:
    while parents[node] != node:
        parents[node] = node = parents[parents[node]]
    return node


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
