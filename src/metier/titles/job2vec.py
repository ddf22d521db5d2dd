"""job2vec: titles and descriptions as vectors of one space, and why a description is near a title."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.errors import DamagedModel
from metier.nn.unit_rows import unit_rows
from metier.titles.encoders import DescriptionEncoder, Floats, TitleEncoder, WordWeight
from metier.titles.word_vectors import WordVectors, pack_lines, to_int8, unpack_lines

__all__ = ["KIND", "Job2Vec", "KnownTitles", "WordWeight"]

KIND: Final = "titles"
LEAST_COSINE: Final = 0.3  # a title below it is not near a description, where training chose nothing else


@dataclass(frozen=True, slots=True)
class KnownTitles:
    """The titles of the training pairs, each once, as they are best shown."""

    titles: tuple[str, ...]
    languages: tuple[str, ...]  # in which each was met most often
    counts: tuple[int, ...]  # training pairs
    vectors: Floats  # float32 (n_titles, 100), rows of unit length

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave; vectors differ by what int8 leaves out."""
        return cls(
            titles=tuple(unpack_lines(arrays["titles"])),
            languages=tuple(unpack_lines(arrays["languages"])),
            counts=tuple(arrays["counts"].tolist()),
            vectors=unit_rows(arrays["rows"].astype(np.float32)),  # the scale of a row goes with its length
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give arrays to store: the titles as UTF-8 lines, the vectors as int8."""
        return {
            "titles": pack_lines(self.titles),
            "languages": pack_lines(self.languages),
            "counts": np.array(self.counts, dtype=np.int32),
            "rows": to_int8(self.vectors)[0],
        }


class Job2Vec:
    """A space of titles and descriptions, and the titles it was shipped with."""

    def __init__(
        self,
        *,
        version: str,
        titles: TitleEncoder,
        descriptions: DescriptionEncoder,
        known: KnownTitles,
        least_cosine: float = LEAST_COSINE,
    ) -> None:
        """Put the parts together; `load` does it from a folder.

        Args:
            version: Name and content hash.
            titles: Encodes titles.
            descriptions: Encodes descriptions into the same space.
            known: The titles of the training pairs.
            least_cosine: Below it, a title is not near.
        """
        self.version = version
        self.least_cosine = least_cosine
        self.titles = titles
        self.descriptions = descriptions
        self.known = known.titles
        self.known_languages = known.languages
        self.known_counts = known.counts
        self.known_vectors = known.vectors

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Read a shipped model by name, or a folder.

        Args:
            name: Such as `titles`.

        Returns:
            The model.

        Raises:
            UnknownModel: If there is no such model or folder.
            DamagedModel: If a file is missing or changed.
            ModelError: If the folder is of another kind or format.
        """
        artifact = read_artifact(name, kind=KIND)
        vectors = WordVectors.from_bytes(artifact.path("words.npz").read_bytes())
        weights = {name: array.astype(np.float32) for name, array in read_arrays(artifact.path("network.npz")).items()}
        return cls(
            version=artifact.version,
            titles=TitleEncoder(vectors, weights),
            descriptions=DescriptionEncoder(vectors, weights, n_words=artifact.settings["description_words"]),
            known=KnownTitles.from_arrays(read_arrays(artifact.path("known.npz"))),
        )

    def explain(self, description: str, title: str) -> list[WordWeight]:
        """Say which words of a description bring it near a title.

        Args:
            description: A description.
            title: Any title.

        Returns:
            See `DescriptionEncoder.explain`; empty where the title has no known word.
        """
        return self.descriptions.explain(description, self.titles.encode([title])[0])


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of an npz file.

    Args:
        path: Without pickles.

    Returns:
        Name -> array.

    Raises:
        DamagedModel: If it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError) as error:
        raise DamagedModel(f"{path} cannot be read ({error}); copy or train the model again.") from error
