import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.spans import (
    WordSpan,
    f1_interval,
    lenient_counts,
    precision_recall,
    strict_counts,
    tag_spans,
)

TAGS = st.lists(st.sampled_from(["B", "I", "O", "B-Skill", "I-Skill", "B-Tool", "I-Tool"]))


def pairs(tags, rule="strict"):
    return [(span.start, span.end) for span in tag_spans(tags.split(), rule=rule)]


def test_adjacent_spans_stay_apart_under_every_rule():
    for rule in ("strict", "conlleval", "machamp"):
        assert pairs("B I B O B B", rule) == [(0, 2), (2, 3), (4, 5), (5, 6)]


def test_no_tags_and_only_outside_tags_give_no_spans():
    assert tag_spans([]) == []
    assert pairs("O O", "conlleval") == []


def test_orphan_inside_is_ignored_by_strict_and_machamp_and_opens_a_span_for_conlleval():
    assert pairs("O I I O B") == [(4, 5)]
    assert pairs("O I I O B", "machamp") == [(4, 5)]
    assert pairs("O I I O B", "conlleval") == [(1, 3), (4, 5)]


def test_inside_of_another_type_ends_a_span_except_for_machamp():
    tags = ["B-Skill", "I-Tool", "I-Tool"]
    assert tag_spans(tags) == [WordSpan(0, 1, "Skill")]
    assert tag_spans(tags, rule="conlleval") == [WordSpan(0, 1, "Skill"), WordSpan(1, 3, "Tool")]
    assert tag_spans(tags, rule="machamp") == [WordSpan(0, 3, "Skill")]


@given(TAGS)
def test_every_span_is_filled_ordered_and_apart(tags):
    for rule in ("strict", "conlleval", "machamp"):
        spans = tag_spans(tags, rule=rule)
        edges = [edge for span in spans for edge in (span.start, span.end)]
        assert edges == sorted(edges)
        assert all(span.start < span.end and "O" not in tags[span.start : span.end] for span in spans)


@given(TAGS)
def test_every_b_opens_a_span_under_every_rule(tags):
    begins = {i for i, tag in enumerate(tags) if tag[0] == "B"}
    for rule in ("strict", "machamp"):
        assert {span.start for span in tag_spans(tags, rule=rule)} == begins
    assert {span.start for span in tag_spans(tags, rule="conlleval")} >= begins


def test_micro_average_sums_over_sentences_before_dividing():
    gold = [[WordSpan(0, 2)], [WordSpan(1, 2), WordSpan(3, 4), WordSpan(5, 6)]]
    predicted = [[WordSpan(0, 2), WordSpan(4, 5)], [WordSpan(1, 2)]]
    figures = precision_recall(strict_counts(gold, predicted))
    # right: 1 + 1 of 3 predicted and 4 gold; F1 = 2 * (2/3) * (1/2) / (2/3 + 1/2) = (2/3) / (7/6) = 4/7
    assert figures.precision == pytest.approx(2 / 3)
    assert figures.recall == pytest.approx(1 / 2)
    assert figures.f1 == pytest.approx(4 / 7)


def test_kind_is_part_of_a_span():
    counts = strict_counts([[WordSpan(0, 1, "skill")]], [[WordSpan(0, 1, "knowledge")]])
    assert counts.tolist() == [[0, 1, 0, 1]]
    assert lenient_counts([[WordSpan(0, 1, "skill")]], [[WordSpan(0, 1, "knowledge")]]).tolist() == [[0, 1, 0, 1]]


def test_nothing_predicted_nothing_gold_and_no_sentences_give_zeros():
    nothing_predicted = precision_recall(strict_counts([[WordSpan(0, 1)]], [[]]))
    assert (nothing_predicted.precision, nothing_predicted.recall, nothing_predicted.f1) == (0, 0, 0)
    nothing_gold = precision_recall(strict_counts([[]], [[WordSpan(0, 1)]]))
    assert (nothing_gold.precision, nothing_gold.recall, nothing_gold.f1) == (0, 0, 0)
    assert precision_recall(strict_counts([], [])).f1 == 0


def test_sentences_empty_on_both_sides_add_nothing():
    gold, predicted = [[WordSpan(0, 1)]], [[WordSpan(0, 1), WordSpan(2, 3)]]
    alone = precision_recall(strict_counts(gold, predicted))
    assert precision_recall(strict_counts([*gold, [], []], [*predicted, [], []])) == alone


def test_a_span_predicted_twice_counts_once():
    assert strict_counts([[WordSpan(0, 1)]], [[WordSpan(0, 1), WordSpan(0, 1)]]).tolist() == [[1, 1, 1, 1]]


def test_lenient_counts_each_side_on_its_own():
    gold = [[WordSpan(0, 4)]]
    predicted = [[WordSpan(0, 1), WordSpan(3, 5), WordSpan(4, 6)]]
    # two predictions share a word with the gold span, the third starts where it ends; the gold span is found
    assert lenient_counts(gold, predicted).tolist() == [[2, 3, 1, 1]]
    # precision 2/3, recall 1: F1 = 2 * (2/3) / (5/3) = 4/5
    assert precision_recall(lenient_counts(gold, predicted)).f1 == pytest.approx(0.8)


@given(st.lists(st.tuples(TAGS, TAGS), max_size=6))
def test_lenient_is_never_below_strict_and_f1_lies_between(sentences):
    gold = [tag_spans(left) for left, _ in sentences]
    predicted = [tag_spans(right) for _, right in sentences]
    strict = precision_recall(strict_counts(gold, predicted))
    lenient = precision_recall(lenient_counts(gold, predicted))
    assert lenient.precision >= strict.precision
    assert lenient.recall >= strict.recall
    assert min(strict.precision, strict.recall) <= strict.f1 + 1e-12
    assert strict.f1 <= max(strict.precision, strict.recall) + 1e-12


def test_interval_holds_the_figure_is_seeded_and_narrows_with_more_sentences():
    generator = np.random.default_rng(3)
    gold = [[WordSpan(0, 1)] for _ in range(400)]
    predicted = [[WordSpan(0, 1)] if generator.random() < 0.6 else [WordSpan(1, 2)] for _ in range(400)]
    counts = strict_counts(gold, predicted)
    interval = f1_interval(counts, seed=1)
    assert interval.low < precision_recall(counts).f1 < interval.high
    assert interval == f1_interval(counts, seed=1)
    assert interval != f1_interval(counts, seed=2)
    few = f1_interval(counts[:40], seed=1)
    assert few.high - few.low > interval.high - interval.low


def test_interval_of_no_sentences_is_zero():
    interval = f1_interval(strict_counts([], []), seed=0)
    assert (interval.low, interval.high) == (0, 0)
