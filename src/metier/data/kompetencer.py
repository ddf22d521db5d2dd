"""Kompetencer: spans with the ESCO group that each belongs to, and their sentences in SkillSpan.

Zhang, Jensen and Plank (2022), Kompetencer: Fine-grained Skill Classification in Danish Job Postings via Distant
Supervision and Transfer Learning.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from metier.data.packed_text import read_text
from metier.data.skillspan import TaggedSentence, find_split
from metier.data.span_tags import from_tagged
from metier.data.tagged_sets import read_tagged
from metier.errors import InputError

# The classes: groups of the first level, as ESCO v1.0 had them; the last two are the roots of the pillars.
CLASSES: Final = (
    *("0000", "A1", "A2", "K00", "K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10", "K99"),
    *("L1", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "knowledge", "skill"),
)
_FILES: Final = {  # language, split -> file
    ("en", "train"): "1_en_train.tsv",
    ("en", "dev"): "3_en_dev.tsv",
    ("en", "test"): "en_test.tsv",
    ("da", "train"): "2_da_train.tsv",
    ("da", "test"): "da_test.tsv",
}
_LEAST_RUN: Final = 3  # spans in a row that must agree before a sentence is believed to be theirs


@dataclass(frozen=True, slots=True)
class GroupedSpan:
    """A span and its class."""

    text: str
    code: str


def group_file(data: Path, *, language: str, split: str) -> Path:
    """Find the file of a split.

    Args:
        data: The folder of the data set, or the file itself.
        language: `en` or `da`.
        split: `train`, `dev` or `test`.

    Returns:
        The file, which exists.

    Raises:
        InputError: If the data set has no such split, or the file is not there.
    """
    if data.is_file():
        return data
    name = _FILES.get((language, split))
    if name is None:
        there = ", ".join(" ".join(one) for one in _FILES)
        raise InputError(f"Kompetencer has no split '{split}' in '{language}'; it has {there}.")
    if not (data / name).is_file():
        raise InputError(f"{data} has no file {name}; give the folder of Kompetencer.")
    return data / name


def read_groups(path: Path) -> list[GroupedSpan]:
    """Read spans with their classes.

    Args:
        path: A span and its class per line, parted by a tab; packed with gzip or not.

    Returns:
        The spans in file order; empty lines are passed over.

    Raises:
        InputError: If the file cannot be read or is empty, or a line is not what it should be; the message names it.
    """
    lines = enumerate(read_text(path).splitlines(), start=1)
    rows = [_row(line, f"{path}, line {number}") for number, line in lines if line.strip()]
    if not rows:
        raise InputError(f"{path} is empty; expected a span and its class per line.")
    return rows


def find_sentences(spans: Sequence[str], sentences: Sequence[TaggedSentence]) -> list[str | None]:
    """Find the sentences that spans were taken from, where their order shows it.

    English Kompetencer lists spans of SkillSpan in its order, with many that were never published between them.

    Args:
        spans: In the order of their file.
        sentences: In the order of theirs.

    Returns:
        For each span its sentence, as words joined by spaces; None where fewer than three in a row agree.
    """
    there = [span for sentence in sentences for span in _spans_of(sentence)]
    matcher = SequenceMatcher(None, [_key(span) for span in spans], [_key(text) for text, _ in there], autojunk=False)
    found: list[str | None] = [None] * len(spans)
    for block in matcher.get_matching_blocks():
        if block.size >= _LEAST_RUN:
            found[block.a : block.a + block.size] = [text for _, text in there[block.b : block.b + block.size]]
    return found


def skillspan_sentences(spans: Sequence[str], folder: Path | None) -> list[str | None]:
    """Find the sentences of English spans in the train and dev splits of SkillSpan.

    Args:
        spans: In the order of their file.
        folder: Of SkillSpan; None: nothing is found.

    Returns:
        For each span its sentence, or None.

    Raises:
        InputError: If a file is missing or cannot be read.
    """
    if folder is None:
        return [None] * len(spans)
    return find_sentences(spans, [row for split in ("train", "dev") for row in read_tagged(find_split(folder, split))])


def _row(line: str, where: str) -> GroupedSpan:
    cells = line.split("\t")
    if len(cells) != 2:
        raise InputError(f"{where} has {len(cells)} columns; expected a span and its class, parted by a tab.")
    text, code = (cell.strip() for cell in cells)
    if not text or code not in CLASSES:
        raise InputError(f"{where} has the span {text!r} and the class {code!r}; expected one of {', '.join(CLASSES)}.")
    return GroupedSpan(text, code)


def _spans_of(sentence: TaggedSentence) -> list[tuple[str, str]]:
    """The texts of a sentence's spans, skills first, each with the sentence."""
    row = from_tagged(sentence, origin="sentence")
    by_layer = sorted(row.spans, key=lambda span: (span.label != "Skill", span.start))
    return [(row.text[span.start : span.end], row.text) for span in by_layer]


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
