from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from metier.domain import Concept
from metier.linking.forms import label_forms, normal_words
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import SAME_WORDS

WORDS = ["python", "java", "data", "analysis", "team", "lead", "c++", "carry", "wound", "care"]
CONCEPTS = [
    Concept("0", "Python (computer programming)", ("Python", "write Python")),
    Concept("1", "analyse data", ("data analysis", "data analysis and data mining")),
    Concept("2", "…", ()),  # nothing to compare
    Concept("3", "lead a team", ("team lead",)),
    Concept("4", "data", ("Data", "DATA")),
]


def by_hand(concepts, text):
    """The same with dictionaries."""
    forms = [
        (row, Counter(words))
        for row, concept in enumerate(concepts)
        for words in {tuple(sorted(normal_words(form))) for form in label_forms(concept)}
        if words
    ]
    frequency = Counter(word for _, words in forms for word in words)

    def vector(words):
        weights = {word: n * (log((1 + len(forms)) / (1 + (frequency[word] or 1))) + 1) for word, n in words.items()}
        length = sqrt(sum(weight**2 for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()}

    query = vector(Counter(normal_words(text)))
    best = [0.0] * len(concepts)
    for row, words in forms:
        held = vector(words)
        best[row] = max(best[row], sum(weight * held.get(word, 0.0) for word, weight in query.items()))
    return best


@pytest.mark.parametrize(
    "text",
    [
        "python",
        "data",
        "analysing data with Python",
        "leads the teams",
        "unseen words",
        "",
        "…",
        "data data mining",
        "👍",
    ],
)
def test_cosines_are_those_of_dictionary_arithmetic(text):
    found = LexicalIndex.build(CONCEPTS).cosines(text)
    assert found.dtype == np.float32
    assert found == pytest.approx(by_hand(CONCEPTS, text), abs=1e-3)


def test_cosines_are_those_of_scikit_learn():
    labels = ["carry out wound care", "python and java", "data data analysis", "lead team", "c++"]
    concepts = [Concept(label, label) for label in labels]
    vectorizer = TfidfVectorizer(analyzer=normal_words)
    matrix = vectorizer.fit_transform(labels)
    for text in ("wound care", "java", "analysis of data", "python c++", "team"):  # known words: the same idf
        theirs = (matrix @ vectorizer.transform([text]).T).toarray()[:, 0]
        assert LexicalIndex.build(concepts).cosines(text) == pytest.approx(theirs, abs=1e-3)


label = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(labels=st.lists(label, min_size=1, max_size=12), order=st.randoms(use_true_random=False))
def test_the_same_words_are_told_from_all_others(labels, order):
    concepts = [Concept(str(row), " ".join(words)) for row, words in enumerate(labels)]
    index = LexicalIndex.build(concepts)
    for words in labels:
        shuffled = order.sample(words, len(words))
        cosines = index.cosines(" ".join(shuffled).upper().replace("C++", "c++"))
        same = [Counter(words) == Counter(other) for other in labels]
        assert (cosines[same] >= SAME_WORDS).all()  # although weights are held in sixteen bits
        assert (cosines <= 1).all()
        assert cosines == pytest.approx(by_hand(concepts, " ".join(words)), abs=2e-3)


def test_sixteen_bit_weights_keep_the_same_words_above_the_threshold():
    draw = np.random.default_rng(0)
    words = [f"w{number:04d}x" for number in range(3000)]
    labels = [" ".join(draw.choice(words, size=int(draw.integers(1, 25)))) for _ in range(500)]
    index = LexicalIndex.build([Concept(str(row), text) for row, text in enumerate(labels)])
    assert min(index.cosines(text)[row] for row, text in enumerate(labels)) > (1 + SAME_WORDS) / 2


@settings(max_examples=30, deadline=None)
@given(labels=st.lists(label, max_size=12), texts=st.lists(st.lists(st.sampled_from([*WORDS, "new"]), max_size=9)))
def test_matches_are_the_cosines_above_zero_whatever_came_before(labels, texts):
    index = LexicalIndex.build([Concept(str(row), " ".join(words)) for row, words in enumerate(labels)])
    found = [" ".join(words) for words in texts]
    for text, matches in zip(found, index.matches(found), strict=True):
        cosines = index.cosines(text)
        assert sorted(set(matches.rows.tolist())) == np.flatnonzero(cosines).tolist()
        assert np.array_equal(matches.cosines, cosines[matches.rows])


def test_the_closest_form_of_a_concept_counts():
    cosines = LexicalIndex.build(CONCEPTS).cosines("write python")
    assert cosines[0] == pytest.approx(1, abs=1e-3)
    assert cosines[2] == 0


def test_an_index_of_nothing_and_of_empty_labels_gives_zeros():
    assert LexicalIndex.build([]).cosines("data").shape == (0,)
    assert LexicalIndex.build([Concept("0", "…")]).cosines("data").tolist() == [0]


def test_the_arrays_hold_all_of_it():
    index = LexicalIndex.build(CONCEPTS)
    again = LexicalIndex(index.arrays)
    assert np.array_equal(again.cosines("data analysis of Python"), index.cosines("data analysis of Python"))
    assert all(array.dtype != object for array in index.arrays.values())
