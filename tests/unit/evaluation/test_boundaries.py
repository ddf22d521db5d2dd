import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.data.skillspan import TaggedSentence
from metier.evaluation.boundaries import (
    GOLD_KINDS,
    PREDICTED_KINDS,
    compare_lengths,
    gold_kind,
    n_shared,
    prediction_kind,
    sort_gold,
    sort_predictions,
)
from metier.evaluation.span_pairs import SpanPairs
from metier.measures.spans import WordSpan

GOLD = {WordSpan(2, 5, "skill"), WordSpan(7, 8, "knowledge")}


def pair(gold, predicted, n_words=12):
    sentence = TaggedSentence(("w",) * n_words, ("O",) * n_words, ("O",) * n_words)
    return SpanPairs(sentence, frozenset(gold), frozenset(predicted))


@pytest.mark.parametrize(
    ("start", "end", "kind"),
    [
        (2, 5, "correct"),
        (3, 5, "too_short"),
        (3, 4, "too_short"),
        (1, 5, "too_long"),
        (0, 9, "too_long"),
        (1, 3, "shifted"),
        (4, 6, "shifted"),
        (7, 8, "other_layer"),
        (5, 6, "spurious"),
        (0, 0, "spurious"),  # touches no word
    ],
)
def test_prediction_falls_into_its_kind(start, end, kind):
    assert prediction_kind(WordSpan(start, end, "skill"), GOLD) == kind


def test_prediction_is_compared_with_the_gold_span_that_it_shares_most_with():
    # one word of the first, two words, which are all, of the second
    gold = {WordSpan(0, 3, "skill"), WordSpan(3, 5, "skill")}
    assert prediction_kind(WordSpan(2, 5, "skill"), gold) == "too_long"
    # one word of each: the first, whose word 2 is only a part
    assert prediction_kind(WordSpan(2, 4, "skill"), gold) == "shifted"


def test_gold_span_is_found_touched_or_missed():
    found = {WordSpan(0, 2, "skill"), WordSpan(3, 6, "skill"), WordSpan(7, 8, "knowledge")}
    assert gold_kind(WordSpan(0, 2, "skill"), found) == "correct"
    assert gold_kind(WordSpan(5, 7, "skill"), found) == "touched"
    assert gold_kind(WordSpan(7, 8, "skill"), found) == "missed"  # the other layer does not help


def test_lengths_are_compared_over_pairs_that_share_a_word():
    pairs = [
        pair(
            [WordSpan(0, 3, "skill"), WordSpan(5, 6, "skill")],
            [WordSpan(0, 1, "skill"), WordSpan(2, 6, "skill"), WordSpan(8, 9, "knowledge")],
        )
    ]
    skill = compare_lengths(pairs)["skill"]
    # gold 3 and 1 words, found 1 and 4
    assert (skill.mean_gold, skill.mean_predicted, skill.n_gold, skill.n_predicted) == (2, 2.5, 2, 2)
    # 3 words with 1, 3 with 4, 1 with 4
    cells = {(row + 1, column + 1): n for row, line in enumerate(skill.pairs) for column, n in enumerate(line) if n}
    assert cells == {(3, 1): 1, (3, 4): 1, (1, 4): 1}
    knowledge = compare_lengths(pairs)["knowledge"]
    assert (knowledge.mean_gold, knowledge.mean_predicted, sum(map(sum, knowledge.pairs))) == (0, 1, 0)


def test_lengths_past_ten_share_a_cell():
    [figures, *_] = compare_lengths([pair([WordSpan(0, 12, "skill")], [WordSpan(1, 12, "skill")])]).values()
    assert figures.pairs[10][10] == 1
    assert (figures.mean_gold, figures.mean_predicted) == (12, 11)


SPANS = st.sets(
    st.tuples(st.integers(0, 9), st.integers(1, 4), st.sampled_from(["skill", "knowledge"])).map(
        lambda parts: WordSpan(parts[0], parts[0] + parts[1], parts[2])
    ),
    max_size=6,
)


@given(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4))
def test_kinds_sum_to_the_number_of_spans_and_agree_on_the_correct_ones(rows):
    pairs = [pair(gold, predicted, n_words=14) for gold, predicted in rows]
    predictions, gold = sort_predictions(pairs), sort_gold(pairs)
    for layer in ("skill", "knowledge"):
        assert tuple(predictions[layer]) == PREDICTED_KINDS
        assert tuple(gold[layer]) == GOLD_KINDS
        assert sum(predictions[layer].values()) == sum(span.kind == layer for one in pairs for span in one.predicted)
        assert sum(gold[layer].values()) == sum(span.kind == layer for one in pairs for span in one.gold)
        assert gold[layer]["correct"] == sum(span.kind == layer for one in pairs for span in one.predicted & one.gold)
    assert predictions["pooled"] == {
        kind: predictions["skill"][kind] + predictions["knowledge"][kind] for kind in PREDICTED_KINDS
    }


@given(st.integers(0, 9), st.integers(0, 5), st.integers(0, 9), st.integers(0, 5))
def test_shared_words_are_those_in_both_ranges(start, length, other_start, other_length):
    one, other = range(start, start + length), range(other_start, other_start + other_length)
    assert n_shared(WordSpan(one.start, one.stop), WordSpan(other.start, other.stop)) == len(set(one) & set(other))
