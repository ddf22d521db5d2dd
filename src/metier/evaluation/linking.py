"""How well a linker finds the concepts of a file of labelled sentences and mentions."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.data.linking_rows import LinkingRow, group_mentions, group_sentences
from metier.domain import Candidate, Link, Mention, Span
from metier.measures.calibration import brier, expected_calibration_error
from metier.measures.intervals import Interval, mean_interval
from metier.measures.ranking import (
    Relevance,
    accuracy_at,
    r_precision_at,
    recall_at,
    reciprocal_rank,
    relevance,
)
from metier.measures.spans import PrecisionRecall, precision_recall
from metier.protocols import Linker
from metier.taxonomy.taxonomy import label_key

SENTENCE_CUTS: Final = (1, 5, 10)  # of Decorte et al. (2022)
SENTENCE_DEPTH: Final = 1000  # a first hit beyond it adds less than 0.001 to an MRR, and counts as 0
MENTION_CUTS: Final = (
    1,
    4,
    8,
    16,
    32,
)  # of Zhang, van der Goot and Plank (2024), Entity Linking in the Job Market
MENTION_DEPTH: Final = MENTION_CUTS[-1]


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
class LinkingReport:
    """A linker's figures on one file."""

    sentence: View  # each sentence that has a label
    n_without_label: int  # sentences left out: none of their rows has a label
    every_row: View  # each row; one without a label is always wrong
    linkable: View  # each row with a label
    nil: View  # each row; one without a label is right where the linker abstains, one with where it does not
    abstention: PrecisionRecall  # of saying that the taxonomy has no concept
    multi_gold: View  # each whole span with a label; any of its labels is right
    ece: float  # of the best candidate's probability, over each row
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
                "nil": {**self.nil.to_dict(), **asdict(self.abstention)},
                "multi_gold": self.multi_gold.to_dict(),
                "ece": self.ece,
                "brier": self.brier,
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
    """Rank concepts for sentences, link mentions, and compare with the gold labels.

    Labels are compared whatever the case and the white space. A sentence that the file repeats is one query;
    a row that it repeats is two, as in published figures.

    Args:
        linker: What to evaluate; its links carry up to 32 candidates.
        rows: As `metier.data.linking_rows.read_linking` gives them.
        labels: The preferred labels that the linker can find.
        seed: Of the bootstrap over queries.
        n_resamples: Of the bootstrap.

    Returns:
        The report.
    """
    bootstrap = _Bootstrap(seed, n_resamples)
    links = _link(linker, [(row.sentence, row.span, row.text) for row in rows])
    gold = [_keys([row.label] if row.label is not None else []) for row in rows]
    relevant = _relevance(links, gold)
    has_label = np.array([bool(keys) for keys in gold], dtype=np.bool_)
    abstains = np.array([link.concept is None for link in links], dtype=np.bool_)
    probabilities = [link.probability for link in links]
    sentence, n_without_label = _sentence_view(linker, rows, bootstrap)
    return LinkingReport(
        sentence=sentence,
        n_without_label=n_without_label,
        every_row=_mention_view(relevant, bootstrap),
        linkable=_mention_view(relevant[has_label], bootstrap),
        nil=_mention_view(_with_nil(relevant, has_label, abstains), bootstrap),
        abstention=_abstention(has_label, abstains),
        multi_gold=_multi_gold_view(linker, rows, bootstrap),
        ece=expected_calibration_error(probabilities, relevant[:, 0]),
        brier=brier(probabilities, relevant[:, 0]),
        n_not_verbatim=sum(not row.verbatim for row in rows),
        unknown_labels=_unknown(rows, labels),
    )


def _sentence_view(linker: Linker, rows: Sequence[LinkingRow], bootstrap: _Bootstrap) -> tuple[View, int]:
    every = group_sentences(rows)
    queries = [sentence for sentence in every if sentence.labels]
    rankings = linker.rank([query.text for query in queries], k=SENTENCE_DEPTH)
    gold = [_keys(query.labels) for query in queries]
    relevant = relevance([_ranked(ranking) for ranking in rankings], gold, depth=SENTENCE_DEPTH)
    n_answers = np.array([len(keys) for keys in gold], dtype=np.int64)
    figures = {"mrr": bootstrap.figure(reciprocal_rank(relevant))}
    for k in SENTENCE_CUTS:
        figures[f"rp@{k}"] = bootstrap.figure(r_precision_at(relevant, n_answers, k=k))
    return View(len(queries), figures), len(every) - len(queries)


def _mention_view(relevant: Relevance, bootstrap: _Bootstrap) -> View:
    figures = {"mrr": bootstrap.figure(reciprocal_rank(relevant))}
    for k in MENTION_CUTS:
        figures[f"acc@{k}"] = bootstrap.figure(accuracy_at(relevant, k=k))
    return View(len(relevant), figures)


def _multi_gold_view(linker: Linker, rows: Sequence[LinkingRow], bootstrap: _Bootstrap) -> View:
    queries = [mention for mention in group_mentions(rows) if mention.labels]
    links = _link(
        linker,
        [(query.sentence, query.span, query.sentence[query.span.start : query.span.end]) for query in queries],
    )
    gold = [_keys(query.labels) for query in queries]
    relevant = _relevance(links, gold)
    n_answers = np.array([len(keys) for keys in gold], dtype=np.int64)
    view = _mention_view(relevant, bootstrap)
    recalls = {f"recall@{k}": bootstrap.figure(recall_at(relevant, n_answers, k=k)) for k in MENTION_CUTS}
    return View(view.n, {**view.figures, **recalls})


def _with_nil(relevant: Relevance, has_label: NDArray[np.bool_], abstains: NDArray[np.bool_]) -> Relevance:
    """Let abstention be an answer: right from rank 1 on without a label, wrong at every rank with one."""
    aware = relevant & ~abstains[:, None]
    aware[:, 0] |= ~has_label & abstains
    return aware


def _abstention(has_label: NDArray[np.bool_], abstains: NDArray[np.bool_]) -> PrecisionRecall:
    hits, said, true = (~has_label & abstains).sum(), abstains.sum(), (~has_label).sum()
    return precision_recall(np.array([[hits, said, hits, true]], dtype=np.int64))


def _link(linker: Linker, queries: Sequence[tuple[str, Span, str]]) -> list[Link]:
    mentions = [[Mention(span, text, "skill", 1.0)] for _, span, text in queries]
    return [links[0] for links in linker.link([sentence for sentence, _, _ in queries], mentions)]


def _relevance(links: Sequence[Link], gold: Sequence[Collection[str]]) -> Relevance:
    return relevance([_ranked(link.candidates) for link in links], gold, depth=MENTION_DEPTH)


def _ranked(candidates: Sequence[Candidate]) -> list[str]:
    return [label_key(candidate.concept.label) for candidate in candidates]


def _keys(labels: Collection[str]) -> frozenset[str]:
    return frozenset(map(label_key, labels))


def _unknown(rows: Sequence[LinkingRow], labels: Collection[str]) -> tuple[str, ...]:
    known = _keys(labels)
    gold = dict.fromkeys(row.label for row in rows if row.label is not None)
    return tuple(label for label in gold if label_key(label) not in known)
