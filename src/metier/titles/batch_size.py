"""The batch size of WOCR, which follows how hard the batches are (JOAPS, ECAI 2020)."""

from collections import deque
from typing import Any


class BatchSize:
    """Doubles when few titles of a batch violate the ranking, halves when many do."""

    def __init__(
        self, *, start: int = 8, cap: int = 128, low: float = 0.2, high: float = 0.8, n_smoothed: int = 8
    ) -> None:
        """Begin at `start`, which is also the least.

        Args:
            start: Pairs of the first batch.
            cap: Pairs at most; the published table goes up to 256.
            low: A mean ratio below this doubles.
            high: A mean ratio above this halves.
            n_smoothed: Steps whose ratios are averaged; a change needs as many since the last one.
        """
        self.size = min(start, cap)  # of the next batch
        self._least = self.size
        self._cap = cap
        self._low = low
        self._high = high
        self._ratios: deque[float] = deque(maxlen=n_smoothed)

    def update(self, *, n_violators: int, n_compared: int) -> None:
        """Note how one batch went; the next batch may be of another size.

        Args:
            n_violators: (description, title) pairs of the batch in which a wrong title is nearer than the own one.
            n_compared: All such pairs: b (b - 1), less those of the same title. Without any, nothing is noted.
        """
        if not n_compared:
            return
        self._ratios.append(n_violators / n_compared)
        if len(self._ratios) < (self._ratios.maxlen or 0):
            return
        mean = sum(self._ratios) / len(self._ratios)
        size = 2 * self.size if mean < self._low else self.size // 2 if mean > self._high else self.size
        size = min(max(size, self._least), self._cap)
        if size != self.size:
            self.size = size
            self._ratios.clear()

    def state(self) -> dict[str, Any]:
        """Give what `restore` needs, as plain JSON values."""
        return {"size": self.size, "ratios": list(self._ratios)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.size = state["size"]
        self._ratios.clear()
        self._ratios.extend(state["ratios"])
