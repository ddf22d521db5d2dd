import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.spans import WordSpan, lenient_counts, loose_counts, precision_recall

SPANS = st.sets(st.tuples(st.integers(0, 8), st.integers(1, 4)).map(lambda one: WordSpan(one[0], one[0] + one[1])))


def counts(gold, predicted, *, length=6, legacy=False):
    rows = loose_counts(
        [{WordSpan(*span) for span in gold}],
        [{WordSpan(*span) for span in predicted}],
        lengths=[length],
        legacy=legacy,
    )
    return rows[0].tolist()


def test_a_shared_word_is_a_hit_on_both_sides():
    # (1, 4) and (3, 5) share word 3; (5, 6) shares none
    assert counts([(1, 4)], [(3, 5), (5, 6)]) == [1, 2, 1, 1]


def test_neighbours_do_not_touch():
    assert counts([(0, 2)], [(2, 3)]) == [0, 1, 0, 1]


def test_kinds_do_not_count():
    assert loose_counts([{WordSpan(0, 2, "skill")}], [{WordSpan(1, 2, "knowledge")}], lengths=[3])[0].tolist() == [
        1,
        1,
        1,
        1,
    ]


def test_one_long_prediction_finds_every_gold_span_in_it():
    # precision 1 of 1, recall 2 of 2
    assert counts([(0, 1), (3, 4)], [(0, 5)]) == [1, 1, 2, 2]


def test_the_paper_does_not_recall_what_a_prediction_reaches_beyond_on_both_sides():
    # gold 2..4; the prediction's bounds 1 and 5 lie outside; but gold's bounds lie within the prediction
    assert counts([(2, 4)], [(1, 5)]) == [1, 1, 1, 1]
    assert counts([(2, 4)], [(1, 5)], legacy=True) == [1, 1, 0, 1]


def test_the_paper_lets_neighbours_touch():
    # gold 0..2, its end counted as word 2; the prediction begins at word 2
    assert counts([(0, 2)], [(2, 3)], legacy=True) == [1, 1, 1, 1]
    assert counts([(0, 2)], [(3, 4)], legacy=True) == [0, 1, 0, 1]


def test_the_end_of_the_sentence_is_the_last_word_for_the_paper():
    # in four words gold (2, 4) is 2..3; a prediction (3, 4) is 3..3: its begin lies within
    assert counts([(2, 4)], [(3, 4)], length=4, legacy=True) == [1, 1, 1, 1]


@pytest.mark.parametrize("legacy", [True, False])
def test_sentences_without_spans_add_nothing(legacy):
    assert counts([], [], legacy=legacy) == [0, 0, 0, 0]
    assert counts([(0, 1)], [], legacy=legacy) == [0, 0, 0, 1]
    assert precision_recall(loose_counts([], [], lengths=[], legacy=legacy)).f1 == 0


@given(st.lists(st.tuples(SPANS, SPANS), max_size=4))
def test_of_spans_of_one_kind_loose_is_lenient(pairs):
    gold, predicted = [one for one, _ in pairs], [other for _, other in pairs]
    loose = loose_counts(gold, predicted, lengths=[20] * len(pairs))
    assert loose.tolist() == lenient_counts(gold, predicted).tolist()
