"""Span measures against seqeval, on well-formed and malformed tags."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities

from metier.measures.spans import WordSpan, precision_recall, strict_counts, tag_spans

TAGS = ["O", "B-skill", "I-skill", "B-tool", "I-tool"]
SENTENCES = st.lists(
    st.integers(1, 12).flatmap(lambda n: st.tuples(*[st.lists(st.sampled_from(TAGS), min_size=n, max_size=n)] * 2)),
    min_size=1,
    max_size=8,
)


def seqeval_micro(gold, predicted, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # seqeval warns where a figure is 0 by definition
        return [
            measure(gold, predicted, zero_division=0, **options)
            for measure in (precision_score, recall_score, f1_score)
        ]


def our_micro(gold, predicted, rule):
    counts = strict_counts(
        [tag_spans(tags, rule=rule) for tags in gold], [tag_spans(tags, rule=rule) for tags in predicted]
    )
    figures = precision_recall(counts)
    return [figures.precision, figures.recall, figures.f1]


@settings(max_examples=300, deadline=None)
@given(SENTENCES)
def test_conlleval_rule_equals_the_default_of_seqeval(sentences):
    gold, predicted = ([list(side) for side in column] for column in zip(*sentences, strict=True))
    assert our_micro(gold, predicted, "conlleval") == pytest.approx(seqeval_micro(gold, predicted))


@settings(max_examples=300, deadline=None)
@given(SENTENCES)
def test_strict_rule_equals_strict_iob2_of_seqeval(sentences):
    gold, predicted = ([list(side) for side in column] for column in zip(*sentences, strict=True))
    theirs = seqeval_micro(gold, predicted, mode="strict", scheme=IOB2)
    assert our_micro(gold, predicted, "strict") == pytest.approx(theirs)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(TAGS), min_size=1, max_size=20))
def test_spans_equal_the_entities_of_seqeval(tags):
    default = [WordSpan(start, end + 1, kind) for kind, start, end in get_entities(tags)]
    assert tag_spans(tags, rule="conlleval") == default
    strict = [WordSpan(found.start, found.end, found.tag) for found in Entities([tags], IOB2).entities[0]]
    assert tag_spans(tags) == strict


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("BIO"), min_size=1, max_size=20))
def test_bare_tags_equal_the_entities_of_seqeval(tags):
    assert [(s.start, s.end) for s in tag_spans(tags, rule="conlleval")] == [
        (start, end + 1) for _, start, end in get_entities(tags)
    ]
