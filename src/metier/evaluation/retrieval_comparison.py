"""Several retrievers on the same tasks, and whether they are really better than one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.evaluation.retrieval import MEASURES, RetrievalReport, RetrievalRun, report_runs
from metier.measures.resampling import Difference, paired_bootstrap

COMPARED: Final = (
    "auc",
    "category@100",
    "skills@100",
    "retrieved_positives@100",
    "recall@100",
    "ndcg@100",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalComparison:
    """Several retrievers on the same tasks, by name."""

    reports: dict[str, RetrievalReport]
    baseline: str  # the one that the others are measured against
    differences: dict[str, dict[str, Difference]]  # another -> measure of `COMPARED` -> it minus the baseline

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return {
            "systems": {name: report.to_dict() for name, report in self.reports.items()},
            "baseline": self.baseline,
            "minus_baseline": {
                name: {measure: difference.to_dict() for measure, difference in measures.items()}
                for name, measures in self.differences.items()
            },
        }


def compare_runs(
    runs: Mapping[str, Sequence[RetrievalRun]], *, baseline: str, seed: int = 0, n_resamples: int = 1000
) -> RetrievalComparison:
    """Put the runs of several retrievers side by side, and test each against the baseline.

    Args:
        runs: Name -> what the retriever did on each task, all on the same tasks in the same order.
        baseline: One of the names.
        seed: Of all resamples.
        n_resamples: Of all tests; nothing is corrected for their number.

    Returns:
        The reports, and the differences over the projects of all tasks, paired; without measures that nobody has.
    """
    differences = {
        name: _differences(own, runs[baseline], seed=seed, n_resamples=n_resamples)
        for name, own in runs.items()
        if name != baseline
    }
    return RetrievalComparison(
        reports={name: report_runs(own, seed=seed, n_resamples=n_resamples) for name, own in runs.items()},
        baseline=baseline,
        differences=differences,
    )


def _differences(
    own: Sequence[RetrievalRun], others: Sequence[RetrievalRun], *, seed: int, n_resamples: int
) -> dict[str, Difference]:
    found: dict[str, Difference] = {}
    for measure in COMPARED:
        place = MEASURES.index(measure)
        pairs = np.stack([np.concatenate([run.points[:, place] for run in runs]) for runs in (own, others)])
        pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]  # (2, n_projects); what is defined for one is for the other
        if n_projects := pairs.shape[1]:
            first, second = pairs[:, None, :, None]  # each (one run, n_projects, one column)
            found[measure] = paired_bootstrap(
                first,
                second,
                partial(_mean, n_projects=n_projects),
                seed=seed,
                n_resamples=n_resamples,
            )
    return found


def _mean(sums: NDArray[np.float64], *, n_projects: int) -> NDArray[np.float64]:
    return sums[:, 0] / n_projects
