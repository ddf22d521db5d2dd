import numpy as np
import pytest

from metier.index.bm25 import WordIndex


def test_weights_by_hand():
    index = WordIndex([["bake", "bread"], ["bake", "bake", "cake", "today"], ["sing"], []])
    # n = 4, df(bake) = 2: idf = ln(1 + 2.5 / 2.5) = 0.6931; mean length 7 / 4 = 1.75
    # first: 1 * 2.2 / (1 + 1.2 (0.25 + 0.75 * 2 / 1.75)) = 2.2 / 2.3286
    # second: 4.4 / (2 + 1.2 (0.25 + 0.75 * 4 / 1.75))
    expected = [0.6931 * 2.2 / 2.3286, 0.6931 * 4.4 / 4.3571, 0, 0]
    assert index.weights(["bake"]) == pytest.approx(expected, abs=1e-4)


def test_a_word_twice_in_the_query_counts_once_and_an_unknown_one_not():
    index = WordIndex([["a"], ["b"]])
    assert np.array_equal(index.weights(["a", "a", "z"]), index.weights(["a"]))


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_nothing_is_found_among_nothing(documents):
    assert WordIndex(documents).weights(["a"]).tolist() == [0] * len(documents)
