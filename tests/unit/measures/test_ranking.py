import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.ranking import accuracy_at, r_precision_at, recall_at, reciprocal_rank, relevance

RANKINGS = [["a", "b", "c", "d"], ["a", "b"], ["x"], []]
ANSWERS = [{"b", "d", "z"}, {"a"}, {"y"}, {"a"}]
N_ANSWERS = np.array([3, 1, 1, 1])


def test_relevance_marks_ranks_and_pads_short_rankings_with_false():
    marks = relevance(RANKINGS, ANSWERS, depth=3)
    assert marks.tolist() == [[False, True, False], [True, False, False], [False] * 3, [False] * 3]


def test_reciprocal_rank_is_one_over_the_first_right_rank_within_the_depth():
    # ranks: 2, 1, none, none
    assert reciprocal_rank(relevance(RANKINGS, ANSWERS, depth=4)).tolist() == [0.5, 1, 0, 0]
    assert reciprocal_rank(relevance(RANKINGS, ANSWERS, depth=1)).tolist() == [0, 1, 0, 0]


def test_accuracy_looks_at_the_first_k_only():
    marks = relevance(RANKINGS, ANSWERS, depth=4)
    assert accuracy_at(marks, k=1).tolist() == [0, 1, 0, 0]
    assert accuracy_at(marks, k=2).tolist() == [1, 1, 0, 0]


def test_r_precision_divides_by_what_could_be_found():
    marks = relevance(RANKINGS, ANSWERS, depth=4)
    # first query: k = 2: 1 hit / min(2, 3); k = 4: 2 hits / min(4, 3)
    assert r_precision_at(marks, N_ANSWERS, k=2).tolist() == pytest.approx([1 / 2, 1, 0, 0])
    assert r_precision_at(marks, N_ANSWERS, k=4).tolist() == pytest.approx([2 / 3, 1, 0, 0])


def test_recall_divides_by_all_answers():
    marks = relevance(RANKINGS, ANSWERS, depth=4)
    assert recall_at(marks, N_ANSWERS, k=2).tolist() == pytest.approx([1 / 3, 1, 0, 0])


def test_query_without_an_answer_counts_as_zero_and_can_be_left_out():
    marks, n_answers = relevance([["a"], ["a"]], [set(), {"a"}], depth=1), np.array([0, 1])
    values = r_precision_at(marks, n_answers, k=1)
    assert values.mean() == 0.5
    assert values[n_answers > 0].mean() == 1
    assert recall_at(marks, n_answers, k=1).tolist() == [0, 1]


def test_what_comes_twice_counts_once_and_the_ranks_close_up():
    assert relevance([["a", "a", "b"]], [{"a", "b"}], depth=3).tolist() == [[True, True, False]]


def test_no_queries_give_no_values():
    marks = relevance([], [], depth=5)
    assert reciprocal_rank(marks).shape == (0,)
    assert accuracy_at(marks, k=1).shape == (0,)


@given(st.lists(st.tuples(st.permutations("abcdef"), st.sets(st.sampled_from("abcdef"), min_size=1)), min_size=1))
def test_measures_equal_their_definitions_by_plain_loops(queries):
    marks = relevance([ranking for ranking, _ in queries], [right for _, right in queries], depth=6)
    n_answers = np.array([len(right) for _, right in queries])
    for k in (1, 3, 6):
        hits = [sum(item in right for item in ranking[:k]) for ranking, right in queries]
        sizes = [len(right) for _, right in queries]
        assert r_precision_at(marks, n_answers, k=k).tolist() == [
            h / min(k, n) for h, n in zip(hits, sizes, strict=True)
        ]
        assert recall_at(marks, n_answers, k=k).tolist() == [h / n for h, n in zip(hits, sizes, strict=True)]
        assert accuracy_at(marks, k=k).tolist() == [float(h > 0) for h in hits]
    firsts = [next(i for i, item in enumerate(ranking, 1) if item in right) for ranking, right in queries]
    assert reciprocal_rank(marks).tolist() == [1 / first for first in firsts]
