"""The networks in torch, and their twin on numpy."""

import numpy as np
import pytest
import torch

from metier.artifacts import write_artifact
from metier.domain import Span
from metier.errors import DamagedModel, ModelError
from metier.titles.encoders import DescriptionEncoder, TitleEncoder
from metier.titles.job2vec import Job2Vec, KnownTitles
from metier.titles.network import TitleNetwork, padded_rows
from metier.titles.title_words import title_words
from metier.titles.word_vectors import WordVectors

WORDS = [*"abcdefghijklmnopqrstuvwxyz", "baker", "bread", "senior", "data", "engineer", "c++", "pâtissier"]
DESCRIPTIONS = [
    "bread",  # shorter than every filter
    "a baker",
    "we want a senior baker who can bake bread: a b c d e f g",
    " ".join("abcdefghijklmnopqrstuvwxyz" * 20),  # 520 words: only the first 40 are read
    "unknown words only",
    "",
    "C++ 👍 Pâtissier, data; engineer!",
]
TITLES = ["baker", "senior data engineer", "c++ engineer", "", "unbekannt", "pâtissier", "a b c d e f g h i j k l"]


@pytest.fixture(scope="module")
def vectors():
    drawn = np.random.default_rng(5).normal(0, 0.3, (len(WORDS), 30)).astype(np.float32)
    return WordVectors.from_floats(WORDS, drawn)


@pytest.fixture(scope="module")
def network(vectors):
    with torch.random.fork_rng():
        torch.manual_seed(9)
        return TitleNetwork(vectors.floats(), dropout=0.5).eval()


@pytest.fixture(scope="module")
def titles(network, vectors):
    return TitleEncoder(vectors, network.arrays())


@pytest.fixture(scope="module")
def descriptions(network, vectors):
    return DescriptionEncoder(vectors, network.arrays(), n_words=40)


def rows_of(texts, vectors, limit=40):
    return [np.array(vectors.known_rows(title_words(text))[:limit], dtype=np.int64) for text in texts]


def in_torch(encoder, texts, vectors):
    """Encode those texts that have a known word; zeros for the others."""
    rows = rows_of(texts, vectors)
    encoded = np.zeros((len(texts), 100), dtype=np.float32)
    known = [number for number, found in enumerate(rows) if len(found)]
    with torch.inference_mode():
        encoded[known] = encoder(padded_rows([rows[number] for number in known], padding=len(WORDS))).numpy()
    return encoded


def test_the_network_has_no_more_parameters_than_published():
    network = TitleNetwork(np.zeros((2, 300), dtype=np.float32))
    # BiGRU 2 (3 (300 x 50 + 50 x 50) + 2 x 150) + convolutions 12 x 300 x 100 + 300 + dense 300 x 100 + 100
    assert network.n_parameters == 2 * (3 * (15_000 + 2_500) + 300) + 360_300 + 30_100 == 496_000
    assert network.n_parameters <= 520_000


def test_descriptions_on_numpy_are_those_of_torch(network, descriptions, vectors):
    expected = in_torch(network.descriptions, DESCRIPTIONS, vectors)
    np.testing.assert_allclose(descriptions.encode(DESCRIPTIONS), expected, atol=1e-4)


def test_titles_on_numpy_are_those_of_torch(network, titles, vectors):
    expected = in_torch(network.titles, TITLES, vectors)
    np.testing.assert_allclose(titles.encode(TITLES), expected, atol=1e-4)


def plain_convolution(layers, signal):
    """torch's own convolution, tanh, and maximum over time: (texts, word_dim, words) -> (texts, 300)."""
    pooled = []
    for filters, bias, width in zip(
        layers.filters.split([300, 400, 500], dim=1), layers.bias.split(100), (3, 4, 5), strict=True
    ):
        weight = filters.unflatten(1, (width, 100)).permute(2, 0, 1)  # (filters, word_dim, width)
        pooled.append(torch.nn.functional.conv1d(signal, weight, bias).tanh().amax(dim=2))
    return torch.cat(pooled, dim=1)


def test_descriptions_are_those_of_a_plain_convolution(network, vectors):
    """Against `torch.nn.functional.conv1d` over one text at a time, so without any padding."""
    for text, found in zip(DESCRIPTIONS, in_torch(network.descriptions, DESCRIPTIONS, vectors), strict=True):
        words = vectors.floats()[rows_of([text], vectors)[0]]
        if len(words) < 5:
            continue
        layers = network.descriptions
        with torch.inference_mode():
            pooled = [plain_convolution(layers, torch.from_numpy(words.T)[None])]
            expected = torch.nn.functional.normalize(layers.dense(torch.cat(pooled, dim=1)), dim=1)
        np.testing.assert_allclose(found, expected[0].numpy(), atol=1e-5)


def test_padding_changes_nothing_even_where_every_response_is_negative(network, vectors):
    short, long = rows_of(["a b c d e f", DESCRIPTIONS[3]], vectors)
    with torch.inference_mode():
        alone = network.descriptions(padded_rows([short], padding=len(WORDS)))
        beside = network.descriptions(padded_rows([short, long], padding=len(WORDS)))
    torch.testing.assert_close(alone[0], beside[0], atol=1e-6, rtol=0)
    # All filters against all words: the zeros of the padding, if they could, would win the maximum.
    ones = WordVectors.from_floats(["a"], np.ones((1, 30), dtype=np.float32))
    other = TitleNetwork(ones.floats()).eval().descriptions
    with torch.no_grad():
        other.filters.fill_(-1.0)
        six, twelve = other(torch.tensor([[0] * 6 + [1] * 6, [0] * 12]))
    torch.testing.assert_close(six, twelve)


