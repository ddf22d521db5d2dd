import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.text.stemming import light_stem, stem


@pytest.mark.parametrize(
    ("word", "expected"),  # the examples of Porter (1980), one per step
    [
        ("caresses", "caress"),
        ("ponies", "poni"),
        ("agreed", "agre"),
        ("plastered", "plaster"),
        ("motoring", "motor"),
        ("sing", "sing"),
        ("hopping", "hop"),
        ("filing", "file"),
        ("happy", "happi"),
        ("relational", "relat"),
        ("electriciti", "electr"),
        ("adjustment", "adjust"),
        ("adoption", "adopt"),
        ("controll", "control"),
        ("rate", "rate"),
        ("cease", "ceas"),
    ],
)
def test_examples_of_the_paper(word, expected):
    assert stem(word) == expected


@pytest.mark.parametrize("word", ["", "is", "c#", "naïve", "arbejde med", "2024", "👩‍🔧", "Running"])
def test_what_is_no_english_word_in_lower_case_stays(word):
    assert stem(word) == word


@given(st.text("abcdefgilnorstuy", max_size=12))
def test_a_stem_is_never_longer_than_the_word(word):
    assert len(stem(word)) <= len(word)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("actuary", "actuaries"), "actuari"),
        (("abogado", "abogada", "abogados", "abogadas"), "abogad"),
        (("conductor", "conductora", "conductores"), "conductor"),
        (("infirmier", "infirmiere", "infirmieres"), "infirmier"),
        (("nurse", "nurses"), "nurs"),
    ],
)
def test_number_and_gender_share_a_light_stem(words, expected):
    assert {light_stem(word) for word in words} == {expected}


@pytest.mark.parametrize("word", ["", "as", "gas", "boss", "bus", "virus", "analysis", "engineering", "c++", "2000s"])
def test_what_has_no_such_ending_keeps_it(word):
    assert light_stem(word) == word


@given(st.text("abcdefgilnorstuyø", max_size=12))
def test_a_light_stem_begins_as_the_word_does(word):
    found = light_stem(word)
    assert word.startswith(found.removesuffix("i"))
    assert len(word) - 2 <= len(found) <= len(word)
