"""The masked language model as it is trained, with a second head that tells how two texts hang together."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM

from metier.nn.casing import N_CASES
from metier.nn.token_types import widen_token_types


class MaskedLanguageNetwork(nn.Module):
    """An encoder with its vocabulary head (Devlin et al., 2019) and, if wanted, a head for pairs of texts."""

    def __init__(self, encoder: str, *, cased: bool, n_relations: int) -> None:
        """Load the encoder; a head that it lacks begins at random.

        Args:
            encoder: A folder or hub name that `transformers` can load.
            cased: Feed the casing of each word as its token type.
            n_relations: Classes of the second head; 0 for none.
        """
        super().__init__()
        self.model = AutoModelForMaskedLM.from_pretrained(encoder)
        self.cased = cased
        if cased:
            widen_token_types(self.encoder, N_CASES)
        size = self.model.config.hidden_size
        self.relations = (
            nn.Sequential(nn.Linear(size, size), nn.Tanh(), nn.Linear(size, n_relations)) if n_relations else None
        )

    @property
    def encoder(self) -> Any:  # noqa: ANN401  # transformers' models have no common public type
        """The encoder without its heads."""
        return getattr(self.model, self.model.base_model_prefix)

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Give the losses of one batch; called so, and not by a name of its own, so that it can be distributed.

        Args:
            batch: `pieces`, `types`, `attention` and `asked`, int64 (texts, pieces); `asked` as `mask_pieces` gives
                it. With `relation`, int64 (texts,), the texts are pairs.

        Returns:
            `masked`: the mean cross-entropy over the pieces to guess, in nats; `relation` likewise over the pairs,
            and `relation_right`, the share of pairs told right.
        """
        types = {"token_type_ids": batch["types"]} if self.cased else {}
        states = self.encoder(
            input_ids=batch["pieces"], attention_mask=batch["attention"], **types
        ).last_hidden_state  # (texts, pieces, dim)
        chosen = batch["asked"] >= 0
        scores = self._vocabulary_scores(states[chosen]).float()  # (chosen, vocabulary)
        guessed = nn.functional.cross_entropy(scores, batch["asked"][chosen], reduction="sum")
        losses = {"masked": guessed / chosen.sum().clamp_min(1)}
        if "relation" in batch and self.relations is not None:
            told = self.relations(states[:, 0]).float()  # (texts, relations)
            losses["relation"] = nn.functional.cross_entropy(told, batch["relation"])
            losses["relation_right"] = (told.argmax(dim=1) == batch["relation"]).float().mean().detach()
        return losses

    def _vocabulary_scores(self, states: Tensor) -> Tensor:
        """Apply the vocabulary head: (chosen, dim) -> (chosen, vocabulary). BERT calls it `cls`, RoBERTa `lm_head`."""
        for name in ("cls", "lm_head"):
            if hasattr(self.model, name):
                return getattr(self.model, name)(states)
        return self.model.get_output_embeddings()(states)

    def save(self, folder: str) -> None:
        """Write the encoder with its vocabulary head, as `transformers` reads it."""
        with torch.no_grad():
            self.model.save_pretrained(folder)
