"""Annotation files written and read by the tests."""

import json
from pathlib import Path

from metier.data.annotation_formats import read_annotations, write_annotations
from metier.data.format_names import Format
from metier.data.spanned_text import LabelledSpan, SpannedText
from metier.domain import Span

WRITTEN = [form for form in Format if form is not Format.GERMAN_ICT]
FAST = [form for form in WRITTEN if form is not Format.DOCBIN]
TEXT = "Écrire 🙂 du C++"  # words at 0-6, 7-8, 9-11, 12-15
WORDS = (Span(0, 6), Span(7, 8), Span(9, 11), Span(12, 15))
ROW = SpannedText(
    TEXT, WORDS, (LabelledSpan(0, 15, "Skill"), LabelledSpan(12, 15, "Knowledge")), posting="7", source="tech"
)
ICT = {"id": "ad-1", "sample": "a", "text": "Java!\nSie bauen APIs.", "tokens": None, "spans": []}


def read(path, **options):
    told = []
    rows = read_annotations(path, tell=told.append, **options)
    return rows, told


def write(rows, path, form, **options):
    told = []
    write_annotations(rows, path, form=form, tell=told.append, **options)
    return told


def place(folder, form):
    return Path(folder) / {Format.BRAT: "out", Format.DOCBIN: "out.spacy", Format.CONLL: "out.conll"}.get(
        form, "out.json"
    )


def save(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def save_rows(path, *rows):
    return save(path, "".join(json.dumps(row) + "\n" for row in rows))


def bare(row):
    return row.text, row.spans
