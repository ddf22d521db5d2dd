import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.measures.sign_test import sign_test


def test_p_value_is_the_probability_of_a_split_as_uneven():
    # 1 of 5: (C(5,0) + C(5,1)) * 2 / 2^5 = 12 / 32
    assert sign_test(4, 1) == pytest.approx(12 / 32)


def test_even_split_and_no_wins_are_certain():
    assert sign_test(3, 3) == 1
    assert sign_test(0, 0) == 1


@given(st.integers(0, 400), st.integers(0, 400))
def test_sides_may_be_swapped(first, second):
    assert sign_test(first, second) == sign_test(second, first)
    assert 0 < sign_test(first, second) <= 1
