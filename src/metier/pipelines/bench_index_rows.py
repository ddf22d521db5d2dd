"""What an index is measured on: many vectors, skewed facts, and filters of known hardness."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Between, Facts, Near, OneOf, Profile, Unless, Where
from metier.errors import InputError
from metier.index.columns import FactColumns
from metier.protocols import Floats

_N_CATEGORIES: Final = 60
_N_TOWNS: Final = 90
_COUNTRIES: Final = tuple(f"{one}{other}" for one in "ABCDEF" for other in "ABCDE")  # 30
_LANGUAGES: Final = tuple(f"{one}{other}" for one in "abcd" for other in "abcde")  # 20
_FIRST_DAY: Final = date(2026, 1, 1)
_NOISE: Final = 0.3  # length of what is added to a vector of length 1 to make a neighbour of it: cosine 0.96
_DIM: Final = 384  # of vectors that are drawn
_HARD_CATEGORY: Final = (0.005, 0.05)  # shares of the categories that a query is asked about though it is not theirs

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Items, and queries that are like some of them."""

    ids: list[str]
    vectors: Floats  # (n_rows, dim), unit rows
    facts: list[Facts]
    columns: FactColumns  # the facts once more
    queries: Floats  # (n_queries, dim), unit rows
    like: NDArray[np.intp]  # (n_queries,): the row that each query was made from

    def mask(self, where: Where) -> Mask:
        """Say which rows pass: bool (n_rows,)."""
        return self.columns.mask(where, ids=self.ids)

    def profile(self, row: int, *, note: str = "") -> Profile:
        """Give a row as a person, with a text that fits on a line."""
        return Profile(self.ids[row], {"title": f"Person {row}{note}"}, facts=self.facts[row])


def make_rows(n_rows: int, *, vectors: Path | None, n_queries: int, seed: int) -> Rows:
    """Make items to be indexed.

    Args:
        n_rows: How many.
        vectors: A `.npy` with real vectors, float32 (any, dim); where there are fewer than `n_rows`, copies of them
            with noise follow. None: vectors are drawn in clusters.
        n_queries: Queries, each a row with noise.
        seed: Of everything.

    Returns:
        The items. Categories are regions of the vectors' space and, as countries, towns and languages, of very
        different sizes.

    Raises:
        InputError: If the file cannot be read.
    """
    draw = np.random.default_rng(seed)
    held = _drawn(n_rows, draw) if vectors is None else _copied(_read(vectors), n_rows, draw)
    categories = _regions(held, draw)
    facts = _facts(categories, draw)
    columns = FactColumns()
    columns.put(np.arange(n_rows), facts)
    like = draw.integers(n_rows, size=n_queries)
    return Rows(
        ids=[f"p{row:07}" for row in range(n_rows)],
        vectors=held,
        facts=facts,
        columns=columns,
        queries=_noised(held[like], draw),
        like=like,
    )


def make_filters(rows: Rows, *, seed: int) -> dict[str, list[Where]]:
    """Give the filters of every kind.

    Args:
        rows: What is filtered.
        seed: Of the places and categories.

    Returns:
        Kind -> one filter per query: `none`; `50 %`, `5 %` and `0.5 %` of the rows; `radius`: 50 km around a town;
        `category`: a small one that the query is not about.
    """
    draw = np.random.default_rng(seed)
    n_queries = len(rows.queries)
    country, language = OneOf("country", (_COUNTRIES[0],)), OneOf("languages", (_LANGUAGES[0],))
    free = Between("available_from", None, _FIRST_DAY + timedelta(days=120))
    places = [rows.facts[row] for row in draw.integers(len(rows.ids), size=n_queries)]
    return {
        "none": [()] * n_queries,
        "50 %": [_to_share(rows, (), 0.5)] * n_queries,
        "5 %": [_to_share(rows, (country,), 0.05)] * n_queries,
        "0.5 %": [_to_share(rows, (country, language, free), 0.005)] * n_queries,
        "radius": [(Near(place.latitude or 0.0, place.longitude or 0.0, 50.0),) for place in places],
        "category": [(OneOf("category", (name,)),) for name in _other_categories(rows, draw)],
    }


def random_filter(rows: Rows, draw: np.random.Generator) -> Where:
    """Give one to three conditions around the facts of a row, some of them negated."""
    known = rows.facts[int(draw.integers(len(rows.ids)))]
    conditions = [
        OneOf("country", (known.country or "", str(draw.choice(_COUNTRIES)))),
        OneOf("category", (known.category or "",)),
        OneOf("languages", known.languages[:2]),
        OneOf("id", tuple(str(one) for one in draw.choice(rows.ids, size=20))),
        Between("day_rate", float(draw.uniform(0, 400)), float(draw.uniform(400, 1500))),
        Between("available_from", None, known.available_from),
        Near(known.latitude or 0.0, known.longitude or 0.0, float(draw.uniform(1, 800))),
    ]
    chosen = draw.choice(len(conditions), size=int(draw.integers(1, 4)), replace=False)
    return tuple(Unless(conditions[one]) if draw.random() < 0.25 else conditions[one] for one in chosen)


