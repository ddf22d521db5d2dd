"""How a generator's labels are chosen: what is read, how length counts, calibration; all on dev."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np

from metier.data.linking_rows import LinkingMention, LinkingRow, group_mentions
from metier.linking.generator import Decoding, GenerativeLinker, Written
from metier.linking.generator_network import LabelNetwork
from metier.linking.linker import candidate_features
from metier.measures.ranking import Relevance, accuracy_at, reciprocal_rank, relevance
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.link_calibration import CalibrationQuery, fit_calibration

_POWERS: Final = (0.0, 0.5, 1.0)
_N_CALIBRATED: Final = 10  # candidates per mention that the calibration learns from
_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class FittedDecoding:
    """What was chosen, and what it gave on dev."""

    decoding: Decoding
    measures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _DevMention:
    """What was written for a dev mention, and the rows of its right skills; none: not in the taxonomy."""

    sentence: str
    written: Written
    right: frozenset[int]


def fit_decoding(network: LabelNetwork, taxonomy: Taxonomy, rows: Sequence[LinkingRow]) -> FittedDecoding:
    """Choose whether mentions are read in their sentences and how length counts by MRR on dev, then calibrate.

    Args:
        network: Trained, in evaluation mode.
        taxonomy: What is linked to.
        rows: The dev rows.

    Returns:
        The choice; what each choice gave over the mentions that have a concept (`tried`); calibration errors.
    """
    found = group_mentions([replace(row, outer=row.span) for row in rows])  # parts of a span count alone
    tried = {
        choice: _write(network, taxonomy, found, in_sentence=choice[0], length_power=choice[1])
        for choice in product((False, True), _POWERS)
    }
    relevant = {choice: _relevance(mentions) for choice, mentions in tried.items()}
    best = max(relevant, key=lambda choice: reciprocal_rank(relevant[choice]).mean())
    calibration = fit_calibration([_query(mention) for mention in tried[best]])
    decoding = Decoding(
        in_sentence=best[0],
        length_power=best[1],
        calibration=calibration.weights,
        abstain_below=calibration.abstain_below,
    )
    tables = [
        {"in_sentence": choice[0], "length_power": choice[1], **_figures(table)} for choice, table in relevant.items()
    ]
    return FittedDecoding(decoding, {"tried": tables, "calibration": calibration.measures})


def _write(
    network: LabelNetwork,
    taxonomy: Taxonomy,
    found: Sequence[LinkingMention],
    *,
    in_sentence: bool,
    length_power: float,
) -> list[_DevMention]:
    plain = Decoding(
        in_sentence=in_sentence, length_power=length_power, calibration=(1.0, 0.0, 0.0, 0.0, 0.0), abstain_below=0.0
    )
    linker = GenerativeLinker(network, taxonomy.skills, decoding=plain, version="training")
    number = {skill.label.lower(): row for row, skill in reversed(list(enumerate(taxonomy.skills)))}
    seen: dict[tuple[str, tuple[int, int] | None], Written] = {}
    mentions = []
    for each in found:
        place = each.span.start, each.span.end
        query = (each.sentence, place) if in_sentence else (each.sentence[slice(*place)], None)
        if query not in seen:
            seen[query] = linker.write(*query)
        right = frozenset(number[label.lower()] for label in each.labels if label.lower() in number)
        mentions.append(_DevMention(each.sentence, seen[query], right))
    return mentions


def _relevance(mentions: Sequence[_DevMention]) -> Relevance:
    linkable = [mention for mention in mentions if mention.right]
    ranked: list[list[int]] = [mention.written.rows.tolist() for mention in linkable]
    return relevance(ranked, [mention.right for mention in linkable], depth=_DEPTH)


def _figures(relevant: Relevance) -> dict[str, float]:
    accuracies = {f"acc@{k}": round(float(accuracy_at(relevant, k=k).mean()), 4) for k in (1, _DEPTH)}
    return {"mrr": round(float(reciprocal_rank(relevant).mean()), 4), **accuracies}


def _query(mention: _DevMention) -> CalibrationQuery:
    rows, scores = mention.written.rows, mention.written.scores
    order = np.arange(min(_N_CALIBRATED, len(rows)))
    right = np.array([row in mention.right for row in rows[order].tolist()], dtype=np.bool_)
    return CalibrationQuery(mention.sentence, candidate_features(scores, order), right, bool(mention.right))
