"""Mean over the right answers of the precision at their rank."""

import numpy as np
import pytest

from metier.measures.ranking import average_precision


def test_by_hand():
    relevant = np.array([[True, False, True], [False, False, False], [False, True, False]])
    # (1/1 + 2/3) / 2; nothing found; (1/2) / 2: one of two answers never comes
    assert average_precision(relevant, np.array([2, 1, 2])) == pytest.approx([5 / 6, 0, 1 / 4])


def test_no_answer_counts_as_zero():
    assert average_precision(np.zeros((1, 3), dtype=bool), np.array([0])).tolist() == [0]
    assert average_precision(np.zeros((0, 3), dtype=bool), np.array([], dtype=np.int64)).tolist() == []


def test_all_right_answers_first_give_one():
    assert average_precision(np.array([[True, True, False]]), np.array([2])).tolist() == [1]
