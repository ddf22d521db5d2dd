"""A document as one text: what the section-aware encoders are compared with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from metier.artifacts import read_artifact
from metier.domain import Profile, Project
from metier.matching.words import whole_text
from metier.nn.long_texts import LongTextEncoder
from metier.protocols import Encoder, Floats


class WholeDocument:
    """Vectors of all sections joined into one text; see `metier.protocols.DocumentEncoder`."""

    def __init__(self, encoder: Encoder, *, version: str) -> None:
        """Take an encoder.

        Args:
            encoder: Of the joined texts.
            version: The encoder's name and content hash, such as `encoder-multilingual@1a2b3c4d`.
        """
        self._encoder = encoder
        self._version = version
        self._dim = int(encoder.encode(["a"]).shape[1])

    @classmethod
    def load(cls, name: str | Path = "encoder-multilingual", *, threads: int = 2) -> Self:
        """Read an encoder, as it ships or fine-tuned.

        Args:
            name: A shipped encoder's name, or a folder that `metier models export` wrote of one.
            threads: Processors to use; changes nothing but the time.

        Returns:
            An encoder of documents, which reads the first `metier.nn.long_texts.CHARACTERS_READ` of each.

        Raises:
            ModelError: If the folder is missing, damaged or of another kind.
        """
        artifact = read_artifact(name, kind="encoder")
        return cls(LongTextEncoder.load(artifact, threads=threads), version=artifact.version)

    @property
    def version(self) -> str:
        """How texts become vectors, and whose encoder reads them."""
        return f"whole-document+{self._version}"

    @property
    def dim(self) -> int:
        """The length of every vector."""
        return self._dim

    def encode_profiles(self, profiles: Sequence[Profile]) -> Floats:
        """Give one vector per profile; see `metier.protocols.DocumentEncoder`.

        Args:
            profiles: Any.

        Returns:
            float32 (n_profiles, dim), rows of unit length, in order; zeros for a profile without a word.
        """
        return self._encoder.encode([whole_text(profile) for profile in profiles])

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give one vector per project; see `metier.protocols.DocumentEncoder`.

        Args:
            projects: Any.

        Returns:
            float32 (n_projects, dim), rows of unit length, in order; zeros for a project without a word.
        """
        return self._encoder.encode([whole_text(project) for project in projects])
