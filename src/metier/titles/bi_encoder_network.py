"""The title bi-encoder as it is trained; needs the extra `train`."""

import math

import torch
from torch import Tensor, nn


class BiEncoderNetwork(nn.Module):
    """One projection for each side, and a temperature; where it is to be trained too, the encoder before them."""

    def __init__(self, n_inputs: int, *, dim: int, temperature: float, encoder: nn.Module | None = None) -> None:
        """Begin with one projection for both sides that changes angles little, or not at all where it can.

        Args:
            n_inputs: Of the encoder's vectors.
            dim: Of the space that both sides share.
            temperature: Of the loss, to begin with; above 0.
            encoder: Trained along with the rest; None: it stays as it is, outside.
        """
        super().__init__()
        self.encoder = encoder
        begin = torch.eye(dim) if dim == n_inputs else nn.init.orthogonal_(torch.empty(dim, n_inputs))
        self.projections = nn.ModuleDict()
        for side in ("titles", "descriptions"):
            self.projections[side] = nn.Linear(n_inputs, dim, bias=False)
            self.projections[side].weight.data.copy_(begin)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(temperature)))

    def project(self, means: Tensor, *, side: str) -> Tensor:
        """Bring mean vectors into the space that both sides share.

        Args:
            means: float32 (texts, n_inputs).
            side: `titles` or `descriptions`.

        Returns:
            float32 (texts, dim), rows of unit length.
        """
        return nn.functional.normalize(self.projections[side](means), dim=1)

    def loss(self, titles: Tensor, descriptions: Tensor, *, own: Tensor, right: Tensor) -> Tensor:
        """Tell each description's own title from the others of the batch (InfoNCE: van den Oord et al., 2018).

        Args:
            titles: float32 (titles, n_inputs), mean vectors of different titles.
            descriptions: float32 (descriptions, n_inputs), mean vectors.
            own: int64 (descriptions,), the row of each one's title.
            right: bool (descriptions, titles), titles that are right too, and so are no negatives.

        Returns:
            A scalar.
        """
        cosines = self.project(descriptions, side="descriptions") @ self.project(titles, side="titles").T
        masked = right.clone()
        masked[torch.arange(len(own)), own] = False
        scores = cosines / self.log_temperature.exp()
        return nn.functional.cross_entropy(scores.masked_fill(masked, -torch.inf), own)
