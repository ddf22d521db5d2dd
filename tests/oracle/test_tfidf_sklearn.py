"""TF-IDF by inverted lists against scikit-learn's."""

import random

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from metier.titles.lexical import NearestDescriptions
from metier.titles.title_words import title_words

WORDS = ["bread", "steel", "c++", "café", "data", "full-stack", "o'clock", "node.js", "fish", "boat", "the", "and"]


def test_cosines_are_those_of_scikit_learn():
    draw = random.Random(3)
    texts = [" ".join(draw.choices(WORDS, k=draw.randrange(1, 30))) for _ in range(60)]
    asked = [" ".join([*draw.choices(WORDS, k=12), "unseen"]) for _ in range(10)]
    texts = list(dict.fromkeys(texts))
    vectorizer = TfidfVectorizer(analyzer=title_words)
    rows = vectorizer.fit_transform(texts)
    expected = (vectorizer.transform(asked) @ rows.T).toarray()  # (asked, texts)
    predicted = NearestDescriptions(texts, [str(row) for row in range(len(texts))]).predict(asked, k=len(texts))
    for suggestions, cosines in zip(predicted, expected, strict=True):
        found = np.zeros(len(texts))
        for suggestion in suggestions:
            found[int(suggestion.title)] = suggestion.cosine
        np.testing.assert_allclose(found, cosines, atol=1e-6)
        assert [s.cosine for s in suggestions] == sorted((s.cosine for s in suggestions), reverse=True)
