"""The cross-encoder as it is trained; `linking.cross_encoder` says what it computes."""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn
from transformers import AutoModel

_FIRST_SHARPNESS: Final = 20.0  # 1 / 0.05, the temperature under which the bi-encoder's cosines were trained


class CrossEncoderNetwork(nn.Module):
    """An encoder over pairs and the head that scores them."""

    def __init__(self, encoder: str) -> None:
        """Load the encoder; the score begins as the cosine between the two means.

        Args:
            encoder: A folder or hub name of the BERT family that `transformers` can load.
        """
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
        types = self.encoder.embeddings.token_type_embeddings.weight.data
        types[1:] = types[:1]  # a bi-encoder was trained with type 0 alone
        dim = self.encoder.config.hidden_size
        self.start = nn.Parameter(torch.zeros(dim))
        self.product = nn.Parameter(torch.full((dim,), _FIRST_SHARPNESS))

    def forward(self, pairs: Mapping[str, Tensor]) -> Tensor:
        """Score pairs.

        Args:
            pairs: `ids`, `attention` and `types`, int64 (pairs, pieces); `text` and `concept`, float32
                (pairs, pieces), 1 for the pieces of each.

        Returns:
            float32 (pairs,).
        """
        states = self.encoder(
            input_ids=pairs["ids"], attention_mask=pairs["attention"], token_type_ids=pairs["types"]
        ).last_hidden_state.float()  # (pairs, pieces, dim)
        text, concept = (_unit_mean(states, pairs[part]) for part in ("text", "concept"))
        return states[:, 0] @ self.start + (text * concept) @ self.product


def _unit_mean(states: Tensor, inside: Tensor) -> Tensor:
    return nn.functional.normalize((states * inside[:, :, None]).sum(dim=1), dim=-1)  # (pairs, dim)
