"""The spans that are there and the spans that a tagger found, sentence by sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from metier.data.skillspan import TaggedSentence
from metier.domain import Mention, MentionKind, Span
from metier.measures.spans import Rule, WordSpan, tag_spans
from metier.protocols import Tagger

LAYERS: Final[tuple[MentionKind, ...]] = get_args(MentionKind)
POOLED: Final = "pooled"


@dataclass(frozen=True, slots=True)
class SpanPairs:
    """One sentence: gold and predicted spans of the layers that are annotated in it."""

    sentence: TaggedSentence
    gold: frozenset[WordSpan]
    predicted: frozenset[WordSpan]

    def text(self, span: WordSpan) -> str:
        """The words of a span, joined by single spaces, in the case that they are written in."""
        return " ".join(self.sentence.words[span.start : span.end])


def pair_spans(tagger: Tagger, sentences: Sequence[TaggedSentence]) -> list[SpanPairs]:
    """Tag sentences and put what was found beside the gold.

    Args:
        tagger: What to look at.
        sentences: Words with gold tags.

    Returns:
        In sentence order. Mentions of a layer without gold in a sentence are left out of it, as in
        `evaluate_tagging`.
    """
    return [
        SpanPairs(
            sentence,
            gold=frozenset(span for layer in LAYERS for span in gold_spans(sentence, layer)),
            predicted=frozenset(span for span, _ in found if layer_tags(sentence, span.kind) is not None),
        )
        for sentence, found in zip(sentences, tag_words(tagger, sentences), strict=True)
    ]


def layer_views(pairs: Sequence[SpanPairs]) -> Mapping[str, frozenset[str]]:
    """Name the views that figures are given for.

    Args:
        pairs: Sentences.

    Returns:
        Each annotated layer by itself; then `pooled`, all of them.
    """
    annotated = [layer for layer in LAYERS if any(layer_tags(pair.sentence, layer) is not None for pair in pairs)]
    views: dict[str, frozenset[str]] = {layer: frozenset({layer}) for layer in annotated}
    return {**views, POOLED: frozenset(annotated)} if views else {}


def tag_words(tagger: Tagger, sentences: Sequence[TaggedSentence]) -> list[list[tuple[WordSpan, float]]]:
    """Tag sentences, telling the tagger where the words are.

    Args:
        tagger: What finds the mentions.
        sentences: Read as their words, joined by single spaces.

    Returns:
        Per sentence, the word span and the probability of each mention. A mention covers every word that it
        overlaps; one that touches no word is one of no words, at 0.
    """
    words = [_word_spans(sentence.words) for sentence in sentences]
    mentions = tagger.tag([" ".join(sentence.words) for sentence in sentences], words=words)
    return [_snapped(some, spans) for some, spans in zip(mentions, words, strict=True)]


def layer_tags(sentence: TaggedSentence, layer: str) -> tuple[str, ...] | None:
    """The gold tags of a layer; None: not annotated."""
    return sentence.skill if layer == "skill" else sentence.knowledge


def gold_spans(sentence: TaggedSentence, layer: str, *, rule: Rule = "strict") -> set[WordSpan]:
    """The gold spans of a layer; none where it is not annotated."""
    tags = layer_tags(sentence, layer) or ()
    return {WordSpan(span.start, span.end, layer) for span in tag_spans(tags, rule=rule)}


def _word_spans(words: Sequence[str]) -> list[Span]:
    spans, start = [], 0
    for word in words:
        spans.append(Span(start, start + len(word)))
        start += len(word) + 1  # the space
    return spans


def _snapped(mentions: Sequence[Mention], words: Sequence[Span]) -> list[tuple[WordSpan, float]]:
    """Turn character spans into word spans; a mention that touches no word is one of no words."""
    snapped = []
    for mention in mentions:
        inside = [i for i, word in enumerate(words) if word.start < mention.span.end and mention.span.start < word.end]
        span = WordSpan(inside[0], inside[-1] + 1, mention.kind) if inside else WordSpan(0, 0, mention.kind)
        snapped.append((span, mention.probability))
    return snapped
