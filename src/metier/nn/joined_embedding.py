"""Vectors of a vocabulary that grew: those that were there stay, and the new ones are learnt."""

import torch
from torch import Tensor, nn


class JoinedEmbedding(nn.Module):
    """An embedding in two parts; pieces are numbered through both."""

    def __init__(self, old: Tensor, new: Tensor) -> None:
        """Put the parts together.

        Args:
            old: float32 (n_old, dim), frozen.
            new: float32 (n_new, dim), at least one; its gradients are sparse.
        """
        super().__init__()
        self.old = nn.Embedding.from_pretrained(old, freeze=True)
        self.new = nn.Embedding.from_pretrained(new, freeze=False, sparse=True)

    def forward(self, ids: Tensor) -> Tensor:
        """Look pieces up.

        Args:
            ids: int64, of any shape, below n_old + n_new.

        Returns:
            float32 (*shape, dim).
        """
        n_old = self.old.num_embeddings
        is_new = ids >= n_old
        vectors: Tensor = torch.where(
            is_new[..., None], self.new((ids - n_old).clamp_min(0)), self.old(ids.clamp_max(n_old - 1))
        )
        return vectors

    @property
    def whole(self) -> Tensor:
        """Both parts, one after the other: float32 (n_old + n_new, dim)."""
        both: Tensor = torch.cat([self.old.weight, self.new.weight]).detach()
        return both
