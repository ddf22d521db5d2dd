"""Whether titles that are near each other name the same occupation: a judgement of an embedding without people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.errors import InputError
from metier.evaluation.titles import group_sums
from metier.measures.intervals import Interval, bootstrap_interval
from metier.protocols import Encoder, Floats
from metier.text.job_titles import title_key

_BLOCK: Final = 512  # titles compared at once; bounds memory at 512 x n_titles floats


@dataclass(frozen=True, slots=True)
class PlacedTitle:
    """A title, the URI of its occupation, and the ISCO-08 unit group of that."""

    title: str
    occupation: str
    isco: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourAgreement:
    """Shares of the titles whose nearest other title is of the same kind."""

    n_titles: int
    n_unplaced: int  # whose vector is zeros, or that have no other title beside them; they count as wrong
    isco: float  # same ISCO-08 unit group
    isco_interval: Interval  # 95 %, over title keys
    occupation: float  # same ESCO occupation
    occupation_interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; an interval is a list of its ends."""
        values = asdict(self)
        for name in ("isco_interval", "occupation_interval"):
            values[name] = list(values[name].values())
        return values


def neighbour_agreement(
    encoder: Encoder, titles: Sequence[PlacedTitle], *, seed: int = 0, n_resamples: int = 1000
) -> NeighbourAgreement:
    """Find the nearest other title of each, and compare what they are.

    Args:
        encoder: Of titles; it reads their keys. Rows of zeros are near nothing.
        titles: Those with equal `title_key` are not each other's neighbours.
        seed: Of the bootstrap over keys.
        n_resamples: Of the bootstrap.

    Returns:
        The shares; of equally near titles the first in the given order is the nearest.

    Raises:
        InputError: If there are no titles.
    """
    if not titles:
        raise InputError("There are no titles to compare; give data that has some.")
    keys = [title_key(title.title) for title in titles]
    number_of = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    groups = np.array([number_of[key] for key in keys])
    first_rows = np.unique(groups, return_index=True)[1]
    nearest = _nearest(encoder.encode(list(number_of)))[groups]  # (n_titles,), the number of a key
    neighbours = [titles[first_rows[number]] if number >= 0 else None for number in nearest]
    same = np.array(
        [
            [other is not None and title.isco == other.isco, other is not None and title.occupation == other.occupation]
            for title, other in zip(titles, neighbours, strict=True)
        ],
        dtype=np.float64,
    )
    sums = group_sums(same, groups)
    isco, occupation = (
        bootstrap_interval(
            sums[:, [column, -1]], lambda drawn: drawn[:, 0] / drawn[:, 1], seed=seed, n_resamples=n_resamples
        )
        for column in (0, 1)
    )
    return NeighbourAgreement(
        n_titles=len(titles),
        n_unplaced=sum(other is None for other in neighbours),
        isco=float(same[:, 0].mean()),
        isco_interval=isco,
        occupation=float(same[:, 1].mean()),
        occupation_interval=occupation,
    )


def _nearest(vectors: Floats) -> NDArray[np.int64]:
    """Give the row nearest to each row, itself and rows of zeros left out: int64 (n_rows,), -1 for none."""
    known = vectors.any(axis=1)
    found = np.full(len(vectors), -1, dtype=np.int64)
    if known.sum() < 2:
        return found
    for start in range(0, len(vectors), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ vectors.T  # (block, n_rows)
        cosines[:, ~known] = -np.inf
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
        found[start : start + _BLOCK] = cosines.argmax(axis=1)
    return np.where(known, found, -1)
