"""BLEU against sacrebleu."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from metier.measures.bleu import bleu

WORDS = ["senior", "junior", "data", "software", "engineer", "manager", "of", "the", "élève", "🚀", "c++", "ingénieur"]


@pytest.mark.parametrize(("order", "smooth"), [(1, False), (4, False), (4, True), (2, True)])
def test_bleu_equals_sacrebleu_on_random_titles(order, smooth):
    method = "exp" if smooth else "none"
    theirs = BLEU(max_ngram_order=order, smooth_method=method, effective_order=True, tokenize="none")
    generator = np.random.default_rng(17)
    lengths = generator.integers(1, 8, size=(1500, 2))  # many of one, two and three words
    values = []
    for n_candidate, n_reference in lengths:
        candidate, reference = (generator.choice(WORDS, n).tolist() for n in (n_candidate, n_reference))
        expected = theirs.sentence_score(" ".join(candidate), [" ".join(reference)]).score / 100
        values.append(bleu(candidate, reference, order=order, smooth=smooth))
        assert values[-1] == pytest.approx(expected, abs=1e-6)
    assert len(set(values)) > 8  # not all zero
