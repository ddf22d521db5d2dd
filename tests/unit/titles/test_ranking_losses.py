import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from metier.titles.ranking_losses import infonce, warp, wocr

EYE = torch.eye(3, dtype=torch.bool)
COSINES = torch.tensor([[0.5, 0.8, 0.1], [0.9, 0.9, 0.2], [0.3, 0.7, 0.2]])


def slow_wocr(cosines, right, margin):
    """The formula, with loops: distances, then violators, then weights."""
    b = len(cosines)
    total = 0.0
    for d in range(b):
        dist = [1 - cosines[d][t] for t in range(b)]
        violators = [v for v in range(b) if not right[d][v] and dist[v] < dist[d] + margin]
        omega = len(violators) / b
        total += omega * sum(dist[d] - dist[v] + margin for v in violators)
    return total / b


def slow_infonce(cosines, right, temperature):
    b = len(cosines)
    total = 0.0
    for d in range(b):
        own = math.exp(cosines[d][d] / temperature)
        wrong = sum(math.exp(cosines[d][v] / temperature) for v in range(b) if not right[d][v])
        total -= math.log(own / (own + wrong))
    return total / b


def test_wocr_by_hand():
    found = wocr(COSINES, right=EYE, margin=0.0)
    # d0: title 1 is nearer: omega 1/3, 0.8 - 0.5 = 0.3: 0.1. d1: 0.9 against 0.9 is no violator.
    # d2: titles 0 and 1: omega 2/3, 0.1 + 0.5 = 0.6: 0.4. Mean: 0.5 / 3.
    assert found.loss.item() == pytest.approx(0.5 / 3)
    assert (found.n_violators, found.n_compared) == (3, 6)
    assert found.ratio == 0.5


def test_a_margin_counts_near_titles_too():
    found = wocr(COSINES, right=EYE, margin=0.1)
    # d0: 1/3 (0.3 + 0.1). d1: title 0 ties: 1/3 * 0.1. d2: 2/3 (0.2 + 0.6). Together 0.4/3 + 0.1/3 + 1.6/3.
    assert found.loss.item() == pytest.approx(2.1 / 9)
    assert found.n_violators == 3  # what steers the batch size has no margin


def test_titles_that_are_right_are_never_negatives():
    right = EYE.clone()
    right[2, 1] = right[0, 1] = True
    found = wocr(COSINES, right=right, margin=0.0)
    # Left is d2 with title 0: 1/3 * 0.1, over 3.
    assert found.loss.item() == pytest.approx(0.1 / 9)
    assert (found.n_violators, found.n_compared) == (1, 4)


def test_infonce_by_hand():
    found = infonce(torch.tensor([[0.5, 0.5], [0.0, 0.2]]), right=torch.eye(2, dtype=torch.bool), temperature=0.1)
    # d0: a tie: log 2. d1: log(1 + exp((0.0 - 0.2) / 0.1)).
    assert found.loss.item() == pytest.approx((math.log(2) + math.log1p(math.exp(-2))) / 2)
    assert (found.n_violators, found.n_compared) == (0, 2)


@given(st.integers(1, 6), st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.5]))
def test_both_agree_with_loops(b, seed, value):
    generator = torch.Generator().manual_seed(seed)
    cosines = torch.rand(b, b, generator=generator, dtype=torch.float64) * 2 - 1
    right = (torch.rand(b, b, generator=generator) < 0.2) | torch.eye(b, dtype=torch.bool)
    found = wocr(cosines, right=right, margin=value)
    assert found.loss.item() == pytest.approx(slow_wocr(cosines.tolist(), right.tolist(), value))
    found = infonce(cosines, right=right, temperature=value + 0.1)
    assert found.loss.item() == pytest.approx(slow_infonce(cosines.tolist(), right.tolist(), value + 0.1), abs=1e-9)


def test_omega_is_a_constant_to_the_gradient():
    cosines = torch.tensor([[0.2, 0.4], [0.1, 0.9]], requires_grad=True)
    wocr(cosines, right=torch.eye(2, dtype=torch.bool), margin=0.0).loss.backward()
    # Only d0 has a violator: L = 1/2 * 1/2 * (cos(0, 1) - cos(0, 0)).
    assert cosines.grad.tolist() == [[-0.25, 0.25], [0.0, 0.0]]


@pytest.mark.parametrize("b", [1, 2, 5])
def test_gradients_are_finite(b):
    cosines = torch.zeros(b, b, requires_grad=True)
    right = torch.ones(b, b, dtype=torch.bool)  # every title is right: nothing to learn
    for found in (wocr(cosines, right=right, margin=0.1), infonce(cosines, right=right, temperature=0.05)):
        found.loss.backward()
        assert found.loss.item() == 0.0
        assert found.ratio == 0.0
        assert torch.isfinite(cosines.grad).all()


def test_without_a_margin_a_collapsed_space_has_no_loss_and_with_one_it_has():
    vectors = torch.nn.functional.normalize(torch.ones(4, 100), dim=1)  # all texts at one place
    cosines = (vectors @ vectors.T).clamp(max=1.0)
    cosines[:] = cosines[0, 0]
    eye = torch.eye(4, dtype=torch.bool)
    assert wocr(cosines, right=eye, margin=0.0).loss.item() == 0.0
    # Each of 4 descriptions: omega 3/4, three violators at 0.1.
    assert wocr(cosines, right=eye, margin=0.1).loss.item() == pytest.approx(0.75 * 0.3)


def collapse(margin):
    """Train free vectors from a random start; give the mean cosine of wrong pairs and the share of violators."""
    torch.manual_seed(3)
    descriptions, titles = (torch.nn.Parameter(torch.randn(16, 2)) for _ in range(2))
    optimizer = torch.optim.Adam([descriptions, titles], lr=0.02)
    eye = torch.eye(16, dtype=torch.bool)
    for _ in range(400):
        unit = torch.nn.functional.normalize
        cosines = unit(descriptions, dim=1) @ unit(titles, dim=1).T
        found = wocr(cosines, right=eye, margin=margin)
        optimizer.zero_grad()
        found.loss.backward()
        optimizer.step()
    lead = cosines.diagonal()[:, None] - cosines
    return lead[~eye].median().item()


def test_without_a_margin_right_titles_keep_a_smaller_lead():
    assert collapse(margin=0.0) < collapse(margin=0.3)


def test_warp_by_hand():
    own, violator = torch.tensor(0.5, requires_grad=True), torch.tensor(0.45, requires_grad=True)
    loss = warp(own, violator, trial=300, n_negatives=1000, margin=0.1)
    # floor(1000 / 300) = 3: omega = 1 + 1/2 + 1/3; dist 0.5 - 0.55 + 0.1 = 0.05.
    assert loss.item() == pytest.approx((1 + 1 / 2 + 1 / 3) * 0.05)
    loss.backward()
    assert own.grad.item() == pytest.approx(-11 / 6)
    assert violator.grad.item() == pytest.approx(11 / 6)


def test_warp_beyond_the_margin_is_zero_and_a_late_find_weighs_least():
    own, near = torch.tensor(0.9), torch.tensor(0.85)
    assert warp(own, torch.tensor(0.5), trial=1, n_negatives=1000, margin=0.1).item() == 0.0
    weights = [warp(own, near, trial=j, n_negatives=10, margin=0.1).item() for j in (1, 2, 5, 10)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == pytest.approx(0.05)  # floor(10 / 10) = 1: omega = 1
