"""How often a description finds its own title, by which the best epoch of a training is chosen."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.titles.network import DIM, TitleNetwork, padded_rows
from metier.training.title_examples import TitleExamples

_K: Final = 10
_BLOCK: Final = 512  # descriptions compared with all titles at once; bounds memory
_BATCH: Final = 128  # texts encoded at once

Floats = NDArray[np.float32]


def title_accuracy(network: TitleNetwork, dev: TitleExamples) -> dict[str, float]:
    """Measure how often the own title is among the ten nearest of all titles of the split.

    Args:
        network: Any.
        dev: Pairs that it was not trained on; pairs left out for want of a known word count as missed.

    Returns:
        `dev_accuracy_masked` and `dev_accuracy`, with titles blanked out and with them; 0 without pairs.
    """
    network.eval()
    used = np.unique(dev.title_of)
    column = np.zeros(len(dev.keys), dtype=np.int64)
    column[used] = np.arange(len(used))
    titles = _encode_all(network.titles, [dev.titles[row] for row in used], len(network.titles.vectors) - 1)
    n_all = max(dev.n_pairs + dev.n_left_out, 1)
    found = {}
    for name, text_of in (("dev_accuracy_masked", dev.masked_of), ("dev_accuracy", dev.text_of)):
        different, places = np.unique(text_of, return_inverse=True)
        texts = _encode_all(
            network.descriptions, [dev.texts[row] for row in different], len(network.titles.vectors) - 1
        )
        n_right = 0
        for block in np.array_split(np.arange(dev.n_pairs), dev.n_pairs // _BLOCK + 1):
            cosines = texts[places[block]] @ titles.T  # (block, titles)
            own = column[dev.title_of[block]][:, None]
            of_own = np.take_along_axis(cosines, own, axis=1)
            before = (cosines > of_own) | ((cosines == of_own) & (np.arange(len(titles)) < own))
            n_right += int((before.sum(axis=1) < _K).sum())
        found[name] = round(n_right / n_all, 4)
    return found


def _encode_all(encoder: Callable[[Tensor], Tensor], texts: Sequence[NDArray[np.int64]], padding: int) -> Floats:
    """Encode texts, those of like length together: float32 (n_texts, 100)."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    encoded = np.zeros((len(texts), DIM), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            block = order[start : start + _BATCH]
            encoded[block] = encoder(padded_rows([texts[number] for number in block], padding=padding)).numpy()
    return encoded
