"""What a generator is taught."""

import numpy as np
import pytest
import torch

from metier.domain import Skill
from metier.linking.generator import Decoding, GenerativeLinker
from metier.linking.generator_network import PieceDecoder
from metier.nn.trie import ROOT, PrefixTrie
from metier.training.label_task import LabelTask, Teacher, label_vectors, target_loss
from metier.training.linker_pairs import Pair

LABELS = ["bake bread", "bake cakes", "bake", "SQL", "C++", "c", "manage a team", "bake cakes", "..."]
END = 0


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def network(tiny_encoder):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return PieceDecoder.for_labels(str(tiny_encoder), LABELS, n_layers=1, dropout=0.0).eval()


def pair(row, text="bakes"):
    return Pair(text, None, row, frozenset({row}))


def test_the_loss_is_minus_the_log_probability_that_the_search_finds(network):
    plain = Decoding(in_sentence=False, length_power=0.0, calibration=(1.0, 0.0, 0.0, 0.0, 0.0), abstain_below=0.0)
    skills = [Skill(str(row), label) for row, label in enumerate(LABELS)]
    written = GenerativeLinker(network, skills, decoding=plain, version="x").write("bakes", None)
    found = dict(zip(written.rows.tolist(), written.scores.merged.tolist(), strict=True))
    task = LabelTask(network, LABELS)
    for row in range(len(LABELS)):
        assert task.loss([pair(row)]).item() == pytest.approx(-found[row], abs=1e-4)
    # of a batch, the mean
    assert task.loss([pair(0), pair(6)]).item() == pytest.approx(-(found[0] + found[6]) / 2, abs=1e-4)


def test_a_taxonomy_of_one_label_has_nothing_to_learn(network):
    for share in (0.0, 0.5):
        assert LabelTask(network, ["SQL"], smoothing=0.1, teacher_share=share).loss([pair(0)]).item() == 0


def test_the_target_loss_is_that_of_torch_over_the_allowed_classes():
    logits = torch.randn(3, 5, generator=torch.Generator().manual_seed(2))
    allowed = torch.tensor([[1, 1, 1, 1, 1], [0, 1, 1, 0, 0], [1, 0, 1, 0, 1]], dtype=torch.bool)
    targets = torch.tensor([[0.1, 0.2, 0.3, 0.4, 0], [0, 1, 0, 0, 0], [0.5, 0, 0.5, 0, 0]])
    expected = sum(
        torch.nn.functional.cross_entropy(row[may][None], target[may][None], label_smoothing=0.1)
        for row, may, target in zip(logits, allowed, targets, strict=True)
    )
    torch.testing.assert_close(target_loss(logits, targets, allowed, smoothing=0.1), expected)


def test_the_teacher_sums_the_probabilities_of_the_labels_that_go_on_so():
    paths = [(1, 2, END), (1, 3, END), (1, END), (2, END), (1, 3, END)]
    trie = PrefixTrie([path[:-1] for path in paths], n_classes=4, end=END)
    vectors = torch.nn.functional.normalize(
        torch.randn(5, 3, generator=torch.Generator().manual_seed(1)).double(), dim=1
    )
    teacher = Teacher(vectors, paths, trie, temperature=0.5)
    mean = torch.tensor([[0.0, 0.6, 0.8]])
    p = torch.softmax(mean.double() @ vectors.T / 0.5, dim=1)[0]
    nodes = np.array([ROOT, trie.nodes((1,))[0]])
    shares = teacher.shares(mean, np.array([0, 0]), nodes, trie.allowed(nodes))
    at_root = [0, p[0] + p[1] + p[2] + p[4], p[3], 0]
    below_1 = p[0] + p[1] + p[2] + p[4]
    after_1 = [p[2] / below_1, 0, p[0] / below_1, (p[1] + p[4]) / below_1]
    torch.testing.assert_close(shares, torch.tensor([at_root, after_1], dtype=torch.float32))


def test_with_the_teacher_alone_the_loss_is_least_where_the_network_says_what_it_says(network):
    logits = torch.randn(1, 4, generator=torch.Generator().manual_seed(4))
    allowed = torch.ones(1, 4, dtype=torch.bool)
    same = target_loss(logits, torch.softmax(logits, dim=1), allowed, smoothing=0.0)
    entropy = torch.distributions.Categorical(logits=logits).entropy().sum()
    torch.testing.assert_close(same, entropy)


def test_label_vectors_are_of_unit_length_and_in_order(network):
    vectors = label_vectors(network, LABELS)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(LABELS), dtype=torch.double))
    for row, label in enumerate(LABELS):
        torch.testing.assert_close(vectors[row].float(), network.read([label], [None]).mean[0], rtol=1e-4, atol=1e-5)
