"""Texts with labelled stretches of characters: what every annotation format is read into and written from.

Offsets count code points. `span_tags` turns spans into tags of words.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, Literal, get_args

from metier.domain import MentionKind, Span
from metier.errors import InputError
from metier.text.sentences import sentences
from metier.text.words import words

WordCut = Literal["metier", "space"]  # as `metier.text` cuts; or a sentence per line, its words parted by white space

LAYERS: Final[tuple[MentionKind, ...]] = get_args(MentionKind)
LABELS: Final = tuple(layer.capitalize() for layer in LAYERS)


@dataclass(frozen=True, slots=True, order=True)
class LabelledSpan:
    """Code points `start` to `end` of a text, half-open, and what they are."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class SpannedText:
    """A text and what was marked in it; spans may overlap, by start, then end, then label, none twice."""

    text: str
    words: tuple[Span, ...] | None  # in order, apart, none of white space only; None: not cut yet
    spans: tuple[LabelledSpan, ...]
    looked_for: tuple[str, ...] = LABELS  # one of these without a span: there is none in the text
    posting: str = ""
    source: str = ""
    origin: str = field(default="", compare=False)  # the file and the row it was read from, for messages


def checked(row: SpannedText) -> SpannedText:
    """Check offsets as they came from a file and put them in order.

    Args:
        row: Words and spans in any order, maybe with white space at their ends or twice.

    Returns:
        The row as `SpannedText` promises: white space at the ends of spans is cut off, and words of white space are
        left out.

    Raises:
        InputError: If a span or a word is empty, all white space (a span), outside the text, or two words overlap.
    """
    spans = {_trimmed(row, span) for span in row.spans}
    kept = None
    if row.words is not None:
        for word in row.words:
            _check_inside(row, word, "word")
        kept = tuple(sorted(word for word in row.words if not row.text[word.start : word.end].isspace()))
        for first, second in pairwise(kept):
            if second.start < first.end:
                raise InputError(
                    f"{row.origin}: the words {_shown(first)} and {_shown(second)} overlap; expected them apart."
                )
    return replace(row, words=kept, spans=tuple(sorted(spans)))


def relabelled(row: SpannedText, labels: Mapping[str, str]) -> SpannedText:
    """Give other names to labels.

    Args:
        row: Any row.
        labels: Old name -> new name; an empty one leaves the spans out, `skill` means `Skill`, and so with knowledge.

    Returns:
        The row with the new labels, in spans and in what was looked for.
    """
    names = {old: new.capitalize() if new.capitalize() in LABELS else new for old, new in labels.items()}
    spans = {replace(span, label=name) for span in row.spans if (name := names.get(span.label, span.label))}
    looked_for = dict.fromkeys(name for label in row.looked_for if (name := names.get(label, label)))
    return replace(row, spans=tuple(sorted(spans)), looked_for=tuple(looked_for))


def with_words(row: SpannedText, *, cut: WordCut = "metier") -> SpannedText:
    """Cut a text into words, unless it came with them, and widen its spans to whole words.

    Args:
        row: Any row.
        cut: How to find the words.

    Returns:
        The row with words; each span begins and ends with one.

    Raises:
        InputError: If a span holds no word.
    """
    found = row.words if row.words is not None else tuple(_WORDS[cut](row.text))
    starts, ends = [word.start for word in found], [word.end for word in found]
    widened = set()
    for span in row.spans:
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end) - 1
        if first > last:
            raise InputError(f"{row.origin}: the span {_shown(span)} touches no word; mend the words or the span.")
        widened.add(LabelledSpan(starts[first], ends[last], span.label))
    return replace(row, words=found, spans=tuple(sorted(widened)))


def cut_sentences(row: SpannedText, *, cut: WordCut = "metier") -> list[SpannedText]:
    """Cut a text into sentences.

    Args:
        row: Any row.
        cut: How to find the sentences.

    Returns:
        A row per sentence, with the words that lie in it, if there were any. Sentences that a span reaches across stay
        together; bullets and white space between sentences are left out, unless a span marks them.
    """
    return [_slice(row, piece) for piece in _merged([*_SENTENCES[cut](row.text), *row.spans])]


def _slice(row: SpannedText, piece: Span) -> SpannedText:
    inside = [
        replace(span, start=span.start - piece.start, end=span.end - piece.start)
        for span in row.spans
        if piece.start <= span.start < piece.end
    ]
    cut = None
    if row.words is not None:  # a word that goes beyond the sentence is cut where the sentence ends
        clipped = [(max(word.start, piece.start), min(word.end, piece.end)) for word in row.words]
        cut = tuple(Span(start - piece.start, end - piece.start) for start, end in clipped if start < end)
    return replace(row, text=row.text[piece.start : piece.end], words=cut, spans=tuple(inside))


def _merged(stretches: Sequence[Span | LabelledSpan]) -> list[Span]:
    """Put stretches that overlap together."""
    merged: list[Span] = []
    for start, end in sorted((stretch.start, stretch.end) for stretch in stretches):
        if merged and start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Span(start, end))
    return merged


def _trimmed(row: SpannedText, span: LabelledSpan) -> LabelledSpan:
    _check_inside(row, span, f"span '{span.label}'")
    marked = row.text[span.start : span.end]
    if marked.isspace():
        raise InputError(f"{row.origin}: the span '{span.label}' {_shown(span)} marks only white space; remove it.")
    start = span.start + len(marked) - len(marked.lstrip())
    return replace(span, start=start, end=start + len(marked.strip()))


def _check_inside(row: SpannedText, stretch: Span | LabelledSpan, what: str) -> None:
    if not 0 <= stretch.start < stretch.end <= len(row.text):
        raise InputError(
            f"{row.origin}: the {what} {_shown(stretch)} does not lie in the text of {len(row.text)} characters; "
            "expected 0 <= start < end, in code points."
        )


def _shown(stretch: Span | LabelledSpan) -> str:
    return f"{stretch.start}..{stretch.end}"


def _lines(text: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in re.finditer(r"[^\n]*\S[^\n]*", text))


def _chunks(text: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in re.finditer(r"\S+", text))


_SENTENCES: Final = {"metier": sentences, "space": _lines}
_WORDS: Final = {"metier": words, "space": _chunks}
