import numpy as np
import pytest
import torch
from transformers import AutoModel

from metier.nn.export import export_encoder
from metier.nn.runtime import TokenEncoder
from metier.tagging.network import TaggerNetwork

PIECES = [(2, *range(5, 40), 3), (2, 9, 50, 61, 3), (2, 30, 3)]
TYPES = [(0, *(i % 5 for i in range(35)), 0), (0, 1, 2, 4, 0), (0, 3, 0)]


@pytest.fixture(scope="module")
def weights(tiny_encoder, tmp_path_factory):
    """An encoder whose token types were widened to the five casings, each with a vector of its own."""
    folder = tmp_path_factory.mktemp("widened")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = TaggerNetwork(str(tiny_encoder), layers=("skill",), crf=False, dropout=0.1, cased=True)
        torch.nn.init.normal_(network.encoder.embeddings.token_type_embeddings.weight)
    network.encoder.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes((tiny_encoder / "tokenizer.json").read_bytes())
    return folder


@pytest.fixture(scope="module")
def torch_vectors(weights):
    encoder = AutoModel.from_pretrained(weights, add_pooling_layer=False).eval()
    with torch.inference_mode():
        return [
            encoder(input_ids=torch.tensor([pieces]), token_type_ids=torch.tensor([types])).last_hidden_state[0].numpy()
            for pieces, types in zip(PIECES, TYPES, strict=True)
        ]


def runtime_vectors(weights, folder, quantization):
    for name, content in export_encoder(weights, quantization=quantization).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return TokenEncoder(folder / "encoder", threads=1).encode(PIECES, TYPES)


def test_float32_export_gives_what_torch_gives_with_five_casings(weights, torch_vectors, tmp_path):
    for ours, theirs in zip(runtime_vectors(weights, tmp_path, "float32"), torch_vectors, strict=True):
        assert np.abs(ours - theirs).max() < 1e-4


def test_int8_export_points_the_same_way(weights, torch_vectors, tmp_path):
    for ours, theirs in zip(runtime_vectors(weights, tmp_path, "int8"), torch_vectors, strict=True):
        cosines = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
        assert cosines.min() > 0.98


def test_export_writes_the_same_bytes_twice(weights):
    assert export_encoder(weights, quantization="int8") == export_encoder(weights, quantization="int8")


def test_export_leaves_the_random_numbers_of_the_caller_alone(weights):
    before = torch.get_rng_state()
    export_encoder(weights, quantization="int8")
    assert torch.equal(before, torch.get_rng_state())
