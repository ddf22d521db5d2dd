"""Job titles to occupations: runs of characters and the linker's encoder in one score, one calibrated probability."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from metier.artifacts import Artifact, read_artifact
from metier.domain import Candidate, Occupation
from metier.errors import ConfigError, TaxonomyMismatch
from metier.index.character_ngrams import CharacterIndex
from metier.linking.concepts import Encode, Floats, VectorParts, concept_vectors, read_occupations
from metier.linking.encoding import TextEncoder
from metier.linking.linker import Scores, candidate_probabilities, load_encoder
from metier.linking.top_rows import top_rows
from metier.text.job_titles import clean_title
from metier.text.stemming import light_stem

_SAME: Final = 0.999  # a character cosine from here on means: called just so, whatever its number and gender
_TITLES_PER_BLOCK: Final = 32  # bounds memory at 32 x n_occupations floats
_TITLES_PER_CALL: Final = 2048  # encoded at once: batches are full


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupationFusion:
    """How the stages are merged; a linker's training chooses the values on titles with their occupations."""

    alternatives: float = 2.0  # weight of the mean of an occupation's alternatives in its vector, beside its label
    characters: float = 0.5  # weight of the character cosine beside the encoder's
    length: float = 0.03  # taken off per natural logarithm of a label's length: common jobs have short names
    calibration: tuple[float, ...] = (2.664, 5.35, 0.17, 0.411, -4.577)  # on `candidate_features`, the constant last
    abstain_below: float = 0.1  # the probability under which `link` gives no occupation


