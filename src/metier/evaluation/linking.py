"""How well a linker finds the concepts of a file of labelled sentences and mentions."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.data.linking_rows import LinkingRow
from metier.evaluation.linking_outcomes import MENTION_DEPTH, Bools, LinkingOutcomes, judge_linking
from metier.measures.calibration import brier, expected_calibration_error
from metier.measures.intervals import Interval, mean_interval
from metier.measures.ranking import (
    Relevance,
    accuracy_at,
    r_precision_at,
    recall_at,
    reciprocal_rank,
)
from metier.measures.risk_coverage import RiskCoverage, aurc, aurc_interval, excess_aurc, risk_coverage
from metier.measures.spans import PrecisionRecall, precision_recall
from metier.protocols import Linker

SENTENCE_CUTS: Final = (1, 5, 10)  # of Decorte et al. (2022)
MENTION_CUTS: Final = (1, 4, 8, 16, MENTION_DEPTH)  # of Zhang, van der Goot and Plank (2024)
_N_POINTS: Final = 100  # of a curve in JSON


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over queries, and its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class View:
    """Figures over the same queries, by name, such as `acc@1`."""

    n: int
    figures: dict[str, Figure]

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values: the figures, and their intervals under `intervals`."""
        return {
            "n": self.n,
            **{name: figure.value for name, figure in self.figures.items()},
            "intervals": {name: [figure.interval.low, figure.interval.high] for name, figure in self.figures.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """What a linker's probabilities and its own threshold are worth, over each row."""

    curve: RiskCoverage  # if the best candidate were given from any other threshold on; wrong where there is no label
    aurc: Figure
    excess_aurc: float  # over the best order of the same candidates: what better probabilities could win
    coverage: float  # share of the rows that the linker gives a concept
    links: PrecisionRecall  # of the concepts given; recall: of the rows that have a label
    nil: PrecisionRecall  # of saying that the taxonomy has no concept

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values: points are [threshold, coverage, risk], at most 100."""
        curve = self.curve.thinned(_N_POINTS)
        columns = (curve.thresholds, curve.coverage, curve.risk)
        return {
            "aurc": self.aurc.value,
            "aurc_interval": [self.aurc.interval.low, self.aurc.interval.high],
            "excess_aurc": self.excess_aurc,
            "coverage": self.coverage,
            "links": asdict(self.links),
            "points": np.stack(columns, axis=1).round(4).tolist(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingReport:
    """A linker's figures on one file, or on several together."""

    sentence: View  # each sentence that has a label
    n_without_label: int  # sentences left out: none of their rows has a label
    every_row: View  # each row; one without a label is always wrong
    linkable: View  # each row with a label
    nil: View  # each row; one without a label is right where the linker abstains, one with where it does not
    multi_gold: View  # each whole span with a label; any of its labels is right
    abstention: Abstention
    # of the probability that the best candidate is right, over each row: where there is no label it never is, so that
    # the probability must allow for mentions that the taxonomy has no concept for
    ece: float
    brier: float
    n_not_verbatim: int  # rows whose mention does not stand in the sentence word for word
    unknown_labels: tuple[str, ...]  # gold labels that no concept has; always wrong

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values: `sentence`, and under `mention` the views `all`, `linkable` and `nil`."""
        return {
            "sentence": {**self.sentence.to_dict(), "n_without_label": self.n_without_label},
            "mention": {
                "all": self.every_row.to_dict(),
                "linkable": self.linkable.to_dict(),
                "nil": {**self.nil.to_dict(), **asdict(self.abstention.nil)},
                "multi_gold": self.multi_gold.to_dict(),
                "ece": self.ece,
                "brier": self.brier,
                "abstention": self.abstention.to_dict(),
                "n_not_verbatim": self.n_not_verbatim,
            },
            "unknown_labels": list(self.unknown_labels),
        }


@dataclass(frozen=True, slots=True)
class _Bootstrap:
    seed: int
    n_resamples: int

    def figure(self, values: NDArray[np.float64]) -> Figure:
        interval = mean_interval(values, seed=self.seed, n_resamples=self.n_resamples)
        return Figure(float(values.mean()) if len(values) else 0.0, interval)


def evaluate_linking(
    linker: Linker,
    rows: Sequence[LinkingRow],
    *,
    labels: Collection[str],
    seed: int = 0,
    n_resamples: int = 1000,
) -> LinkingReport:
    """Rank concepts for sentences, link mentions, and measure how often they are right.

    Args:
        linker: What to evaluate; its links carry up to 32 candidates.
        rows: As `metier.data.linking_rows.read_linking` gives them.
        labels: The preferred labels that the linker can find.
        seed: Of the bootstrap over queries.
        n_resamples: Of the bootstrap.

    Returns:
        The report.
    """
    return report_linking(judge_linking(linker, rows, labels=labels), seed=seed, n_resamples=n_resamples)


def report_linking(outcomes: LinkingOutcomes, *, seed: int = 0, n_resamples: int = 1000) -> LinkingReport:
    """Measure how often a linker was right.

    Args:
        outcomes: On one file, or pooled.
        seed: Of the bootstrap over queries.
        n_resamples: Of the bootstrap.

    Returns:
        The report.
    """
    bootstrap = _Bootstrap(seed, n_resamples)
    rows, best_is_right = outcomes.rows, outcomes.rows[:, 0]
    return LinkingReport(
        sentence=_sentence_view(outcomes, bootstrap),
        n_without_label=outcomes.n_without_label,
        every_row=_mention_view(rows, bootstrap),
        linkable=_mention_view(rows[outcomes.has_label], bootstrap),
        nil=_mention_view(_with_nil(rows, outcomes.has_label, outcomes.abstains), bootstrap),
        multi_gold=_multi_gold_view(outcomes, bootstrap),
        abstention=_abstention(outcomes, bootstrap),
        ece=expected_calibration_error(outcomes.probabilities, best_is_right),
        brier=brier(outcomes.probabilities, best_is_right),
        n_not_verbatim=outcomes.n_not_verbatim,
        unknown_labels=outcomes.unknown_labels,
    )


def _sentence_view(outcomes: LinkingOutcomes, bootstrap: _Bootstrap) -> View:
    figures = {"mrr": bootstrap.figure(reciprocal_rank(outcomes.sentences))}
    for k in SENTENCE_CUTS:
        shares = r_precision_at(outcomes.sentences, outcomes.n_sentence_labels, k=k)
        figures[f"rp@{k}"] = bootstrap.figure(shares)
    return View(len(outcomes.sentences), figures)


def _mention_view(relevant: Relevance, bootstrap: _Bootstrap) -> View:
    figures = {"mrr": bootstrap.figure(reciprocal_rank(relevant))}
    for k in MENTION_CUTS:
        figures[f"acc@{k}"] = bootstrap.figure(accuracy_at(relevant, k=k))
    return View(len(relevant), figures)


def _multi_gold_view(outcomes: LinkingOutcomes, bootstrap: _Bootstrap) -> View:
    view = _mention_view(outcomes.spans, bootstrap)
    recalls = {
        f"recall@{k}": bootstrap.figure(recall_at(outcomes.spans, outcomes.n_span_labels, k=k)) for k in MENTION_CUTS
    }
    return View(view.n, {**view.figures, **recalls})


def _with_nil(relevant: Relevance, has_label: Bools, abstains: Bools) -> Relevance:
    """Let abstention be an answer: right from rank 1 on without a label, wrong at every rank with one."""
    aware = relevant & ~abstains[:, None]
    aware[:, 0] |= ~has_label & abstains
    return aware


def _abstention(outcomes: LinkingOutcomes, bootstrap: _Bootstrap) -> Abstention:
    right, has_label, given = outcomes.rows[:, 0], outcomes.has_label, ~outcomes.abstains
    curve = risk_coverage(outcomes.probabilities, right)
    interval = aurc_interval(outcomes.probabilities, right, seed=bootstrap.seed, n_resamples=bootstrap.n_resamples)
    return Abstention(
        curve=curve,
        aurc=Figure(aurc(curve), interval),
        excess_aurc=excess_aurc(curve, n_answers=len(right)),
        coverage=float(given.mean()) if len(given) else 0.0,
        links=_precision_recall(right & given, said=given, true=has_label),
        nil=_precision_recall(~has_label & ~given, said=~given, true=~has_label),
    )


def _precision_recall(hits: Bools, *, said: Bools, true: Bools) -> PrecisionRecall:
    return precision_recall(np.array([[hits.sum(), said.sum(), hits.sum(), true.sum()]], dtype=np.int64))
