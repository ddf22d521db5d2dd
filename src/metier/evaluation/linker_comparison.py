"""Several linkers on the same rows: how right, how sure, how fast, and whether one is really better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.evaluation.linking import LinkingReport, report_linking
from metier.evaluation.linking_outcomes import LinkingOutcomes, pool_outcomes
from metier.measures.ranking import accuracy_at, r_precision_at, reciprocal_rank
from metier.measures.resampling import Difference, paired_bootstrap

POOLED: Final = "pooled"  # the name of all sets together
_COMPARED: Final[Mapping[str, Callable[[LinkingOutcomes], NDArray[np.float64]]]] = {  # one value per query
    "sentence mrr": lambda outcomes: reciprocal_rank(outcomes.sentences),
    "sentence rp@1": lambda outcomes: r_precision_at(outcomes.sentences, outcomes.n_sentence_labels, k=1),
    "sentence rp@5": lambda outcomes: r_precision_at(outcomes.sentences, outcomes.n_sentence_labels, k=5),
    "mention mrr": lambda outcomes: reciprocal_rank(outcomes.rows),
    "mention acc@1": lambda outcomes: accuracy_at(outcomes.rows, k=1),
    "mention acc@32": lambda outcomes: accuracy_at(outcomes.rows, k=32),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkerRun:
    """What a linker did on each set, and what it cost."""

    version: str
    calibrated: bool  # False: its probabilities rank and mean no more
    outcomes: dict[str, LinkingOutcomes]  # by set
    mentions_per_s: float
    peak_rss_mb: float  # megabytes (10^6 bytes) of a process that runs this linker alone
    size_mb: float  # of all folders that it reads, the taxonomy's among them


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkerComparison:
    """Several linkers on the same sets, by name; the first is the one that the others are measured against."""

    runs: dict[str, LinkerRun]
    reports: dict[str, dict[str, LinkingReport]]  # name -> set, and `pooled` last where there are several
    differences: dict[str, dict[str, dict[str, Difference]]]  # name (not the first) -> set -> measure -> first minus it

    @property
    def widest(self) -> dict[str, LinkingReport]:
        """The reports by linker on all rows: pooled, or on the only set."""
        return {name: list(reports.values())[-1] for name, reports in self.reports.items()}

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; the points of the curves come with the widest reports only."""
        return {
            "linkers": {
                name: {
                    "version": run.version,
                    "calibrated": run.calibrated,
                    "ms_per_mention": 1000 / run.mentions_per_s,
                    "mentions_per_s": run.mentions_per_s,
                    "peak_rss_mb": run.peak_rss_mb,
                    "size_mb": run.size_mb,
                    "sets": _reports_to_dict(self.reports[name]),
                }
                for name, run in self.runs.items()
            },
            "first_minus": {
                name: {
                    set_name: {measure: found.to_dict() for measure, found in by_measure.items()}
                    for set_name, by_measure in sets.items()
                }
                for name, sets in self.differences.items()
            },
        }


def compare_linkers(runs: Mapping[str, LinkerRun], *, seed: int = 0, n_resamples: int = 1000) -> LinkerComparison:
    """Measure several linkers on the same sets, and test how the first differs from each other one.

    Args:
        runs: Name -> run, one at least, all on the same sets with the same rows.
        seed: Of all resamples.
        n_resamples: Of all tests; nothing is corrected for their number.

    Returns:
        The reports and the paired differences over queries, by set, and over the rows of all sets together.
    """
    outcomes = {name: _with_pooled(run.outcomes) for name, run in runs.items()}
    reports = {
        name: {set_name: report_linking(one, seed=seed, n_resamples=n_resamples) for set_name, one in sets.items()}
        for name, sets in outcomes.items()
    }
    first, *others = outcomes
    differences = {
        name: {
            set_name: {
                measure: _difference(outcomes[first][set_name], other, measure=measure, seed=seed, n=n_resamples)
                for measure in _COMPARED
            }
            for set_name, other in outcomes[name].items()
        }
        for name in others
    }
    return LinkerComparison(runs=dict(runs), reports=reports, differences=differences)


def _with_pooled(outcomes: Mapping[str, LinkingOutcomes]) -> dict[str, LinkingOutcomes]:
    return {**outcomes, POOLED: pool_outcomes(list(outcomes.values()))} if len(outcomes) > 1 else dict(outcomes)


def _difference(first: LinkingOutcomes, second: LinkingOutcomes, *, measure: str, seed: int, n: int) -> Difference:
    sides = [_COMPARED[measure](outcomes) for outcomes in (first, second)]
    n_queries = max(len(sides[0]), 1)
    one, other = (values[None, :, None] for values in sides)  # one run, queries, one column
    return paired_bootstrap(one, other, lambda sums: sums[:, 0] / n_queries, seed=seed, n_resamples=n)


def _reports_to_dict(reports: Mapping[str, LinkingReport]) -> dict[str, Any]:
    found = {set_name: report.to_dict() for set_name, report in reports.items()}
    for one in list(found.values())[:-1]:
        del one["mention"]["abstention"]["points"]
    return found
