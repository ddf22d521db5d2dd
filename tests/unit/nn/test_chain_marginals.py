from itertools import pairwise, product

import numpy as np
import pytest

from metier.nn.chain import Chain, I, O, legal_starts, legal_transitions


def brute_force(emissions, chain):
    """Sum the probability of every legal path into its tag at each word."""
    found = np.zeros(emissions.shape)
    for path in product(range(3), repeat=len(emissions)):
        if path[0] == I or any(a == O and b == I for a, b in pairwise(path)):
            continue
        score = chain.starts[path[0]] + sum(emissions[t, tag] for t, tag in enumerate(path))
        weight = np.exp(score + sum(chain.transitions[a, b] for a, b in pairwise(path)))
        for t, tag in enumerate(path):
            found[t, tag] += weight
    return found / found.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("n_words", [1, 2, 5])
def test_marginals_are_those_of_all_paths_counted_one_by_one(n_words):
    draw = np.random.default_rng(n_words)
    chain = Chain(
        legal_transitions() + draw.normal(size=(3, 3)).astype(np.float32),
        legal_starts() + draw.normal(size=3).astype(np.float32),
    )
    emissions = [draw.normal(scale=2, size=(n, 3)).astype(np.float32) for n in (n_words, 3)]
    for scores, found in zip(emissions, chain.marginals(emissions), strict=True):
        assert found == pytest.approx(brute_force(scores, chain), abs=1e-6)
        assert found.sum(axis=1) == pytest.approx(1.0)


def test_the_marginals_of_one_word_by_hand():
    # O scores ln 3 and B ln 1; I may not begin: 3/4, 1/4, 0
    [found] = Chain(legal_transitions(), legal_starts()).marginals([np.array([[np.log(3), 0, 5]], dtype=np.float32)])
    assert found == pytest.approx(np.array([[0.75, 0.25, 0.0]]), abs=1e-6)


def test_sentences_without_words_have_no_marginals():
    chain = Chain(legal_transitions(), legal_starts())
    assert chain.marginals([]) == []
    assert [rows.shape for rows in chain.marginals([np.zeros((0, 3), dtype=np.float32)])] == [(0, 3)]


def test_company_changes_no_digit():
    draw = np.random.default_rng(1)
    chain = Chain(legal_transitions(), legal_starts())
    emissions = [draw.normal(size=(n, 3)).astype(np.float32) for n in (9, 1, 4, 9)]
    for scores, together in zip(emissions, chain.marginals(emissions), strict=True):
        assert np.array_equal(chain.marginals([scores])[0], together)
