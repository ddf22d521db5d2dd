"""What the stages of the occupation linker weigh, chosen on titles of vacancies with their occupations."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from metier.data.title_benchmarks import TitleQuery
from metier.domain import Occupation
from metier.linking.encoding import TextEncoder
from metier.linking.linker import candidate_features
from metier.linking.occupations import OccupationFusion, OccupationLinker, occupation_vectors
from metier.linking.top_rows import top_rows
from metier.measures.calibration import expected_calibration_error
from metier.measures.ranking import reciprocal_rank, relevance
from metier.text.job_titles import clean_title

Floats = NDArray[np.float32]

_N_TITLES: Final = 4000  # drawn to choose and to calibrate on
_TITLES_PER_CALL: Final = 32  # as the linker takes them
_DEPTH: Final = 10
_FEWEST: Final = 20  # titles below which nothing is chosen


@dataclass(frozen=True, slots=True)
class FittedOccupations:
    """What was chosen, and what it gave on the same titles."""

    fusion: OccupationFusion
    measures: dict[str, Any]


def fit_occupations(
    encoder: TextEncoder, occupations: Sequence[Occupation], titles: Sequence[TitleQuery], *, seed: int
) -> FittedOccupations:
    """Choose the weights by grid search for the mean reciprocal rank, then calibrate (Platt, 1999).

    Args:
        encoder: The trained bi-encoder as it will run.
        occupations: Those of the taxonomy.
        titles: Their relevant concepts are URIs of occupations; others are passed over.
        seed: Of which 4,000 titles are looked at.

    Returns:
        The choice, and its measures: `mrr` over the best ten, `accuracy@1`, and `ece_cross_fitted`, the calibration
        error of the best candidate, fitted and measured on different titles. The defaults and no measures where there
        are fewer than twenty titles.
    """
    asked = _asked(occupations, titles, seed)
    if len(asked) < _FEWEST:
        return FittedOccupations(OccupationFusion(), {})
    evidence = {
        alternatives: _evidence(encoder, occupations, [title for title, _ in asked], alternatives)
        for alternatives in (1.0, 2.0, 4.0)
    }
    answers = [rows for _, rows in asked]
    burden = np.log([max(len(job.label), 1) for job in occupations]).astype(np.float32)
    grid = product(evidence, np.arange(0.2, 1.01, 0.1).round(1).tolist(), (0.0, 0.03, 0.06))
    fusion = max(
        (replace(OccupationFusion(), alternatives=a, characters=c, length=n) for a, c, n in grid),
        key=lambda fusion: _mrr(evidence[fusion.alternatives], burden, fusion, answers),
    )
    return _calibrated(encoder, occupations, asked, fusion)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What each stage says of every title and occupation: float32 (n_titles, n_occupations)."""

    dense: Floats
    characters: Floats


def _asked(occupations: Sequence[Occupation], titles: Sequence[TitleQuery], seed: int) -> list[tuple[str, list[int]]]:
    """Different clean titles with the rows of their occupations, in an order drawn by the seed."""
    number = {job.uri: row for row, job in enumerate(occupations)}
    found: dict[str, set[int]] = {}
    for query in titles:
        rows = {number[uri] for uri in query.relevant if uri in number}
        title = clean_title(query.text).title
        if rows and title:
            found.setdefault(title, set()).update(rows)
    asked = [(title, sorted(rows)) for title, rows in sorted(found.items())]
    random.Random(seed).shuffle(asked)
    return asked[:_N_TITLES]


def _linker(encoder: TextEncoder, occupations: Sequence[Occupation], fusion: OccupationFusion) -> OccupationLinker:
    vectors = occupation_vectors(occupations, encode=encoder.encode, fusion=fusion)
    return OccupationLinker(encoder, occupations, vectors, fusion=fusion, version="training")


def _evidence(
    encoder: TextEncoder, occupations: Sequence[Occupation], titles: Sequence[str], alternatives: float
) -> _Evidence:
    """Take the stages apart: the linker's score without, and with, the characters."""
    plain = OccupationFusion(alternatives=alternatives, characters=0.0, length=0.0)
    linker = _linker(encoder, occupations, plain)
    dense = _in_calls(titles, lambda block: np.stack([scores.merged for scores in linker.scores(block)]))
    return _Evidence(dense, _in_calls(titles, linker.character_cosines))


def _in_calls(titles: Sequence[str], score: Callable[[Sequence[str]], Floats]) -> Floats:
    return np.concatenate(
        [score(titles[start : start + _TITLES_PER_CALL]) for start in range(0, len(titles), _TITLES_PER_CALL)]
    )


def _mrr(evidence: _Evidence, burden: Floats, fusion: OccupationFusion, answers: Sequence[Sequence[int]]) -> float:
    weights = np.float32(fusion.characters), np.float32(fusion.length)
    ranked = [
        top_rows(dense + weights[0] * shared - weights[1] * burden, _DEPTH).tolist()
        for dense, shared in zip(evidence.dense, evidence.characters, strict=True)
    ]
    return float(reciprocal_rank(relevance(ranked, answers, depth=_DEPTH)).mean())


def _calibrated(
    encoder: TextEncoder,
    occupations: Sequence[Occupation],
    asked: Sequence[tuple[str, list[int]]],
    fusion: OccupationFusion,
) -> FittedOccupations:
    linker = _linker(encoder, occupations, fusion)
    features, correct, groups, ranked = [], [], [], []
    for start in range(0, len(asked), _TITLES_PER_CALL):
        block = asked[start : start + _TITLES_PER_CALL]
        for offset, scores in enumerate(linker.scores([title for title, _ in block])):
            order = top_rows(scores.merged, _DEPTH)
            features.append(candidate_features(scores, order))
            correct += [row in block[offset][1] for row in order.tolist()]
            groups += [start + offset] * len(order)
            ranked.append(order.tolist())
    table, right = np.concatenate(features), np.array(correct)
    model = LogisticRegression(C=100.0, max_iter=2000)
    crossed = cross_val_predict(model, table, right, groups=groups, cv=GroupKFold(5), method="predict_proba")[:, 1]
    model.fit(table, right)
    weights = (*(float(weight) for weight in model.coef_[0]), float(model.intercept_[0]))
    first = table[:, -1] == 1  # the best candidate of each title
    found = relevance(ranked, [rows for _, rows in asked], depth=_DEPTH)
    return FittedOccupations(
        replace(fusion, calibration=weights),
        {
            "mrr": float(reciprocal_rank(found).mean()),
            "accuracy@1": float(right[first].mean()),
            "ece_cross_fitted": expected_calibration_error(crossed[first], right[first]),
            "n_titles": len(asked),
        },
    )
