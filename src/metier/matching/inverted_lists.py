"""Sparse rows held by column: which documents have a word, and how much it weighs in each."""

from collections.abc import Mapping, Sequence

import numpy as np

from metier.protocols import Floats


class InvertedLists:
    """Products of a sparse query with every row of a sparse matrix, at the cost of the columns that it names."""

    def __init__(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Turn rows into columns.

        Args:
            rows: Of each document: key -> value.
        """
        self._n_rows = len(rows)
        numbers = {key: number for number, key in enumerate(dict.fromkeys(key for row in rows for key in row))}
        columns = np.array([numbers[key] for row in rows for key in row], dtype=np.int64)
        order = np.argsort(columns, kind="stable")
        self._rows = np.repeat(np.arange(len(rows)), [len(row) for row in rows])[order]
        self._values = np.array([value for row in rows for value in row.values()], dtype=np.float32)[order]
        ends = np.searchsorted(columns[order], np.arange(len(numbers) + 1)).tolist()
        self._places = {key: slice(ends[number], ends[number + 1]) for key, number in numbers.items()}

    def products(self, query: Mapping[str, float]) -> Floats:
        """Multiply a query with every row.

        Args:
            query: Key -> value; keys that no row has add nothing.

        Returns:
            float32 (n_rows,).
        """
        totals = np.zeros(self._n_rows, dtype=np.float32)
        for key, value in query.items():
            if key in self._places:
                place = self._places[key]
                totals[self._rows[place]] += self._values[place] * np.float32(value)  # no row is twice in a column
        return totals
