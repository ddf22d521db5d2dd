import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from metier.matching.contrastive_losses import infonce_loss, triplet_loss


def unit(draw, n, dim=5):
    rows = draw.normal(size=(n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def slow_triplet(anchors, others, adjacency, margin):
    """The definition, triplet by triplet."""
    costs = [
        max(math.dist(d, others[near]) - math.dist(d, others[far]) + margin, 0)
        for row, d in enumerate(anchors)
        for near in range(len(others))
        for far in range(len(others))
        if adjacency[row][near] > 0 and adjacency[row][far] < 0
    ]
    return sum(costs) / max(len(costs), 1)


def slow_infonce(anchors, others, adjacency, temperature):
    """The definition, pair by pair."""
    terms = []
    for row, d in enumerate(anchors):
        if not any(sign < 0 for sign in adjacency[row]):
            continue
        known = [c for c in range(len(others)) if adjacency[row][c] != 0]
        powers = {c: math.exp(float(np.dot(d, others[c])) / temperature) for c in known}
        terms += [-math.log(powers[c] / sum(powers.values())) for c in known if adjacency[row][c] > 0]
    return sum(terms) / max(len(terms), 1)


@given(
    st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6), min_size=1, max_size=4),
    st.integers(0, 1000),
)
def test_masks_give_what_the_definitions_give(rows, seed):
    draw = np.random.default_rng(seed)
    anchors, others, adjacency = unit(draw, len(rows)), unit(draw, 6), torch.tensor(rows, dtype=torch.int8)
    given_to = (torch.from_numpy(anchors), torch.from_numpy(others), adjacency)
    assert triplet_loss(*given_to, margin=0.5).item() == pytest.approx(
        slow_triplet(anchors, others, rows, 0.5), abs=1e-4
    )
    assert infonce_loss(*given_to, temperature=0.2).item() == pytest.approx(
        slow_infonce(anchors, others, rows, 0.2), abs=1e-4
    )


def test_two_vectors_by_hand():
    anchor = torch.tensor([[1.0, 0.0]])
    others = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    adjacency = torch.tensor([[1, -1]])
    # cosines .6 and 0: distances sqrt(.8) = .8944 and sqrt(2) = 1.4142; .8944 - 1.4142 + 1 = .4802
    assert triplet_loss(anchor, others, adjacency, margin=1.0).item() == pytest.approx(0.4802, abs=1e-4)
    # -log(e^.6 / (e^.6 + 1)) = log(1 + e^-.6) = .4375
    assert infonce_loss(anchor, others, adjacency, temperature=1.0).item() == pytest.approx(0.4375, abs=1e-4)


@pytest.mark.parametrize("row", [[0, 0, 0], [1, 1, 0], [-1, -1, 0]])
def test_without_a_near_and_a_far_one_there_is_no_loss_and_no_slope(row):
    anchors = torch.nn.functional.normalize(torch.ones(1, 4)).requires_grad_()
    others = torch.eye(4)[:3]
    for loss in (
        triplet_loss(anchors, others, torch.tensor([row]), margin=1.0),
        infonce_loss(anchors, others, torch.tensor([row]), temperature=0.05),
    ):
        assert loss.item() == 0
        [slope] = torch.autograd.grad(loss, anchors)
        assert torch.equal(slope, torch.zeros(1, 4))


def test_a_profile_beside_itself_has_a_finite_slope():
    draw = np.random.default_rng(1)
    vectors = torch.from_numpy(unit(draw, 4)).requires_grad_()
    adjacency = torch.tensor([[0, 1, -1, -1], [0, 0, -1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    for loss in (
        triplet_loss(vectors, vectors, adjacency, margin=1.0),
        infonce_loss(vectors, vectors, adjacency, temperature=0.05),
    ):
        [slope] = torch.autograd.grad(loss, vectors)
        assert torch.isfinite(slope).all()
        assert slope.abs().sum() > 0


def test_what_nobody_knows_does_not_count():
    draw = np.random.default_rng(2)
    anchors, others = torch.from_numpy(unit(draw, 2)), torch.from_numpy(unit(draw, 5))
    adjacency = torch.tensor([[1, -1, 0, 0, 0], [0, 1, -1, 1, 0]])
    fewer = torch.cat([others[:4], -others[4:]])  # the last column is unknown to both
    assert infonce_loss(anchors, others, adjacency, temperature=0.1) == infonce_loss(
        anchors, fewer, adjacency, temperature=0.1
    )


def test_infonce_weighs_near_pairs_by_their_values():
    anchors = torch.tensor([[1.0, 0.0]])
    others = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    # logits 1, 0, -1; log shares 1 - z, 0 - z with z = ln(e + 1 + 1/e) = 1.4076; (3 (1 - z) + (0 - z)) / 4 = -0.6576
    loss = infonce_loss(anchors, others, torch.tensor([[3.0, 1.0, -1.0]]), temperature=1.0)
    assert loss.item() == pytest.approx(0.6576, abs=1e-4)
