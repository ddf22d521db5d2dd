"""The facts of many items as columns, so that a filter is a few operations on arrays."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.domain import Between, Condition, Facts, Near, OneOf, Unless, Where
from metier.index.where import EARTH_RADIUS_KM

Mask = NDArray[np.bool_]

_SETS: Final = ("country", "category", "languages")
_NUMBERS: Final = ("day_rate", "available_from", "latitude", "longitude")


class FactColumns:
    """Facts by row. Rows are those of the index that holds them; `id` is not a column."""

    def __init__(self) -> None:
        """Begin without a row."""
        self._codes = {fact: np.zeros(0, np.int32) for fact in _SETS}  # of the sets of values in `_values`
        self._values: dict[str, dict[tuple[str, ...], int]] = {fact: {} for fact in _SETS}
        self._numbers = {fact: np.zeros(0, np.float64) for fact in _NUMBERS}  # NaN: not known; dates as day numbers

    def put(self, rows: NDArray[np.intp], facts: Sequence[Facts]) -> None:
        """Write the facts of some rows; the columns grow where needed.

        Args:
            rows: All different.
            facts: Of each row.
        """
        n_rows = int(rows.max()) + 1 if len(rows) else 0
        for fact in _SETS:
            self._codes[fact] = _grown(self._codes[fact], n_rows)
            known = self._values[fact]
            self._codes[fact][rows] = [known.setdefault(_set_of(item, fact), len(known)) for item in facts]
        for fact in _NUMBERS:
            self._numbers[fact] = _grown(self._numbers[fact], n_rows)
            self._numbers[fact][rows] = [_number_of(item, fact) for item in facts]

    def move(self, row: int, *, to: int) -> None:
        """Copy one row over another.

        Args:
            row: Where it is.
            to: Where it goes.
        """
        columns: list[NDArray[Any]] = [*self._codes.values(), *self._numbers.values()]
        for column in columns:
            column[to] = column[row]

    def mask(self, where: Where, *, ids: Sequence[str]) -> Mask:
        """Say which rows pass.

        Args:
            where: A valid filter.
            ids: Of the rows, from the first; rows after them are not looked at.

        Returns:
            bool (n_ids,).
        """
        passing = np.ones(len(ids), dtype=np.bool_)
        for condition in where:
            passing &= self._holds(condition, ids)
        return passing

    def _holds(self, condition: Condition, ids: Sequence[str]) -> Mask:
        n_rows = len(ids)
        match condition:
            case Unless(inner):
                return ~self._holds(inner, ids)
            case OneOf("id", values):
                wanted = frozenset(values)
                return np.fromiter((item in wanted for item in ids), dtype=np.bool_, count=n_rows)
            case OneOf(fact, values):
                return self._among(fact, frozenset(values))[self._codes[fact][:n_rows]]
            case Between(fact, low, high):
                column = self._numbers[fact][:n_rows]
                holds = ~np.isnan(column)
                holds &= True if low is None else column >= as_number(low)
                holds &= True if high is None else column <= as_number(high)
                return holds
            case Near():
                return self._near(condition, n_rows)

    def _among(self, fact: str, wanted: frozenset[str]) -> Mask:
        """Say of every set of values that was seen whether it shares one with `wanted`."""
        known = self._values[fact]
        return np.fromiter((not wanted.isdisjoint(values) for values in known), dtype=np.bool_, count=len(known))

    def _near(self, circle: Near, n_rows: int) -> Mask:
        """The haversine formula of `where.passes`, on columns; NaN is near nothing."""
        north = np.radians(self._numbers["latitude"][:n_rows])
        across = np.sin(np.radians(circle.longitude - self._numbers["longitude"][:n_rows]) / 2) ** 2
        to_north = np.radians(circle.latitude)
        squared = np.sin((to_north - north) / 2) ** 2 + np.cos(north) * np.cos(to_north) * across
        near: Mask = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1, np.sqrt(squared))) <= circle.radius_km
        return near


def _grown(column: NDArray[Any], n_rows: int) -> NDArray[Any]:
    """Make room for `n_rows`, twice as much as before so that many small additions cost little."""
    if n_rows <= len(column):
        return column
    grown = np.empty(max(n_rows, 2 * len(column)), dtype=column.dtype)
    grown[: len(column)] = column
    return grown


def _set_of(facts: Facts, fact: str) -> tuple[str, ...]:
    value = getattr(facts, fact)
    if fact == "languages":
        return tuple(sorted(value))
    return () if value is None else (value,)


def _number_of(facts: Facts, fact: str) -> float:
    if fact in ("latitude", "longitude") and (facts.latitude is None or facts.longitude is None):
        return np.nan
    value = getattr(facts, fact)
    return np.nan if value is None else as_number(value)


def as_number(value: float | date) -> float:
    """Give a fact that can be compared as a number: of a day, its ordinal."""
    return float(value.toordinal() if isinstance(value, date) else value)
