"""The tagger as it is trained: one encoder, one head per layer and data set (hard parameter sharing)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel

from metier.nn.casing import N_CASES
from metier.nn.chain import IMPOSSIBLE, N_TAGS, I, O
from metier.nn.crf import ChainLoss
from metier.nn.token_types import widen_token_types


class TaggerNetwork(nn.Module):
    """Encoder -> dropout -> one linear head per layer and data set, on the first piece of each word."""

    def __init__(self, encoder: str, *, layers: Sequence[str], crf: bool, dropout: float, cased: bool) -> None:
        """Load the encoder and make new heads.

        Args:
            encoder: A folder or hub name that `transformers` can load.
            layers: The name of each head: `skill`, `knowledge`, one of them for a single-task tagger, or more.
            crf: Learn transitions (Zhang et al., 2022); else a softmax per word.
            dropout: Probability for the encoder's output.
            cased: Feed the casing of each word as its token type.
        """
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
        if cased:
            widen_token_types(self.encoder, N_CASES)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({layer: nn.Linear(self.encoder.config.hidden_size, N_TAGS) for layer in layers})
        self.chains = nn.ModuleDict({layer: ChainLoss() for layer in layers} if crf else {})

    def emissions(self, batch: Mapping[str, Tensor], *, heads: Sequence[str] | None = None) -> dict[str, Tensor]:
        """Score each word's tags.

        Args:
            batch: `pieces`, `types`, `attention` (sentences, pieces) and `word_starts` (sentences, words).
            heads: Which heads to ask; by default all.

        Returns:
            For each head, float32 (sentences, words, 3): log-probabilities, or free scores for a CRF.
        """
        states = self.encoder(
            input_ids=batch["pieces"], token_type_ids=batch["types"], attention_mask=batch["attention"]
        ).last_hidden_state  # (sentences, pieces, dim)
        index = batch["word_starts"][:, :, None].expand(-1, -1, states.shape[-1])
        words = self.dropout(states.gather(1, index)).float()  # (sentences, words, dim)
        with torch.autocast(words.device.type, enabled=False):  # the heads are small: keep them exact
            scores = {name: self.heads[name](words) for name in heads or list(self.heads)}
        if self.chains:
            return scores
        return {name: torch.log_softmax(score, dim=-1) for name, score in scores.items()}

    def loss(self, batch: Mapping[str, Tensor], *, smoothing: float) -> Tensor:
        """Sum the losses of the heads that the batch has tags for, each a mean over words.

        Args:
            batch: As for `emissions`, and for each such head its tags, int64 (sentences, words), -1 for padding.
            smoothing: Label smoothing of the softmax heads, in [0, 1).

        Returns:
            A scalar.
        """
        losses = []
        for name, scores in self.emissions(batch, heads=[name for name in self.heads if name in batch]).items():
            tags = batch[name]
            if self.chains:
                losses.append(self.chains[name](scores, tags, tags >= 0))
            else:
                losses.append(
                    nn.functional.cross_entropy(
                        scores.flatten(0, 1), tags.flatten(), ignore_index=-1, label_smoothing=smoothing
                    )
                )
        return torch.stack(losses).sum()

    def chain_settings(self) -> dict[str, Any]:
        """Give each head's transitions and starts as plain lists, for the runtime."""
        legal = torch.zeros(N_TAGS, N_TAGS)
        legal[O, I] = IMPOSSIBLE
        settings = {}
        for layer in self.heads:
            if self.chains:
                transitions, starts = self.chains[layer].scores()
            else:
                transitions, starts = legal, torch.tensor([0.0, 0.0, IMPOSSIBLE])
            settings[layer] = {"transitions": transitions.tolist(), "starts": starts.tolist()}
        return settings
