"""Texts compared by their runs of characters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.index.character_ngrams import CharacterIndex

NAMES = [["data engineer", "big data engineer"], ["nurse"], [], ["c++ developer", "Entwickler"], ["café owner"]]


@pytest.fixture(scope="module")
def index():
    return CharacterIndex(NAMES)


def test_cosine_by_hand():
    # " ab " has the runs " ab" and "ab ", " ac " has " ac" and "ac "; none is shared
    assert CharacterIndex([["ab"], ["ac"]]).cosines(["ab"]).tolist() == [[pytest.approx(1), 0.0]]
    # Runs of two: " ab " has " a", "ab", "b "; " ac " shares " a" alone, which both labels have:
    # idf = ln(3/3) + 1 = 1; the others have ln(3/2) + 1 = 1.405. cos = 1 / (1 + 2 * 1.405^2) = 0.2020
    rare = np.log(3 / 2) + 1
    expected = 1 / (1 + 2 * rare**2)
    assert CharacterIndex([["ab"], ["ac"]], size=2).cosines(["ab"])[0, 1] == pytest.approx(expected, abs=1e-6)


def test_an_unseen_run_counts_as_one_that_a_single_name_has():
    # of "ab az" the runs " az" and "az " are unseen; all four weigh the same: cos = 2 / (sqrt(2) * sqrt(4))
    assert CharacterIndex([["ab"]]).cosines(["ab az"])[0, 0] == pytest.approx(2 / np.sqrt(8), abs=1e-6)


def test_closest_name_counts_whatever_case_and_accents(index):
    cosines = index.cosines(["BIG DATA ENGINEER", "cafe owner", "C++ Developer"])
    assert cosines.argmax(axis=1).tolist() == [0, 4, 3]
    assert cosines.max(axis=1) == pytest.approx(1, abs=1e-6)


def test_a_plural_and_a_slip_are_near_and_the_rest_is_not(index):
    cosines = index.cosines(["nurses", "data enginer"])
    assert cosines[0, 1] > 0.6
    assert cosines[1, 0] > 0.6
    assert cosines[0, 0] == 0


def test_words_are_compared_in_their_form():
    index = CharacterIndex([["Café owner"], ["nurse"]], form=lambda word: word.removesuffix("s"))
    assert index.cosines(["CAFÉS, owners"])[0] == pytest.approx([1, 0], abs=1e-6)


def test_item_without_a_name_is_near_nothing(index):
    assert index.cosines(["nurse", ""])[:, 2].tolist() == [0, 0]


@pytest.mark.parametrize("text", ["", " ", "!!!", "👍", "日"])
def test_text_without_a_shared_run_gives_zeros(index, text):
    assert not index.cosines([text]).any()


def test_no_texts_and_no_items():
    assert CharacterIndex(NAMES).cosines([]).shape == (0, 5)
    assert CharacterIndex([]).cosines(["nurse"]).shape == (1, 0)
    assert CharacterIndex([[], []]).cosines(["nurse"]).tolist() == [[0, 0]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=6))
def test_batch_changes_nothing_and_cosines_are_cosines(texts):
    index = CharacterIndex(NAMES)
    together = index.cosines(texts)
    assert ((together >= 0) & (together <= 1)).all()
    for text, row in zip(texts, together, strict=True):
        assert (index.cosines([text])[0] == row).all()
