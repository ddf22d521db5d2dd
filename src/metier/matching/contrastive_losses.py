"""Contrastive losses over an adjacency matrix (Malt, RecSysHR 2024), as masks; need the extra `train`."""

import torch
from torch import Tensor

_LEAST_SQUARE: float = 1e-8  # of a distance: the root of zero has no gradient


def triplet_loss(anchors: Tensor, others: Tensor, adjacency: Tensor, *, margin: float) -> Tensor:
    """Ask that what is near an anchor is nearer than what is far, by a margin.

    A-triplets: all (d, d', d'') with A[d, d'] > 0 and A[d, d''] < 0; each costs max(D(d, d') - D(d, d'') + margin, 0),
    D the Euclidean distance. The paper's sum is divided by the number of triplets, so that the size of a batch changes
    nothing.

    Args:
        anchors: float32 (rows, dim), of unit length.
        others: float32 (columns, dim), of unit length.
        adjacency: (rows, columns); above 0: near; below 0: far. An anchor must not stand beside itself.
        margin: In [0, 2].

    Returns:
        A scalar; 0 where there is no triplet.
    """
    distances = (2 - 2 * anchors @ others.T).clamp_min(_LEAST_SQUARE).sqrt()
    rows, near = (adjacency > 0).nonzero(as_tuple=True)  # (pairs,) each
    excess = (distances[rows, near][:, None] - distances[rows] + margin).clamp_min(0)  # (pairs, columns)
    triplets = adjacency[rows] < 0
    return (excess * triplets).sum() / triplets.sum().clamp_min(1)


def infonce_loss(anchors: Tensor, others: Tensor, adjacency: Tensor, *, temperature: float) -> Tensor:
    """Tell what is near an anchor from all that is known of it.

    A-InfoNCE, eq. 12 and 13 repaired: L = -1/n sum over (d, d') with A[d, d'] > 0 of
    log(exp(s(d, d')/T) / sum over d'' with A[d, d''] != 0 of exp(s(d, d'')/T)), s the cosine, n the number of such
    pairs. Anchors without anything far are left out. Other near ones stay in the denominator, as printed. Values other
    than 1 (which the paper leaves to future work) weigh the pairs, and n is then their sum.

    Args:
        anchors: float32 (rows, dim), of unit length.
        others: float32 (columns, dim), of unit length.
        adjacency: (rows, columns); above 0: near; below 0: far. An anchor must not stand beside itself.
        temperature: T, above 0.

    Returns:
        A scalar; 0 where no anchor has both.
    """
    logits = anchors @ others.T / temperature
    near = adjacency.clamp_min(0) * (adjacency < 0).any(dim=1, keepdim=True)
    lowest = torch.finfo(logits.dtype).min  # finite: a row about which nothing is known gives no NaN
    shares = logits.masked_fill(adjacency == 0, lowest).log_softmax(dim=1)
    return -(shares.masked_fill(near == 0, 0) * near).sum() / near.sum().clamp_min(1)
