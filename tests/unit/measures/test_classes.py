import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from metier.measures.classes import accuracy, class_counts, f1_by_class, macro_f1, weighted_f1

CLASSES = ("a", "b", "c", "d")


def sums(gold, guessed):
    return class_counts(gold, guessed, CLASSES).sum(axis=0, keepdims=True)


def test_figures_by_hand():
    counted = sums(["a", "a", "a", "b"], ["a", "a", "b", "c"])
    # a: 2 hits, 2 guesses, 3 true: 4/5; b: 0 hits, 1 guess, 1 true: 0; c: 1 guess: 0; d: never
    assert f1_by_class(counted)[0].tolist() == pytest.approx([0.8, 0, 0, 0])
    assert weighted_f1(counted)[0] == pytest.approx(3 / 4 * 0.8)
    assert macro_f1(counted)[0] == pytest.approx(0.8 / 3)
    assert accuracy(counted)[0] == pytest.approx(2 / 4)


PAIRS = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=30)


@given(PAIRS)
def test_figures_are_those_of_scikit_learn(pairs):
    gold, guessed = map(list, zip(*pairs, strict=True))
    counted = sums(gold, guessed)
    for average, ours in (("weighted", weighted_f1), ("macro", macro_f1)):
        assert ours(counted)[0] == pytest.approx(f1_score(gold, guessed, average=average, zero_division=0))
    assert accuracy(counted)[0] == pytest.approx(accuracy_score(gold, guessed))


def test_no_items_give_zero():
    nothing = np.zeros((1, 12))
    assert [measure(nothing)[0] for measure in (weighted_f1, macro_f1, accuracy)] == [0, 0, 0]
