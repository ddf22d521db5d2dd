"""Which pieces of one language stand for which of another, learnt from pairs of texts that say the same.

IBM Model 1 (Brown, Della Pietra, Della Pietra and Mercer, 1993, "The mathematics of statistical machine
translation", section 4.1): every target piece comes from one source piece of its pair, or from none. With t(e|f)
even at first, expectation gives c(e, f) = t(e|f) / sum over f' of the pair t(e|f'), and maximization
t(e|f) = c(e, f) / sum over e' c(e', f).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NONE: Final = -1  # the source piece that stands for nothing, in every pair


@dataclass(frozen=True, slots=True)
class Translations:
    """t(target | source) for pieces that occur together, by source piece."""

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float64]  # sum to 1 over each source


def align_words(pairs: Sequence[tuple[Sequence[int], Sequence[int]]], *, n_iterations: int = 5) -> Translations:
    """Learn translations.

    Args:
        pairs: The source pieces and the target pieces of each pair, as numbers from 0.
        n_iterations: Of expectation and maximization.

    Returns:
        What stands for what, by source and then by target.
    """
    sources, targets, places = _links(pairs)
    base = int(targets.max(initial=0)) + 1
    different, link_of = np.unique((sources + 1) * base + targets, return_inverse=True)
    source_of, target_of = different // base - 1, different % base
    t = np.full(len(different), 1.0)
    for _ in range(n_iterations):
        share = t[link_of]
        share /= np.bincount(places, share)[places]
        counts = np.bincount(link_of, share, minlength=len(different))
        t = counts / np.bincount(source_of + 1, counts)[source_of + 1]
    real = source_of != _NONE
    return Translations(source_of[real], target_of[real], t[real])


def translated_rows(
    translations: Translations, rows: NDArray[np.float32], *, n_sources: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Give every source piece the mean of the vectors of its translations, weighted by probability squared.

    Squared, so that one likely translation outweighs many unlikely ones. Each comes out as long as the rows are on
    average, since a mean of many is short.

    Args:
        translations: Targets are rows of `rows`.
        rows: float32 (n_targets, dim).
        n_sources: Source pieces, numbered from 0.

    Returns:
        float32 (n_sources, dim), zeros for a piece without translations; and bool (n_sources,), which pieces have some.
    """
    weights = np.square(translations.probabilities)
    summed = np.zeros((n_sources, rows.shape[1]), dtype=np.float64)
    for column in range(rows.shape[1]):  # one at a time: there are millions of links
        terms = weights * rows[translations.targets, column]
        summed[:, column] = np.bincount(translations.sources, terms, minlength=n_sources)
    lengths = np.linalg.norm(summed, axis=1)
    found = lengths > 0
    usual = float(np.linalg.norm(rows, axis=1).mean())
    summed[found] *= usual / lengths[found, None]
    return summed.astype(np.float32), found


def _links(
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every source piece with every target piece of its pair, and which target piece that is, counted through."""
    sources, targets, places = [], [], []
    n_targets = 0
    for source, target in pairs:
        from_here = np.array([_NONE, *source], dtype=np.int64)
        to_here = np.array(target, dtype=np.int64)
        sources.append(np.tile(from_here, len(to_here)))
        targets.append(np.repeat(to_here, len(from_here)))
        places.append(np.repeat(n_targets + np.arange(len(to_here)), len(from_here)))
        n_targets += len(to_here)
    nothing = [np.zeros(0, dtype=np.int64)]
    return np.concatenate(sources or nothing), np.concatenate(targets or nothing), np.concatenate(places or nothing)
