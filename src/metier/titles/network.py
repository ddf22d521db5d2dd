"""The two encoders of JOAPS (ECAI 2020) as they are trained: titles and descriptions into one space.

Title: bidirectional GRU, 2 x 50, the last states side by side. Description: convolutions of width 3, 4 and 5,
100 filters each, tanh, maximum over time, dense. Word vectors are given and stay as they are.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from metier.titles.encoders import WIDTHS

N_FILTERS: Final = 100  # of each width
DIM: Final = 100  # of the space that both share
_TEXTS: Final = 16  # searched at once: what fits a processor's cache


class TitleEncoder(nn.Module):
    """Reads the words of a title from both ends."""

    def __init__(self, vectors: Tensor) -> None:
        """Make a new encoder.

        Args:
            vectors: float32 (n_words + 1, word_dim); the last row is zero and stands for no word.
        """
        super().__init__()
        self.register_buffer("vectors", vectors, persistent=False)
        self.recurrent = nn.GRU(vectors.shape[1], DIM // 2, batch_first=True, bidirectional=True)

    def forward(self, rows: Tensor) -> Tensor:
        """Encode titles.

        Args:
            rows: int64 (titles, words), each with one word at least; padded behind with the last row of `vectors`.

        Returns:
            float32 (titles, 100), rows of unit length.
        """
        lengths = (rows < len(self.vectors) - 1).sum(dim=1)
        packed = pack_padded_sequence(self.vectors[rows], lengths, batch_first=True, enforce_sorted=False)
        _, last = self.recurrent(packed)  # (2, titles, 50)
        return nn.functional.normalize(last.transpose(0, 1).flatten(1), dim=1)  # (titles, 100)


class DescriptionEncoder(nn.Module):
    """Looks for the n-grams of a description that tell what the job is.

    A convolution over frozen vectors is a sum of one product per word and place in the n-gram. Each different word
    of a batch is multiplied once, and a gradient flows only through the n-gram to which a filter responds most.
    """

    def __init__(self, vectors: Tensor, *, dropout: float) -> None:
        """Make a new encoder.

        Args:
            vectors: float32 (n_words + 1, word_dim); the last row is zero and stands for no word.
            dropout: Probability that a pooled filter is left out in training.
        """
        super().__init__()
        self.register_buffer("vectors", vectors, persistent=False)
        word_dim = vectors.shape[1]
        bounds = [1 / math.sqrt(width * word_dim) for width in WIDTHS]  # as torch begins its convolutions
        blocks = [
            torch.empty(word_dim, width * N_FILTERS).uniform_(-bound, bound)
            for width, bound in zip(WIDTHS, bounds, strict=True)
        ]
        self.filters = nn.Parameter(torch.cat(blocks, dim=1))  # (word_dim, width, place, filter: 12 x 100)
        self.bias = nn.Parameter(torch.cat([torch.empty(N_FILTERS).uniform_(-bound, bound) for bound in bounds]))
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(len(WIDTHS) * N_FILTERS, DIM)

    def forward(self, rows: Tensor) -> Tensor:
        """Encode descriptions.

        Args:
            rows: int64 (descriptions, words), each with one word at least; padded behind with the last row of
                `vectors`.

        Returns:
            float32 (descriptions, 100), rows of unit length.
        """
        missing = max(WIDTHS) - rows.shape[1]
        if missing > 0:
            rows = nn.functional.pad(rows, (0, missing), value=len(self.vectors) - 1)
        n_words = (rows < len(self.vectors) - 1).sum(dim=1)
        different, places = torch.unique(rows, return_inverse=True)
        products = self.vectors[different] @ self.filters  # (different, 12 x 100)
        with torch.no_grad():
            blocks = zip(places.split(_TEXTS), n_words.split(_TEXTS), strict=True)
            best = torch.cat([_best_ngrams(products, *block) for block in blocks])  # (descriptions, 12 x 100)
        parts = products.take(best).split([width * N_FILTERS for width in WIDTHS], dim=1)
        pooled = torch.cat([part.unflatten(1, (-1, N_FILTERS)).sum(dim=1) for part in parts], dim=1)
        features = self.dropout(torch.tanh(pooled + self.bias))  # (descriptions, 3 x 100)
        return nn.functional.normalize(self.dense(features), dim=1)


def _best_ngrams(products: Tensor, places: Tensor, n_words: Tensor) -> Tensor:
    """Find the n-gram to which each filter responds most; of equal ones the first.

    Args:
        products: float32 (different, 12 x 100): of each word at each place of each filter.
        places: int64 (descriptions, words): which words stand where.
        n_words: int64 (descriptions,): how many are no padding.

    Returns:
        int64 (descriptions, 12 x 100): where in `products` the best n-grams' parts are, counted through.
    """
    texts = products[places]  # (descriptions, words, 12 x 100)
    found, column = [], 0
    for width in WIDTHS:
        n_starts = places.shape[1] - width + 1
        # An n-gram that reaches into the padding counts only if the text is shorter than the filter.
        outside = torch.arange(n_starts) > (n_words[:, None] - width).clamp(min=0)  # (descriptions, starts)
        total = torch.zeros(outside.shape).masked_fill_(outside, -math.inf)[:, :, None]
        for offset in range(width):
            first = column + offset * N_FILTERS
            total = total + texts[:, offset : offset + n_starts, first : first + N_FILTERS]
        starts = total.argmax(dim=1)  # (descriptions, filters)
        for offset in range(width):
            columns = torch.arange(column, column + N_FILTERS)
            found.append(places.gather(1, starts + offset) * products.shape[1] + columns)
            column += N_FILTERS
    return torch.cat(found, dim=1)


class TitleNetwork(nn.Module):
    """Both encoders over one vocabulary."""

    def __init__(self, vectors: NDArray[np.float32], *, dropout: float = 0.0) -> None:
        """Make new encoders.

        Args:
            vectors: float32 (n_words, word_dim).
            dropout: Of the description's pooled filters.
        """
        super().__init__()
        padded = torch.from_numpy(np.vstack([vectors, np.zeros_like(vectors[:1])]))
        self.titles = TitleEncoder(padded)
        self.descriptions = DescriptionEncoder(padded, dropout=dropout)

    @property
    def n_parameters(self) -> int:
        """Trainable numbers."""
        return sum(parameter.numel() for parameter in self.parameters())

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Give the weights as `titles.encoders` names and lays them out."""
        named = {name: value.detach().numpy() for name, value in self.state_dict().items()}
        arrays = {
            "filters": named["descriptions.filters"],
            "filter_bias": named["descriptions.bias"],
            "dense": named["descriptions.dense.weight"].T,
            "dense_bias": named["descriptions.dense.bias"],
        }
        for direction, ending in (("forward", ""), ("backward", "_reverse")):
            for part, short in (("input", "ih"), ("state", "hh")):
                arrays[f"{direction}_{part}"] = named[f"titles.recurrent.weight_{short}_l0{ending}"].T
                arrays[f"{direction}_{part}_bias"] = named[f"titles.recurrent.bias_{short}_l0{ending}"]
        return arrays


def padded_rows(texts: Sequence[NDArray[np.int64]], *, padding: int) -> Tensor:
    """Lay texts of different lengths side by side.

    Args:
        texts: Word rows, at least one text.
        padding: What stands behind the shorter ones: the number of words in the vocabulary.

    Returns:
        int64 (texts, longest).
    """
    rows = np.full((len(texts), max(map(len, texts))), padding, dtype=np.int64)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = text
    return torch.from_numpy(rows)
