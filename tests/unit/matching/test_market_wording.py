import pytest

from metier.matching.market_sentences import Sentence, draw_sentences, joined
from metier.matching.market_trades import _forms
from metier.matching.market_wording import as_noun


@pytest.mark.parametrize(
    ("label", "language", "noun"),
    [
        ("gérer les stocks", "fr", "gestion des stocks"),
        ("analyser le marché", "fr", "analyse du marché"),
        ("rédiger des rapports", "fr", "rédaction de rapports"),
        ("réaliser des études", "fr", "réalisation d'études"),
        ("évaluer l’impact", "fr", "évaluation de l’impact"),
        ("gérer", "fr", "gérer"),
        ("comptabilité analytique", "fr", "comptabilité analytique"),
        ("Lager verwalten", "de", "Verwaltung: Lager"),
        ("software testen", "nl", "software testen"),
        ("processen analyseren", "nl", "analyse: processen"),
        ("manage stock", "en", "manage stock"),
        ("", "fr", ""),
    ],
)
def test_a_noun_says_what_the_verb_of_a_label_says(label, language, noun):
    assert as_noun(label, language) == noun


@pytest.mark.parametrize(
    ("label", "forms"),
    [
        ("Kreditprüfer/Kreditprüferin", ["Kreditprüfer", "Kreditprüferin"]),
        ("TCP/IP engineer", ["TCP/IP engineer"]),
        ("Analyst/in", ["Analyst/in"]),
        ("data analyst", ["data analyst"]),
    ],
)
def test_the_two_forms_of_a_title_are_parted_and_other_slashes_are_not(label, forms):
    assert _forms(label) == forms


def test_a_list_has_the_word_of_its_language_before_the_last():
    assert joined(["a"], "fr") == "a"
    assert joined(["a", "b"], "de") == "a und b"
    assert joined(["a", "b", "c"], "es") == "a, b y c"


def test_a_sentence_names_only_what_has_words_by_then():
    sentence = Sentence("Day to day: {skills}.", (1, 2, 3))
    assert sentence.write({3: "weld", 1: "solder {iron}"}, "en") == "Day to day: solder {iron} and weld."
    assert sentence.write({}, "en") == ""


def test_sentences_share_all_skills_among_them_in_order():
    from random import Random

    for n in (0, 1, 9):
        sentences = draw_sentences(list(range(n)), ["{skills}"], Random(n))
        assert [skill for sentence in sentences for skill in sentence.skills] == list(range(n))
        assert all(1 <= len(sentence.skills) <= 4 for sentence in sentences)
