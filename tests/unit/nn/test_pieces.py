import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier.nn.pieces import windows
from metier.nn.wordpieces import WordPieces


@pytest.fixture(scope="module")
def pieces(tiny_tokenizer):
    return WordPieces(tiny_tokenizer)


def test_a_short_sentence_is_one_window(pieces):
    (window,) = windows([["ab", "C++"]], pieces, size=16, overlap=4, cased=True)
    ab, cpp = pieces.of_words([["ab", "c++"]])[0]
    assert window.sentence == 0
    assert window.first_word == 0
    assert window.pieces == (2, *ab, *cpp, 3)
    assert window.types == (0, 0, 0, 1, 1, 1, 0)  # lower case, then a title's capital; 0 for start and end
    assert window.word_starts == (1, 3)


def test_types_are_all_zero_where_casing_is_not_asked_for(pieces):
    (window,) = windows([["AB", "Cd"]], pieces, size=16, overlap=4, cased=False)
    assert set(window.types) == {0}


def test_a_sentence_without_words_gives_no_window(pieces):
    cut = windows([[], ["a"], []], pieces, size=16, overlap=4, cased=True)
    assert [window.sentence for window in cut] == [1]
    assert windows([], pieces, size=16, overlap=4, cased=True) == []


def test_windows_overlap_by_whole_words(pieces):
    # one piece per word, eight words fit into ten pieces, and three are shared
    cut = windows([list("abcdefghijklmnop")], pieces, size=10, overlap=3, cased=False)
    assert [(window.first_word, window.first_word + window.n_words) for window in cut] == [(0, 8), (5, 13), (10, 16)]


def test_a_word_of_ten_thousand_letters_takes_one_place(pieces):
    (window,) = windows([["a", "x" * 10_000, "b"]], pieces, size=16, overlap=4, cased=False)
    assert window.word_starts == (1, 2, 3)


def test_a_window_too_small_for_a_word_holds_that_word_alone(pieces):
    cut = windows([["abcdef", "g"]], pieces, size=4, overlap=2, cased=False)
    assert [(window.first_word, window.n_words) for window in cut] == [(0, 1), (1, 1)]
    assert len(cut[0].pieces) == 8  # the six pieces, the start and the end


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sentences=st.lists(st.lists(st.text("abcXYZ+ é👍", max_size=30), max_size=40), max_size=4),
    size=st.integers(2, 40),
    overlap=st.integers(0, 45),
)
def test_every_word_is_in_a_window_with_all_its_pieces(pieces, sentences, size, overlap):
    cut = windows(sentences, pieces, size=size, overlap=overlap, cased=True)
    known = pieces.of_words(sentences)
    seen = [set() for _ in sentences]
    for window in cut:
        bounds = [*window.word_starts, len(window.pieces) - 1]
        assert window.pieces[0] == 2
        assert window.pieces[-1] == 3
        assert len(window.types) == len(window.pieces) <= max(size, 18)  # one word has sixteen pieces at most
        for number in range(window.n_words):
            word = window.first_word + number
            assert window.pieces[bounds[number] : bounds[number + 1]] == known[window.sentence][word]
            seen[window.sentence].add(word)
    assert [len(words) for words in seen] == [len(words) for words in sentences]
    assert [(w.sentence, w.first_word) for w in cut] == sorted({(w.sentence, w.first_word) for w in cut})
