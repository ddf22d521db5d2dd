"""Spans as two layers of B, I and O tags over words, and back."""

from collections.abc import Sequence
from dataclasses import replace

from metier.data.skillspan import TaggedSentence
from metier.data.spanned_text import LABELS, LAYERS, LabelledSpan, SpannedText
from metier.domain import MentionKind, Span
from metier.errors import InputError


def layer_of(label: str) -> MentionKind | None:
    """Give the layer that a label names, in upper or lower case; None if it names neither."""
    return next((layer for layer in LAYERS if layer == label.casefold()), None)


def to_tagged(row: SpannedText) -> TaggedSentence:
    """Turn spans into two layers of tags.

    Args:
        row: With words; each span begins and ends with one, as `with_words` makes it.

    Returns:
        The sentence; a layer that was not looked for is None.

    Raises:
        InputError: If a label is neither Skill nor Knowledge, or spans of one layer overlap.
    """
    spans: dict[MentionKind, list[LabelledSpan]] = {}
    for label in (*row.looked_for, *(span.label for span in row.spans)):
        if (layer := layer_of(label)) is None:
            raise InputError(
                f"{row.origin} has the label '{label}'; words are tagged with Skill and Knowledge only: "
                f"give --label-map '{label}=skill', '{label}=knowledge', or '{label}=' to leave it out."
            )
        spans[layer] = [span for span in row.spans if layer_of(span.label) == layer]
    if not spans:
        raise InputError(
            f"{row.origin} says of neither Skill nor Knowledge that it was looked for; map a label to one."
        )
    cut = row.words or ()
    layers = {layer: _tags(cut, some, row.origin) for layer, some in spans.items()}
    text = tuple(row.text[word.start : word.end] for word in cut)
    return TaggedSentence(text, layers.get("skill"), layers.get("knowledge"), row.posting, row.source)


def from_tagged(sentence: TaggedSentence, *, origin: str) -> SpannedText:
    """Turn two layers of tags into spans over the words joined by single spaces.

    Args:
        sentence: Any; an I that nothing comes before begins a span.
        origin: The file and the row, for messages.

    Returns:
        The row, with words.

    Raises:
        InputError: If a word is empty or all white space.
    """
    cut = joined_words(sentence.words, origin=origin)
    spans, looked_for = [], []
    for label, tags in zip(LABELS, (sentence.skill, sentence.knowledge), strict=True):
        if tags is not None:
            looked_for.append(label)
            spans += tagged_spans(tags, cut, untyped=label)
    text = " ".join(sentence.words)
    return SpannedText(text, cut, tuple(sorted(spans)), tuple(looked_for), sentence.posting, sentence.source, origin)


def joined_words(texts: Sequence[str], *, origin: str) -> tuple[Span, ...]:
    """Place words one after the other with a space between; an error if one is empty or all white space."""
    placed, start = [], 0
    for number, word in enumerate(texts, start=1):
        if not word.strip():
            raise InputError(
                f"{origin}: word {number} is empty or white space ({word!r}); leave it out, with its tags."
            )
        placed.append(Span(start, start + len(word)))
        start += len(word) + 1
    return tuple(placed)


def tagged_spans(tags: Sequence[str], cut: Sequence[Span], *, untyped: str) -> list[LabelledSpan]:
    """List the spans that a layer of tags marks.

    Args:
        tags: `O`, or `B` or `I`, alone or with a type behind (`B-Skill`), one per word. An I that nothing of its type
            comes before begins a span.
        cut: Where the words are.
        untyped: The label of tags without a type.

    Returns:
        The spans in order; none overlap.
    """
    spans: list[LabelledSpan] = []
    is_open = False
    for tag, word in zip(tags, cut, strict=True):
        label = tag[2:] or untyped
        if tag == "O":
            is_open = False
        elif tag[0] == "I" and is_open and label == spans[-1].label:
            spans[-1] = replace(spans[-1], end=word.end)
        else:
            spans.append(LabelledSpan(word.start, word.end, label))
            is_open = True
    return spans


def n_orphans(tags: Sequence[str]) -> int:
    """Count the I tags that nothing of their type comes before; each begins a span."""
    pairs = zip(["O", *tags], tags, strict=False)
    return sum(tag[0] == "I" and (before == "O" or before[2:] != tag[2:]) for before, tag in pairs)


def _tags(cut: Sequence[Span], spans: Sequence[LabelledSpan], origin: str) -> tuple[str, ...]:
    starts = {word.start: position for position, word in enumerate(cut)}
    tags = ["O"] * len(cut)
    end = 0
    for span in spans:
        if span.start < end:
            raise InputError(
                f"{origin} has two spans '{span.label}' that overlap at {span.start}; B, I and O tags cannot say so: "
                "leave one out, or convert to a format with offsets."
            )
        end = span.end
        for position in range(starts[span.start], len(cut)):
            if cut[position].start >= end:
                break
            tags[position] = "I" if cut[position].start > span.start else "B"
    return tuple(tags)
