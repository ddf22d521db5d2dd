from hypothesis import given
from hypothesis import strategies as st

from metier.text.edit_distance import edit_distances

SHORT = st.text("abæ👩", max_size=6)


def test_known_distances():
    # kitten -> sitten -> sittin -> sitting
    assert edit_distances("kitten", ["sitting", "kitten", "", "kit"]).tolist() == [3, 0, 6, 3]


def test_no_others_and_no_text():
    assert edit_distances("python", []).tolist() == []
    assert edit_distances("", ["", "ab"]).tolist() == [0, 2]


def brute(text, other):
    if not text or not other:
        return len(text) + len(other)
    replaced = brute(text[1:], other[1:]) + (text[0] != other[0])
    return min(brute(text[1:], other) + 1, brute(text, other[1:]) + 1, replaced)


@given(SHORT, st.lists(SHORT, max_size=3))
def test_distances_are_those_of_the_definition(text, others):
    assert edit_distances(text, others).tolist() == [brute(text, other) for other in others]
