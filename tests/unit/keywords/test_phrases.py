"""Keywords v0."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.keywords.phrases import PhraseKeywords

POSTING = """Data Engineer (m/f/d)

We build data pipelines in Python. Your data pipelines feed machine learning.
- 5+ years of experience with data pipelines and machine learning models
- C++, SQL & CI/CD; mail jobs@example.org or see https://example.org for <ORGANIZATION>
- naïve Bayes 🍋 and supply chain
"""


def _extract(text, limit=20):
    return PhraseKeywords().extract([text], limit=limit)[0]


def test_weight_is_the_sum_of_word_counts_in_logs_over_position():
    # "machine learning" at 0: 2 words, each twice: 2 x (1 + ln 2); the phrase twice: x (1 + ln 2); no discount at 0.
    # "parrots" at 42: 0.7 x (1 + ln 1) / (1 + 0.3 x ln(1 + 42/200)).
    text = "Machine learning is for machine learning. Parrots."
    machine, parrots = _extract(text)
    assert (machine.phrase, parrots.phrase) == ("Machine learning", "Parrots")
    assert machine.weight == pytest.approx(2 * (1 + math.log(2)) ** 2, abs=1e-6)
    assert parrots.weight == pytest.approx(0.7 / (1 + 0.3 * math.log(1 + 42 / 200)), abs=1e-6)


def test_spans_are_all_places_whatever_the_case_and_number():
    text = "Data pipelines! A data pipeline is not 10 DATA PIPELINES."
    [keyword] = _extract(text)
    places = [text[span.start : span.end] for span in keyword.spans]
    assert places == ["Data pipelines", "data pipeline", "DATA PIPELINES"]


def test_phrase_inside_a_longer_one_counts_as_a_place():
    [python] = [
        k for k in _extract("Python. We like Python and Python developers, Python, Python.") if k.phrase == "Python"
    ]
    assert len(python.spans) == 5


def test_technology_names_survive_and_addresses_and_placeholders_do_not():
    phrases = {keyword.phrase for keyword in _extract(POSTING)}
    assert {"C++", "SQL", "CI/CD", "data pipelines", "naïve Bayes", "supply chain"} <= phrases
    assert not [phrase for phrase in phrases if "example.org" in phrase or "<" in phrase or "m/f/d" in phrase]


def test_generic_words_are_trimmed_from_the_ends():
    assert [keyword.phrase for keyword in _extract("Experience with project management experience.")] == [
        "project management"
    ]


def test_no_keyword_repeats_the_words_of_a_better_one():
    keys = [set(keyword.phrase.lower().split()) for keyword in _extract(POSTING)]
    assert not [1 for i, key in enumerate(keys) for better in keys[:i] if key <= better]


@pytest.mark.parametrize("text", ["", "   \n", "the of and", "12 345 6-7", "🍋", "a b c"])
def test_text_without_phrases_has_no_keywords(text):
    assert _extract(text) == []


def test_limit_keeps_the_heaviest():
    assert _extract(POSTING, 3) == _extract(POSTING)[:3]
    assert _extract(POSTING, 0) == []


def test_ties_keep_text_order():
    weights = [keyword.weight for keyword in _extract("Zebra; apple; zebra; apple")]
    assert [keyword.phrase for keyword in _extract("Zebra; apple; zebra; apple")] == ["Zebra", "apple"]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Wir suchen dich für die Installation von Photovoltaikanlagen.", "Photovoltaikanlagen"),
        ("Vous avez une bonne connaissance de la comptabilité générale.", "comptabilité générale"),
        ("Buscamos a una persona con experiencia en atención al cliente.", "atención"),
        ("Du har erfaring med projektledelse og økonomi.", "projektledelse"),
    ],
)
def test_stop_words_follow_the_language_of_the_text(text, phrase):
    assert phrase in [keyword.phrase for keyword in _extract(text)]


def test_batch_and_order_change_nothing():
    texts = [POSTING, "", "Wir suchen eine Köchin für die Suppenküche.", "Soup and salad."]
    extractor = PhraseKeywords()
    together = extractor.extract(texts, limit=5)
    assert together == [extractor.extract([text], limit=5)[0] for text in texts]
    assert together == extractor.extract(texts[::-1], limit=5)[::-1]


@settings(deadline=None)
@given(st.text(st.sampled_from("aAbcé 🍋.,\n-+/#<>3ß"), max_size=80))
def test_spans_hold_the_words_of_the_phrase_and_weights_fall(text):
    keywords = _extract(text)
    for keyword in keywords:
        first = keyword.spans[0]
        assert all(0 <= span.start < span.end <= len(text) for span in keyword.spans)
        assert any(text[s.start : s.end].split() == keyword.phrase.split() for s in keyword.spans), first
        assert any(character.isalpha() for character in keyword.phrase)
    weights = [keyword.weight for keyword in keywords]
    assert weights == sorted(weights, reverse=True)
    assert all(weight >= 0 for weight in weights)


@pytest.mark.data
def test_inspec_figure_stays(data_folder):
    import gzip
    import json

    with gzip.open(data_folder / "keyphrases" / "inspec_en.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream][:500]
    found = PhraseKeywords().extract([row["text"] for row in rows], limit=10)
    f1s = []
    for row, keywords in zip(rows, found, strict=True):
        gold = {" ".join(phrase.lower().split()) for phrase in row["keyphrases"]}
        given_phrases = {keyword.phrase.lower() for keyword in keywords}
        f1s.append(2 * len(gold & given_phrases) / (len(gold) + len(given_phrases)))
    assert sum(f1s) / len(f1s) > 0.25
