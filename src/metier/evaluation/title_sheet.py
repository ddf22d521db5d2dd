"""The human check of title embeddings: the neighbours that two systems give a title, side by side, sides shuffled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.errors import ConfigError, InputError
from metier.protocols import Encoder, Floats

N_NEIGHBOURS: Final = 10


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The titles nearest to a title, and a flat picture of where they are."""

    neighbours: tuple[str, ...]  # nearest first
    places: NDArray[np.float64]  # (1 + n_neighbours, 2), the title itself first; by PCA, in [-1, 1]


@dataclass(frozen=True, slots=True)
class SheetItem:
    """A title, and what both systems put near it; the names say who is on which side."""

    title: str
    left: str
    right: str
    left_side: Neighbourhood
    right_side: Neighbourhood


@dataclass(frozen=True, slots=True)
class TitleSheet:
    """What a person is asked to judge."""

    systems: tuple[str, str]
    seed: int  # of the choice of titles and of the sides
    items: tuple[SheetItem, ...]


def compare_neighbours(
    encoders: Mapping[str, Encoder], titles: Sequence[str], *, n_titles: int = 100, seed: int = 0
) -> TitleSheet:
    """Draw titles, find their neighbours by both systems, and shuffle the sides.

    Args:
        encoders: Two systems by name, each an encoder of titles; a title of zeros is unknown to a system.
        titles: All different; both what is drawn from and what the neighbours are among.
        n_titles: Titles to judge; fewer if fewer are known to both systems.
        seed: The same seed gives the same titles and sides.

    Returns:
        The sheet, its titles in the order drawn.

    Raises:
        ConfigError: If there are not two systems.
        InputError: If fewer than three titles are known to both.
    """
    if len(encoders) != 2:
        raise ConfigError(f"A sheet compares two systems, got {len(encoders)}; name two.")
    first, second = encoders
    vectors = {name: encoder.encode(titles) for name, encoder in encoders.items()}
    known = np.flatnonzero(np.logical_and.reduce([found.any(axis=1) for found in vectors.values()]))
    if len(known) < 3:
        raise InputError(f"Of {len(titles)} titles only {len(known)} are known to both systems; give more titles.")
    generator = np.random.default_rng(seed)
    drawn = generator.permutation(known)[:n_titles]
    swapped = generator.integers(2, size=len(drawn)) == 1
    items = []
    for row, swap in zip(drawn.tolist(), swapped.tolist(), strict=True):
        left, right = (second, first) if swap else (first, second)
        sides = [neighbourhood(titles, vectors[name], row=row) for name in (left, right)]
        items.append(SheetItem(titles[row], left, right, *sides))
    return TitleSheet((first, second), seed, tuple(items))


def neighbourhood(titles: Sequence[str], vectors: Floats, *, row: int, k: int = N_NEIGHBOURS) -> Neighbourhood:
    """Find the titles nearest to one of them, and project them on the plane in which they differ most.

    Args:
        titles: All different.
        vectors: float32 (n_titles, dim), rows of unit length; rows of zeros are near nothing.
        row: Whose neighbours; its vector is not zeros.
        k: Neighbours at most.

    Returns:
        The neighbours by falling cosine, ties in the order of `titles`.
    """
    cosines = np.where(vectors.any(axis=1), vectors @ vectors[row], -np.inf)
    cosines[row] = -np.inf
    nearest = np.argsort(-cosines, kind="stable")[:k]
    nearest = nearest[np.isfinite(cosines[nearest])]
    places = _plane(vectors[[row, *nearest]])
    return Neighbourhood(tuple(titles[number] for number in nearest), places)


def _plane(vectors: Floats) -> NDArray[np.float64]:
    """Project on the first two principal components (Pearson, 1901): float64 (n, 2), each from -1 to 1.

    Both fill the picture, as the axes of a plot do. The sign of a component, which is arbitrary, is such that the
    place farthest from the mean is positive.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(vectors), 2))
    n_components = min(2, len(lengths))
    places[:, :n_components] = (left * lengths)[:, :n_components]
    largest = places[np.abs(places).argmax(axis=0), [0, 1]]
    places *= np.where(largest < 0, -1.0, 1.0)
    lowest, highest = places.min(axis=0), places.max(axis=0)
    half = (highest - lowest) / 2
    flat = half < 1e-6  # nothing but rounding
    centred_places = np.where(flat, 0.0, places - (lowest + highest) / 2)
    return centred_places / np.where(flat, 1.0, half)
