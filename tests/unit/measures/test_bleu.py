from math import exp, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.bleu import bleu

WORDS = st.lists(st.sampled_from(["data", "engineer", "élève", "🚀", "c++"]), max_size=6)


def test_unigram_bleu_is_the_share_of_right_words_where_the_candidate_is_long_enough():
    # 2 of 3 words are right, and 3 >= 2 words: no penalty
    assert bleu(["senior", "data", "engineer"], ["data", "engineer"], order=1) == pytest.approx(2 / 3)


def test_short_candidate_pays_for_its_brevity():
    # precision 1, c = 1, r = 3: exp(1 - 3)
    assert bleu(["engineer"], ["senior", "data", "engineer"], order=1) == pytest.approx(exp(-2))


def test_word_said_twice_counts_as_often_as_the_reference_has_it():
    assert bleu(["data", "data"], ["data", "engineer"], order=1) == pytest.approx(1 / 2)


def test_longer_ngrams_are_averaged_geometrically_over_the_orders_that_the_candidate_has():
    # 1-grams 3/4, 2-grams 2/3, 3-grams 1/2, 4-grams 0 of 1
    candidate, reference = ["a", "b", "c", "x"], ["a", "b", "c", "d"]
    assert bleu(candidate, reference, order=4) == 0
    assert bleu(candidate, reference, order=3) == pytest.approx((3 / 4 * 2 / 3 * 1 / 2) ** (1 / 3))
    assert bleu(candidate, reference, order=4, smooth=True) == pytest.approx((3 / 4 * 2 / 3 * 1 / 2 * 1 / 2) ** 0.25)
    # a, c: two 1-grams right, the one 2-gram wrong and so 1/2 of 1; no longer ones
    assert bleu(["a", "c"], ["a", "b", "c"], order=4, smooth=True) == pytest.approx(exp(1 - 3 / 2) * sqrt(1 * 1 / 2))


def test_each_further_precision_of_zero_is_halved_again():
    # 1-grams 1/3, 2-grams (1/2)/2, 3-grams (1/4)/1
    found = bleu(["a", "x", "y"], ["b", "a", "c"], order=4, smooth=True)
    assert found == pytest.approx((1 / 3 * 1 / 4 * 1 / 4) ** (1 / 3))


@pytest.mark.parametrize("smooth", [False, True])
@pytest.mark.parametrize(("candidate", "reference"), [([], []), ([], ["a"]), (["a"], []), (["a"], ["b"])])
def test_nothing_shared_is_zero(candidate, reference, smooth):
    assert bleu(candidate, reference, order=4, smooth=smooth) == 0


@given(WORDS, WORDS, st.integers(1, 4), st.booleans())
def test_bleu_is_between_zero_and_one_and_one_for_equal_texts(candidate, reference, order, smooth):
    assert 0 <= bleu(candidate, reference, order=order, smooth=smooth) <= 1 + 1e-12
    assert bleu(candidate, candidate, order=order, smooth=smooth) == pytest.approx(1.0 if candidate else 0.0)