class OccupationLinker:
    """Says which occupations of a taxonomy a job title may mean, or that it means none."""

    def __init__(
        self,
        encoder: TextEncoder,
        occupations: Sequence[Occupation],
        vectors: Floats,
        *,
        fusion: OccupationFusion,
        version: str,
        other_names: Sequence[Sequence[str]] = (),
        threads: int = 1,
        min_probability: float | None = None,
    ) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            encoder: Runs the network.
            occupations: What can be linked to.
            vectors: float32 (n_occupations, dim), by the same encoder; see `occupation_vectors`.
            fusion: How the stages are merged.
            version: What results are stamped with.
            other_names: What else each occupation is called, in other languages; only characters are compared with it.
            threads: Blocks of titles that are compared at the same time; changes nothing but the time.
            min_probability: `link` gives none below this probability, instead of the default; in [0, 1].

        Raises:
            ConfigError: If `min_probability` is no probability.
            TaxonomyMismatch: If the vectors are not of these occupations.
        """
        if len(occupations) != len(vectors):
            raise TaxonomyMismatch(
                f"The index has {len(vectors)} occupations, and {len(occupations)} were given; "
                "give the occupations of the taxonomy that the index was built from."
            )
        if min_probability is not None and not 0 <= min_probability <= 1:
            raise ConfigError(f"min_probability is {min_probability}, and a number from 0 to 1 was expected.")
        self.encoder = encoder
        self._occupations = occupations
        self._vectors = vectors
        others = other_names or [()] * len(occupations)
        self._characters = CharacterIndex(
            [(job.label, *job.alternatives, *names) for job, names in zip(occupations, others, strict=True)],
            form=light_stem,
        )
        lengths = np.array([len(job.label) for job in occupations], dtype=np.float32)
        self._burden = np.float32(fusion.length) * np.log(np.maximum(lengths, 1))  # (n_occupations,)
        self.fusion = fusion
        self._version = version
        self._threads = threads
        self.least_probability = fusion.abstain_below if min_probability is None else min_probability

    @classmethod
    def load(
        cls,
        name: str | Path = "linker",
        *,
        occupations: Sequence[Occupation],
        taxonomy: str | Path = "esco",
        other_names: Sequence[Sequence[str]] = (),
        encoder: TextEncoder | None = None,
        threads: int = 2,
        min_probability: float | None = None,
    ) -> Self:
        """Read a linker's encoder and the vectors of the occupations.

        Args:
            name: A shipped linker's name, or a folder.
            occupations: Those of the same taxonomy.
            taxonomy: The taxonomy folder, or a shipped one's name. Where it holds no vectors of occupations, they are
                made from the labels, which takes a minute for ESCO.
            other_names: What else each occupation is called, in other languages.
            encoder: That of the same linker, where it is loaded already.
            threads: Processors to use; changes nothing but the time.
            min_probability: `link` gives none below this probability, instead of the default.

        Returns:
            A linker ready to use.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind.
            TaxonomyMismatch: If the vectors are not of these occupations.
        """
        artifact = read_artifact(name, kind="linker")
        fusion = read_occupation_fusion(artifact)
        loaded = encoder or load_encoder(artifact, threads=threads)
        vectors = read_occupations(
            read_artifact(taxonomy, kind="taxonomy"), encoder_sha256=artifact.settings["encoder_sha256"]
        )
        if vectors is None:
            vectors = occupation_vectors(occupations, encode=loaded.encode, fusion=fusion)
        return cls(
            loaded,
            occupations,
            vectors,
            fusion=fusion,
            version=artifact.version,
            other_names=other_names,
            threads=threads,
            min_probability=min_probability,
        )

    @property
    def version(self) -> str:
        """Name and content hash of the linker whose encoder is used, such as `linker@1a2b3c4d`."""
        return self._version

    def rank(self, titles: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the occupations that each title may mean.

        Args:
            titles: As they came or clean; each is read on its own, and equal ones once.
            k: Candidates per title; fewer if the taxonomy is smaller.

        Returns:
            One list per title, by falling probability; ties keep taxonomy order. Empty for a title without a word.
        """
        clean = [clean_title(title).title for title in titles]
        different = [title for title in dict.fromkeys(clean) if title]
        if not self._occupations:
            return [[] for _ in titles]
        found = {"": list[Candidate]()}
        for start in range(0, len(different), _TITLES_PER_CALL):
            call = different[start : start + _TITLES_PER_CALL]
            found |= zip(call, self._ranked(call, k), strict=True)
        return [found[title] for title in clean]

    def link(self, titles: Sequence[str]) -> list[Candidate | None]:
        """Give the occupation that each title means.

        Args:
            titles: As they came or clean.

        Returns:
            One per title; None where no occupation is probable enough.
        """
        best = [candidates[:1] for candidates in self.rank(titles, k=1)]
        return [next((one for one in found if one.probability >= self.least_probability), None) for found in best]

    def scores(self, titles: Sequence[str]) -> list[Scores]:
        """Compare up to 32 clean titles with every occupation, the stages merged by their weights.

        Args:
            titles: Each with a word.

        Returns:
            One per title.
        """
        return self._merged(titles, self.encoder.encode(titles, dim=self._vectors.shape[1]))

    def character_cosines(self, titles: Sequence[str]) -> Floats:
        """Compare clean titles with everything that each occupation is called, by the runs in the words' light stems.

        Args:
            titles: Any number of them.

        Returns:
            float32 (n_titles, n_occupations), in [0, 1]: the cosine to the closest label.
        """
        return self._characters.cosines(titles)

    def _ranked(self, titles: Sequence[str], k: int) -> list[list[Candidate]]:
        vectors = self.encoder.encode(titles, dim=self._vectors.shape[1])

        def ranked(start: int) -> list[list[Candidate]]:
            block = slice(start, start + _TITLES_PER_BLOCK)
            return [self._candidates(scores, k) for scores in self._merged(titles[block], vectors[block])]

        with ThreadPoolExecutor(self._threads) as pool:
            blocks = pool.map(ranked, range(0, len(titles), _TITLES_PER_BLOCK))
            return [candidates for block in blocks for candidates in block]

    def _merged(self, titles: Sequence[str], vectors: Floats) -> list[Scores]:
        # Always as many rows: over another number of rows, sums may differ in their last bits.
        rows = np.zeros((_TITLES_PER_BLOCK, self._vectors.shape[1]), dtype=np.float32)
        rows[: len(titles)] = vectors
        dense = (rows @ self._vectors.T)[: len(titles)]
        characters = self.character_cosines(titles)
        return [
            Scores(cosines + np.float32(self.fusion.characters) * shared - self._burden, shared >= _SAME)
            for cosines, shared in zip(dense, characters, strict=True)
        ]

    def _candidates(self, scores: Scores, k: int) -> list[Candidate]:
        rows = top_rows(scores.merged, max(k, 2))  # the second best tells how sure the best is
        probabilities = candidate_probabilities(scores, rows, self.fusion.calibration).round(4)
        return [
            Candidate(self._occupations[row], probability)
            for row, probability in zip(rows.tolist()[:k], probabilities.tolist(), strict=False)
        ]


def occupation_vectors(occupations: Sequence[Occupation], *, encode: Encode, fusion: OccupationFusion) -> Floats:
    """Give each occupation one vector, from its label and the mean of its alternatives.

    Args:
        occupations: With a label each.
        encode: Texts to unit vectors.
        fusion: Says how much the alternatives weigh.

    Returns:
        float32 (n_occupations, dim), rows of unit length.
    """
    parts = VectorParts(alternatives=fusion.alternatives, description=0.0)
    return concept_vectors(occupations, [""] * len(occupations), encode=encode, parts=parts)


def read_occupation_fusion(linker: Artifact) -> OccupationFusion:
    """Read what a linker's training chose for occupations; the defaults where it had no titles to choose on."""
    settings: dict[str, Any] | None = linker.settings.get("occupations")
    if settings is None:
        return OccupationFusion()
    return OccupationFusion(**{**settings, "calibration": tuple(settings["calibration"])})
