"""Titles by shared words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.domain import TitleSuggestion
from metier.errors import InputError
from metier.titles.lexical import NearestDescriptions, WordSum
from metier.titles.word_vectors import WordVectors

DESCRIPTIONS = ("bread", "bread steel", "bread", "fish", "")
TITLES = ("baker", "smith", "boulangère", "fisher", "nobody")


def test_the_titles_of_the_nearest_description_come_first_and_each_title_once():
    predictor = NearestDescriptions((*DESCRIPTIONS, "bread bread bread steel"), (*TITLES, "baker"))
    (found,) = predictor.predict(["Bread!"], k=10)
    assert [suggestion.title for suggestion in found] == ["baker", "boulangère", "smith"]
    assert found[:2] == [TitleSuggestion("baker", 1.0), TitleSuggestion("boulangère", 1.0)]


def test_the_cosine_is_that_of_tf_idf():
    (found,) = NearestDescriptions(DESCRIPTIONS, TITLES).predict(["bread"], k=3)
    # Four different descriptions; "bread" is in two: idf ln(5/3) + 1; "steel" in one: ln(5/2) + 1.
    bread, steel = np.log(5 / 3) + 1, np.log(5 / 2) + 1
    assert found[2].title == "smith"
    assert found[2].cosine == pytest.approx(bread / np.hypot(bread, steel))


def test_only_listed_titles_are_suggested_and_the_words_weigh_the_same():
    (every,) = NearestDescriptions(DESCRIPTIONS, TITLES).predict(["bread steel"], k=10)
    (some,) = NearestDescriptions(DESCRIPTIONS, TITLES, only={"boulangère", "fisher"}).predict(["bread steel"], k=10)
    assert some == [suggestion for suggestion in every if suggestion.title == "boulangère"]


@pytest.mark.parametrize("text", ["", "🙂", "wood", "1234 -- !"])
def test_a_description_without_a_shared_word_gets_no_title(text):
    assert NearestDescriptions(DESCRIPTIONS, TITLES).predict([text], k=3) == [[]]


def test_nothing_indexed_nothing_asked_and_no_k_give_nothing():
    assert NearestDescriptions((), ()).predict(["bread"], k=3) == [[]]
    assert NearestDescriptions(DESCRIPTIONS, TITLES).predict([], k=3) == []
    assert NearestDescriptions(DESCRIPTIONS, TITLES).predict(["bread"], k=0) == [[]]


def test_descriptions_without_a_title_each_are_refused():
    with pytest.raises(InputError, match="Got 1 titles for 2 descriptions"):
        NearestDescriptions(["a", "b"], ["c"])


@given(st.lists(st.sampled_from(["bread", "steel", "fish", "boat"]), min_size=1).map(" ".join))
def test_a_description_is_nearest_to_itself(text):
    predictor = NearestDescriptions([*DESCRIPTIONS, text], [*TITLES, "itself"])
    found = {suggestion.title: suggestion.cosine for suggestion in predictor.predict([text], k=10)[0]}
    assert found["itself"] == pytest.approx(1.0)
    assert max(found.values()) <= 1.0 + 1e-6


VECTORS = WordVectors.from_floats(["data", "café"], np.array([[3.0, 0.0], [0.0, 4.0]], dtype=np.float32))


def test_a_text_is_the_sum_of_its_words_at_length_one():
    # (3, 0) + (0, 4) = (3, 4), of length 5; unknown words add nothing, known ones as often as they come.
    rows = WordSum(VECTORS).encode(["Data CAFÉ engineer", "data", "data data café"])
    np.testing.assert_allclose(rows, [[0.6, 0.8], [1.0, 0.0], np.array([6, 4]) / np.sqrt(52)], rtol=1e-6)


def test_a_text_without_a_known_word_is_zeros():
    assert not WordSum(VECTORS).encode(["", "🙂 engineer"]).any()
    assert WordSum(VECTORS).encode([]).shape == (0, 2)
