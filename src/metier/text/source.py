"""A text that the models read, and where each of its characters stood in the caller's own string."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from metier.domain import Span

Offsets = NDArray[np.int32]


class Piece(NamedTuple):
    """A stretch of clean text and the stretch of the original that it came from.

    When `verbatim`, the two are equal, character for character; otherwise each clean character came
    from the whole stretch, which may be empty.
    """

    text: str
    start: int
    end: int
    verbatim: bool


@dataclass(frozen=True, slots=True, eq=False)
class SourceText:
    """A clean `text`, the `original` string, and for each clean character the code points it came from.

    Clean character `i` came from `original[starts[i]:ends[i]]`, which is empty for white space that
    stands for a tag. `starts` and `ends` are int32 (len(text),) and never fall.
    """

    text: str
    original: str
    starts: Offsets
    ends: Offsets

    @classmethod
    def from_plain(cls, original: str) -> Self:
        """Take a plain text as it is: nothing is changed, every offset is its own."""
        positions = np.arange(len(original) + 1, dtype=np.int32)
        return cls(text=original, original=original, starts=positions[:-1], ends=positions[1:])

    @classmethod
    def from_pieces(cls, pieces: Iterable[Piece], *, original: str) -> Self:
        """Put a clean text together.

        Args:
            pieces: Stretches in reading order; none may begin before the one before it.
            original: The string that the pieces point into.

        Returns:
            The joined text with its offsets.
        """
        kept = [piece for piece in pieces if piece.text]
        sizes = np.array([len(piece.text) for piece in kept], dtype=np.int32)
        first = np.repeat(np.array([piece.start for piece in kept], dtype=np.int32), sizes)
        last = np.repeat(np.array([piece.end for piece in kept], dtype=np.int32), sizes)
        steps = np.repeat(np.array([piece.verbatim for piece in kept], dtype=bool), sizes)
        within = np.arange(len(first), dtype=np.int32) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        starts = np.where(steps, first + within, first).astype(np.int32)
        ends = np.where(steps, starts + 1, last).astype(np.int32)
        return cls("".join(piece.text for piece in kept), original, starts, ends)

    def original_span(self, span: Span) -> Span:
        """Say where a stretch of the clean text stands in the original.

        Args:
            span: Code points of `text`.

        Returns:
            From the start of the first character to the end of the last one, in `original`. An empty
            span stays empty.
        """
        if span.start >= span.end:
            point = int(self.starts[span.start]) if span.start < len(self.text) else len(self.original)
            return Span(point, point)
        return Span(int(self.starts[span.start]), int(self.ends[span.end - 1]))

    def through(self, outer: "SourceText") -> "SourceText":
        """Follow two steps of cleaning at once.

        Args:
            outer: The earlier step: its `text` is this one's `original`.

        Returns:
            This text, with offsets into the original of `outer`.
        """
        edges = np.append(outer.starts, np.int32(len(outer.original)))
        empty = self.starts == self.ends
        starts = edges[self.starts]
        ends = np.where(empty, starts, np.append(outer.ends, edges[-1])[self.ends - 1])
        return SourceText(self.text, outer.original, starts, ends.astype(np.int32))
