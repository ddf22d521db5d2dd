"""What the linker's stages weigh, chosen on dev: parts of a concept's vector, merging, calibration, abstention."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.data.linking_rows import LinkingRow, group_mentions, group_sentences
from metier.linking.concepts import ConceptIndex, VectorParts, concept_vectors
from metier.linking.encoding import TextEncoder
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import (
    ConceptLinker,
    Evidence,
    Fusion,
    Scores,
    candidate_features,
    mention_scores,
    sentence_scores,
)
from metier.linking.top_rows import top_rows
from metier.measures.calibration import expected_calibration_error
from metier.measures.ranking import r_precision_at, reciprocal_rank, relevance
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.link_calibration import Calibration, CalibrationQuery, fit_calibration

Floats = NDArray[np.float32]

_N_CALIBRATED: Final = 10  # candidates per mention that the calibration learns from


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was chosen, and what it gave on dev."""

    fusion: Fusion
    parts: VectorParts
    measures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Dev:
    """The dev sentences and mentions, the sentences encoded once, with the rows of their right skills."""

    sentences: list[tuple[str, Floats, list[int]]]
    mentions: list[tuple[str, str, list[int]]]  # sentence, mention; no rows: not in the taxonomy


def fit_fusion(encoder: TextEncoder, taxonomy: Taxonomy, rows: Sequence[LinkingRow], *, temperature: float) -> Fitted:
    """Choose every weight by grid search on dev, one group after the other, then calibrate.

    Args:
        encoder: The trained bi-encoder as it will run.
        taxonomy: With descriptions.
        rows: The dev rows.
        temperature: Of the attention, as trained.

    Returns:
        The choice, and its measures on dev: `sentence_rp@5`, `mention_mrr`, calibration errors (before:
        a plain logistic of the score; after; and cross-fitted by sentence), and what abstention costs.
    """
    dev = _encode_dev(encoder, taxonomy, rows)
    lexical = LexicalIndex.build(taxonomy.skills)
    plain = Fusion(
        temperature=temperature,
        mention_lexical=0.0,
        same_words=0.0,
        sentence_lexical=0.0,
        calibration=(1.0, 0.0, 0.0, 0.0, 0.0),
        abstain_below=0.0,
    )

    by_parts = {
        parts: _evidence(encoder, taxonomy, ConceptIndex(vectors, lexical), dev, plain)
        for parts, vectors in _all_vectors(encoder, taxonomy)
    }
    parts = max(by_parts, key=lambda parts: by_parts[parts].sentence_rp5(plain) + by_parts[parts].mention_mrr(plain))
    evidence = by_parts[parts]
    fusion = max(
        (replace(plain, sentence_lexical=weight) for weight in np.arange(0, 2.01, 0.2).round(1).tolist()),
        key=evidence.sentence_rp5,
    )
    grid = product(np.arange(0, 0.81, 0.1).round(1).tolist(), np.arange(0, 0.61, 0.1).round(1).tolist())
    fusion = max(
        (replace(fusion, mention_lexical=of_words, same_words=same) for of_words, same in grid),
        key=evidence.mention_mrr,
    )
    calibration = _calibrate(evidence, dev, fusion)
    measures = {
        "sentence_rp@5": evidence.sentence_rp5(fusion),
        "mention_mrr": evidence.mention_mrr(fusion),
        "bi_encoder_alone": {
            "sentence_rp@5": evidence.sentence_rp5(plain),
            "mention_mrr": evidence.mention_mrr(plain),
        },
        "calibration": calibration.measures,
    }
    return Fitted(
        replace(fusion, calibration=calibration.weights, abstain_below=calibration.abstain_below), parts, measures
    )


