"""Porter's stems against gensim's."""

import re

import pytest

from metier.taxonomy.taxonomy import Taxonomy
from metier.text.stemming import stem


@pytest.mark.models
def test_stems_of_all_words_of_esco_are_those_of_gensim():
    from gensim.parsing.porter import PorterStemmer

    labels = (label for skill in Taxonomy.load("esco").skills for label in (skill.label, *skill.alternatives))
    words = {word for label in labels for word in re.findall("[a-z]+", label.lower())}
    theirs = PorterStemmer()
    assert len(words) > 10_000
    assert [word for word in words if stem(word) != theirs.stem(word)] == []
