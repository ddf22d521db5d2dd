"""spaCy's DocBin (extra `spacy`): the spans as a group named `skills`, and as entities where none overlap."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from metier.data.packed_text import read_bytes, write_whole
from metier.data.span_lines import facts_from, facts_of
from metier.data.spanned_text import LabelledSpan, SpannedText, checked
from metier.domain import Span
from metier.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from spacy.tokens import Doc

_GROUP: Final = "skills"
_FACTS: Final = "metier"  # under this key of a document's user data stands what spaCy has no field for


def read_docbin(path: Path, *, tell: Callable[[str], None]) -> list[SpannedText]:
    """Read the documents of a DocBin.

    Args:
        path: The `.spacy` file.
        tell: Not called: nothing is changed.

    Returns:
        A row per document; its spans are the group `skills`, or the entities where there is no such group.

    Raises:
        InputError: If the file cannot be read.
        MissingExtra: If spaCy is not installed.
    """
    bin_type, vocab, _ = _spacy()
    try:
        documents = list(bin_type(store_user_data=True).from_bytes(read_bytes(path)).get_docs(vocab))
    except (ValueError, KeyError) as error:
        raise InputError(f"{path} is no DocBin ({error}); give a .spacy file that spaCy wrote.") from error
    return [_row(document, f"{path}, row {number}") for number, document in enumerate(documents, start=1)]


def write_docbin(rows: Sequence[SpannedText], path: Path) -> None:
    """Write a DocBin.

    Args:
        rows: With words; spans begin and end with one.
        path: The file; it appears when it is whole.

    Raises:
        InputError: If the file cannot be written.
        MissingExtra: If spaCy is not installed.
    """
    bin_type, vocab, document_type = _spacy()
    documents = bin_type(store_user_data=True)
    for row in rows:
        tokens = list(_tokens(row))
        document = document_type(vocab, words=[text for text, _ in tokens], spaces=[space for _, space in tokens])
        spans = [document.char_span(span.start, span.end, label=span.label) for span in row.spans]
        document.spans[_GROUP] = spans
        if all(before.end <= after.start for before, after in pairwise(spans)):
            document.set_ents(spans)
        if facts := facts_of(row):
            document.user_data[_FACTS] = facts
        documents.add(document)
    write_whole(path, documents.to_bytes())


def _spacy() -> tuple[Any, Any, Any]:
    """Give the type of a DocBin, a vocabulary and the type of a document."""
    try:
        from spacy.tokens import Doc, DocBin
        from spacy.vocab import Vocab
    except ImportError as error:
        raise MissingExtra("spacy", "Reading or writing a DocBin") from error
    return DocBin, Vocab(), Doc


def _row(document: "Doc", where: str) -> SpannedText:
    group = document.spans.get(_GROUP)
    spans = [
        LabelledSpan(span.start_char, span.end_char, span.label_)
        for span in (document.ents if group is None else group)
    ]
    words = [Span(token.idx, token.idx + len(token)) for token in document]
    facts = facts_from(document.user_data.get(_FACTS), where)
    return checked(SpannedText(document.text, tuple(words), tuple(spans), *facts, where))


def _tokens(row: SpannedText) -> Iterator[tuple[str, bool]]:
    """Give tokens and whether a space follows; what lies between words, but for one space, is a token of its own."""
    position = 0
    for word in row.words or ():
        yield from _between(row.text[position : word.start], at_start=position == 0)
        position = word.end
        yield row.text[word.start : word.end], row.text[position : position + 1] == " "
    yield from _between(row.text[position:], at_start=position == 0)


def _between(gap: str, *, at_start: bool) -> Iterator[tuple[str, bool]]:
    rest = gap if at_start else gap.removeprefix(" ")
    if rest:
        yield rest, False
