import pytest

from metier.data.kompetencer import CLASSES, GroupedSpan, find_sentences, group_file, read_groups
from metier.data.skillspan import TaggedSentence
from metier.errors import InputError


def write(folder, text, name="2_da_train.tsv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_there_are_26_classes():
    assert len(set(CLASSES)) == len(CLASSES) == 26


def test_spans_and_classes_are_read_in_order(tmp_path):
    path = write(tmp_path, "samarbejde\tS1\n\n”får ting til at ske” 👍\tA1\r\n")
    assert read_groups(path) == [GroupedSpan("samarbejde", "S1"), GroupedSpan("”får ting til at ske” 👍", "A1")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("samarbejde\n", "line 1 has 1 columns"),
        ("a\tS1\nb\tS1\tx\n", "line 2 has 3 columns"),
        ("a\tS9\n", "the class 'S9'"),
        ("\tS1\n", "the span ''"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_groups(write(tmp_path, text))


def test_the_file_of_a_split(tmp_path):
    path = write(tmp_path, "a\tS1\n")
    assert group_file(tmp_path, language="da", split="train") == path
    assert group_file(path, language="en", split="dev") == path
    with pytest.raises(InputError, match=r"3_en_dev\.tsv"):
        group_file(tmp_path, language="en", split="dev")
    with pytest.raises(InputError, match="no split 'dev' in 'da'"):
        group_file(tmp_path, language="da", split="dev")


def sentence(words, skill, knowledge):
    return TaggedSentence(tuple(words.split()), tuple(skill), tuple(knowledge))


def test_sentences_are_found_where_three_spans_in_a_row_agree():
    sentences = [
        sentence("You bake Rye bread", "OBII", "OOBI"),  # bake Rye bread, Rye bread
        sentence("and sing", "OB", "OO"),
        sentence("alone here", "BO", "OO"),
    ]
    spans = ["bake rye bread", "rye bread", "Sing .", "never published", "alone"]
    found = find_sentences(spans, sentences)
    assert found == ["You bake Rye bread", "You bake Rye bread", "and sing", None, None]


def test_no_sentences_and_no_spans():
    assert find_sentences(["a"], []) == [None]
    assert find_sentences([], [sentence("a", "B", "O")]) == []


@pytest.mark.data
def test_the_files_hold_what_their_paper_counts(data_folder):
    sizes = {("en", "train"): 9472, ("en", "dev"): 1577, ("da", "train"): 138}
    for (language, split), size in sizes.items():
        assert len(read_groups(group_file(data_folder / "kompetencer", language=language, split=split))) == size
