"""German job postings with their ICT terms marked: JSON lines of `id`, `text`, `tokens` and `spans`.

Bühlmann, ICTterm-recognition; compare Gnehm, Bühlmann, Buchs and Clematide (2022), Fine-Grained Extraction and
Classification of Skill Requirements in German-Speaking Job Ads.
"""

from pathlib import Path
from typing import Final

from metier.data.packed_text import read_objects
from metier.data.skillspan import TaggedSentence
from metier.data.span_lines import row_to_spans, row_to_words, string_of
from metier.data.span_tags import to_tagged
from metier.data.spanned_text import SpannedText, checked, cut_sentences, relabelled, with_words

_LABEL: Final = "ICT"


def read_german_ict(path: Path) -> list[TaggedSentence]:
    """Read postings as tagged sentences.

    Args:
        path: JSON lines, packed with gzip or not.

    Returns:
        The sentences of all postings, in file order; the terms are the knowledge layer, and there is no skill layer.
        A posting without tokens is cut into words by `metier.text`.

    Raises:
        InputError: If the file cannot be read, or a row is not what it should be; the message names the row.
        MissingColumn: If a row has no text or no spans.
    """
    rows = [relabelled(row, {_LABEL: "Knowledge"}) for row in read_german_ict_texts(path)]
    return [to_tagged(with_words(row)) for row in rows]


def read_german_ict_texts(path: Path) -> list[SpannedText]:
    """Read postings as sentences with spans.

    Args:
        path: JSON lines, packed with gzip or not.

    Returns:
        The sentences of all postings, in file order, as they stand in the posting; all spans are labelled `ICT`.

    Raises:
        InputError: If the file cannot be read, or a row is not what it should be; the message names the row.
        MissingColumn: If a row has no text or no spans.
    """
    found: list[SpannedText] = []
    for where, row in read_objects(path):
        text = string_of(row, "text", where)
        words = None if row.get("tokens") is None else row_to_words(row, where)
        posting = SpannedText(text, words, row_to_spans(row, where), (_LABEL,), str(row.get("id", "")), origin=where)
        found += cut_sentences(checked(posting))
    return found
