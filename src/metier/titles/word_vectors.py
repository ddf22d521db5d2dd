"""Word vectors that ship: a row of small whole numbers per word, and one scale per row."""

import io
from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.errors import DamagedModel, InputError

Floats = NDArray[np.float32]

_LARGEST: Final = 127  # of int8, the same on both sides of zero


class WordVectors:
    """Frozen vectors of a fixed vocabulary."""

    def __init__(self, words: Sequence[str], *, rows: NDArray[np.int8], scales: Floats) -> None:
        """Hold vectors.

        Args:
            words: All different; none with a line break.
            rows: int8 (n_words, dim).
            scales: float32 (n_words,): what each row is multiplied with.

        Raises:
            InputError: If the three differ in length.
        """
        if not len(words) == len(rows) == len(scales):
            raise InputError(
                f"Got {len(words)} words, {len(rows)} rows and {len(scales)} scales; give one row and scale per word."
            )
        self.words = tuple(words)
        self.rows = rows
        self.scales = scales
        self._row_of = {word: row for row, word in enumerate(self.words)}

    @classmethod
    def from_floats(cls, words: Sequence[str], vectors: Floats) -> Self:
        """Make the small form of float vectors.

        Args:
            words: All different.
            vectors: float32 (n_words, dim).

        Returns:
            Vectors that differ from the given ones by half a scale at most, which is a 254th of the largest number
            of the row.
        """
        rows, scales = to_int8(vectors)
        return cls(words, rows=rows, scales=scales)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Args:
            content: A whole file.

        Returns:
            The same vectors, number by number.

        Raises:
            DamagedModel: If the content is something else.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                words = unpack_lines(arrays["words"])
                return cls(words, rows=arrays["rows"], scales=arrays["scales"])
        except (OSError, ValueError, KeyError, InputError) as error:
            raise DamagedModel(f"The word vectors cannot be read ({error}); copy or train the model again.") from error

    def to_bytes(self) -> bytes:
        """Write the vectors as an `.npz` file without pickles; the same vectors give the same bytes."""
        stream = io.BytesIO()
        np.savez_compressed(stream, words=pack_lines(self.words), rows=self.rows, scales=self.scales)
        return stream.getvalue()

    @property
    def dim(self) -> int:
        """Numbers per word."""
        return int(self.rows.shape[1])

    def known(self, word: str) -> int | None:
        """Give the row of a word, or None."""
        return self._row_of.get(word)

    def known_rows(self, words: Sequence[str]) -> list[int]:
        """Give the rows of those words that have a vector, in order; unknown words are left out."""
        return [self._row_of[word] for word in words if word in self._row_of]

    def floats(self, rows: NDArray[np.int64] | None = None) -> Floats:
        """Give vectors as floats.

        Args:
            rows: Which; None for all.

        Returns:
            float32 (n, dim).
        """
        if rows is None:
            return self.rows * self.scales[:, None]
        vectors: Floats = self.rows[rows] * self.scales[rows, None]
        return vectors


def to_int8(vectors: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Write float rows as int8 rows with one scale each.

    Args:
        vectors: float32 (n, dim).

    Returns:
        int8 (n, dim) and float32 (n,), whose products are the nearest to `vectors`; zero rows stay zero, and rows
        below 1e-35 become zero.
    """
    largest = np.abs(vectors).max(axis=1, initial=0)
    least = np.finfo(np.float32).tiny * _LARGEST  # the scale of a smaller one would be no normal number
    scales = (np.where(largest > least, largest, 1) / _LARGEST).astype(np.float32)
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales


def pack_lines(lines: Sequence[str]) -> NDArray[np.uint8]:
    """Write texts without line breaks as UTF-8 bytes, one text per line."""
    return np.frombuffer("".join(f"{line}\n" for line in lines).encode(), dtype=np.uint8)


def unpack_lines(content: NDArray[np.uint8]) -> list[str]:
    """Read what `pack_lines` wrote."""
    return content.tobytes().decode().split("\n")[:-1]
