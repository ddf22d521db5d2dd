"""A document as the mean of its sections: what needs no training."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

import numpy as np

from metier.artifacts import read_artifact
from metier.data.documents import section_texts
from metier.domain import Profile, Project
from metier.nn.long_texts import LongTextEncoder
from metier.nn.unit_rows import unit_rows
from metier.protocols import Encoder, Floats

_DOCUMENTS_PER_BLOCK: Final = 1024  # whose texts are read at once; bounds memory


class SectionMean:
    """Means of the unit vectors of the sections that say something; see `metier.protocols.DocumentEncoder`.

    Section-S-BERT of Malt (2024), with any encoder.
    """

    def __init__(self, encoder: Encoder, *, version: str) -> None:
        """Take an encoder.

        Args:
            encoder: Of the texts of sections.
            version: The encoder's name and content hash, such as `encoder-multilingual@1a2b3c4d`.
        """
        self._encoder = encoder
        self._version = version
        self._dim = int(encoder.encode(["a"]).shape[1])

    @classmethod
    def load(cls, name: str | Path = "encoder-multilingual", *, threads: int = 2) -> Self:
        """Read an encoder.

        Args:
            name: A shipped encoder's name, or a folder that `metier models export` wrote of one.
            threads: Processors to use; changes nothing but the time.

        Returns:
            An encoder of documents. Of each section it reads the first `metier.nn.long_texts.CHARACTERS_READ`.

        Raises:
            ModelError: If the folder is missing, damaged or of another kind.
        """
        artifact = read_artifact(name, kind="encoder")
        return cls(LongTextEncoder.load(artifact, threads=threads), version=artifact.version)

    @property
    def version(self) -> str:
        """How texts become vectors, and whose encoder reads them."""
        return f"section-mean+{self._version}"

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
        return self._encode(profiles)

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give one vector per project; see `metier.protocols.DocumentEncoder`.

        Args:
            projects: Any.

        Returns:
            float32 (n_projects, dim), rows of unit length, in order; zeros for a project without a word.
        """
        return self._encode(projects)

    def sections(self, document: Profile | Project) -> dict[str, Floats]:
        """Give the vectors of the sections, of which the document's is the mean.

        Args:
            document: A profile or a project.

        Returns:
            Name of section -> float32 (dim,), of unit length; those without a word are left out.
        """
        texts = section_texts(document)
        vectors = self._encoder.encode(list(texts.values()))
        return {name: vector for name, vector in zip(texts, vectors, strict=True) if vector.any()}

    def _encode(self, documents: Sequence[Profile] | Sequence[Project]) -> Floats:
        return mean_of_sections(self._encoder, [list(section_texts(document).values()) for document in documents])


def mean_of_sections(encoder: Encoder, documents: Sequence[Sequence[str]]) -> Floats:
    """Give the direction of the mean of a document's sections.

    Args:
        encoder: Of texts; it gives zeros for those without a word.
        documents: The texts of the sections of each; empty ones do not count.

    Returns:
        float32 (n_documents, dim), rows of unit length, in order; zeros for a document without a word.
    """
    vectors = [np.zeros((0, encoder.encode(["a"]).shape[1]), dtype=np.float32)]
    for start in range(0, len(documents), _DOCUMENTS_PER_BLOCK):
        texts = [[text for text in document if text] for document in documents[start : start + _DOCUMENTS_PER_BLOCK]]
        of_sections = encoder.encode([text for found in texts for text in found])
        ends = np.cumsum([0, *map(len, texts)]).tolist()
        # a sum has the direction of the mean
        vectors.append(np.stack([of_sections[first:end].sum(axis=0) for first, end in pairwise(ends)]))
    return unit_rows(np.concatenate(vectors))
