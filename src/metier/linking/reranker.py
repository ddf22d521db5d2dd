"""A linker that reads the best candidates of another one again, each together with the text, and re-ranks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from metier.artifacts import read_artifact
from metier.domain import Candidate, Link, Mention
from metier.errors import ConfigError
from metier.linking.cross_encoder import KIND, CrossEncoder, Floats, load_cross_encoder
from metier.linking.linker import Scores, candidate_probabilities
from metier.protocols import Linker

_LEAST: Final = 1e-4  # the first stage rounds its probabilities to four digits


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankingFusion:
    """How the stages are merged; chosen on dev."""

    mention_depth: int  # how many of a mention's candidates are read again
    sentence_depth: int  # as mention_depth, for a whole sentence
    mention_weight: (
        float  # of the log share that the cross-encoder gives a candidate, beside the first stage's log-odds
    )
    sentence_weight: float  # as mention_weight, for a whole sentence
    calibration: tuple[float, ...]  # logistic regression on `linker.candidate_features`, the constant last
    abstain_below: float  # the probability under which `link` gives no concept


class RerankingLinker:
    """Links as another linker does, and re-ranks its best candidates."""

    def __init__(
        self,
        first: Linker,
        cross_encoder: CrossEncoder,
        *,
        fusion: RerankingFusion,
        version: str,
        min_precision: float | None = None,
    ) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            first: Finds the candidates.
            cross_encoder: Reads each of them together with the text.
            fusion: How the two are merged.
            version: Of the re-ranker; results are stamped with both.
            min_precision: Abstain below this probability instead of the default; in [0, 1].

        Raises:
            ConfigError: If `min_precision` is no probability.
        """
        if min_precision is not None and not 0 <= min_precision <= 1:
            raise ConfigError(f"min_precision is {min_precision}, and a number from 0 to 1 was expected.")
        self._first = first
        self._cross_encoder = cross_encoder
        self.fusion = fusion
        self._version = version
        self._threshold = fusion.abstain_below if min_precision is None else min_precision

    @classmethod
    def load(cls, folder: str | Path, *, first: Linker, threads: int = 2, min_precision: float | None = None) -> Self:
        """Read a re-ranker.

        Args:
            folder: What `metier models export` wrote of a trained re-ranker.
            first: Finds the candidates.
            threads: Processors to use; changes nothing but the time.
            min_precision: Abstain below this probability instead of the default.

        Returns:
            A linker ready to use.

        Raises:
            ModelError: If the folder is missing, damaged or of another kind.
        """
        artifact = read_artifact(folder, kind=KIND)
        return cls(
            first,
            load_cross_encoder(artifact, threads=threads),
            fusion=read_reranking(artifact.settings["fusion"]),
            version=artifact.version,
            min_precision=min_precision,
        )

    @property
    def version(self) -> str:
        """Both stages' names and hashes, such as `linker@1a2b3c4d+reranker@5e6f7a8b`."""
        return f"{self._first.version}+{self._version}"

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        """Link the mentions of each text; see `metier.protocols.Linker`.

        A mention is read by itself, as the first stage reads it.

        Args:
            texts: Sentences.
            mentions: The mentions of each text; their spans point into it.

        Returns:
            One list per text, one link per mention, with the first stage's candidates each.
        """
        fusion = self.fusion
        links = self._first.link(texts, mentions)
        queries = [(link.mention.text, link.candidates) for found in links for link in found]
        different = list(dict.fromkeys(queries))
        read = dict(zip(different, self._rerank(different, fusion.mention_depth, fusion.mention_weight), strict=True))
        return [
            [self._link(link.mention, read[link.mention.text, link.candidates]) for link in found] for found in links
        ]

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the concepts that each whole text is about; see `metier.protocols.Linker`.

        Args:
            texts: Sentences.
            k: Candidates per text; fewer if the taxonomy is smaller.

        Returns:
            One list per text, by falling probability; ties keep the first stage's order.
        """
        fusion = self.fusion
        found = self._first.rank(texts, k=max(k, fusion.sentence_depth))
        queries = [(text, tuple(candidates)) for text, candidates in zip(texts, found, strict=True)]
        read = self._rerank(queries, fusion.sentence_depth, fusion.sentence_weight)
        return [list(candidates[:k]) for candidates in read]

    def _rerank(
        self, queries: Sequence[tuple[str, tuple[Candidate, ...]]], depth: int, weight: float
    ) -> list[tuple[Candidate, ...]]:
        concepts = [[candidate.concept for candidate in candidates[:depth]] for _, candidates in queries]
        if weight:
            crossed = self._cross_encoder.scores([text for text, _ in queries], concepts)
        else:  # it would be read for nothing
            crossed = [np.zeros(len(found), dtype=np.float32) for found in concepts]
        return [
            self._merge(candidates[:depth], candidates[depth:], merged_scores(candidates, scores, weight))
            for (_, candidates), scores in zip(queries, crossed, strict=True)
        ]

    def _merge(self, best: tuple[Candidate, ...], rest: tuple[Candidate, ...], merged: Floats) -> tuple[Candidate, ...]:
        """Order the best anew; none of the rest is more probable than the last of them."""
        if not best:
            return ()
        order = np.argsort(-merged, kind="stable")
        scores = Scores(merged, np.zeros(len(merged), dtype=np.bool_))
        probabilities = candidate_probabilities(scores, order, self.fusion.calibration).round(4).tolist()
        read = [
            Candidate(best[row].concept, probability)
            for row, probability in zip(order.tolist(), probabilities, strict=True)
        ]
        least = probabilities[-1]
        return (*read, *(Candidate(other.concept, min(other.probability, least)) for other in rest))

    def _link(self, mention: Mention, candidates: tuple[Candidate, ...]) -> Link:
        if not candidates:
            return Link(mention, None, 0.0)
        best = candidates[0]
        concept = best.concept if best.probability >= self._threshold else None
        return Link(mention, concept, best.probability, candidates)


def merged_scores(candidates: Sequence[Candidate], crossed: Floats, weight: float) -> Floats:
    """Merge what the two stages say: log-odds of the first, plus the weight times the second's log softmax.

    Args:
        candidates: Of one text, as the first stage gives them.
        crossed: float32 (n_read,), the cross-encoder's scores of the first `n_read` of them.
        weight: At least 0.

    Returns:
        float32 (n_read,), higher is better.
    """
    probability = np.array([candidate.probability for candidate in candidates[: len(crossed)]], dtype=np.float64)
    clipped = probability.clip(_LEAST, 1 - _LEAST)
    wide = crossed.astype(np.float64)
    shares = wide - np.logaddexp.reduce(wide) if len(wide) else wide
    merged: Floats = (np.log(clipped / (1 - clipped)) + weight * shares).astype(np.float32)
    return merged


def read_reranking(settings: dict[str, Any]) -> RerankingFusion:
    """Read what `dataclasses.asdict(fusion)` wrote into JSON."""
    return RerankingFusion(**{**settings, "calibration": tuple(settings["calibration"])})
