"""The linker as it runs: lexical and bi-encoder stages in one score, one calibrated probability, abstention."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact, read_artifact
from metier.domain import Candidate, Link, Mention, Skill
from metier.errors import ConfigError
from metier.linking.concepts import ConceptIndex, read_index
from metier.linking.encoding import EncodedText, TextEncoder, attended_cosines
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces

Floats = NDArray[np.float32]

N_CANDIDATES: Final = 32  # what evaluation looks at
_SAME: Final = 0.999  # a lexical cosine from here on means: the same words


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How the stages are merged; the weights were chosen on dev."""

    temperature: float  # of a concept's attention over pieces
    mention_lexical: float  # weight of the lexical cosine beside the bi-encoder's, for a mention
    mention_sentence: float  # weight of the whole sentence's bi-encoder cosine, for a mention
    same_words: float  # added where a label has the mention's very words
    sentence_lexical: float  # as mention_lexical, for a whole sentence
    # logistic regression on (score, lead over the best other candidate, same words), constant last
    calibration: tuple[float, float, float, float]
    abstain_below: float  # the probability under which `link` gives no concept


@dataclass(frozen=True, slots=True)
class Scores:
    """One mention or sentence against every concept."""

    merged: Floats  # (n_concepts,)
    same_words: NDArray[np.bool_]  # (n_concepts,)


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
        """
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
            TaxonomyMismatch: If the index was not built with this linker's encoder.
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

        Args:
            texts: Sentences.
            mentions: The mentions of each text; their spans point into it.

        Returns:
            One list per text, one link per mention, with up to 32 candidates each.
        """
        filled = [i for i, found in enumerate(mentions) if found]
        encoded = dict(zip(filled, self.encoder.pieces([texts[i] for i in filled]), strict=True))
        links: list[list[Link]] = []
        for i, found in enumerate(mentions):
            links.append([self._link(encoded[i], mention) for mention in found])
        return links

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the skills that each whole text is about; see `metier.protocols.Linker`.

        Args:
            texts: Sentences.
            k: Candidates per text; fewer if the taxonomy is smaller.

        Returns:
            One list per text, by falling probability; ties keep taxonomy order.
        """
        encoded = self.encoder.pieces(texts)
        return [
            self._candidates(self.sentence_scores(text, pieces), k) for text, pieces in zip(texts, encoded, strict=True)
        ]

    def mention_scores(self, text: EncodedText, mention: Mention) -> Scores:
        """Score a mention against every concept.

        Args:
            text: The encoded sentence.
            mention: Its span points into the sentence.

        Returns:
            The merged scores and where the words are the same.
        """
        lexical = self.index.lexical.cosines(mention.text)
        same = lexical >= _SAME
        merged = self.fusion.mention_lexical * lexical + self.fusion.same_words * same
        if len(text.vectors):
            merged += self._attended(text.within(mention.span))
            if self.fusion.mention_sentence:
                merged += self.fusion.mention_sentence * self._attended(text.vectors)
        return Scores(merged, same)

    def sentence_scores(self, text: str, pieces: EncodedText) -> Scores:
        """Score a whole sentence against every concept.

        Args:
            text: The sentence.
            pieces: The same, encoded.

        Returns:
            The merged scores and where the words are the same.
        """
        lexical = self.index.lexical.cosines(text)
        merged = self.fusion.sentence_lexical * lexical
        if len(pieces.vectors):
            merged += self._attended(pieces.vectors)
        return Scores(merged, lexical >= _SAME)

    def _attended(self, pieces: Floats) -> Floats:
        return attended_cosines(pieces, self.index.vectors, self.fusion.temperature)

    def _link(self, text: EncodedText, mention: Mention) -> Link:
        candidates = tuple(self._candidates(self.mention_scores(text, mention), N_CANDIDATES))
        if not candidates:
            return Link(mention, None, 0.0)
        best = candidates[0]
        concept = best.concept if best.probability >= self._threshold else None
        return Link(mention, concept, best.probability, candidates)

    def _candidates(self, scores: Scores, k: int) -> list[Candidate]:
        rows = top_rows(scores.merged, k)
        probabilities = candidate_probabilities(scores, rows, self.fusion.calibration)
        return [
            Candidate(self._skills[row], round(float(probability), 4))
            for row, probability in zip(rows, probabilities, strict=True)
        ]


def top_rows(scores: Floats, k: int) -> NDArray[np.int64]:
    """Give the rows of the `k` highest scores, highest first; ties keep row order."""
    if k < len(scores):
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        rows = np.flatnonzero(scores >= least)
    else:
        rows = np.arange(len(scores))
    return rows[np.argsort(-scores[rows], kind="stable")][:k]


def candidate_features(scores: Scores, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What tells whether a candidate is right: its score, its lead over the best other one, same words.

    Args:
        scores: Against every concept.
        rows: The candidates, best first.

    Returns:
        float64 (n_candidates, 3).
    """
    merged = scores.merged[rows].astype(np.float64)
    rival = np.full(len(rows), merged[0] if len(rows) else 0.0)
    if len(rows):
        rival[0] = merged[1] if len(rows) > 1 else 0.0
    return np.stack([merged, merged - rival, scores.same_words[rows]], axis=1)


def candidate_probabilities(
    scores: Scores, rows: NDArray[np.int64], calibration: Sequence[float]
) -> NDArray[np.float64]:
    """Give the probability that each candidate is right (Platt, 1999), by falling score.

    Args:
        scores: Against every concept.
        rows: The candidates, best first.
        calibration: Three weights and the constant.

    Returns:
        float64 (n_candidates,), in [0, 1].
    """
    log_odds = candidate_features(scores, rows) @ np.array(calibration[:3]) + calibration[3]
    probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return probabilities


def load_encoder(artifact: Artifact, *, threads: int) -> TextEncoder:
    """Load the network of a linker folder."""
    return TextEncoder(
        TokenEncoder(artifact.path("encoder"), threads=threads), WordPieces(artifact.path("tokenizer.json"))
    )


def read_fusion(settings: dict[str, Any]) -> Fusion:
    """Read what `dataclasses.asdict(fusion)` wrote into JSON."""
    return Fusion(**{**settings, "calibration": tuple(settings["calibration"])})
