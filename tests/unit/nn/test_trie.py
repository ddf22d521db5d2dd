"""Prefix tries."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from metier.nn.trie import NOWHERE, ROOT, PrefixTrie

END = 0
SEQUENCES = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=5).map(tuple), max_size=20)


def after_by_hand(sequences, prefix):
    closed = [(*sequence, END) for sequence in sequences]
    return sorted({one[len(prefix)] for one in closed if len(one) > len(prefix) and one[: len(prefix)] == prefix})


@given(SEQUENCES, st.lists(st.integers(0, 4), max_size=4).map(tuple))
def test_after_a_prefix_comes_what_comes_in_some_sequence(sequences, prefix):
    trie = PrefixTrie(sequences, n_classes=5, end=END)
    assert trie.after(prefix).tolist() == after_by_hand(sequences, prefix)


@given(SEQUENCES)
def test_sequences_and_only_they_have_leaves_each_its_own(sequences):
    trie = PrefixTrie(sequences, n_classes=5, end=END)
    different = sorted(set(sequences))
    leaves = trie.leaves(different).tolist()
    assert NOWHERE not in leaves
    assert len(set(leaves)) == len(different)
    others = [(*one, 1) for one in different if (*one, 1) not in different]
    assert trie.leaves(others).tolist() == [NOWHERE] * len(others)


@given(SEQUENCES)
def test_following_the_allowed_classes_stays_in_the_trie(sequences):
    trie = PrefixTrie(sequences, n_classes=5, end=END)
    nodes = np.array([ROOT, NOWHERE], dtype=np.int64)
    allowed = trie.allowed(nodes)
    assert not allowed[1].any()  # nothing comes after nowhere
    for number in range(5):
        reached = trie.follow(nodes, np.array([number, number]))
        assert (reached[0] != NOWHERE) == allowed[0, number]
        assert reached[1] == NOWHERE


def test_an_empty_trie_allows_nothing():
    trie = PrefixTrie([], n_classes=3, end=END)
    assert trie.depth == 0
    assert trie.after(()).tolist() == []
    assert trie.follow(np.array([ROOT]), np.array([1])).tolist() == [NOWHERE]


def test_the_depth_counts_the_end():
    assert PrefixTrie([(1,), (1, 2, 2)], n_classes=3, end=END).depth == 4
