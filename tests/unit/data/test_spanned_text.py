import pytest

from metier.data.skillspan import TaggedSentence
from metier.data.span_tags import from_tagged, n_orphans, tagged_spans, to_tagged
from metier.data.spanned_text import LabelledSpan, SpannedText, checked, cut_sentences, relabelled, with_words
from metier.domain import Span
from metier.errors import InputError

TEXT = "Écrire du C++ 🙂 vite"  # words at 0-6, 7-9, 10-13, 14-15, 16-20


def row(*spans, text=TEXT, words=None, **facts):
    return SpannedText(text, words, tuple(LabelledSpan(*span) for span in spans), **facts)


def spans_of(spanned):
    return [(span.start, span.end, span.label) for span in spanned.spans]


def texts_of(spanned):
    return [spanned.text[word.start : word.end] for word in spanned.words]


def test_checked_row_is_in_order_trimmed_and_without_repeats():
    found = checked(row((14, 15, "b"), (6, 10, "a"), (7, 9, "a")))
    assert spans_of(found) == [(7, 9, "a"), (14, 15, "b")]  # " du " without its spaces is "du", twice


def test_checked_words_of_white_space_are_left_out():
    found = checked(row(text="a \n b", words=(Span(4, 5), Span(1, 4), Span(0, 1))[::2]))
    assert found.words == (Span(0, 1), Span(4, 5))
    assert checked(row(text="a \n b", words=(Span(0, 1), Span(1, 4), Span(4, 5)))).words == (Span(0, 1), Span(4, 5))


@pytest.mark.parametrize(
    ("faulty", "expected"),
    [
        (row((0, 21, "Skill")), "f, row 3: the span 'Skill' 0..21 does not lie in the text of 20 characters"),
        (row((-1, 2, "Skill")), "-1..2 does not lie"),
        (row((4, 4, "Skill")), "4..4 does not lie"),
        (row((5, 2, "Skill")), "5..2 does not lie"),
        (row((6, 7, "Skill")), "marks only white space"),
        (row(words=(Span(0, 30),)), "the word 0..30 does not lie"),
        (row(words=(Span(0, 6), Span(5, 9))), "the words 0..6 and 5..9 overlap"),
    ],
)
def test_offsets_that_make_no_sense_are_refused_by_name(faulty, expected):
    with pytest.raises(InputError, match=expected.replace(".", r"\.")):
        checked(SpannedText(faulty.text, faulty.words, faulty.spans, origin="f, row 3"))


def test_spans_are_widened_to_whole_words_and_repeats_fall_together():
    found = with_words(row((1, 8, "Skill"), (10, 12, "Knowledge"), (12, 13, "Knowledge")))
    assert texts_of(found) == ["Écrire", "du", "C++", "🙂", "vite"]
    assert spans_of(found) == [(0, 9, "Skill"), (10, 13, "Knowledge")]


def test_words_that_a_row_came_with_are_kept():
    given = (Span(0, 13), Span(14, 20))
    assert with_words(row((10, 13, "Knowledge"), words=given)) == row((0, 13, "Knowledge"), words=given)


def test_span_beside_every_given_word_is_refused():
    with pytest.raises(InputError, match=r"span 7\.\.9 touches no word"):
        with_words(row((7, 9, "Skill"), words=(Span(0, 6),)))


def test_space_parts_words_where_that_is_asked():
    assert texts_of(with_words(row(text="a,b (c) \u3000d\n"), cut="space")) == ["a,b", "(c)", "d"]


def test_text_is_cut_into_sentences_with_their_spans():
    text = "You lead teams.\n• Python\n\nWe pay."
    found = cut_sentences(row((4, 14, "Skill"), (18, 24, "Knowledge"), text=text, posting="p", source="s"))
    assert [part.text for part in found] == ["You lead teams.", "Python", "We pay."]
    assert [spans_of(part) for part in found] == [[(4, 14, "Skill")], [(0, 6, "Knowledge")], []]
    assert {(part.posting, part.source) for part in found} == {("p", "s")}


def test_sentences_that_a_span_reaches_across_stay_together():
    text = "You plan. You build. We pay."
    [first, second] = cut_sentences(row((4, 19, "Skill"), text=text))
    assert (first.text, spans_of(first), second.text) == ("You plan. You build.", [(4, 19, "Skill")], "We pay.")