def test_the_gradient_is_that_of_a_plain_convolution(vectors):
    torch.manual_seed(2)
    layers = TitleNetwork(vectors.floats()).train().descriptions
    rows = padded_rows(rows_of([DESCRIPTIONS[3], DESCRIPTIONS[3][::-1]], vectors), padding=len(WORDS))
    toward = torch.randn(2, 100)
    (layers(rows) * toward).sum().backward()
    own = layers.filters.grad.clone()
    layers.zero_grad()
    features = plain_convolution(layers, layers.vectors[rows].transpose(1, 2))
    (torch.nn.functional.normalize(layers.dense(features), dim=1) * toward).sum().backward()
    torch.testing.assert_close(own, layers.filters.grad, atol=1e-5, rtol=1e-4)


def test_rows_have_unit_length_or_are_zero(titles, descriptions):
    for encoded, zeros in ((titles.encode(TITLES), [3, 4]), (descriptions.encode(DESCRIPTIONS), [4, 5])):
        lengths = np.linalg.norm(encoded, axis=1)
        assert np.flatnonzero(lengths == 0).tolist() == zeros
        assert lengths[lengths > 0] == pytest.approx(1, abs=1e-5)


def test_a_text_has_the_same_vector_whatever_stands_beside_it(titles, descriptions):
    for encoder, texts in ((titles, TITLES), (descriptions, DESCRIPTIONS)):
        many = texts * 60  # more than a block
        together = encoder.encode(many)
        alone = np.concatenate([encoder.encode([text]) for text in texts])
        assert (together == np.tile(alone, (60, 1))).all()


def test_no_texts_give_no_rows(titles, descriptions):
    assert titles.encode([]).shape == descriptions.encode([]).shape == (0, 100)


def test_words_after_the_limit_are_not_read(descriptions):
    first = " ".join("abcdefghij" * 4)
    assert (descriptions.encode([first]) == descriptions.encode([first + " baker bread"])).all()


def test_explanations_point_at_words_and_sum_to_one(descriptions, titles):
    text = "👩‍🍳 Baker wanted: you bake bread, senior C++ data engineer"
    (toward,) = titles.encode(["baker"])
    found = descriptions.explain(text, toward)
    assert sum(word.weight for word in found) == pytest.approx(1)
    assert all(0 < word.weight <= 1 for word in found)
    shown = [text[word.span.start : word.span.end] for word in found]
    assert set(shown) <= {"Baker", "bread", "senior", "C++", "data", "engineer"}
    assert [word.span for word in found] == sorted(word.span for word in found)


def test_explanations_weigh_what_the_filters_add():
    """One filter counts, and one of its three places: only the middle word of its n-gram has a weight."""
    vectors = WordVectors.from_floats(["x", "y", "z"], np.eye(3, dtype=np.float32))
    filters = np.zeros((3, 12 * 100), dtype=np.float32)
    filters[1, 100] = 2.0  # width 3, second place, filter 0: likes `y` in the middle
    dense = np.zeros((300, 100), dtype=np.float32)
    dense[0, 0] = 1.0
    weights = {
        "filters": filters,
        "filter_bias": np.zeros(300, dtype=np.float32),
        "dense": dense,
        "dense_bias": np.zeros(100, dtype=np.float32),
    }
    encoder = DescriptionEncoder(vectors, weights, n_words=10)
    toward = np.eye(100, dtype=np.float32)[0]
    (word,) = encoder.explain("x x y z", toward)
    assert (word.span, word.weight) == (Span(4, 5), 1.0)
    assert encoder.explain("x x y z", -toward) == []  # what speaks against a title is not told
    assert encoder.explain("nothing known", toward) == []
    assert encoder.explain("x", toward) == []  # no filter responds


@pytest.fixture
def folder(tmp_path, network, vectors):
    from metier.training.title_folder import packed_arrays

    known = KnownTitles(("Baker", "Pâtissier"), ("en", "fr"), (3, 1), np.eye(2, 100, dtype=np.float32))
    files = {
        "words.npz": vectors.to_bytes(),
        "network.npz": packed_arrays(network.arrays()),
        "known.npz": packed_arrays(known.to_arrays()),
    }
    write_artifact(tmp_path / "job2vec", kind="titles", settings={"description_words": 40}, files=files)
    return tmp_path / "job2vec"


def test_a_folder_gives_the_same_model(folder, titles, descriptions):
    model = Job2Vec.load(folder)
    assert model.version.startswith("job2vec@")
    assert model.known == ("Baker", "Pâtissier")
    assert (model.known_languages, model.known_counts) == (("en", "fr"), (3, 1))
    assert (model.known_vectors == np.eye(2, 100)).all()
    assert (model.titles.encode(TITLES) == titles.encode(TITLES)).all()
    assert (model.descriptions.encode(DESCRIPTIONS) == descriptions.encode(DESCRIPTIONS)).all()
    assert model.explain("a baker and bread", "baker") == descriptions.explain(
        "a baker and bread", titles.encode(["baker"])[0]
    )
    assert model.explain("a baker and bread", "!!!") == []


def test_a_folder_of_another_kind_or_with_a_broken_file_is_refused(folder, tmp_path):
    write_artifact(tmp_path / "other", kind="tagger", settings={}, files={})
    with pytest.raises(ModelError, match="titles was expected"):
        Job2Vec.load(tmp_path / "other")
    (folder / "known.npz").write_bytes(b"")
    with pytest.raises(DamagedModel):
        Job2Vec.load(folder)
