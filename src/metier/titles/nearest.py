"""Title prediction by search: the titles of a fixed list whose vectors are nearest to the description's."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from metier.domain import TitleSuggestion
from metier.errors import InputError
from metier.protocols import Encoder, Floats

_DESCRIPTION_BLOCK: Final = 256  # compared at once; bounds memory at 256 x n_titles floats


class NearestTitles:
    """Exact nearest titles by cosine; see `metier.protocols.TitlePredictor`."""

    def __init__(self, descriptions: Encoder, titles: Sequence[str], vectors: Floats) -> None:
        """Hold the titles to choose from.

        Args:
            descriptions: Gives descriptions their vectors, in the space of `vectors`; zeros for one it cannot read.
            titles: What may be suggested, all different.
            vectors: float32 (n_titles, dim), rows of unit length; zeros for a title that is never to be near.

        Raises:
            InputError: If `titles` and `vectors` differ in length.
        """
        if len(titles) != len(vectors):
            raise InputError(f"Got {len(titles)} titles for {len(vectors)} vectors; give one row per title.")
        self._descriptions = descriptions
        self._titles = tuple(titles)
        self._vectors = vectors

    def predict(self, descriptions: Sequence[str], *, k: int) -> list[list[TitleSuggestion]]:
        """Suggest the nearest titles of each description; see `metier.protocols.TitlePredictor`.

        Args:
            descriptions: Any texts.
            k: Titles per description at most.

        Returns:
            One list per description, by falling cosine; ties keep the order of the titles. Empty for a description
            whose vector is zeros.
        """
        found: list[list[TitleSuggestion]] = []
        for start in range(0, len(descriptions), _DESCRIPTION_BLOCK):
            vectors = self._descriptions.encode(descriptions[start : start + _DESCRIPTION_BLOCK])
            cosines = vectors @ self._vectors.T  # (block, n_titles)
            for row, vector in zip(cosines, vectors, strict=True):
                best = _largest(row, k) if vector.any() else []
                found.append([TitleSuggestion(self._titles[i], float(row[i])) for i in best])
        return found


def _largest(cosines: Floats, k: int) -> list[int]:
    """Give the places of the `k` largest, largest first, ties by place."""
    if k < 1 or not len(cosines):
        return []
    least = np.partition(cosines, -k)[-k] if k < len(cosines) else -np.inf  # sorting all would cost far more
    places = np.flatnonzero(cosines >= least)
    order = np.argsort(-cosines[places], kind="stable")[:k]
    return [int(place) for place in places[order]]
