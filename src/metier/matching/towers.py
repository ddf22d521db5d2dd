"""The section-aware two-tower retriever (Malt, RecSysHR 2024): people and projects in one space, and short queries too.

A frozen backbone reads each section by itself; the head of a tower looks at all of them and gives one vector. The
towers have one architecture and weights of their own. Equations are those of the paper as repaired in `head`.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact, read_artifact, read_encoder, shipped_names, write_artifact
from metier.data.documents import section_texts
from metier.domain import PROFILE_SECTIONS, PROJECT_SECTIONS, Profile, Project
from metier.errors import DamagedModel, ModelError
from metier.matching.head import Head, HeadShape, join_tokens
from metier.matching.token_cache import TokenCache
from metier.matching.token_vectors import ENCODER_FILES, TokenBackbone
from metier.protocols import Floats

KIND: Final = "retriever"
HEADS_FILE: Final = "heads.npz"
QUERY_SECTION: Final = "query"
_DOCUMENTS_PER_BLOCK: Final = 128  # read at once: enough texts of each length to fill the backbone's batches
_DOCUMENTS_PER_PRODUCT: Final = 32  # about 3,000 tokens: what a layer makes of them stays near the cache

Side = Literal["profiles", "projects", "queries"]


@dataclass(frozen=True, slots=True)
class Tower:
    """One side: the sections that it reads, with the pieces of each at most, and its head."""

    limits: Mapping[str, int]  # name of section -> pieces, start and end included; in reading order
    head: Head


class Towers:
    """Encodes profiles, projects and queries; see `metier.protocols.DocumentEncoder`."""

    def __init__(
        self,
        *,
        version: str,
        backbone: TokenBackbone,
        towers: Mapping[Side, Tower],
        training: Mapping[str, Any],
        cache: Path | None = None,
    ) -> None:
        """Put the parts together; `load` does it from folders.

        Args:
            version: Name and content hash, such as `retriever@1a2b3c4d`.
            backbone: Reads the sections.
            towers: Of profiles and projects, and of queries where it was trained.
            training: What trained them, kept with the model.
            cache: A folder where token vectors are kept; None: every text is read anew.
        """
        self.version = version
        self.dim = backbone.dim
        self._backbone = backbone
        self._towers = dict(towers)
        self._training = dict(training)
        self._cache = None if cache is None else TokenCache(cache, backbone)

    @property
    def reads_queries(self) -> bool:
        """Whether there is a tower of short queries."""
        return "queries" in self._towers

    def encode_profiles(self, profiles: Sequence[Profile]) -> Floats:
        """Give one vector per profile.

        Args:
            profiles: Any; sections may be missing or empty.

        Returns:
            float32 (n_profiles, dim), rows of unit length, in order; zeros for a profile without a word.
        """
        return self._encode("profiles", [section_texts(profile) for profile in profiles])

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give one vector per project.

        Args:
            projects: Any; sections may be missing or empty.

        Returns:
            float32 (n_projects, dim), rows of unit length, in order; zeros for a project without a word.
        """
        return self._encode("projects", [section_texts(project) for project in projects])

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Give one vector per short query, to compare with those of profiles.

        Args:
            texts: Such as "senior react developer, Lyon".

        Returns:
            float32 (n_texts, dim), rows of unit length, in order; zeros for a text without a word.

        Raises:
            ModelError: If the model has no tower of queries.
        """
        if not self.reads_queries:
            raise ModelError(
                f"{self.version} has no tower of queries; train it with `queries = true`, or give a project."
            )
        return self._encode("queries", [{QUERY_SECTION: text} for text in texts])

    def _encode(self, side: Side, documents: Sequence[Mapping[str, str]]) -> Floats:
        tower = self._towers[side]
        vectors = np.zeros((len(documents), self.dim), dtype=np.float32)
        worded = [row for row, sections in enumerate(documents) if _has_word(sections[name] for name in tower.limits)]
        for start in range(0, len(worded), _DOCUMENTS_PER_BLOCK):
            rows = worded[start : start + _DOCUMENTS_PER_BLOCK]
            read = self._read(tower.limits, [documents[row] for row in rows])
            for first in range(0, len(rows), _DOCUMENTS_PER_PRODUCT):
                part = slice(first, first + _DOCUMENTS_PER_PRODUCT)
                vectors[rows[part]] = tower.head.encode(*join_tokens(read[part]))
        return vectors

    def _read(self, limits: Mapping[str, int], documents: Sequence[Mapping[str, str]]) -> list[list[Floats]]:
        """Give the token vectors of each section of each document; one call to the backbone per limit."""
        found: list[dict[str, Floats]] = [{} for _ in documents]
        for limit in sorted(set(limits.values())):
            places = [(row, name) for row in range(len(documents)) for name in limits if limits[name] == limit]
            texts = [documents[row][name] for row, name in places]
            read: Sequence[NDArray[Any]] = (
                self._backbone.encode(texts, limit=limit)
                if self._cache is None
                else self._cache.vectors(texts, limit=limit)
            )
            for (row, name), vectors in zip(places, read, strict=True):
                found[row][name] = vectors.astype(np.float32, copy=False)
        return [[sections[name] for name in limits] for sections in found]

    def save(self, folder: Path, *, notes: Mapping[str, bytes] | None = None) -> None:
        """Write the model folder; a backbone that is not shipped goes into it.

        Args:
            folder: Where it goes; a model of this kind already there is replaced.
            notes: File name -> content, such as `record.json`.

        Raises:
            ModelError: If `folder` is no model folder of this kind, or cannot be written.
        """
        arrays = {
            f"{side}/{name}": array.astype(np.float16)
            for side, tower in self._towers.items()
            for name, array in tower.head.arrays.items()
        }
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        files = {HEADS_FILE: stream.getvalue(), **(notes or {})}
        settings: dict[str, Any] = {
            "towers": {
                side: {"limits": dict(tower.limits), "head": asdict(tower.head.shape)}
                for side, tower in self._towers.items()
            },
            "training": self._training,
        }
        source = self._backbone.source
        settings["encoder_sha256"] = source.settings.get("encoder_sha256")
        if source.kind == "encoder" and source.name in shipped_names():
            settings["encoder"] = source.name
        else:
            files |= {name: source.path(name).read_bytes() for name in ENCODER_FILES}
        write_artifact(folder, kind=KIND, settings=settings, files=files)

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 1, cache: Path | None = None) -> Self:
        """Read a model folder of the kind `retriever`, and the shipped encoder that it names.

        Args:
            name: A shipped model's name, or a folder.
            threads: Processors to use for the backbone.
            cache: A folder where token vectors are kept, in float16; models of one backbone may share it.

        Returns:
            The model.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind, or the encoder is not the one it was
                trained on.
        """
        artifact = read_artifact(name, kind=KIND)
        arrays = _read_arrays(artifact)
        towers: dict[Side, Tower] = {}
        for side, described in artifact.settings["towers"].items():
            own = {key.removeprefix(f"{side}/"): array for key, array in arrays.items() if key.startswith(f"{side}/")}
            towers[side] = Tower(described["limits"], Head(HeadShape(**described["head"]), own))
        return cls(
            version=artifact.version,
            backbone=TokenBackbone(read_encoder(artifact), threads=threads),
            towers=towers,
            training=artifact.settings["training"],
            cache=cache,
        )


def reading_limits(pieces: Mapping[str, int], *, category_text: bool = True) -> dict[Side, dict[str, int]]:
    """Say which sections each side reads, and how much of each.

    Args:
        pieces: Name of section -> pieces at most; `title` holds for the mission, `skills` for bonus skills, and
            `category` for the family.
        category_text: Whether to read the category and the family.

    Returns:
        For each side: name of section -> pieces, in reading order.
    """
    like = {"mission": "title", "bonus_skills": "skills", "family": "category"}
    left_out = set() if category_text else {"family", "category"}
    both: dict[Side, tuple[str, ...]] = {"profiles": PROFILE_SECTIONS, "projects": PROJECT_SECTIONS}
    limits: dict[Side, dict[str, int]] = {
        side: {name: pieces[like.get(name, name)] for name in names if name not in left_out}
        for side, names in both.items()
    }
    limits["queries"] = {QUERY_SECTION: pieces[QUERY_SECTION]}
    return limits


def _has_word(texts: Iterator[str]) -> bool:
    return any(character.isalnum() for text in texts for character in text)


def _read_arrays(artifact: Artifact) -> dict[str, NDArray[Any]]:
    path = artifact.path(HEADS_FILE)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError) as error:
        raise DamagedModel(f"{path} cannot be read ({error}); copy or train the model again.") from error
