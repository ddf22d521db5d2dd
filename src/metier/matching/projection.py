"""Means of sections, brought nearer each other: a frozen encoder and one learned projection for each side."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np

from metier.artifacts import read_artifact, read_encoder
from metier.domain import Profile, Project
from metier.matching.section_mean import SectionMean
from metier.nn.long_texts import LongTextEncoder
from metier.nn.unit_rows import unit_rows
from metier.protocols import Floats

KIND: Final = "match-projection"
PROJECTIONS_FILE: Final = "projections.npz"  # `profiles` and `projects`, float32 (dim of the encoder, dim) each


class Projection:
    """Projected means of sections; see `metier.protocols.DocumentEncoder`.

    The frozen section encoder with a trained projection of Malt (2024).
    """

    def __init__(self, sections: SectionMean, *, profiles: Floats, projects: Floats, version: str) -> None:
        """Put the parts together; `load` does it from folders.

        Args:
            sections: The encoder that the projections were trained on.
            profiles: float32 (dim of the encoder, dim), of profiles.
            projects: Of the same shape, of projects.
            version: Name and content hash, such as `projection@1a2b3c4d`.
        """
        self._sections = sections
        self._profiles = profiles
        self._projects = projects
        self._version = version

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 2) -> Self:
        """Read a model folder of the kind `match-projection`, and the encoder that it was trained on.

        Args:
            name: A shipped model's name, or a folder that `metier train projection` wrote.
            threads: Processors to use; changes nothing but the time.

        Returns:
            An encoder of documents.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind, or the encoder is another one by now.
        """
        artifact = read_artifact(name, kind=KIND)
        encoder = read_encoder(artifact)
        with np.load(artifact.path(PROJECTIONS_FILE), allow_pickle=False) as arrays:
            profiles, projects = arrays["profiles"], arrays["projects"]
        sections = SectionMean(LongTextEncoder.load(encoder, threads=threads), version=encoder.version)
        return cls(sections, profiles=profiles, projects=projects, version=artifact.version)

    @property
    def version(self) -> str:
        """Name and content hash of the projections, which name their encoder."""
        return self._version

    @property
    def dim(self) -> int:
        """The length of every vector."""
        return int(self._profiles.shape[1])

    def encode_profiles(self, profiles: Sequence[Profile]) -> Floats:
        """Give one vector per profile; see `metier.protocols.DocumentEncoder`.

        Args:
            profiles: Any.

        Returns:
            float32 (n_profiles, dim), rows of unit length, in order; zeros for a profile without a word.
        """
        return unit_rows(self._sections.encode_profiles(profiles) @ self._profiles)

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give one vector per project; see `metier.protocols.DocumentEncoder`.

        Args:
            projects: Any.

        Returns:
            float32 (n_projects, dim), rows of unit length, in order; zeros for a project without a word.
        """
        return unit_rows(self._sections.encode_projects(projects) @ self._projects)

    def sections(self, document: Profile | Project) -> dict[str, Floats]:
        """Give what the sections add to the document's vector.

        Args:
            document: A profile or a project.

        Returns:
            Name of section -> float32 (dim,); their sum, brought to length 1, is the document's vector. Those without
            a word are left out.
        """
        projection = self._profiles if isinstance(document, Profile) else self._projects
        return {name: vector @ projection for name, vector in self._sections.sections(document).items()}
