"""The TF-IDF retriever against scikit-learn's."""

import random

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from metier.domain import Profile, Project
from metier.matching.tf_idf import TfIdf
from metier.matching.words import folded_words

WORDS = ["bread", "steel", "c++", "café", "Straße", "node.js", "fish", "the", "élan", "数据", "👍"]


def test_cosines_are_those_of_scikit_learn():
    draw = random.Random(3)
    texts = [" ".join(draw.choices(WORDS, k=draw.randrange(0, 30))) for _ in range(60)]
    asked = [" ".join([*draw.choices(WORDS, k=12), "unseen"]) for _ in range(10)]
    vectorizer = TfidfVectorizer(analyzer=folded_words)
    rows = vectorizer.fit_transform(texts)
    expected = (vectorizer.transform(asked) @ rows.T).toarray()
    retriever = TfIdf([Profile(str(row), {"title": text}) for row, text in enumerate(texts)])
    found = retriever.compare([Project(text, {"mission": text}) for text in asked])
    np.testing.assert_allclose(found, expected, atol=1e-6)
