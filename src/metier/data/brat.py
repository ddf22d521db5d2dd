"""BRAT standoff: a folder with a `.txt` and an `.ann` file per text.

Stenetorp et al. (2012), brat: a Web-based Tool for NLP-Assisted Text Annotation. Offsets count code points. BRAT knows
neither words nor postings.
"""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from metier.data.files_out import check_writable
from metier.data.packed_text import read_text
from metier.data.spanned_text import LabelledSpan, SpannedText, checked
from metier.errors import InputError

_MARKED: Final = re.compile(r"T\d+\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?")


def read_brat(folder: Path, *, tell: Callable[[str], None]) -> list[SpannedText]:
    """Read a folder of texts and their annotations.

    Args:
        folder: With a `.txt` for each `.ann`.
        tell: Called with a sentence if texts without an `.ann` were left out, or discontinuous spans were filled in.

    Returns:
        A row per text, by file name, which is its posting. Only lines of T are read, not relations, events, attributes
        and notes. A span in several pieces becomes one from the start of the first to the end of the last.

    Raises:
        InputError: If there is no `.ann`, one has no `.txt`, or a line is not what it should be; the message names it.
    """
    texts, annotations = ({path.stem: path for path in folder.glob(f"*{ending}")} for ending in (".txt", ".ann"))
    if not annotations:
        raise InputError(f"{folder} holds no .ann file; give a folder of BRAT, with a .txt and an .ann for each text.")
    if lone := sorted(annotations.keys() - texts.keys()):
        raise InputError(f"{folder} has {lone[0]}.ann without {lone[0]}.txt; put the text beside it.")
    if n_without := len(texts.keys() - annotations.keys()):
        tell(f"{n_without} texts without an .ann file were left out")
    rows, n_filled = [], 0
    for name in sorted(annotations):
        text = read_text(texts[name])
        marked = [_marked(text, *line) for line in _lines(annotations[name])]
        n_filled += sum(filled for _, filled in marked)
        row = SpannedText(text, None, tuple(span for span, _ in marked), posting=name, origin=str(annotations[name]))
        rows.append(checked(row))
    if n_filled:
        tell(f"{n_filled} discontinuous spans were filled in, from their first piece to their last")
    return rows


def write_brat(rows: Sequence[SpannedText], folder: Path) -> None:
    """Write a folder with a numbered `.txt` and `.ann` for each row.

    Args:
        rows: Any.
        folder: New or empty; it appears when it is whole.

    Raises:
        InputError: If the folder holds something, or cannot be written, or a label has white space.
    """
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    if folder.exists():
        raise InputError(f"{folder} is there already; give the name of a new folder.")
    final = check_writable(folder)
    temporary = final.with_name(f".{final.name}-{os.getpid()}-{secrets.token_hex(4)}")
    temporary.mkdir()
    try:
        for number, row in enumerate(rows, start=1):
            name = temporary / f"{number:0{len(str(len(rows)))}}"
            name.with_suffix(".txt").write_bytes(row.text.encode())
            name.with_suffix(".ann").write_bytes("".join(_ann_lines(row)).encode())
        temporary.replace(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.startswith("T"):
            yield line.rstrip("\r"), f"{path}, line {number}"


def _marked(text: str, line: str, where: str) -> tuple[LabelledSpan, bool]:
    """Give the span of a line, and whether something other than white space stands between its pieces."""
    match = _MARKED.fullmatch(line)
    if match is None:
        raise InputError(
            f"{where} is '{line}'; expected 'T1', a tab, a label, start and end, a tab and the marked text."
        )
    pieces = sorted(tuple(map(int, piece.split())) for piece in match[2].split(";"))
    start, end = pieces[0][0], pieces[-1][1]
    inside = " ".join(text[first:last] for first, last in pieces)
    if match[3] is not None and match[3].split() != inside.split() and end <= len(text):
        raise InputError(f"{where} says '{match[3]}', but there stands '{inside}'; offsets have to count code points.")
    gaps = "".join(text[before[1] : after[0]] for before, after in pairwise(pieces))
    return LabelledSpan(start, end, match[1]), bool(gaps.strip())


def _ann_lines(row: SpannedText) -> Iterator[str]:
    for number, span in enumerate(row.spans, start=1):
        if not re.fullmatch(r"\S+", span.label):
            raise InputError(
                f"{row.origin} has the label '{span.label}', and BRAT takes no white space in it; "
                f"give --label-map '{span.label}=NEW'."
            )
        marked = row.text[span.start : span.end]
        pieces = [
            piece for piece in re.finditer(r"[^\n]+", marked) if not piece[0].isspace()
        ]  # BRAT's own way with lines
        offsets = ";".join(f"{span.start + piece.start()} {span.start + piece.end()}" for piece in pieces)
        yield f"T{number}\t{span.label} {offsets}\t{' '.join(piece[0] for piece in pieces)}\n"
