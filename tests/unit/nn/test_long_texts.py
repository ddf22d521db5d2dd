import numpy as np
import pytest

from metier.nn.long_texts import CHARACTERS_READ, LongTextEncoder
from metier.nn.runtime import TokenEncoder
from metier.nn.unit_rows import unit_rows
from metier.nn.wordpieces import WordPieces


@pytest.fixture(scope="module")
def encoder(tiny_runtime):
    return LongTextEncoder(
        TokenEncoder(tiny_runtime / "encoder", threads=1), WordPieces(tiny_runtime / "tokenizer.json")
    )


def test_a_short_text_is_the_mean_of_its_unit_pieces(tiny_runtime, encoder):
    network, pieces = TokenEncoder(tiny_runtime / "encoder", threads=1), WordPieces(tiny_runtime / "tokenizer.json")
    ids = [pieces.start_id, *(piece for word in pieces.of_words([["ab", "cd"]])[0] for piece in word), pieces.end_id]
    states = network.encode([ids], [[0] * len(ids)])[0][1:-1]
    mean = (states / np.linalg.norm(states, axis=1, keepdims=True)).mean(axis=0)
    np.testing.assert_allclose(encoder.encode(["ab cd"])[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_one_vector_per_text_whatever_the_batch(encoder):
    texts = ["ab", "", "ab", "👍", "python and sql " * 300, "é"]
    together = encoder.encode(texts)
    assert together.shape == (6, 32)
    assert together.dtype == np.float32
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert not together[1].any()
    assert encoder.encode([]).shape == (0, 32)
    assert encoder.encode(["", ""]).shape == (2, 32)


def test_a_text_longer_than_a_window_counts_to_its_end_and_no_further_than_said(encoder):
    start = "ab " * 400  # more than one window
    assert not np.allclose(encoder.encode([start])[0], encoder.encode([start + "xyz " * 400])[0], atol=1e-3)
    long = "ab " * CHARACTERS_READ
    np.testing.assert_array_equal(encoder.encode([long + "xyz"]), encoder.encode([long]))


def test_zeros_stay_zeros():
    # (3, 4) has length 5
    np.testing.assert_allclose(unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32)), [[0.6, 0.8], [0, 0]])