def test_span_on_a_bullet_is_not_lost():
    assert [spans_of(part) for part in cut_sentences(row((0, 1, "Skill"), text="• a"))] == [[(0, 1, "Skill")], []]


def test_word_across_two_sentences_is_cut_between_them():
    found = cut_sentences(row(text="See our team.You win.", words=(Span(0, 3), Span(4, 7), Span(8, 16), Span(17, 21))))
    assert [texts_of(part) for part in found] == [["See", "our", "team."], ["You", "win."]]


def test_line_is_a_sentence_where_space_parts_words():
    found = cut_sentences(row(text="You plan. You build.\n\n• a\n"), cut="space")
    assert [part.text for part in found] == ["You plan. You build.", "• a"]


@pytest.mark.parametrize("cut", ["metier", "space"])
def test_empty_text_has_no_sentence_and_no_word(cut):
    assert cut_sentences(row(text=""), cut=cut) == []
    assert with_words(row(text=""), cut=cut).words == ()


def test_labels_are_renamed_left_out_and_brought_into_our_spelling():
    found = relabelled(
        row((0, 6, "Tool"), (7, 9, "Place"), (10, 13, "Other"), looked_for=("Tool", "Place")),
        {"Tool": "KNOWLEDGE", "Place": ""},
    )
    assert (spans_of(found), found.looked_for) == ([(0, 6, "Knowledge"), (10, 13, "Other")], ("Knowledge",))


def test_spans_of_both_layers_become_tags_and_may_overlap_across_layers():
    found = to_tagged(with_words(row((0, 13, "Skill"), (10, 13, "knowledge"), (14, 15, "Skill"), posting="p")))
    assert found == TaggedSentence(
        ("Écrire", "du", "C++", "🙂", "vite"), ("B", "I", "I", "B", "O"), ("O", "O", "B", "O", "O"), "p"
    )


def test_layer_that_was_not_looked_for_is_none_and_not_empty():
    assert to_tagged(with_words(row(looked_for=("Knowledge",), text="a"))) == TaggedSentence(("a",), None, ("O",))


def test_overlap_within_a_layer_is_refused_with_the_row():
    overlapping = row((0, 9, "Skill"), (7, 13, "Skill"), origin="f, row 4")
    with pytest.raises(InputError, match="f, row 4 has two spans 'Skill' that overlap at 7"):
        to_tagged(with_words(overlapping))


def test_other_label_is_refused_with_the_option_that_helps():
    with pytest.raises(InputError, match="--label-map 'ICT=skill'"):
        to_tagged(with_words(row(looked_for=("ICT",))))
    with pytest.raises(InputError, match="neither Skill nor Knowledge"):
        to_tagged(with_words(row(looked_for=())))


def test_tags_become_spans_and_an_orphan_begins_one():
    sentence = TaggedSentence(("a", "bc", "d"), ("I", "I", "B"), ("O", "I", "O"), "p", "s")
    assert from_tagged(sentence, origin="f") == SpannedText(
        "a bc d",
        (Span(0, 1), Span(2, 4), Span(5, 6)),
        (LabelledSpan(0, 4, "Skill"), LabelledSpan(2, 4, "Knowledge"), LabelledSpan(5, 6, "Skill")),
        posting="p",
        source="s",
    )
    # the first I of skill and the I of knowledge come after nothing; the second I goes on
    assert (n_orphans(sentence.skill), n_orphans(sentence.knowledge)) == (1, 1)


def test_type_that_changes_begins_a_new_span():
    words = (Span(0, 1), Span(2, 3), Span(4, 5))
    found = tagged_spans(["B-Tool", "I-Duty", "I-Duty"], words, untyped="Skill")
    assert found == [LabelledSpan(0, 1, "Tool"), LabelledSpan(2, 5, "Duty")]
    assert n_orphans(["B-Tool", "I-Duty", "I-Duty"]) == 1


@pytest.mark.parametrize("word", ["", " ", "\u3000"])
def test_empty_word_is_refused_with_its_number(word):
    with pytest.raises(InputError, match="f, row 1: word 2 is empty or white space"):
        from_tagged(TaggedSentence(("a", word), ("O", "O"), None), origin="f, row 1")
