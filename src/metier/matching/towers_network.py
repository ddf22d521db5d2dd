"""A tower's head as it is trained; needs the extra `train`. `metier.matching.head.Head` gives the same vectors."""

import torch
from torch import Tensor, nn

from metier.matching.head import NORM_EPSILON, HeadShape, Layout


class TowerNetwork(nn.Module):
    """Section vectors, transformer layers and pooling over the token vectors of a frozen backbone."""

    def __init__(self, shape: HeadShape, *, dropout: float = 0.0, bfloat16: bool = False) -> None:
        """Begin as the mean of the backbone's vectors.

        Section vectors and the outputs of all layers are zero, and the projections are one.

        Args:
            shape: What it is made of.
            dropout: Share of the layers' outputs that is left out in training.
            bfloat16: Whether the products with weights are in bfloat16: twice as fast where the processor has them.
        """
        super().__init__()
        self.shape = shape
        if shape.section_vectors:
            self.sections = nn.Parameter(torch.zeros(shape.n_sections, shape.dim))
        if shape.projections:
            self.projections = nn.Parameter(torch.eye(shape.dim).repeat(shape.n_sections, 1, 1))
        self.layers = nn.ModuleList(_Layer(shape, dropout=dropout, bfloat16=bfloat16) for _ in range(shape.n_layers))

    def forward(self, tokens: Tensor, layout: Layout) -> Tensor:
        """Give one vector per document.

        Args:
            tokens: float32 (tokens, dim), from the backbone.
            layout: Where they stand; at least one document.

        Returns:
            float32 (documents, dim), rows of unit length.
        """
        states = tokens
        if self.shape.section_vectors:
            states = states + self.sections[torch.from_numpy(layout.sections)]
        places = _Places(layout)
        for layer in self.layers:
            states = layer(states, places)
        if self.shape.skip:
            states = states + tokens
        weights = torch.from_numpy(layout.weights(self.shape))
        n_documents, n_sections = layout.counts.shape
        rows = torch.from_numpy(layout.documents * n_sections + layout.sections)
        pooled = tokens.new_zeros(n_documents * n_sections, self.shape.dim)
        pooled = pooled.index_add(0, rows, states * weights[:, None]).view(n_documents, n_sections, -1)
        if self.shape.projections:
            pooled = torch.einsum("dsi,soi->dso", pooled, self.projections)
        return nn.functional.normalize(pooled.sum(dim=1), dim=1)


class _Places:
    """From tokens one after another to a padded block of documents, and back: attention alone needs the block."""

    def __init__(self, layout: Layout) -> None:
        self.size = (len(layout.lengths), int(layout.lengths.max()))  # documents, longest
        within = torch.from_numpy(layout.lengths)[:, None] > torch.arange(self.size[1])
        self.mask = within[:, None, None, :]  # (documents, 1, 1, longest): True where there is a token
        self.rows = within.flatten().nonzero()[:, 0]  # (tokens,)


class _Layer(nn.Module):
    """Attention over all sections of a document, then a feed-forward part (Vaswani et al., 2017)."""

    def __init__(self, shape: HeadShape, *, dropout: float, bfloat16: bool) -> None:
        super().__init__()
        self.norm_first = shape.norm_first
        self.dtype = torch.bfloat16 if bfloat16 else torch.float32
        self.n_heads = shape.n_heads
        self.attention_norm = nn.LayerNorm(shape.dim, eps=NORM_EPSILON)
        self.joined = nn.Linear(shape.dim, 3 * shape.dim)
        self.mixed = nn.Linear(shape.dim, shape.dim)
        self.feed_norm = nn.LayerNorm(shape.dim, eps=NORM_EPSILON)
        self.up = nn.Linear(shape.dim, shape.n_inner)
        self.down = nn.Linear(shape.n_inner, shape.dim)
        self.dropout = nn.Dropout(dropout)
        for last in (self.mixed, self.down):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, states: Tensor, places: _Places) -> Tensor:
        if self.norm_first:
            states = states + self.dropout(self._attend(self.attention_norm(states), places))
            return states + self.dropout(self._feed(self.feed_norm(states)))
        states = self.attention_norm(states + self.dropout(self._attend(states, places)))
        normed: Tensor = self.feed_norm(states + self.dropout(self._feed(states)))
        return normed

    def _attend(self, states: Tensor, places: _Places) -> Tensor:
        joined = self._linear(self.joined, states)  # (tokens, 3 * dim)
        padded = joined.new_zeros(places.size[0] * places.size[1], joined.shape[1])
        padded = padded.index_copy(0, places.rows, joined)
        block = padded.view(*places.size, 3, self.n_heads, -1)  # (documents, longest, 3, heads, dim / heads)
        queries, keys, values = block.permute(2, 0, 3, 1, 4)  # (documents, heads, longest, dim / heads) each
        attended = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=places.mask)
        flat = attended.transpose(1, 2).reshape(len(padded), -1)  # (documents * longest, dim)
        return self._linear(self.mixed, flat[places.rows])

    def _feed(self, states: Tensor) -> Tensor:
        return self._linear(self.down, self._linear(self.up, states).relu())

    def _linear(self, layer: nn.Linear, states: Tensor) -> Tensor:
        """Multiply in the type that was asked for, and go on in float32."""
        weight, bias = layer.weight.to(self.dtype), layer.bias.to(self.dtype)
        product: Tensor = nn.functional.linear(states.to(self.dtype), weight, bias)
        return product.float()
