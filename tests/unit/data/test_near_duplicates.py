import re
import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.data.near_duplicates import near_duplicate_groups


def _shingles(text, n_words):
    words = re.findall(r"\w+", text.casefold())
    size = min(n_words, len(words))
    return {tuple(words[place : place + size]) for place in range(len(words) - size + 1)} if words else set()


def _brute_force(texts, *, threshold=0.5, n_words=3):
    """Connected components over all pairs, by sets of words and not of hashes."""
    sets, group = [_shingles(text, n_words) for text in texts], list(range(len(texts)))
    for first, second in combinations(range(len(texts)), 2):
        union = sets[first] | sets[second]
        if union and len(sets[first] & sets[second]) / len(union) >= threshold:
            old, new = max(group[first], group[second]), min(group[first], group[second])
            group = [new if one == old else one for one in group]
    return group


def _same_partition(first, second):
    pairs = set(zip(first, second, strict=True))
    return len(pairs) == len(set(first)) == len(set(second))


def _texts(n, *, seed):
    """Texts of forty words, every second one the one before with some words changed."""
    random, texts = np.random.default_rng(seed), []
    for number in range(n):
        words = [f"w{word}" for word in random.integers(0, 5_000, size=40)]
        if number % 2:
            words = texts[-1].split()
            for place in random.integers(0, 40, size=random.integers(0, 6)):
                words[place] = "other"
        texts.append(" ".join(words))
    return texts


@pytest.mark.parametrize("threshold", [0.5, 0.7, 1.0])
def test_groups_are_those_of_brute_force_where_pairs_are_not_close_to_the_threshold(threshold):
    texts = _texts(60, seed=3)
    sets = [_shingles(text, 3) for text in texts]
    similar = [len(one & other) / len(one | other) for one, other in combinations(sets, 2)]
    kept = [value for value in similar if 0 < value < 1 and abs(value - threshold) < 0.02]
    found = near_duplicate_groups(texts, threshold=threshold).tolist()
    expected = _brute_force(texts, threshold=threshold)
    n_wrong = sum(one != other for one, other in zip(found, expected, strict=True))
    assert n_wrong <= len(kept)  # MinHash may miss a pair that is close


def test_the_jaccard_of_words_decides():
    # Shingles of one word: {a,b,c,d} and {a,b,c,e} share 3 of 5: .6
    texts = ["a b c d", "a b c e"]
    assert near_duplicate_groups(texts, threshold=0.6, n_words=1).tolist() == [0, 0]
    assert near_duplicate_groups(texts, threshold=0.61, n_words=1).tolist() == [0, 1]


def test_groups_reach_through_others():
    # abcd-abce .6, abce-abfe .6, abcd-abfe 2/6
    assert near_duplicate_groups(["a b c d", "a b f e", "a b c e"], threshold=0.6, n_words=1).tolist() == [0, 0, 0]


def test_case_punctuation_and_white_space_make_no_difference():
    texts = ["Wir suchen Köche, 🔥 sofort!", "unrelated words only here", "wir  SUCHEN\nköche sofort"]
    assert near_duplicate_groups(texts).tolist() == [0, 1, 0]


def test_empty_one_and_wordless_texts():
    assert near_duplicate_groups([]).tolist() == []
    assert near_duplicate_groups(["a"]).tolist() == [0]
    assert near_duplicate_groups(["", "", "🔥", "🔥"]).tolist() == [0, 1, 2, 3]
    assert near_duplicate_groups(["baker", "Baker", ""]).tolist() == [0, 0, 2]
    assert near_duplicate_groups([]).dtype == np.int64


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(12)), st.integers(0, 5))
def test_order_does_not_matter(order, seed):
    texts = _texts(12, seed=seed)
    groups = near_duplicate_groups(texts)
    shuffled = near_duplicate_groups([texts[place] for place in order])
    assert _same_partition([groups[place] for place in order], shuffled)


def test_exact_repeats_are_always_together():
    texts = _texts(40, seed=1) * 2
    groups = near_duplicate_groups(texts)
    assert (groups[:40] == groups[40:]).all()


@pytest.mark.slow
def test_fifteen_thousand_descriptions_take_less_than_a_minute():
    texts = [" ".join([text] * 5) for text in _texts(15_000, seed=2)]
    began = time.process_time()
    near_duplicate_groups(texts)
    assert time.process_time() - began < 60
