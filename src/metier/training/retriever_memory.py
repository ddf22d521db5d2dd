"""What a retriever in training remembers of the profiles of earlier batches."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ProfileMemory(nn.Module):
    """The last vectors of profiles, as they were when they were made (cross-batch memory: Wang et al., 2020).

    Heads change slowly, so that these vectors stand in for many more profiles than a batch can hold. It is a network
    without weights, so that a checkpoint keeps it.
    """

    rows: Tensor  # int64 (size,), -1 where it is still free; the oldest come first
    vectors: Tensor  # float32 (size, dim)

    def __init__(self, size: int, *, dim: int) -> None:
        """Begin empty.

        Args:
            size: Profiles at most.
            dim: Of their vectors.
        """
        super().__init__()
        self.register_buffer("rows", torch.full((size,), -1))
        self.register_buffer("vectors", torch.zeros(size, dim))

    def without(self, rows: Sequence[int]) -> tuple[list[int], Tensor]:
        """Give what is remembered of all but some profiles.

        Args:
            rows: Of the profiles that are left out.

        Returns:
            Rows of profiles, and float32 (rows, dim), their vectors.
        """
        others = (self.rows >= 0) & ~torch.isin(self.rows, torch.tensor(rows))
        return self.rows[others].tolist(), self.vectors[others]

    def keep(self, rows: Sequence[int], vectors: Tensor) -> None:
        """Remember a batch; of the same profile the new vector stays.

        Args:
            rows: Of different profiles.
            vectors: float32 (rows, dim).
        """
        size = len(self.rows)
        stay = ~torch.isin(self.rows, torch.tensor(rows))
        n_free = int((~stay).sum())
        found = torch.cat([self.rows.new_full((n_free,), -1), self.rows[stay], torch.tensor(rows)])
        made = torch.cat([self.vectors.new_zeros(n_free, self.vectors.shape[1]), self.vectors[stay], vectors.detach()])
        self.rows, self.vectors = found[len(found) - size :], made[len(made) - size :]