@dataclass(frozen=True, slots=True)
class _DevEvidence:
    """What the stages say of every dev sentence and mention, so that weights are tried without encoding again."""

    sentences: list[tuple[Evidence, list[int]]]
    mentions: list[tuple[Evidence, list[int]]]

    def sentence_rp5(self, fusion: Fusion) -> float:
        ranked = [_ranked(sentence_scores(evidence, fusion), 5) for evidence, _ in self.sentences]
        answers = [rows for _, rows in self.sentences]
        relevant = relevance(ranked, answers, depth=5)
        return float(r_precision_at(relevant, np.array([len(set(rows)) for rows in answers]), k=5).mean())

    def mention_mrr(self, fusion: Fusion) -> float:
        linkable = [(evidence, rows) for evidence, rows in self.mentions if rows]
        ranked = [_ranked(mention_scores(evidence, fusion), 32) for evidence, _ in linkable]
        return float(reciprocal_rank(relevance(ranked, [rows for _, rows in linkable], depth=32)).mean())


def _evidence(encoder: TextEncoder, taxonomy: Taxonomy, index: ConceptIndex, dev: _Dev, plain: Fusion) -> _DevEvidence:
    linker = ConceptLinker(encoder, taxonomy.skills, index, fusion=plain, version="training")
    found = linker.mention_evidence([mention for _, mention, _ in dev.mentions])
    return _DevEvidence(
        [(linker.sentence_evidence(text, pieces), rows) for text, pieces, rows in dev.sentences],
        list(zip(found, (rows for *_, rows in dev.mentions), strict=True)),
    )


def _encode_dev(encoder: TextEncoder, taxonomy: Taxonomy, rows: Sequence[LinkingRow]) -> _Dev:
    number = {skill.label.lower(): row for row, skill in reversed(list(enumerate(taxonomy.skills)))}

    def known(labels: Sequence[str]) -> list[int]:
        return [number[label.lower()] for label in labels if label.lower() in number]

    sentences = [sentence for sentence in group_sentences(rows) if known(sentence.labels)]
    mentions = group_mentions([replace(row, outer=row.span) for row in rows])  # parts of a span count alone
    encoded = encoder.pieces([sentence.text for sentence in sentences])
    return _Dev(
        [(found.text, pieces, known(found.labels)) for found, pieces in zip(sentences, encoded, strict=True)],
        [
            (found.sentence, found.sentence[found.span.start : found.span.end], known(found.labels))
            for found in mentions
        ],
    )


def _all_vectors(encoder: TextEncoder, taxonomy: Taxonomy) -> Iterator[tuple[VectorParts, Floats]]:
    """Concept vectors for each choice of parts; every text is encoded once."""
    seen: dict[str, Floats] = {}

    def encode(texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in seen]
        seen.update(zip(new, encoder.encode(new), strict=True))
        return np.stack([seen[text] for text in texts])

    descriptions = [taxonomy.description(skill) for skill in taxonomy.skills]
    for alternatives, description in product((0.0, 0.5, 1.0, 2.0), (0.0, 0.25, 0.5)):
        parts = VectorParts(alternatives=alternatives, description=description)
        yield parts, concept_vectors(taxonomy.skills, descriptions, encode=encode, parts=parts)


def _ranked(scores: Scores, k: int) -> list[int]:
    rows: list[int] = top_rows(scores.merged, k).tolist()
    return rows


def _calibrate(evidence: _DevEvidence, dev: _Dev, fusion: Fusion) -> Calibration:
    queries, plain = [], []
    for (found, rows), (sentence, *_) in zip(evidence.mentions, dev.mentions, strict=True):
        scores = mention_scores(found, fusion)
        order = top_rows(scores.merged, _N_CALIBRATED)
        features = candidate_features(scores, order)
        right = np.array([row in rows for row in order.tolist()], dtype=np.bool_)
        queries.append(CalibrationQuery(sentence, features, right, bool(rows)))
        plain.append(1 / (1 + np.exp(-features[0, 0])))
    calibration = fit_calibration(queries)
    before = expected_calibration_error(plain, [bool(query.right[0]) for query in queries])
    return replace(calibration, measures={"ece_before": before, **calibration.measures})
