"""The title bi-encoder as it runs."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from metier.nn.runtime import TokenEncoder
from metier.nn.unit_rows import unit_rows
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of
from metier.titles.bi_encoder import MeanEncoder
from metier.titles.bi_encoder_network import BiEncoderNetwork


@pytest.fixture(scope="module")
def make(tiny_runtime):
    encoder, wordpieces = (
        TokenEncoder(tiny_runtime / "encoder", threads=1),
        WordPieces(tiny_runtime / "tokenizer.json"),
    )
    return lambda projection, **options: MeanEncoder(
        encoder, wordpieces, projection=projection, **{"text_size": 256, **options}
    )


EYE = np.eye(32, dtype=np.float32)
TEXTS = ["data engineer", "", "🙂", "Café über alles", "baker " * 400]


def test_rows_are_of_unit_length_and_zeros_without_a_word(make):
    vectors = make(EYE).encode(TEXTS)
    assert vectors.shape == (5, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors[[0, 3, 4]], axis=1), 1, rtol=1e-5)
    assert not vectors[1].any()
    assert make(EYE).encode([]).shape == (0, 32)


def test_the_others_in_a_call_and_their_order_change_nothing(make):
    together = make(EYE).encode(TEXTS)
    np.testing.assert_array_equal(make(EYE).encode(TEXTS[::-1])[::-1], together)
    np.testing.assert_allclose(np.vstack([make(EYE).encode([text]) for text in TEXTS]), together, atol=1e-6)


def test_what_comes_after_256_pieces_is_not_looked_at(make):
    text = "a " * 254  # one piece each, beside the start and the end
    first, second = make(EYE).encode([text, text + "welder"])
    np.testing.assert_array_equal(first, second)
    shorter, changed = make(EYE).encode(["a " * 253, "a " * 253 + "b"])
    assert np.abs(shorter - changed).max() > 1e-4


def test_the_projection_is_applied_to_the_mean(make):
    swapped = EYE[::-1].copy()  # turns a vector round
    np.testing.assert_allclose(make(swapped).encode(["baker"]), make(EYE).encode(["baker"])[:, ::-1], atol=1e-6)
    half = EYE.copy()
    half[16:] = 0
    expected = make(EYE).encode(["baker"])
    expected[:, 16:] = 0
    np.testing.assert_allclose(make(half).encode(["baker"]), unit_rows(expected), atol=1e-6)


def test_titles_are_read_as_their_keys(make):
    encoder = make(EYE, of_titles=True)
    raw, key = encoder.encode(["Senior QA Engineer (m/f/d) - URGENT!!!", "senior qa engineer"])
    np.testing.assert_array_equal(raw, key)
    assert not encoder.encode(["!!!"]).any()


def test_a_word_weighs_what_it_adds_to_the_cosine_beyond_the_average_piece(make):
    encoder = make(EYE)
    text = "We bake bread.\nNow 🙂"
    toward = encoder.encode(["bread"])[0]
    weights = encoder.explain(text, toward)
    assert sum(weight.weight for weight in weights) == pytest.approx(1)
    assert all(text[weight.span.start : weight.span.end].strip() for weight in weights)
    # By hand: the pieces of the text, their dot products with the vector, mean and deviation taken off, by word.
    [(window, rows)] = encoder._pieces([text], [words_of(text)])
    added = rows @ toward
    beyond = [max(value - added.mean() - added.std(), 0.0) for value in added.tolist()]
    bounds = [*(start - 1 for start in window.word_starts), len(rows)]
    by_word = [sum(beyond[a:b]) for a, b in pairwise(bounds)]
    words = [w for w, span in zip(by_word, words_of(text), strict=True) if text[span.start : span.end].isalnum()]
    expected = [value / sum(words) for value in words if value > 0]
    assert [weight.weight for weight in weights] == pytest.approx(expected, rel=1e-4)
    assert encoder.explain("", toward) == encoder.explain("🙂", np.zeros(32, dtype=np.float32)) == []


def test_a_narrow_projection_keeps_angles_about_as_they_are():
    torch.manual_seed(0)
    network = BiEncoderNetwork(384, dim=128, temperature=0.5)
    vectors = torch.nn.functional.normalize(torch.randn(50, 384) + 1, dim=1)
    titles, descriptions = (network.project(vectors, side=side).detach() for side in ("titles", "descriptions"))
    assert torch.equal(titles, descriptions)  # both sides begin alike
    before, after = vectors @ vectors.T, titles @ titles.T
    assert (before - after).abs().mean() < 0.1


def test_unit_rows_leave_zeros_alone():
    # (3, 4) has length 5
    np.testing.assert_allclose(unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32)), [[0.6, 0.8], [0, 0]])


def test_the_loss_begins_with_plain_cosines_and_leaves_out_what_is_right_too():
    network = BiEncoderNetwork(2, dim=2, temperature=0.5)
    titles = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 0.0]])
    descriptions = torch.tensor([[3.0, 0.0]])
    right = torch.tensor([[True, False, True]])
    loss = network.loss(titles, descriptions, own=torch.tensor([0]), right=right)
    # Cosines 1 and 0 over .5 are 2 and 0; the third title is right too: -ln(e²/(e² + 1)).
    assert loss.item() == pytest.approx(-np.log(np.exp(2) / (np.exp(2) + 1)), rel=1e-5)
    alone = network.loss(titles, descriptions, own=torch.tensor([0]), right=torch.tensor([[True, False, False]]))
    assert alone.item() == pytest.approx(-np.log(np.exp(2) / (2 * np.exp(2) + 1)), rel=1e-5)
