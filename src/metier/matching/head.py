"""The head of a tower as it runs: section vectors, transformer layers, pooling that is fair to short sections; numpy.

Malt's two-tower retriever (RecSysHR 2024). Documents stand one after another without padding: every product with
weights is over all tokens at once, and only the attention looks at one document at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.nn.unit_rows import unit_rows
from metier.protocols import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NORM_EPSILON: Final = 1e-5
_TOKENS_OF_EMPTY: Final = 2


@dataclass(frozen=True, kw_only=True)
class HeadShape:
    """What a head is made of."""

    n_sections: int
    dim: int  # of the backbone's vectors and of the document's
    n_layers: int = 1  # 0: no head, only section vectors and pooling
    n_heads: int = 12
    n_inner: int = 768  # of the feed-forward part
    norm_first: bool = True  # normalise before each part (Xiong et al., 2020); False: behind it, as BERT does
    section_vectors: bool = True
    skip: bool = True  # add the backbone's vectors to the last layer's
    balanced_pooling: bool = True  # mean of the sections' means; False: mean of all tokens
    projections: bool = True  # multiply each section's mean by a matrix of its own; the paper has none
    pool_empty: bool = False  # let sections without a text count in that mean, as the paper does


@dataclass(frozen=True)
class Layout:
    """Where the tokens of some documents stand: document by document, section by section."""

    counts: Ints  # (documents, sections): tokens of each section; an empty one has its start and its end
    with_text: Bools | None = None  # (documents, sections): sections that are not empty; None: their counts tell

    @cached_property
    def filled(self) -> Bools:
        """The sections that have a text: bool (documents, sections)."""
        filled: Bools = self.counts > _TOKENS_OF_EMPTY if self.with_text is None else self.with_text
        return filled

    @cached_property
    def lengths(self) -> Ints:
        """Tokens of each document: int64 (documents,)."""
        lengths: Ints = self.counts.sum(axis=1)
        return lengths

    @cached_property
    def starts(self) -> Ints:
        """The first token of each document: int64 (documents,)."""
        starts: Ints = np.cumsum(self.lengths) - self.lengths
        return starts

    @cached_property
    def section_starts(self) -> Ints:
        """The first token of each section of each document: int64 (documents * sections,)."""
        starts: Ints = np.cumsum(self.counts.ravel()) - self.counts.ravel()
        return starts

    @cached_property
    def sections(self) -> Ints:
        """The section of each token: int64 (tokens,)."""
        n_documents, n_sections = self.counts.shape
        return np.repeat(np.tile(np.arange(n_sections), n_documents), self.counts.ravel())

    @cached_property
    def documents(self) -> Ints:
        """The document of each token: int64 (tokens,)."""
        return np.repeat(np.arange(len(self.counts)), self.lengths)

    def weights(self, shape: HeadShape) -> Floats:
        """How much each token adds to its document.

        Eq. 4 of the paper, with its offset repaired: e_d = 1/|L| sum_l 1/k_l sum_{j <= k_l} (e''_{o_l+j} + e_{l,j}),
        where o_l = sum_{i < l} k_i; the printed sum runs to i = l, one section too far. Unless `pool_empty`, L are the
        sections that have a text; all where none has.

        Args:
            shape: Whether sections, and not tokens, have equal weight, and whether empty ones have some.

        Returns:
            float32 (tokens,); sums to 1 over each document.
        """
        pooled = self.filled | ~self.filled.any(axis=1, keepdims=True) | shape.pool_empty  # (documents, sections)
        shares = pooled / self.counts if shape.balanced_pooling else pooled.astype(np.float64)
        shares /= (shares * self.counts).sum(axis=1, keepdims=True)
        return np.repeat(shares.ravel(), self.counts.ravel()).astype(np.float32)


class Head:
    """Turns the token vectors of documents into one vector each."""

    def __init__(self, shape: HeadShape, arrays: Mapping[str, NDArray[np.floating]]) -> None:
        """Hold the weights.

        Args:
            shape: What it is made of.
            arrays: By the names of `TowerNetwork.state_dict`; a matrix is (outputs, inputs).
        """
        self.shape = shape
        self.arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}

    def encode(self, tokens: Floats, layout: Layout) -> Floats:
        """Give one vector per document.

        Args:
            tokens: float32 (tokens, dim), from the backbone.
            layout: Where they stand; at least one document.

        Returns:
            float32 (documents, dim), rows of unit length.
        """
        states = tokens
        if self.shape.section_vectors:
            states = states + self.arrays["sections"][layout.sections]
        for number in range(self.shape.n_layers):
            states = self._layer(f"layers.{number}.", states, layout)
        if self.shape.skip:
            states = states + tokens
        weighted = states * layout.weights(self.shape)[:, None]
        if not self.shape.projections:
            return unit_rows(np.add.reduceat(weighted, layout.starts, axis=0))
        pooled = np.add.reduceat(weighted, layout.section_starts, axis=0)  # every section has a token
        by_section = pooled.reshape(*layout.counts.shape, -1).transpose(1, 0, 2)  # (sections, documents, dim)
        return unit_rows((by_section @ self.arrays["projections"].transpose(0, 2, 1)).sum(axis=0))

    def _layer(self, name: str, states: Floats, layout: Layout) -> Floats:
        if self.shape.norm_first:
            states = states + self._attend(name, self._normalise(f"{name}attention_norm", states), layout)
            return states + self._feed(name, self._normalise(f"{name}feed_norm", states))
        states = self._normalise(f"{name}attention_norm", states + self._attend(name, states, layout))
        return self._normalise(f"{name}feed_norm", states + self._feed(name, states))

    def _attend(self, name: str, states: Floats, layout: Layout) -> Floats:
        joined = self._linear(f"{name}joined", states)  # (tokens, 3 * dim): queries, keys, values
        n_heads, dim = self.shape.n_heads, self.shape.dim
        joined[:, :dim] *= (dim / n_heads) ** -0.5
        attended = np.empty_like(states)
        for start, length in zip(layout.starts.tolist(), layout.lengths.tolist(), strict=True):
            rows = joined[start : start + length].reshape(length, 3, n_heads, dim // n_heads)
            queries, keys, values = rows.transpose(1, 2, 0, 3)  # (heads, length, dim / heads) each
            products = queries @ keys.transpose(0, 2, 1)  # (heads, length, length)
            products -= products.max(axis=2, keepdims=True)
            np.exp(products, out=products)
            mixed = (products @ values) / products.sum(axis=2, keepdims=True)
            attended[start : start + length] = mixed.transpose(1, 0, 2).reshape(length, dim)
        return self._linear(f"{name}mixed", attended)

    def _feed(self, name: str, states: Floats) -> Floats:
        inner = self._linear(f"{name}up", states)
        return self._linear(f"{name}down", np.maximum(inner, 0, out=inner))

    def _linear(self, name: str, states: Floats) -> Floats:
        outputs: Floats = states @ self.arrays[f"{name}.weight"].T
        outputs += self.arrays[f"{name}.bias"]
        return outputs

    def _normalise(self, name: str, states: Floats) -> Floats:
        """Layer normalisation (Ba, Kiros and Hinton, 2016)."""
        centred: Floats = states - states.mean(axis=1, keepdims=True)
        variances = np.einsum("td,td->t", centred, centred) / centred.shape[1]
        centred *= (1 / np.sqrt(variances + NORM_EPSILON))[:, None].astype(np.float32)
        centred *= self.arrays[f"{name}.weight"]
        centred += self.arrays[f"{name}.bias"]
        return centred


def join_tokens(documents: Sequence[Sequence[NDArray[np.floating]]]) -> tuple[Floats, Layout]:
    """Put the token vectors of documents one after another.

    Args:
        documents: For each document, the vectors of each of its sections; at least one, all with as many sections.

    Returns:
        float32 (tokens, dim), and where they stand.
    """
    counts = np.array([[len(rows) for rows in sections] for sections in documents], dtype=np.int64)
    joined = np.concatenate([rows for sections in documents for rows in sections]).astype(np.float32, copy=False)
    return joined, Layout(counts)
