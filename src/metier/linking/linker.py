"""The linker as it runs: lexical and bi-encoder stages in one score, one calibrated probability, abstention."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact, read_artifact
from metier.domain import Candidate, Link, Mention, Skill
from metier.errors import ConfigError, TaxonomyMismatch
from metier.linking.concepts import ConceptIndex, read_index
from metier.linking.encoding import TextEncoder, attended_cosines
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces

Floats = NDArray[np.float32]

N_CANDIDATES: Final = 32  # what evaluation looks at
_MENTIONS_PER_BLOCK: Final = 32  # bounds memory at 32 x n_concepts floats
_ROWS_PER_BLOCK: Final = 32  # of which the highest score is looked at first: finding the top takes a fifth of the time
_SAME: Final = 0.999  # a lexical cosine from here on means: the same words


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How the stages are merged; the weights were chosen on dev."""

    temperature: float  # of a concept's attention over the pieces of a sentence
    mention_lexical: float  # weight of the lexical cosine beside the bi-encoder's, for a mention
    same_words: float  # added where a label has the mention's very words
    sentence_lexical: float  # as mention_lexical, for a whole sentence
    calibration: tuple[float, ...]  # logistic regression on `candidate_features`, the constant last
    abstain_below: float  # the probability under which `link` gives no concept


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each stage says of one mention or sentence and every concept: float32 (n_concepts,) each."""

    lexical: Floats
    dense: Floats  # the bi-encoder


@dataclass(frozen=True, slots=True)
class Scores:
    """One mention or sentence against every concept, the stages merged: (n_concepts,) each."""

    merged: Floats
    same_words: NDArray[np.bool_]


class ConceptLinker:
    """Links mentions to the skills of a taxonomy, or to none."""

    def __init__(
        self,
        encoder: TextEncoder,
        skills: Sequence[Skill],
        index: ConceptIndex,
        *,
        fusion: Fusion,
        version: str,
        min_precision: float | None = None,
    ) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            encoder: Runs the network.
            skills: What can be linked to.
            index: One row per skill.
            fusion: How the stages are merged.
            version: What results are stamped with.
            min_precision: Abstain below this probability instead of the default; in [0, 1].

        Raises:
            ConfigError: If `min_precision` is no probability.
            TaxonomyMismatch: If the index is not of these skills.
        """
        if len(skills) != len(index.vectors):
            raise TaxonomyMismatch(
                f"The index has {len(index.vectors)} skills, and {len(skills)} were given; "
                "give the skills of the taxonomy that the index was built from."
            )
        if min_precision is not None and not 0 <= min_precision <= 1:
            raise ConfigError(f"min_precision is {min_precision}, and a number from 0 to 1 was expected.")
        self.encoder = encoder
        self.index = index
        self.fusion = fusion
        self._skills = skills
        self._version = version
        self._threshold = fusion.abstain_below if min_precision is None else min_precision

    @classmethod
    def load(
        cls,
        name: str | Path,
        *,
        skills: Sequence[Skill],
        taxonomy: str | Path = "esco",
        threads: int = 2,
        min_precision: float | None = None,
    ) -> Self:
        """Read a linker and the index it searches.

        Args:
            name: A shipped model's name (`linker-en`), or a folder that `metier models export` wrote.
            skills: The skills of the same taxonomy.
            taxonomy: The taxonomy folder, or a shipped one's name.
            threads: Processors to use; changes nothing but the time.
            min_precision: Abstain below this probability instead of the default.

        Returns:
            A linker ready to use.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind.
            TaxonomyMismatch: If the index was not built with this linker's encoder, or not from these skills.
        """
        artifact = read_artifact(name, kind="linker")
        index = read_index(read_artifact(taxonomy, kind="taxonomy"), encoder_sha256=artifact.settings["encoder_sha256"])
        return cls(
            load_encoder(artifact, threads=threads),
            skills,
            index,
            fusion=read_fusion(artifact.settings["fusion"]),
            version=artifact.version,
            min_precision=min_precision,
        )

    @property
    def version(self) -> str:
        """Name and content hash, such as `linker-en@1a2b3c4d`."""
        return self._version

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        """Link the mentions of each text; see `metier.protocols.Linker`.

        A mention is read by itself: on dev its sentence did not help (`docs/experiments.md`), and so equal mentions
        are looked up once, and always mean the same.

        Args:
            texts: Sentences.
            mentions: The mentions of each text; their spans point into it.

        Returns:
            One list per text, one link per mention, with up to 32 candidates each.
        """
        different = list(dict.fromkeys(mention.text for found in mentions for mention in found))
        candidates = {
            text: tuple(self._candidates(mention_scores(evidence, self.fusion), N_CANDIDATES))
            for text, evidence in zip(different, self.mention_evidence(different), strict=True)
        }
        return [[self._link(mention, candidates[mention.text]) for mention in found] for found in mentions]

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the skills that each whole text is about; see `metier.protocols.Linker`.

        Args:
            texts: Sentences.
            k: Candidates per text; fewer if the taxonomy is smaller.

        Returns:
            One list per text, by falling probability; ties keep taxonomy order.
        """
        encoded = self.encoder.pieces(texts)
        evidence = map(self.sentence_evidence, texts, encoded)
        return [self._candidates(sentence_scores(found, self.fusion), k) for found in evidence]

    def mention_evidence(self, mentions: Sequence[str]) -> Iterator[Evidence]:
        """Compare mentions with every concept, by their mean vectors and by their words.

        Args:
            mentions: Their texts.

        Yields:
            What each stage says, mention by mention, in order.
        """
        every = self.encoder.encode(mentions, dim=self.index.vectors.shape[1])
        for start in range(0, len(mentions), _MENTIONS_PER_BLOCK):
            block = mentions[start : start + _MENTIONS_PER_BLOCK]
            # Always as many rows: over another number of rows, sums may differ in their last bits.
            rows = np.zeros((_MENTIONS_PER_BLOCK, every.shape[1]), dtype=np.float32)
            rows[: len(block)] = every[start : start + len(block)]
            cosines = rows @ self.index.vectors.T
            for text, dense in zip(block, cosines, strict=False):
                yield Evidence(self.index.lexical.cosines(text), dense)

    def sentence_evidence(self, text: str, pieces: Floats) -> Evidence:
        """Compare a whole sentence with every concept, each by its own attention over the pieces.

        Args:
            text: The sentence.
            pieces: The same, encoded: float32 (n_pieces, dim).

        Returns:
            What each stage says.
        """
        lexical = self.index.lexical.cosines(text)
        if not len(pieces):
            return Evidence(lexical, np.zeros_like(lexical))
        return Evidence(lexical, attended_cosines(pieces, self.index.vectors, self.fusion.temperature))

    def _link(self, mention: Mention, candidates: tuple[Candidate, ...]) -> Link:
        if not candidates:
            return Link(mention, None, 0.0)
        best = candidates[0]
        concept = best.concept if best.probability >= self._threshold else None
        return Link(mention, concept, best.probability, candidates)

    def _candidates(self, scores: Scores, k: int) -> list[Candidate]:
        rows = top_rows(scores.merged, k)
        probabilities = candidate_probabilities(scores, rows, self.fusion.calibration).round(4)
        return [
            Candidate(self._skills[row], probability)
            for row, probability in zip(rows.tolist(), probabilities.tolist(), strict=True)
        ]


def mention_scores(evidence: Evidence, fusion: Fusion) -> Scores:
    """Merge what the stages say of a mention, by weights."""
    same = evidence.lexical >= _SAME
    merged = evidence.dense + np.float32(fusion.mention_lexical) * evidence.lexical
    return Scores(merged + np.float32(fusion.same_words) * same, same)


def sentence_scores(evidence: Evidence, fusion: Fusion) -> Scores:
    """Merge what the stages say of a whole sentence, by weights."""
    merged = evidence.dense + np.float32(fusion.sentence_lexical) * evidence.lexical
    return Scores(merged, evidence.lexical >= _SAME)


def top_rows(scores: Floats, k: int) -> NDArray[np.int64]:
    """Give the rows of the `k` highest scores, highest first; ties keep row order."""
    n_blocks = len(scores) // _ROWS_PER_BLOCK
    if 0 < k <= n_blocks:
        best = scores[: n_blocks * _ROWS_PER_BLOCK].reshape(n_blocks, _ROWS_PER_BLOCK).max(axis=1)
        least = np.partition(best, n_blocks - k)[n_blocks - k]  # k blocks hold a score as high: all k highest are
        rows = np.flatnonzero(scores >= least)
    else:
        rows = np.arange(len(scores))
    return rows[np.argsort(-scores[rows], kind="stable")][:k]


def candidate_features(scores: Scores, order: NDArray[np.int64]) -> NDArray[np.float64]:
    """What tells whether a candidate is right: score, lead over the best other one, same words, being the best.

    Args:
        scores: Of a mention.
        order: The candidates' rows, best first.

    Returns:
        float64 (n_candidates, 4).
    """
    merged = scores.merged[order].astype(np.float64)
    rival = np.full(len(order), merged[0] if len(order) else 0.0)
    if len(order):
        rival[0] = merged[1] if len(order) > 1 else 0.0
    best = np.arange(len(order)) == 0
    return np.stack([merged, merged - rival, scores.same_words[order], best], axis=1)


def candidate_probabilities(
    scores: Scores, order: NDArray[np.int64], calibration: Sequence[float]
) -> NDArray[np.float64]:
    """Give the probability that each candidate is right (Platt, 1999).

    None is more probable than one with a better score, whatever the calibration learnt: the score ranks.

    Args:
        scores: Of a mention.
        order: The candidates' rows, best first.
        calibration: A weight for each feature, and the constant.

    Returns:
        float64 (n_candidates,), in [0, 1], falling.
    """
    log_odds = candidate_features(scores, order) @ np.array(calibration[:-1]) + calibration[-1]
    probabilities: NDArray[np.float64] = np.minimum.accumulate(1 / (1 + np.exp(-log_odds)))
    return probabilities


def load_encoder(artifact: Artifact, *, threads: int) -> TextEncoder:
    """Load the network of a linker folder."""
    return TextEncoder(
        TokenEncoder(artifact.path("encoder"), threads=threads), WordPieces(artifact.path("tokenizer.json"))
    )


def read_fusion(settings: dict[str, Any]) -> Fusion:
    """Read what `dataclasses.asdict(fusion)` wrote into JSON."""
    return Fusion(**{**settings, "calibration": tuple(settings["calibration"])})
