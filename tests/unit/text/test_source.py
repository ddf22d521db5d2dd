import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.domain import Span
from metier.text.source import Piece, SourceText


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=60))
def test_plain_text_is_left_as_it_is(original):
    source = SourceText.from_plain(original)
    assert source.text == original
    for start in range(len(original)):
        span = Span(start, len(original))
        assert source.original_span(span) == span


def test_offsets_of_plain_text_are_int32():
    source = SourceText.from_plain("a\r\n\tb\x00🚀")
    assert (source.starts.dtype, source.ends.dtype) == (np.int32, np.int32)
    assert source.starts.tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_a_resolved_character_points_at_the_whole_entity():
    #            0123456789
    original = "R&amp;D is"
    pieces = [Piece("R", 0, 1, True), Piece("&", 1, 6, False), Piece("D is", 6, 10, True)]
    source = SourceText.from_pieces(pieces, original=original)
    assert source.text == "R&D is"
    assert source.original_span(Span(0, 3)) == Span(0, 7)
    assert source.original_span(Span(1, 2)) == Span(1, 6)
    assert source.original_span(Span(4, 6)) == Span(8, 10)


def test_an_empty_span_stays_empty():
    source = SourceText.from_pieces([Piece("ab", 3, 5, True)], original="<p>ab")
    assert source.original_span(Span(1, 1)) == Span(4, 4)
    assert source.original_span(Span(2, 2)) == Span(5, 5)
    assert SourceText.from_plain("").original_span(Span(0, 0)) == Span(0, 0)


def test_no_pieces_make_an_empty_text():
    source = SourceText.from_pieces([], original="<p></p>")
    assert (source.text, source.starts.tolist(), source.ends.tolist()) == ("", [], [])


def test_two_steps_are_followed_at_once():
    # "&lt;b>x" is read as "<b>x", and that as "x", which stands at 6 in the original.
    original = "&lt;b>x"
    outer = SourceText.from_pieces([Piece("<", 0, 4, False), Piece("b>x", 4, 7, True)], original=original)
    inner = SourceText.from_pieces([Piece("\n", 0, 0, False), Piece("x", 3, 4, True)], original=outer.text)
    both = inner.through(outer)
    assert both.original == original
    assert both.original_span(Span(1, 2)) == Span(6, 7)
    assert both.original_span(Span(0, 1)) == Span(0, 0)
