"""Nearest titles of a fixed list."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import TitleSuggestion
from metier.errors import InputError
from metier.titles.nearest import NearestTitles


class Table:
    """Descriptions whose vectors are written down."""

    def __init__(self, rows):
        self._rows = rows

    def encode(self, texts):
        return np.array([self._rows[text] for text in texts], dtype=np.float32).reshape(len(texts), -1)


ROWS = {"we bake": (0.6, 0.8), "we weld": (1.0, 0.0), "🙂": (0.0, 0.0)}
TITLES = ("Boulangère", "Welder", "Brazer")
VECTORS = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]], dtype=np.float32)


def test_titles_come_by_falling_cosine_and_ties_keep_their_order():
    first, second = NearestTitles(Table(ROWS), TITLES, VECTORS).predict(["we bake", "we weld"], k=3)
    assert [suggestion.title for suggestion in first] == ["Boulangère", "Welder", "Brazer"]  # .8, .6, .6
    assert [suggestion.cosine for suggestion in first] == pytest.approx([0.8, 0.6, 0.6])
    assert second[:2] == [TitleSuggestion("Welder", 1.0), TitleSuggestion("Brazer", 1.0)]


def test_a_tie_at_the_last_place_goes_to_the_first_of_the_list():
    (found,) = NearestTitles(Table(ROWS), TITLES, VECTORS).predict(["we weld"], k=1)
    assert found == [TitleSuggestion("Welder", 1.0)]


def test_a_description_of_zeros_gets_no_title():
    assert NearestTitles(Table(ROWS), TITLES, VECTORS).predict(["🙂", "we weld"], k=1)[0] == []


def test_no_description_no_title_and_no_k_give_nothing():
    assert NearestTitles(Table(ROWS), TITLES, VECTORS).predict([], k=3) == []
    assert NearestTitles(Table(ROWS), (), np.zeros((0, 2), dtype=np.float32)).predict(["we bake"], k=3) == [[]]
    assert NearestTitles(Table(ROWS), TITLES, VECTORS).predict(["we bake"], k=0) == [[]]


def test_titles_without_a_vector_each_are_refused():
    with pytest.raises(InputError, match="Got 2 titles for 3 vectors"):
        NearestTitles(Table(ROWS), TITLES[:2], VECTORS)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.integers(1, 40))
def test_any_k_is_the_beginning_of_a_full_stable_sort(steps, k):
    vectors = np.array([[step / 4] for step in steps], dtype=np.float32)
    titles = [str(place) for place in range(len(steps))]
    (found,) = NearestTitles(Table({"d": (1.0,)}), titles, vectors).predict(["d"], k=k)
    expected = sorted(range(len(steps)), key=lambda place: (-steps[place], place))[:k]
    assert [suggestion.title for suggestion in found] == [str(place) for place in expected]
