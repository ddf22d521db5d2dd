"""Texts as tensors for an encoder in training, with the part of each that is asked about; needs the extra `train`."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from metier.nn.pieces import windows
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of


def text_tensors(
    texts: Sequence[str],
    spans: Sequence[tuple[int, int] | None],
    wordpieces: WordPieces,
    *,
    size: int,
) -> dict[str, Tensor]:
    """Cut texts to their first `size` pieces and pad them.

    Args:
        texts: At least one.
        spans: The part to look at, in code points; None for all of it.
        wordpieces: The vocabulary.
        size: Pieces at most, start and end included.

    Returns:
        `ids` and `attention` int64 (texts, pieces), `inside` float32 (texts, pieces).
    """
    boundaries = [words_of(text) for text in texts]
    cut = windows(
        [[text[w.start : w.end] for w in found] or ["-"] for text, found in zip(texts, boundaries, strict=True)],
        wordpieces,
        size=size,
        overlap=0,
        cased=False,
    )
    first = [window for window in cut if window.first_word == 0]
    longest = max(len(window.pieces) for window in first)
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    attention = torch.zeros(len(texts), longest, dtype=torch.long)
    inside = torch.zeros(len(texts), longest)
    for row, window in enumerate(first):
        n = len(window.pieces)
        ids[row, :n] = torch.tensor(window.pieces)
        attention[row, :n] = 1
        span = spans[row]
        bounds = [*window.word_starts, n - 1]
        for number, (begin, end) in enumerate(pairwise(bounds)):
            word = boundaries[row][number] if boundaries[row] else None
            if span is None or (word is not None and word.start < span[1] and word.end > span[0]):
                inside[row, begin:end] = 1
        if not inside[row].any():
            inside[row, 1 : n - 1] = 1
    return {"ids": ids, "attention": attention, "inside": inside}
