"""How well an encoder finds a concept by what it is called in another language."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.measures.intervals import Interval, mean_interval
from metier.protocols import Encoder, Floats
from metier.taxonomy.parallel import ParallelText

_BLOCK: Final = 256  # labels compared at once; bounds memory at 256 x n_concepts floats
_CUTS: Final = (1, 10)


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """Over the labels of one language."""

    n: int
    figures: dict[str, float]  # `acc@1`, `acc@10`, `mrr`
    intervals: dict[str, Interval]  # 95 %, over labels

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; an interval is a list of its ends."""
        ranges = {name: [interval.low, interval.high] for name, interval in self.intervals.items()}
        return {"n": self.n, **self.figures, "intervals": ranges}


def evaluate_languages(
    encoder: Encoder,
    labels: Sequence[ParallelText],
    concepts: Floats,
    *,
    rows: Sequence[int],
    seed: int = 0,
    n_resamples: int = 1000,
) -> dict[str, LanguageFigures]:
    """Look every label up among the vectors of all concepts.

    Args:
        encoder: Reads the labels.
        labels: In any languages.
        concepts: float32 (n_concepts, dim), the same encoder's vectors of the concepts in the taxonomy's language.
        rows: The row of `Taxonomy.concepts` that each of the vectors stands for.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.

    Returns:
        Language -> its figures, in order of first label. The rank of a concept is one more than the number of
        concepts that are nearer or as near: a vector of zeros finds nothing.
    """
    row_of = {row: place for place, row in enumerate(rows)}
    by_language: dict[str, list[ParallelText]] = defaultdict(list)
    for label in labels:
        by_language[label.language].append(label)
    found = {}
    for language, texts in by_language.items():
        gold = np.array([row_of[text.concept] for text in texts])
        ranks = _ranks(encoder.encode([text.text for text in texts]), concepts, gold)
        values = {f"acc@{k}": (ranks <= k).astype(np.float64) for k in _CUTS} | {"mrr": 1 / ranks}
        intervals = {name: mean_interval(one, seed=seed, n_resamples=n_resamples) for name, one in values.items()}
        found[language] = LanguageFigures(
            len(texts), {name: float(one.mean()) for name, one in values.items()}, intervals
        )
    return found


def _ranks(queries: Floats, concepts: Floats, gold: NDArray[np.int64]) -> NDArray[np.int64]:
    ranks = []
    for start in range(0, len(queries), _BLOCK):
        cosines = queries[start : start + _BLOCK] @ concepts.T
        right = cosines[np.arange(len(cosines)), gold[start : start + _BLOCK]]
        ranks.append((cosines >= right[:, None]).sum(axis=1))
    return np.concatenate(ranks)
