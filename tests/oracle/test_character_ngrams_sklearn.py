"""Character TF-IDF against scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from metier.index.character_ngrams import CharacterIndex

LABELS = ["data engineer", "big data engineer", "nurse", "staff nurse", "ingénieur logiciel", "nurse nurse aide", "ox"]


@pytest.mark.parametrize("size", [2, 3, 4])
def test_cosines_are_those_of_scikit_learn(size):
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(size, size), sublinear_tf=True, strip_accents="unicode"
    )
    rows = vectorizer.fit_transform(LABELS)
    expected = (rows @ rows.T).toarray()
    found = CharacterIndex([[label] for label in LABELS], size=size).cosines(LABELS)
    long_enough = [all(len(word) + 2 >= size for word in label.split()) for label in LABELS]
    assert np.abs(found - expected)[np.ix_(long_enough, long_enough)].max() < 1e-5
