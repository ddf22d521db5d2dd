import math

import numpy as np
import pytest
import torch

from metier.matching.head import Head, HeadShape, Layout, join_tokens
from metier.matching.towers_network import TowerNetwork

DIM = 8


def shape(**changes):
    return HeadShape(**{"n_sections": 3, "dim": DIM, "n_layers": 2, "n_heads": 2, "n_inner": 12, **changes})


def network_of(shape, *, seed=0):
    """A network whose every weight is random: as it begins, its layers add nothing."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = TowerNetwork(shape)
        for values in network.parameters():
            torch.nn.init.normal_(values, std=0.4)
    return network.eval()


def head_of(network):
    return Head(network.shape, {name: values.numpy() for name, values in network.state_dict().items()})


def documents(n, *, seed=0, n_sections=3):
    draw = np.random.default_rng(seed)
    return [
        [draw.normal(size=(int(draw.integers(2, 9)), DIM)).astype(np.float32) for _ in range(n_sections)]
        for _ in range(n)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"norm_first": False},
        {"skip": False},
        {"balanced_pooling": False},
        {"section_vectors": False},
        {"pool_empty": True},
        {"projections": False},
        {"n_layers": 0},
        {"n_layers": 1, "n_heads": 8},
    ],
)
def test_numpy_and_torch_give_the_same_vectors(changes):
    network = network_of(shape(**changes))
    tokens, layout = join_tokens(documents(7))
    with torch.inference_mode():
        expected = network(torch.from_numpy(tokens), layout).numpy()
    found = head_of(network).encode(tokens, layout)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_layer_is_that_of_torch():
    """`torch.nn.TransformerEncoderLayer` is the reference of one layer, with and without normalising first."""
    for norm_first in (True, False):
        network = network_of(shape(n_layers=1, norm_first=norm_first, projections=False))
        reference = torch.nn.TransformerEncoderLayer(
            DIM, 2, dim_feedforward=12, dropout=0.0, batch_first=True, norm_first=norm_first
        )
        own = network.layers[0].state_dict()
        names = {
            "self_attn.in_proj_": "joined.",
            "self_attn.out_proj.": "mixed.",
            "linear1.": "up.",
            "linear2.": "down.",
            "norm1.": "attention_norm.",
            "norm2.": "feed_norm.",
        }
        reference.load_state_dict(
            {f"{a}{part}": own[f"{b}{part}"] for a, b in names.items() for part in ("weight", "bias")}
        )
        tokens, layout = join_tokens(documents(1))
        with torch.inference_mode():
            states = torch.from_numpy(tokens) + network.sections[torch.from_numpy(layout.sections)]
            outputs = reference.train()(states[None])[0] + torch.from_numpy(tokens)
        weights = layout.weights(network.shape)
        pooled = (outputs.numpy() * weights[:, None]).sum(axis=0)
        assert np.allclose(head_of(network).encode(tokens, layout)[0], pooled / np.linalg.norm(pooled), atol=1e-5)


def test_a_document_is_the_same_alone_and_among_others():
    head, every = head_of(network_of(shape())), documents(9)
    together = head.encode(*join_tokens(every))
    for row in range(9):
        assert np.allclose(head.encode(*join_tokens(every[row : row + 1]))[0], together[row], atol=1e-6)


def test_pooling_gives_each_section_the_same_weight():
    # sections of 2 and 1 tokens: 1/2 * (1/2 + 1/2) of the first, 1/2 of the second
    layout, as_printed = Layout(np.array([[2, 1], [1, 3]])), shape(pool_empty=True)
    assert layout.weights(as_printed).tolist() == pytest.approx([1 / 4, 1 / 4, 1 / 2, 1 / 2, 1 / 6, 1 / 6, 1 / 6])
    tokens_alike = shape(pool_empty=True, balanced_pooling=False)
    assert layout.weights(tokens_alike).tolist() == pytest.approx([1 / 3] * 3 + [1 / 4] * 4)
    assert layout.sections.tolist() == [0, 0, 1, 0, 1, 1, 1]
    assert layout.documents.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_sections_without_a_text_do_not_count():
    # of the first document only the second section has a text, of the second document none has
    layout = Layout(np.array([[2, 3], [2, 2]]))
    expected = [0, 0, 1 / 3, 1 / 3, 1 / 3, 1 / 4, 1 / 4, 1 / 4, 1 / 4]
    assert layout.weights(shape()).tolist() == pytest.approx(expected)
    assert layout.weights(shape(balanced_pooling=False)).tolist() == pytest.approx(expected)


def test_without_layers_a_document_is_the_mean_of_its_sections_means():
    head = Head(shape(n_layers=0, section_vectors=False, n_sections=2, pool_empty=True, projections=False), {})
    first, second = np.zeros((2, DIM), np.float32), np.zeros((1, DIM), np.float32)
    first[:, 0], second[0, 1] = (2, 4), 4  # means 3 and 4: the sum of both halves lies at (3, 4), of length 5
    assert head.encode(*join_tokens([[first, second]]))[0][:2] == pytest.approx([0.6, 0.8])


def test_eq_4_section_by_section():
    """The sums over sections and tokens, as they are written."""
    network = network_of(shape(n_layers=0, pool_empty=True, projections=False))
    sections = network.sections.detach().numpy()
    document = documents(1, seed=3)[0]
    expected = np.zeros(DIM)
    for number, tokens in enumerate(document):
        for token in tokens:
            expected += ((token + sections[number]) + token) / (3 * len(tokens))
    found = head_of(network).encode(*join_tokens([document]))[0]
    assert found == pytest.approx(expected / math.sqrt((expected**2).sum()), abs=1e-5)


def test_a_new_network_begins_as_the_mean_of_the_backbone():
    tokens, layout = join_tokens(documents(4))
    with torch.inference_mode():
        found = TowerNetwork(shape()).eval()(torch.from_numpy(tokens), layout).numpy()
    plain = Head(shape(n_layers=0, section_vectors=False, projections=False), {}).encode(tokens, layout)
    assert np.allclose(found, plain, atol=1e-6)


def test_section_vectors_tell_sections_apart():
    head, [document] = head_of(network_of(shape())), documents(1)
    swapped = [document[1], document[0], document[2]]
    assert not np.allclose(head.encode(*join_tokens([document])), head.encode(*join_tokens([swapped])), atol=1e-3)


def test_bfloat16_gives_nearly_the_same_vectors():
    network = network_of(shape())
    coarse = TowerNetwork(shape(), bfloat16=True).eval()
    coarse.load_state_dict(network.state_dict())
    tokens, layout = join_tokens(documents(5))
    with torch.inference_mode():
        one, other = (each(torch.from_numpy(tokens), layout).numpy() for each in (network, coarse))
    assert not np.array_equal(one, other)
    assert (one * other).sum(axis=1).min() > 0.99
