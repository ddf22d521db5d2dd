import pytest

from metier.tagging.weak import Found
from metier.tagging.weak_baselines import LabelFinder, PatternFinder, frequent_patterns, lemma, singular
from metier.tagging.weak_grammar import ParsedSentence, ParsedWord

LABELS = {("Java",): "knowledge", ("Java", "EE"): "knowledge", ("manage", "databases"): "skill"}
PARTS = {"manage": "VERB", "plan": "VERB", "databases": "NOUN", "staff": "NOUN", "Java": "PROPN", "EE": "PROPN"}


def parse(sentences):
    return [
        ParsedSentence.of(
            [ParsedWord(word, "", PARTS.get(word, "X"), word, "dep", i) for i, word in enumerate(words)], chunks=[]
        )
        for words in sentences
    ]


def test_exact_labels_are_matched_longest_first_with_their_case():
    finder = LabelFinder(LABELS)
    words = ["Java", "EE", "and", "java", "and", "Java", ",", "manage", "databases"]
    assert finder.find([words, [], ["none"]]) == [
        [Found(0, 2, "knowledge"), Found(5, 6, "knowledge"), Found(7, 9, "skill")],
        [],
        [],
    ]


def test_lemmas_are_matched_whatever_the_form():
    finder = LabelFinder(LABELS, form=lemma)
    assert finder.find([["we", "are", "Managing", "a", "Database"], ["managed", "database"]]) == [
        [],  # an article stands between
        [Found(0, 2, "skill")],
    ]


def test_no_labels_match_nothing():
    assert LabelFinder({}).find([["Java"]]) == [[]]


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("Databases", "database"),
        ("policies", "policy"),
        ("classes", "class"),
        ("business", "business"),
        ("analysis", "analysis"),
        ("planning", "plan"),
        ("Managing", "manage"),
        ("tested", "test"),
        ("king", "king"),
        ("selling", "sell"),
        ("AWS", "aws"),
        ("C++", "c++"),
        ("led", "lead"),
        ("", ""),
    ],
)
def test_words_get_their_base_form(word, base):
    assert lemma(word) == base


def test_the_singular_keeps_verb_forms():
    assert [singular(word) for word in ("Engineering", "systems", "is", "1990s")] == [
        "engineering",
        "system",
        "is",
        "1990s",
    ]


def test_patterns_are_the_most_frequent_sequences_of_labels():
    labels = {("manage", "staff"): "skill", ("plan", "staff"): "knowledge", ("manage", "databases"): "skill"}
    labels |= {("Java",): "knowledge", ("Java", "EE"): "knowledge"}
    patterns = frequent_patterns(labels, parse=parse, n_patterns=2)
    assert patterns == {("VERB", "NOUN"): "skill", ("PROPN",): "knowledge"}  # of equals the first


def test_patterns_are_found_in_sentences():
    finder = PatternFinder({("VERB", "NOUN"): "skill", ("PROPN",): "knowledge"}, parse=parse)
    assert finder.find([["to", "plan", "staff", "with", "Java"], []]) == [
        [Found(1, 3, "skill"), Found(4, 5, "knowledge")],
        [],
    ]
