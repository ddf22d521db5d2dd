"""The tagger as it is trained: one encoder, one head per layer (hard parameter sharing)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel

from metier.nn.casing import N_CASES
from metier.nn.chain import IMPOSSIBLE, N_TAGS, I, O
from metier.nn.crf import ChainLoss


class TaggerNetwork(nn.Module):
    """Encoder -> dropout -> one linear head per layer, on the first piece of each word."""

    def __init__(self, encoder: str, *, layers: Sequence[str], crf: bool, dropout: float, cased: bool) -> None:
        """Load the encoder and make new heads.

        Args:
            encoder: A folder or hub name that `transformers` can load.
            layers: One head for each: `skill`, `knowledge`, or one of them for a single-task tagger.
            crf: Learn transitions (Zhang et al., 2022); else a softmax per word.
            dropout: Probability for the encoder's output.
            cased: Feed the casing of each word as its token type.
        """
        super().__init__()
        self.encoder = AutoModel.from_pretrained(encoder, add_pooling_layer=False)
        if cased:
            _widen_token_types(self.encoder, N_CASES)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({layer: nn.Linear(self.encoder.config.hidden_size, N_TAGS) for layer in layers})
        self.chains = nn.ModuleDict({layer: ChainLoss() for layer in layers} if crf else {})

    def emissions(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Score each word's tags.

        Args:
            batch: `pieces`, `types`, `attention` (sentences, pieces) and `word_starts` (sentences, words).

        Returns:
            For each layer, float32 (sentences, words, 3): log-probabilities, or free scores for a CRF.
        """
        states = self.encoder(
            input_ids=batch["pieces"], token_type_ids=batch["types"], attention_mask=batch["attention"]
        ).last_hidden_state  # (sentences, pieces, dim)
        index = batch["word_starts"][:, :, None].expand(-1, -1, states.shape[-1])
        words = self.dropout(states.gather(1, index)).float()  # (sentences, words, dim)
        with torch.autocast(words.device.type, enabled=False):  # the heads are small: keep them exact
            scores = {layer: head(words) for layer, head in self.heads.items()}
        if self.chains:
            return scores
        return {layer: torch.log_softmax(score, dim=-1) for layer, score in scores.items()}

    def loss(self, batch: Mapping[str, Tensor], *, smoothing: float) -> Tensor:
        """Sum the layers' losses, each a mean over words.

        Args:
            batch: As for `emissions`, and for each layer its tags, int64 (sentences, words), -1 for padding.
            smoothing: Label smoothing of the softmax heads, in [0, 1).

        Returns:
            A scalar.
        """
        losses = []
        for layer, scores in self.emissions(batch).items():
            tags = batch[layer]
            if self.chains:
                losses.append(self.chains[layer](scores, tags, tags >= 0))
            else:
                losses.append(
                    nn.functional.cross_entropy(
                        scores.flatten(0, 1), tags.flatten(), ignore_index=-1, label_smoothing=smoothing
                    )
                )
        return torch.stack(losses).sum()

    def chain_settings(self) -> dict[str, Any]:
        """Give each layer's transitions and starts as plain lists, for the runtime."""
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


def _widen_token_types(encoder: nn.Module, n_types: int) -> None:
    """Give the encoder `n_types` token types that all begin as its type 0."""
    embeddings = encoder.embeddings
    old = embeddings.token_type_embeddings.weight.data
    new = nn.Embedding(n_types, old.shape[1])
    new.weight.data.copy_(old[:1].expand(n_types, -1))
    embeddings.token_type_embeddings = new
    encoder.config.type_vocab_size = n_types