def _drawn(n_rows: int, draw: np.random.Generator) -> Floats:
    """Clusters within clusters, around a common direction: random pairs have a cosine of about 0.1."""
    categories = draw.normal(size=(_N_CATEGORIES, _DIM)).astype(np.float32)
    trades = 0.7 * draw.normal(size=(_N_CATEGORIES * 40, _DIM)).astype(np.float32)
    held = np.empty((n_rows, _DIM), dtype=np.float32)
    trade = draw.choice(len(trades), size=n_rows, p=_zipf(len(trades)))
    for start in range(0, n_rows, 10_000):
        here = trade[start : start + 10_000]
        own = 0.8 * draw.standard_normal((len(here), _DIM), dtype=np.float32)
        held[start : start + len(here)] = _unit(0.5 + categories[here // 40] + trades[here] + own)
    return held


def _copied(real: Floats, n_rows: int, draw: np.random.Generator) -> Floats:
    held = np.empty((n_rows, real.shape[1]), dtype=np.float32)
    held[: len(real)] = _unit(real[:n_rows])
    for start in range(len(real), n_rows, 10_000):
        here = np.arange(start, min(start + 10_000, n_rows))
        held[here] = _noised(held[here % len(real)], draw)
    return held


def _read(path: Path) -> Floats:
    try:
        held: Floats = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); give a .npy with an array of float32.") from error
    if held.ndim != 2 or not len(held):
        raise InputError(f"{path} holds an array of shape {held.shape}; rows of vectors were expected.")
    return held


def _noised(vectors: Floats, draw: np.random.Generator) -> Floats:
    noise = draw.standard_normal(vectors.shape, dtype=np.float32)
    return _unit(vectors + _NOISE / np.sqrt(vectors.shape[1]) * noise)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


def _zipf(n: int) -> NDArray[np.float64]:
    weights = 1 / np.arange(1, n + 1)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _regions(vectors: Floats, draw: np.random.Generator) -> NDArray[np.intp]:
    """Give every row the nearest of 60 rows, so that a category lies together, as a trade does."""
    centres = vectors[draw.choice(len(vectors), size=min(_N_CATEGORIES, len(vectors)), replace=False)]
    blocks = range(0, len(vectors), 10_000)
    nearest = [np.argmax(vectors[start : start + 10_000] @ centres.T, axis=1) for start in blocks]
    return np.concatenate(nearest).astype(np.intp)


def _facts(categories: NDArray[np.intp], draw: np.random.Generator) -> list[Facts]:
    n_rows = len(categories)
    towns = np.stack([draw.uniform(37, 60, _N_TOWNS), draw.uniform(-9, 28, _N_TOWNS)], axis=1)
    town = draw.choice(_N_TOWNS, size=n_rows, p=_zipf(_N_TOWNS))
    places = (towns[town] + draw.normal(0, 0.2, size=(n_rows, 2))).round(4).tolist()  # some 20 km around a town
    countries = draw.choice(len(_COUNTRIES), size=n_rows, p=_zipf(len(_COUNTRIES))).tolist()
    rates = draw.lognormal(np.log(420), 0.4, size=n_rows).round().tolist()
    days = draw.integers(0, 240, size=n_rows).tolist()
    spoken = draw.choice(len(_LANGUAGES), size=(n_rows, 4), p=_zipf(len(_LANGUAGES))).tolist()
    n_spoken = draw.integers(1, 5, size=n_rows).tolist()
    return [
        Facts(
            country=_COUNTRIES[countries[row]],
            latitude=places[row][0],
            longitude=places[row][1],
            day_rate=rates[row],
            languages=tuple(dict.fromkeys(_LANGUAGES[one] for one in spoken[row][: n_spoken[row]])),
            available_from=_FIRST_DAY + timedelta(days=days[row]),
            category=f"category {category}",
        )
        for row, category in enumerate(categories.tolist())
    ]


def _to_share(rows: Rows, conditions: Where, share: float) -> Where:
    """Add the day rate below which this share of all rows passes."""
    rates = np.array([known.day_rate for known in rows.facts])[rows.mask(conditions)]
    wanted = min(len(rates), round(share * len(rows.ids))) - 1
    return (*conditions, Between("day_rate", None, float(np.sort(rates)[max(wanted, 0)])))


def _other_categories(rows: Rows, draw: np.random.Generator) -> list[str]:
    names, counts = np.unique([known.category or "" for known in rows.facts], return_counts=True)
    shares = counts / len(rows.ids)
    low, high = _HARD_CATEGORY
    hard = [str(name) for name in names[(shares >= low) & (shares <= high)]] or [str(name) for name in names]
    own = [rows.facts[row].category for row in rows.like]
    return [str(draw.choice([name for name in hard if name != category] or hard)) for category in own]
