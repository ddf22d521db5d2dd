"""The bi-encoder as it is trained: one encoder for texts and labels."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from transformers import AutoModel


class LinkerNetwork(nn.Module):
    """Unit piece vectors for texts, unit mean vectors for labels, and the score of `linking.encoding`."""

    def __init__(self, encoder: str, *, temperature: float) -> None:
        """Load the encoder.

        Args:
            encoder: A folder or hub name that `transformers` can load.
            temperature: Of a concept's attention over the pieces of a text.
        """
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
        self.temperature = temperature

    def pieces(self, texts: Mapping[str, Tensor]) -> Tensor:
        """Encode texts.

        Args:
            texts: `ids` and `attention`, int64 (texts, pieces).

        Returns:
            float32 (texts, pieces, dim), unit vectors.
        """
        states = self.encoder(input_ids=texts["ids"], attention_mask=texts["attention"]).last_hidden_state
        return nn.functional.normalize(states.float(), dim=-1)

    def labels(self, texts: Mapping[str, Tensor]) -> Tensor:
        """Encode labels by the mean over their pieces.

        Args:
            texts: As for `pieces`, and `inside` float32 (labels, pieces), 1 for the pieces to count.

        Returns:
            float32 (labels, dim), unit vectors.
        """
        summed = (self.pieces(texts) * texts["inside"][:, :, None]).sum(dim=1)
        return nn.functional.normalize(summed, dim=-1)

    def scores(self, pieces: Tensor, inside: Tensor, concepts: Tensor) -> Tensor:
        """Score texts against concepts.

        Args:
            pieces: float32 (texts, pieces, dim), unit vectors.
            inside: float32 (texts, pieces), 1 for the pieces to look at (a mention's, or all), else 0.
            concepts: float32 (concepts, dim), unit vectors.

        Returns:
            float32 (texts, concepts), cosines.
        """
        cosines = pieces @ concepts.T  # (texts, pieces, concepts)
        hidden = (1 - inside)[:, :, None] * -1e4
        attention = torch.softmax(cosines / self.temperature + hidden, dim=1)
        seen = (attention * cosines).sum(dim=1)  # (texts, concepts)
        gram = pieces @ pieces.transpose(1, 2)  # (texts, pieces, pieces)
        squared = (attention * (gram @ attention)).sum(dim=1)
        return seen / squared.clamp_min(1e-6).sqrt()
