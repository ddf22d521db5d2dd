"""Losses that bring a description near its own title and away from others.

WARP (Weston, Bengio and Usunier, 2011) and WOCR (JOAPS, ECAI 2020) with two repairs: WARP's margin is added, as
its stated intent needs, and titles that are right for a description are never its negatives. dist = 1 - cosine.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class BatchLoss:
    """The loss of one batch, and how hard the batch was."""

    loss: Tensor  # a number, with its gradient
    n_violators: int  # (description, wrong title) pairs in which the wrong title is nearer than the own one
    n_compared: int  # all (description, wrong title) pairs

    @property
    def ratio(self) -> float:
        """Violators per compared pair; 0 where nothing was compared."""
        return self.n_violators / self.n_compared if self.n_compared else 0.0


def wocr(cosines: Tensor, *, right: Tensor, margin: float) -> BatchLoss:
    """Weigh every violator of a description by how many there are.

    L = 1/b sum_d omega_d sum_v (dist(d, t) - dist(d, v) + margin) over the violators v of d, which are the wrong
    titles with dist(d, v) < dist(d, t) + margin; omega_d = violators / b, taken as a constant. The paper has no
    margin and no 1/b; without a margin, equal vectors everywhere have no violator, and so a loss of zero.

    Args:
        cosines: float (b, b): each description (row) with each title (column); own titles on the diagonal.
        right: bool (b, b): which titles are right for which description: at least the diagonal.
        margin: 0 gives the paper's form.

    Returns:
        The loss, and the number of violators as the paper has them, without the margin: they steer the batch size.
    """
    lead = cosines - cosines.diagonal()[:, None]  # dist(d, t) - dist(d, v)
    excess = lead + margin
    violates = (excess.detach() > 0) & ~right  # (b, b)
    omega = violates.sum(dim=1) / len(cosines)  # counts: no gradient
    loss = (omega * (excess * violates).sum(dim=1)).mean()
    return BatchLoss(loss, int(((lead.detach() > 0) & ~right).sum()), int((~right).sum()))


def infonce(cosines: Tensor, *, right: Tensor, temperature: float) -> BatchLoss:
    """Let the titles of the batch compete for each description (van den Oord, Li and Vinyals, 2018).

    L = 1/b sum_d -log(exp(cos(d, t)/T) / (exp(cos(d, t)/T) + sum over wrong titles of exp(cos(d, v)/T))).

    Args:
        cosines: float (b, b): each description (row) with each title (column); own titles on the diagonal.
        right: bool (b, b): which titles are right for which description: at least the diagonal.
        temperature: T, above 0; the smaller, the more the nearest wrong titles count.

    Returns:
        The loss, and the number of wrong titles that are nearer than the own one.
    """
    own = torch.eye(len(cosines), dtype=torch.bool)
    scores = (cosines / temperature).masked_fill(right & ~own, float("-inf"))
    loss = torch.nn.functional.cross_entropy(scores, torch.arange(len(cosines)))
    violates = (cosines.detach() > cosines.detach().diagonal()[:, None]) & ~right
    return BatchLoss(loss, int(violates.sum()), int((~right).sum()))


def warp(own: Tensor, violator: Tensor, *, trial: int, n_negatives: int, margin: float) -> Tensor:
    """Weigh the first violator found by the rank that finding it so soon speaks of.

    L = omega max(0, dist(d, t) - dist(d, v) + margin), omega = sum of 1/i for i = 1 .. floor(k / j).

    Args:
        own: cos(d, t), a number.
        violator: cos(d, v), a number.
        trial: j: how many titles were drawn until this one, itself included; 1 or more.
        n_negatives: k: how many would have been drawn at most.
        margin: mu.

    Returns:
        A number, with its gradient.
    """
    omega = sum(1 / rank for rank in range(1, n_negatives // trial + 1))
    return omega * torch.clamp(violator - own + margin, min=0)
