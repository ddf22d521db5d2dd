"""How much a re-ranker counts beside its first stage, chosen on dev: weights, calibration, abstention."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.data.linking_rows import LinkingRow, group_mentions, group_sentences
from metier.domain import Candidate, Mention, Span
from metier.linking.cross_encoder import CrossEncoder, Floats
from metier.linking.linker import Scores, candidate_features
from metier.linking.reranker import RerankingFusion, merged_scores
from metier.measures.ranking import r_precision_at, reciprocal_rank, relevance
from metier.protocols import Linker
from metier.taxonomy.taxonomy import label_key
from metier.training.link_calibration import Calibration, CalibrationQuery, fit_calibration

_DEPTHS: Final = (5, 8, 16)
_WEIGHTS: Final = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
_N_CALIBRATED: Final = 10  # candidates per mention that the calibration learns from
_FOLDS: Final = 5


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """How many candidates are read again, and the weight of what is read; the default changes nothing."""

    depth: int = 0
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class FittedReranking:
    """What was chosen, and what it gave on dev."""

    fusion: RerankingFusion
    measures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DevQuery:
    """A dev sentence or mention, what both stages say of it, and the labels that are right."""

    sentence: str
    candidates: tuple[Candidate, ...]
    crossed: Floats  # of the first of them
    labels: frozenset[str]  # as `label_key` writes them; none: not in the taxonomy

    def ranked(self, setting: Setting) -> list[str]:
        """Labels of the candidates, in the order of the merged scores; those that are not read stay behind."""
        order = np.argsort(-self.merged(setting), kind="stable").tolist()
        rest = range(len(order), len(self.candidates))
        return [label_key(self.candidates[row].concept.label) for row in (*order, *rest)]

    def merged(self, setting: Setting) -> Floats:
        """Merged scores of the candidates that are read."""
        return merged_scores(self.candidates, self.crossed[: setting.depth], setting.weight)


def fit_reranking(
    linker: Linker, cross_encoder: CrossEncoder, rows: Sequence[LinkingRow], *, n_reranked: int
) -> FittedReranking:
    """Choose depth and weight on dev, for sentences and for mentions, then calibrate.

    Args:
        linker: The first stage.
        cross_encoder: As it will run.
        rows: The dev rows.
        n_reranked: Candidates that are read again, at most.

    Returns:
        The choice, and its measures on dev: `sentence` and `mention`, each before and after, with the setting that is
        best on all of dev, and with the one chosen on other sentences (`cross_fitted`, five folds); calibration errors.
        Where the last does not beat the first stage, its order is kept: the weight is 0.
    """
    sentences, mentions = dev_queries(linker, cross_encoder, rows, n_reranked=n_reranked)
    linkable = [query for query in mentions if query.labels]
    depths = sorted({min(depth, n_reranked) for depth in _DEPTHS})
    settings = [Setting(), *(Setting(depth, weight) for depth in depths for weight in _WEIGHTS)]
    of_sentences = {setting: sentence_measures(sentences, setting) for setting in settings}
    of_mentions = {setting: mention_measures(linkable, setting) for setting in settings}
    sentence, mention = choose(sentences, of_sentences), choose(linkable, of_mentions)
    calibration = _calibrate(mentions, replace(mention, depth=mention.depth or depths[0]))
    fusion = RerankingFusion(
        mention_depth=mention.depth or depths[0],
        sentence_depth=sentence.depth or depths[0],
        mention_weight=mention.weight,
        sentence_weight=sentence.weight,
        calibration=calibration.weights,
        abstain_below=calibration.abstain_below,
    )
    measures = {
        "sentence": _summary(sentences, of_sentences, sentence, names=("rp@1", "rp@5")),
        "mention": _summary(linkable, of_mentions, mention, names=("acc@1", "mrr")),
        "calibration": calibration.measures,
    }
    return FittedReranking(fusion, measures)


def dev_queries(
    linker: Linker, cross_encoder: CrossEncoder, rows: Sequence[LinkingRow], *, n_reranked: int
) -> tuple[list[DevQuery], list[DevQuery]]:
    """Ask both stages about every dev sentence with a label, and about every mention.

    Args:
        linker: The first stage.
        cross_encoder: The second.
        rows: The dev rows.
        n_reranked: Candidates that are read again.

    Returns:
        The sentences and the mentions, in file order; parts of a mention count alone.
    """
    found = [sentence for sentence in group_sentences(rows) if sentence.labels]
    ranked = linker.rank([sentence.text for sentence in found], k=n_reranked)
    sentences = _crossed(
        [(sentence.text, sentence.text, sentence.labels) for sentence in found],
        [tuple(candidates) for candidates in ranked],
        cross_encoder,
        n_reranked,
    )
    grouped = group_mentions([replace(row, outer=row.span) for row in rows])
    texts = [each.sentence[each.span.start : each.span.end] for each in grouped]
    links = linker.link(texts, [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in texts])
    mentions = _crossed(
        [(each.sentence, text, each.labels) for each, text in zip(grouped, texts, strict=True)],
        [link.candidates for (link,) in links],
        cross_encoder,
        n_reranked,
    )
    return sentences, mentions


def _crossed(
    asked: Sequence[tuple[str, str, Sequence[str]]],
    found: Sequence[tuple[Candidate, ...]],
    cross_encoder: CrossEncoder,
    n_reranked: int,
) -> list[DevQuery]:
    concepts = [[candidate.concept for candidate in candidates[:n_reranked]] for candidates in found]
    scores = cross_encoder.scores([text for _, text, _ in asked], concepts)
    return [
        DevQuery(sentence, candidates, crossed, frozenset(map(label_key, labels)))
        for (sentence, _, labels), candidates, crossed in zip(asked, found, scores, strict=True)
    ]


def sentence_measures(queries: Sequence[DevQuery], setting: Setting) -> NDArray[np.float64]:
    """Give RP@1 and RP@5 of each query.

    Args:
        queries: Sentences, each with a label.
        setting: How the stages are merged.

    Returns:
        float64 (n_queries, 2).
    """
    relevant = relevance([query.ranked(setting) for query in queries], [query.labels for query in queries], depth=5)
    n_answers = np.array([len(query.labels) for query in queries], dtype=np.int64)
    return np.stack([r_precision_at(relevant, n_answers, k=k) for k in (1, 5)], axis=1)


def mention_measures(queries: Sequence[DevQuery], setting: Setting) -> NDArray[np.float64]:
    """Give accuracy at 1 and the reciprocal rank of each query.

    Args:
        queries: Mentions, each with a label.
        setting: How the stages are merged.

    Returns:
        float64 (n_queries, 2).
    """
    relevant = relevance([query.ranked(setting) for query in queries], [query.labels for query in queries], depth=32)
    return np.stack([relevant[:, 0].astype(np.float64), reciprocal_rank(relevant)], axis=1)


def _best(measures: dict[Setting, NDArray[np.float64]], keep: NDArray[np.bool_] | None = None) -> Setting:
    """The setting with the highest mean of both measures over the queries to keep; of equally good ones the least."""
    means = {setting: float((table if keep is None else table[keep]).mean()) for setting, table in measures.items()}
    return min(means, key=lambda setting: (-means[setting], setting))


def _cross_fitted(queries: Sequence[DevQuery], measures: dict[Setting, NDArray[np.float64]]) -> NDArray[np.float64]:
    """What each query gets by the setting that is best for the other folds: float64 (n_queries, 2)."""
    folds = _sentence_numbers(queries) % _FOLDS
    crossed = measures[Setting()].copy()
    for fold in range(_FOLDS):
        held = folds == fold
        if held.any() and not held.all():
            crossed[held] = measures[_best(measures, ~held)][held]
    return crossed


def choose(queries: Sequence[DevQuery], measures: dict[Setting, NDArray[np.float64]]) -> Setting:
    """Choose a setting.

    Args:
        queries: Sentences or mentions.
        measures: float64 (n_queries, 2) for each setting.

    Returns:
        The best on all; or the one that changes nothing, where choosing on some sentences does not help the others.
    """
    gain = _cross_fitted(queries, measures).sum() - measures[Setting()].sum()
    return _best(measures) if gain > 0 else Setting()


def _summary(
    queries: Sequence[DevQuery],
    measures: dict[Setting, NDArray[np.float64]],
    chosen: Setting,
    *,
    names: tuple[str, str],
) -> dict[str, dict[str, float]]:
    tables = {
        "first_stage": measures[Setting()],
        "reranked": measures[chosen],
        "best_reranked": measures[_best(measures)],
        "cross_fitted": _cross_fitted(queries, measures),
    }
    return {name: dict(zip(names, table.mean(axis=0).round(4).tolist(), strict=True)) for name, table in tables.items()}


def _sentence_numbers(queries: Sequence[DevQuery]) -> NDArray[np.int64]:
    numbers = {text: number for number, text in enumerate(dict.fromkeys(query.sentence for query in queries))}
    return np.array([numbers[query.sentence] for query in queries], dtype=np.int64)


def _calibrate(mentions: Sequence[DevQuery], setting: Setting) -> Calibration:
    queries = []
    for query in mentions:
        merged = query.merged(setting)
        order = np.argsort(-merged, kind="stable")[:_N_CALIBRATED]
        features = candidate_features(Scores(merged, np.zeros(len(merged), dtype=np.bool_)), order)
        right = [label_key(query.candidates[row].concept.label) in query.labels for row in order.tolist()]
        queries.append(CalibrationQuery(query.sentence, features, np.array(right, dtype=np.bool_), bool(query.labels)))
    return fit_calibration(queries)
