import pytest

from metier.data.linking_rows import group_mentions, group_sentences, read_linking
from metier.domain import Span
from metier.errors import InputError, MissingColumn

HEADER = "sentence,span,sub_span,label\n"


def rows_of(tmp_path, text):
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + text, "utf-8")
    return read_linking(path)


def test_span_is_found_from_the_left_and_points_into_the_sentence(tmp_path):
    [row] = rows_of(tmp_path, "Java 🙂 or café Java,Java,,Java (computer programming)\n")
    assert row.span == Span(0, 4)
    assert row.text == "Java"
    assert row.label == "Java (computer programming)"
    [accented] = rows_of(tmp_path, "Java 🙂 or café,café,,brew coffee\n")
    assert accented.sentence[accented.span.start : accented.span.end] == "café"


def test_sub_span_is_found_inside_its_span(tmp_path):
    # the first "goods" of the sentence is not the one of the span
    [row] = rows_of(tmp_path, "Sell goods and count goods,count goods,goods,goods\n")
    assert row.outer == Span(15, 26)
    assert row.span == Span(21, 26)
    assert row.verbatim


def test_sub_span_put_together_by_the_annotator_keeps_its_words_and_the_whole_span(tmp_path):
    [row] = rows_of(tmp_path, "You plan and run tests,plan and run tests,plan tests,plan software testing\n")
    assert not row.verbatim
    assert row.text == "plan tests"
    assert row.span == row.outer == Span(4, 22)


def test_both_marks_of_no_concept_give_no_label(tmp_path):
    rows = rows_of(tmp_path, "a b,a,,LABEL NOT PRESENT\na b,b,,UNDERSPECIFIED\na b,b,, tidy \n")
    assert [row.label for row in rows] == [None, None, "tidy"]


def test_commas_and_line_breaks_in_quotes_are_text(tmp_path):
    [row] = rows_of(tmp_path, '"Go, then\nrun",run,,run\n')
    assert row.span == Span(9, 12)


def test_sentences_hold_each_label_once_in_file_order(tmp_path):
    rows = rows_of(tmp_path, "a b,b,,Y\nc,c,,LABEL NOT PRESENT\na b,a,,X\na b,b,,Y\n")
    first, second = group_sentences(rows)
    assert (first.text, first.labels) == ("a b", ("Y", "X"))
    assert (second.text, second.labels) == ("c", ())


def test_mentions_gather_the_labels_of_one_whole_span(tmp_path):
    rows = rows_of(
        tmp_path, "plan and run,plan and run,plan,P\nplan and run,plan and run,run,R\nplan and run,plan,,P\n"
    )
    mentions = group_mentions(rows)
    assert [(mention.span, mention.labels) for mention in mentions] == [
        (Span(0, 12), ("P", "R")),
        (Span(0, 4), ("P",)),
    ]


def test_empty_table_gives_no_rows(tmp_path):
    assert rows_of(tmp_path, "") == []
    assert group_sentences([]) == []
    assert group_mentions([]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b,a,,X\na b,z,,X\n", "row 2: the span 'z' does not stand"),
        ("a b,,,X\n", "row 1: the span '' does not stand"),
        ("a b,a,, \n", "row 1 has an empty label"),
        ("a b,a\n", "row 1 has not 4 fields"),
        ("a b,a,,X,more\n", "row 1 has not 4 fields"),
    ],
)
def test_bad_row_is_named(tmp_path, text, expected):
    with pytest.raises(InputError, match=expected):
        rows_of(tmp_path, text)


def test_file_without_a_column_or_missing_or_no_text_says_so(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("sentence,span\n", "utf-8")
    with pytest.raises(MissingColumn, match="sub_span, label, only sentence, span"):
        read_linking(path)
    path.write_text("", "utf-8")
    with pytest.raises(MissingColumn, match="only nothing"):
        read_linking(path)
    path.write_bytes(HEADER.encode() + b"\xff,a,,b\n")
    with pytest.raises(InputError, match="cannot be read"):
        read_linking(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_linking(tmp_path / "none.csv")


@pytest.mark.data
def test_staged_test_files_have_the_published_sizes(data_folder):
    folder = data_folder / "skill_linking_esco"
    rows = {name: read_linking(folder / f"{name}_test_annotations.csv") for name in ("house", "tech")}
    assert [len(read) for read in rows.values()] == [891, 1164]
    labelled = [sum(bool(sentence.labels) for sentence in group_sentences(read)) for read in rows.values()]
    assert labelled == [262, 338]  # the queries of Decorte et al. (2022)
    assert sum(row.label is None for read in rows.values() for row in read) == 813
    several = sum(len(mention.labels) > 1 for read in rows.values() for mention in group_mentions(read))
    assert several == 64
