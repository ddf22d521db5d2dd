"""The three representations of skills, by hand and on the tiny encoder."""

import math

import numpy as np
import pytest

from metier.domain import Skill
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.tagging.weak_encoder import WordEncoder, unit
from metier.tagging.weak_skills import corpus_vectors, isolated_vectors, label_words, smoothed_idf

WORDS = {"big": (1, 0), "data": (0, 1), "Big": (5, 5), "old": (0, 3), "use": (7, 7)}


class TableEncoder:
    """Gives every word a vector of its own, times its position from 1: a context that can be worked out."""

    def words(self, sentences):
        return [
            np.array([np.array(WORDS[word]) * (i + 1) for i, word in enumerate(words)], dtype=np.float32)
            for words in sentences
        ]


@pytest.fixture
def encoder(tiny_runtime):
    return WordEncoder.load(tiny_runtime, threads=1)


def test_labels_lose_their_qualifiers_and_the_first_decides_the_kind():
    skills = [
        Skill("a", "Java (computer programming)", ("Java SE",), kind="knowledge"),
        Skill("b", "manage (big) teams", ("Java", "lead teams"), kind="skill"),
        Skill("c", "(nothing)"),
    ]
    assert label_words(skills) == {("Java",): "knowledge", ("manage", "teams"): "skill"}
    assert label_words(skills, alternatives=True) == {
        ("Java",): "knowledge",
        ("manage", "teams"): "skill",
        ("Java", "SE"): "knowledge",
        ("lead", "teams"): "skill",
    }
    assert label_words([]) == {}


def test_average_over_contexts_is_the_mean_of_the_sentences_means():
    sentences = [["big", "data"], ["use", "big", "data", "big", "data"], ["old", "data"]]
    skills = corpus_vectors({("big", "data"): "knowledge"}, sentences, TableEncoder(), idf=None)
    # sentence 1: ((1, 0) + (0, 2)) / 2 = (0.5, 1); sentence 2, first place: ((2, 0) + (0, 3)) / 2 = (1, 1.5)
    # mean (0.75, 1.25), length sqrt(0.5625 + 1.5625) = sqrt(2.125)
    assert skills.vectors[0] == pytest.approx([0.75 / math.sqrt(2.125), 1.25 / math.sqrt(2.125)])
    assert skills.labels == (("big", "data"),)
    assert skills.kinds == ("knowledge",)


def test_weighted_sums_of_words_weigh_each_word():
    weights = {"big": 2.0, "data": 0.5}
    sentences = [["big", "data"], ["old", "big", "data"]]
    skills = corpus_vectors({("big", "data"): "skill"}, sentences, TableEncoder(), idf=weights.__getitem__)
    # sentence 1: 2 (1, 0) + 0.5 (0, 2) = (2, 1); sentence 2: 2 (2, 0) + 0.5 (0, 3) = (4, 1.5); mean (3, 1.25) = 3.25
    assert skills.vectors[0] == pytest.approx([3 / 3.25, 1.25 / 3.25])


def test_labels_that_no_sentence_contains_are_left_out_and_case_counts():
    labels = {("data",): "knowledge", ("Big",): "skill", ("old", "old"): "skill"}
    skills = corpus_vectors(labels, [["big", "data"]], TableEncoder(), idf=None)
    assert skills.labels == (("data",),)
    assert corpus_vectors(labels, [], TableEncoder(), idf=None).vectors.shape == (0, 0)


def test_rare_words_weigh_more():
    idf = smoothed_idf([["a", "b", "b"], ["a", "c"], ["A"]])
    assert idf("b") == pytest.approx(math.log(4 / 2) + 1)  # in one of three sentences, however often
    assert idf("a") == pytest.approx(math.log(4 / 3) + 1)
    assert idf("A") == pytest.approx(math.log(4 / 2) + 1)  # case kept
    assert idf("none") == pytest.approx(math.log(4) + 1)
    assert smoothed_idf([])("any") == 1.0


def test_an_isolated_label_is_the_first_vector_or_the_mean_of_its_pieces(encoder, tiny_runtime):
    pieces = WordPieces(tiny_runtime / "tokenizer.json")
    [[first, second]] = pieces.of_words([["ab", "c"]])
    row = [pieces.start_id, *first, *second, pieces.end_id]
    [states] = TokenEncoder(tiny_runtime / "encoder", threads=1).encode([row], [[0] * len(row)])
    for pooling, expected in (("first", states[0]), ("mean", states[1:-1].mean(axis=0))):
        skills = isolated_vectors({("ab", "c"): "skill"}, encoder, pooling=pooling)
        assert skills.vectors[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_no_labels_and_no_phrases_give_no_vectors(encoder):
    assert isolated_vectors({}, encoder, pooling="first").labels == ()
    assert encoder.phrases([], pooling="mean").shape == (0, 0)
    assert [rows.shape for rows in encoder.words([[], ["a"]])] == [(0, 0), (1, 32)]


def test_every_word_of_a_long_sentence_has_a_vector_and_company_changes_none(encoder):
    long = ["abc", "é", "😀", "x"] * 70  # more pieces than one window holds
    alone, together = encoder.words([long]), encoder.words([["a"], long])
    assert alone[0].shape == (280, 32)
    assert np.array_equal(alone[0], together[1])


def test_rows_of_zeros_stay_as_they_are():
    assert unit(np.array([[3, 4], [0, 0]], dtype=np.float32)) == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
