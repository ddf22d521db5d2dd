"""How well one class per item was guessed: counts per class, and the F1 figures that are made of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def class_counts(gold: Sequence[str], guessed: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Say of every item which class it adds to: as a hit, as a guess, and as a true member.

    Args:
        gold: The right class of each item.
        guessed: The class that each was given.
        classes: All of both, each once.

    Returns:
        int64 (n_items, 3 * n_classes), 0 or 1: hits, then guesses, then true members, each by class. Summed over
        items, it is what `f1_by_class` takes.
    """
    number = {name: place for place, name in enumerate(classes)}
    true = np.zeros((len(gold), len(classes)), dtype=np.int64)
    said = np.zeros_like(true)
    rows = np.arange(len(gold))
    true[rows, [number[name] for name in gold]] = 1
    said[rows, [number[name] for name in guessed]] = 1
    return np.concatenate([true & said, said, true], axis=1)


def f1_by_class(sums: NDArray[np.generic]) -> Floats:
    """Give F1 = 2 hits / (guesses + true members) of each class; 0 where there are neither.

    Args:
        sums: (n, 3 * n_classes), sums of rows of `class_counts`.

    Returns:
        float64 (n, n_classes).
    """
    hits, said, true = _parts(sums)
    return 2 * hits / np.maximum(said + true, 1e-12)


def weighted_f1(sums: NDArray[np.generic]) -> Floats:
    """Average F1 over classes, each as often as it is right: what Zhang et al. (2022) call weighted macro-F1.

    Args:
        sums: (n, 3 * n_classes), sums of rows of `class_counts`.

    Returns:
        float64 (n,); 0 for no items.
    """
    true = _parts(sums)[2]
    average: Floats = (f1_by_class(sums) * true).sum(axis=1) / np.maximum(true.sum(axis=1), 1e-12)
    return average


def macro_f1(sums: NDArray[np.generic]) -> Floats:
    """Average F1 over the classes that are right or guessed at least once, each once.

    Args:
        sums: (n, 3 * n_classes), sums of rows of `class_counts`.

    Returns:
        float64 (n,); 0 for no items.
    """
    _, said, true = _parts(sums)
    average: Floats = f1_by_class(sums).sum(axis=1) / np.maximum(((said + true) > 0).sum(axis=1), 1)
    return average


def accuracy(sums: NDArray[np.generic]) -> Floats:
    """Give the share of items that got their class.

    Args:
        sums: (n, 3 * n_classes), sums of rows of `class_counts`.

    Returns:
        float64 (n,); 0 for no items.
    """
    hits, _, true = _parts(sums)
    share: Floats = hits.sum(axis=1) / np.maximum(true.sum(axis=1), 1e-12)
    return share


def _parts(sums: NDArray[np.generic]) -> tuple[Floats, Floats, Floats]:
    hits, said, true = np.split(sums.astype(np.float64), 3, axis=1)
    return hits, said, true
