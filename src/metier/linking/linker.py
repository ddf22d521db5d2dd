"""The linker as it runs: lexical and bi-encoder stages in one score, one calibrated probability, abstention."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact, read_artifact, read_encoder
from metier.domain import Candidate, Link, Mention, Skill
from metier.errors import ConfigError, TaxonomyMismatch
from metier.linking.concepts import ConceptIndex, read_index
from metier.linking.encoding import TextEncoder, attended_cosines, encoder_in
from metier.linking.lexical import LexicalIndex, Matches
from metier.linking.top_rows import top_rows, tops

Floats = NDArray[np.float32]

N_CANDIDATES: Final = 32  # what evaluation looks at
_MENTIONS_PER_BLOCK: Final = 128  # bounds memory at 128 x n_concepts floats for each thread
_MENTIONS_PER_STEP: Final = 32  # products are over multiples of it; see `_cosines`
_MANY_CONCEPTS: Final = 4096
_MANY_MENTIONS: Final = 4096  # of a list: blocks of four times the size are compared a little faster
SAME_WORDS: Final = 0.999  # a lexical cosine from here on means: the same words


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
        threads: int = 1,
        min_precision: float | None = None,
        n_candidates: int = N_CANDIDATES,
    ) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            encoder: Runs the network.
            skills: What can be linked to.
            index: One row per skill.
            fusion: How the stages are merged.
            version: What results are stamped with.
            threads: Blocks of mentions that are compared at the same time; changes nothing but the time.
            min_precision: Abstain below this probability instead of the default; in [0, 1].
            n_candidates: Kept for each mention by `link`, at least one.

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
        self._threads = threads
        self._n_candidates = max(n_candidates, 1)
        self._threshold = fusion.abstain_below if min_precision is None else min_precision

    @classmethod
    def load(
        cls,
        name: str | Path,
        *,
        skills: Sequence[Skill],
        taxonomy: str | Path = "esco",
        names: Sequence[Sequence[str]] | None = None,
        threads: int = 2,
        min_precision: float | None = None,
        n_candidates: int = N_CANDIDATES,
    ) -> Self:
        """Read a linker and the index it searches.

        Args:
            name: A shipped model's name (`linker`), or a folder that `metier models export` wrote.
            skills: The skills of the same taxonomy.
            taxonomy: The taxonomy folder, or a shipped one's name.
            names: What each skill is called in the language of the texts, where it is not the taxonomy's own; words are
                then compared with these names and with the skills' labels.
            threads: Processors to use; changes nothing but the time.
            min_precision: Abstain below this probability instead of the default.
            n_candidates: Kept for each mention by `link`, at least one; few are found sooner than many.

        Returns:
            A linker ready to use.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind.
            TaxonomyMismatch: If the index was not built with this linker's encoder, or not from these skills.
        """
        artifact = read_artifact(name, kind="linker")
        index = read_index(read_artifact(taxonomy, kind="taxonomy"), encoder_sha256=artifact.settings["encoder_sha256"])
        if names is not None:
            called = [replace(skill, alternatives=tuple(also)) for skill, also in zip(skills, names, strict=True)]
            index = replace(index, lexical=LexicalIndex.build(called))
        return cls(
            load_encoder(artifact, threads=threads),
            skills,
            index,
            fusion=read_fusion(artifact.settings["fusion"]),
            version=artifact.version,
            threads=threads,
            min_precision=min_precision,
            n_candidates=n_candidates,
        )

    @property
    def version(self) -> str:
        """Name and content hash, such as `linker@1a2b3c4d`."""
        return self._version

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        """Link the mentions of each text; see `metier.protocols.Linker`.

        A mention is read by itself: on dev its sentence did not help (`docs/experiments.md`), and so equal mentions
        are looked up once, and always mean the same.

        Args:
            texts: Sentences.
            mentions: The mentions of each text; their spans point into it.

        Returns:
            One list per text, one link per mention, with up to 32 candidates each, or as many as are kept.
        """
        different = list(dict.fromkeys(mention.text for found in mentions for mention in found))
        candidates = dict(zip(different, self._of_mentions(different), strict=True))
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
        vectors = self._encode(mentions)
        size = self._block_size(len(mentions))
        for start in range(0, len(mentions), size):
            block = slice(start, start + size)
            for text, dense in zip(mentions[block], _cosines(vectors[block], self.index.vectors), strict=True):
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

    def _of_mentions(self, mentions: Sequence[str]) -> list[tuple[Candidate, ...]]:
        """What `mention_evidence` and `mention_scores` give, with less to look at: few concepts share a word.

        A thread reads a block and compares it, so that one computes while another does what only one can at a time.
        Mentions of like length are read together: the encoder's batches hold one length each.
        """
        order = sorted(range(len(mentions)), key=lambda row: -len(mentions[row]))
        size = self._block_size(len(mentions))
        blocks = [order[start : start + size] for start in range(0, len(order), size)]
        found: list[tuple[Candidate, ...]] = [()] * len(mentions)
        with ThreadPoolExecutor(self._threads) as pool:
            for rows, candidates in zip(
                blocks, pool.map(self._of_block, [[mentions[row] for row in rows] for rows in blocks]), strict=True
            ):
                for row, its in zip(rows, candidates, strict=True):
                    found[row] = its
        return found

    def _block_size(self, n_mentions: int) -> int:
        if len(self._skills) < _MANY_CONCEPTS:
            return _MENTIONS_PER_STEP
        return 4 * _MENTIONS_PER_BLOCK if n_mentions >= _MANY_MENTIONS else _MENTIONS_PER_BLOCK

    def _encode(self, mentions: Sequence[str]) -> Floats:
        return self.encoder.encode(mentions, dim=self.index.vectors.shape[1])

    def _of_block(self, mentions: Sequence[str]) -> list[tuple[Candidate, ...]]:
        # (block, n_concepts), of the bi-encoder alone so far
        merged = _cosines(self._encode(mentions), self.index.vectors)
        called_so = [
            _merge(row, matches, self.fusion)
            for row, matches in zip(merged, self.index.lexical.matches(mentions), strict=True)
        ]
        depth = max(self._n_candidates, 2)  # the second best tells how sure the best is
        orders, scores = tops(merged, min(depth, len(self._skills)))
        same = np.zeros(orders.shape, np.bool_)
        for i, rows in enumerate(called_so):
            if len(rows):
                same[i] = np.isin(orders[i], rows)
        probabilities = _probabilities(_features(scores, same), self.fusion.calibration).round(4)
        return [
            tuple(map(Candidate, map(self._skills.__getitem__, rows[: self._n_candidates]), found))
            for rows, found in zip(orders.tolist(), probabilities.tolist(), strict=True)
        ]

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
    same = evidence.lexical >= SAME_WORDS
    merged = evidence.dense + np.float32(fusion.mention_lexical) * evidence.lexical
    return Scores(merged + np.float32(fusion.same_words) * same, same)


def sentence_scores(evidence: Evidence, fusion: Fusion) -> Scores:
    """Merge what the stages say of a whole sentence, by weights."""
    merged = evidence.dense + np.float32(fusion.sentence_lexical) * evidence.lexical
    return Scores(merged, evidence.lexical >= SAME_WORDS)


def candidate_features(scores: Scores, order: NDArray[np.int64]) -> NDArray[np.float64]:
    """What tells whether a candidate is right: score, lead over the best other one, same words, being the best.

    Args:
        scores: Of a mention.
        order: The candidates' rows, best first.

    Returns:
        float64 (n_candidates, 4).
    """
    return _features(scores.merged[order], scores.same_words[order])


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
    return _probabilities(candidate_features(scores, order), calibration)


def _cosines(vectors: Floats, concepts: Floats) -> Floats:
    """Compare up to 512 vectors with all concepts: float32 (n_vectors, n_concepts).

    The product is always over a multiple of 32 rows, and over 32 for few concepts: in these shapes, and not in
    others, BLAS sums in one order, and the bits of a row do not depend on how many come with it.
    """
    rows = np.zeros((-(-len(vectors) // _MENTIONS_PER_STEP) * _MENTIONS_PER_STEP, vectors.shape[1]), dtype=np.float32)
    rows[: len(vectors)] = vectors
    cosines: Floats = (rows @ concepts.T)[: len(vectors)]
    return cosines


def _merge(dense: Floats, matches: Matches, fusion: Fusion) -> NDArray[np.int64]:
    """Do what `mention_scores` does, in place; give the rows of the concepts called just so."""
    same = matches.cosines >= SAME_WORDS
    merged = dense[matches.rows] + np.float32(fusion.mention_lexical) * matches.cosines
    dense[matches.rows] = merged + np.float32(fusion.same_words) * same
    return matches.rows[same]


def _features(merged: Floats, same_words: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`candidate_features` of one mention or of many: (..., n_candidates), best first, to (..., n_candidates, 4)."""
    scores = merged.astype(np.float64)
    n_candidates = scores.shape[-1]
    rival = np.zeros_like(scores)
    rival[..., 1:] = scores[..., :1]
    if n_candidates > 1:
        rival[..., 0] = scores[..., 1]
    best = np.broadcast_to(np.arange(n_candidates) == 0, scores.shape)
    return np.stack([scores, scores - rival, same_words, best], axis=-1)


def _probabilities(features: NDArray[np.float64], calibration: Sequence[float]) -> NDArray[np.float64]:
    """`candidate_probabilities` of features (..., n_candidates, 4); sums in one order, however many there are."""
    log_odds = np.full(features.shape[:-1], float(calibration[-1]))
    for number, weight in enumerate(calibration[:-1]):
        log_odds += weight * features[..., number]
    probabilities: NDArray[np.float64] = np.minimum.accumulate(1 / (1 + np.exp(-log_odds)), axis=-1)
    return probabilities


def load_encoder(artifact: Artifact, *, threads: int) -> TextEncoder:
    """Load the network of a linker folder, or the one that it shares."""
    return encoder_in(read_encoder(artifact), threads=threads)


def read_fusion(settings: dict[str, Any]) -> Fusion:
    """Read what `dataclasses.asdict(fusion)` wrote into JSON."""
    return Fusion(**{**settings, "calibration": tuple(settings["calibration"])})
