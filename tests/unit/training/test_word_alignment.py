import numpy as np
import pytest

from metier.training.word_alignment import align_words, translated_rows


def _table(translations):
    return {
        (source, target): probability
        for source, target, probability in zip(
            translations.sources.tolist(),
            translations.targets.tolist(),
            translations.probabilities.tolist(),
            strict=True,
        )
    }


def test_one_round_is_what_is_worked_out_by_hand():
    # Pairs "0 | 0 1" and "0 1 | 0": with nothing known, target 0 of the first pair is half source 0's, half nobody's;
    # that of the second a third source 0's and a third source 1's; so c(0|0) = 1/2 + 1/3, c(1|0) = 1/2, c(0|1) = 1/3.
    table = _table(align_words([([0], [0, 1]), ([0, 1], [0])], n_iterations=1))
    assert table[0, 0] == pytest.approx((5 / 6) / (5 / 6 + 1 / 2))
    assert table[0, 1] == pytest.approx((1 / 2) / (5 / 6 + 1 / 2))
    assert table[1, 0] == 1.0


def test_words_that_go_together_find_each_other():
    # Source word n always comes with target word n, and with others at random.
    draw = np.random.default_rng(3)
    pairs = [
        (chosen.tolist(), draw.permutation(chosen).tolist()) for chosen in (draw.permutation(9)[:3] for _ in range(200))
    ]
    table = _table(align_words(pairs, n_iterations=10))
    assert all(table[word, word] > 0.8 for word in range(9))


def test_probabilities_of_a_source_sum_to_one():
    translations = align_words([([3, 1], [4, 0]), ([1], [2])])
    sums = np.bincount(translations.sources, translations.probabilities)
    assert sums[[1, 3]] == pytest.approx(1.0)


def test_vectors_are_means_of_translations_as_long_as_the_others():
    translations = align_words([([0], [0]), ([0], [0]), ([2], [1])])
    rows = np.array([[2, 0], [0, 4]], dtype=np.float32)  # 3 long on average
    vectors, found = translated_rows(translations, rows, n_sources=3)
    assert vectors == pytest.approx(np.array([[3, 0], [0, 0], [0, 3]]))
    assert found.tolist() == [True, False, True]


def test_no_pairs_give_no_translations():
    translations = align_words([])
    assert len(translations.sources) == 0
    vectors, found = translated_rows(translations, np.ones((1, 2), dtype=np.float32), n_sources=2)
    assert not vectors.any()
    assert not found.any()
