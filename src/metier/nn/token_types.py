"""Room for the casing of words among an encoder's token types."""

from torch import nn


def widen_token_types(encoder: nn.Module, n_types: int) -> None:
    """Give the encoder `n_types` token types that all begin as its type 0; nothing if it has as many already.

    Args:
        encoder: An encoder of `transformers` with `embeddings.token_type_embeddings`; changed in place.
        n_types: How many there are to be.
    """
    embeddings = encoder.embeddings
    old = embeddings.token_type_embeddings.weight.data
    if len(old) == n_types:
        return
    new = nn.Embedding(n_types, old.shape[1])
    new.weight.data.copy_(old[:1].expand(n_types, -1))
    embeddings.token_type_embeddings = new
    encoder.config.type_vocab_size = n_types
