"""The training side of the chain of `nn/chain.py`: negative log-likelihood in torch."""

import torch
from torch import Tensor, nn

from metier.nn.chain import IMPOSSIBLE, N_TAGS, I, O


class ChainLoss(nn.Module):
    """Linear-chain conditional random field over O, B, I with learnt transitions.

    Lafferty, McCallum and Pereira (2001). O -> I and a first I stay impossible: their scores are fixed.
    """

    def __init__(self) -> None:
        """Begin with all legal moves equal."""
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(N_TAGS, N_TAGS))
        self.starts = nn.Parameter(torch.zeros(N_TAGS))
        illegal = torch.zeros(N_TAGS, N_TAGS)
        illegal[O, I] = IMPOSSIBLE
        self.register_buffer("illegal", illegal, persistent=False)
        self.register_buffer("illegal_start", torch.tensor([0.0, 0.0, IMPOSSIBLE]), persistent=False)

    def scores(self) -> tuple[Tensor, Tensor]:
        """Give what `nn.chain.Chain` takes: transitions (3, 3) and starts (3,)."""
        return self.transitions + self.illegal, self.starts + self.illegal_start

    def forward(self, emissions: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Give the mean negative log-likelihood per word.

        Args:
            emissions: float32 (sentences, words, 3).
            tags: int64 (sentences, words), values under the mask's False are ignored.
            mask: bool (sentences, words), True for real words; every first word is real.

        Returns:
            A scalar.
        """
        transitions, starts = self.scores()
        every = torch.arange(len(tags), device=tags.device)
        tags = tags.clamp_min(0)
        gold = starts[tags[:, 0]] + emissions[every, 0, tags[:, 0]]  # (sentences,)
        total = starts + emissions[:, 0]  # (sentences, 3)
        for t in range(1, tags.shape[1]):
            step = transitions[tags[:, t - 1], tags[:, t]] + emissions[every, t, tags[:, t]]
            gold = gold + torch.where(mask[:, t], step, torch.zeros_like(step))
            moved = torch.logsumexp(total[:, :, None] + transitions, dim=1) + emissions[:, t]
            total = torch.where(mask[:, t, None], moved, total)
        return (torch.logsumexp(total, dim=1) - gold).sum() / mask.sum()
