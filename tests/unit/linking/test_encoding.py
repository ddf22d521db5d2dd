import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.linking import encoding as module
from metier.linking.encoding import TextEncoder, attended_cosines
from metier.linking.network import LinkerNetwork
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of


def unit_rows(draw, n, dim):
    vectors = draw.normal(size=(n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def encoder(tiny_runtime):
    return TextEncoder(TokenEncoder(tiny_runtime / "encoder", threads=1), WordPieces(tiny_runtime / "tokenizer.json"))


def slow_attended_cosine(pieces, concept, temperature):
    """The formula of the module, one concept at a time."""
    cosines = pieces.astype(np.float64) @ concept
    attention = np.exp(cosines / temperature)
    attention /= attention.sum()
    seen = (attention[:, None] * pieces).sum(axis=0)
    return seen @ concept / np.linalg.norm(seen)


@pytest.mark.parametrize("n_pieces", [1, 2, 7, 30])
@pytest.mark.parametrize("temperature", [0.02, 0.1, 5.0])
def test_attended_cosines_are_those_of_the_formula(n_pieces, temperature):
    draw = np.random.default_rng(n_pieces)
    pieces, concepts = unit_rows(draw, n_pieces, 16), unit_rows(draw, 40, 16)
    slow = [slow_attended_cosine(pieces, concept, temperature) for concept in concepts]
    assert attended_cosines(pieces, concepts, temperature) == pytest.approx(slow, abs=1e-5)


def test_attended_cosines_by_hand():
    # Two orthogonal pieces; the concept is the first of them. At temperature 1/ln 3 the attention is 3 : 1, the sum
    # (3/4, 1/4), and its cosine to (1, 0) is 3 / sqrt(3^2 + 1^2).
    pieces = np.eye(2, dtype=np.float32)
    found = attended_cosines(pieces, pieces[:1], 1 / np.log(3))
    assert found == pytest.approx([3 / np.sqrt(10)])


@pytest.mark.parametrize("n_pieces", [3, 50])
def test_attended_cosines_in_blocks_are_those_at_once(n_pieces, monkeypatch):
    draw = np.random.default_rng(1)
    pieces, concepts = unit_rows(draw, n_pieces, 8), unit_rows(draw, 33, 8)
    at_once = attended_cosines(pieces, concepts, 0.1)
    monkeypatch.setattr(module, "_CELLS_PER_BLOCK", n_pieces * 5)
    assert attended_cosines(pieces, concepts, 0.1) == pytest.approx(at_once, abs=1e-6)


def test_no_concepts_have_no_cosines():
    pieces = unit_rows(np.random.default_rng(1), 3, 8)
    assert attended_cosines(pieces, np.zeros((0, 8), dtype=np.float32), 0.1).shape == (0,)


def test_attended_cosines_are_the_scores_that_are_trained(tiny_encoder):
    draw = np.random.default_rng(3)
    network = LinkerNetwork(str(tiny_encoder), temperature=0.07)
    lengths = [4, 1, 6]
    pieces, concepts = unit_rows(draw, 18, 32).reshape(3, 6, 32), unit_rows(draw, 9, 32)
    inside = torch.zeros(3, 6)
    for row, length in enumerate(lengths):
        inside[row, :length] = 1
    trained = network.scores(torch.from_numpy(pieces), inside, torch.from_numpy(concepts)).numpy()
    for row, length in enumerate(lengths):
        assert attended_cosines(pieces[row, :length], concepts, 0.07) == pytest.approx(trained[row], abs=1e-5)


def test_pieces_are_unit_vectors_of_the_words_in_order(encoder):
    text = "use SQL, 👍 C++ and abcdef"
    (vectors,) = encoder.pieces([text])
    words = encoder._wordpieces.of_words([[text[w.start : w.end] for w in words_of(text)]])[0]
    n_pieces = sum(map(len, words))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(n_pieces), abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.text("abc XYZ+é👍,\n", max_size=50), max_size=5))
def test_a_text_in_a_batch_gives_the_bits_it_gives_alone(encoder, texts):
    together = encoder.pieces(texts)
    for text, vectors in zip(texts, together, strict=True):
        (alone,) = encoder.pieces([text])
        assert np.array_equal(alone, vectors)


def test_a_long_text_has_every_word_once(encoder):
    text = "ab cde f " * 400
    (vectors,) = encoder.pieces([text])
    words = [[text[w.start : w.end] for w in words_of(text)]]
    assert len(vectors) == sum(map(len, encoder._wordpieces.of_words(words)[0])) == 400 * 6


def test_encode_gives_the_mean_of_the_pieces(encoder):
    texts = ["use SQL", "", "manage a team", "  "]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, 32)
    assert not vectors[[1, 3]].any()
    for row in (0, 2):
        mean = encoder.pieces([texts[row]])[0].mean(axis=0)
        assert vectors[row] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert encoder.encode([]).shape[0] == 0
    assert encoder.encode([""], dim=32).shape == (1, 32)


def test_encode_is_what_is_trained(tiny_encoder, encoder):
    from metier.nn.text_tensors import text_tensors

    texts = ["use SQL", "manage a team of nurses", "x"]
    network = LinkerNetwork(str(tiny_encoder), temperature=0.1).eval()
    with torch.inference_mode():
        trained = network.labels(text_tensors(texts, [None] * 3, encoder._wordpieces, size=64)).numpy()
    assert (encoder.encode(texts) * trained).sum(axis=1).min() > 0.98  # int8 here, float32 there
