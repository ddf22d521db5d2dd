"""What each kind of part must do: a sequence in, a list out, in the same order."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from metier.domain import (
    Candidate,
    Facts,
    Hit,
    Keyword,
    Link,
    Mention,
    Profile,
    Project,
    Span,
    TitleSuggestion,
    Where,
)

Floats = NDArray[np.float32]


class Tagger(Protocol):
    """Finds skills and knowledge in sentences."""

    @property
    def version(self) -> str:
        """Name and content hash, such as `tagger-en@1a2b3c4d`."""
        ...

    def tag(self, texts: Sequence[str], *, words: Sequence[Sequence[Span]] | None = None) -> list[list[Mention]]:
        """Find the mentions of each text.

        Args:
            texts: Sentences; a longer text is read through overlapping windows, never cut.
            words: The word boundaries of each text, where the caller has them already.

        Returns:
            One list per text, in text order; mentions by start, then end, then kind. Spans point into the text.
        """
        ...


class Linker(Protocol):
    """Says which concept of a taxonomy each mention means."""

    @property
    def version(self) -> str:
        """Name and content hash, such as `linker@1a2b3c4d`."""
        ...

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        """Link the mentions of each text.

        Args:
            texts: Sentences.
            mentions: The mentions of each text; their spans point into it.

        Returns:
            One list per text, one link per mention, in mention order.
        """
        ...

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the concepts that each whole text is about.

        Args:
            texts: Sentences.
            k: Candidates per text; fewer if the taxonomy is smaller.

        Returns:
            One list per text, by falling probability; ties keep taxonomy order.
        """
        ...


class KeywordExtractor(Protocol):
    """Picks the phrases that tell what a text is about."""

    def extract(self, texts: Sequence[str], *, limit: int) -> list[list[Keyword]]:
        """Find up to `limit` keywords in each text.

        Args:
            texts: Whole postings; each is read on its own, so that order and batch change nothing.
            limit: Keywords per text at most.

        Returns:
            One list per text, by falling weight; ties by first position.
        """
        ...


class TitlePredictor(Protocol):
    """Says what a job may be called, by its description."""

    def predict(self, descriptions: Sequence[str], *, k: int) -> list[list[TitleSuggestion]]:
        """Suggest titles for each description.

        Args:
            descriptions: Without their titles, or with them; each is read on its own.
            k: Titles per description at most.

        Returns:
            One list per description, by falling cosine; ties keep the order of the predictor's titles. Empty where
            the predictor abstains: nothing is near, or the description has no word that it knows.
        """
        ...


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector per text.

        Args:
            texts: Any texts; an empty one is allowed.

        Returns:
            float32 (n_texts, dim), rows of unit length, in text order.
        """
        ...


class DocumentEncoder(Protocol):
    """Turns people and projects into vectors of one space."""

    @property
    def version(self) -> str:
        """Name and content hash, such as `retriever@1a2b3c4d`; vectors of two versions must not be compared."""
        ...

    @property
    def dim(self) -> int:
        """The length of every vector."""
        ...

    def encode_profiles(self, profiles: Sequence[Profile]) -> Floats:
        """Give one vector per profile.

        Args:
            profiles: Any; sections may be missing or empty.

        Returns:
            float32 (n_profiles, dim), rows of unit length, in order; zeros for a profile without a word.
        """
        ...

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give one vector per project.

        Args:
            projects: Any; sections may be missing or empty.

        Returns:
            float32 (n_projects, dim), rows of unit length, in order; zeros for a project without a word.
        """
        ...


class Retriever(Protocol):
    """Finds people for projects, among profiles that it was made with."""

    def compare(self, projects: Sequence[Project]) -> Floats:
        """Say how well every profile fits each project.

        Args:
            projects: Any.

        Returns:
            float32 (n_projects, n_profiles), in the order of the projects and of the retriever's profiles; higher is
            closer. 0, or the lowest value, where nothing is known.
        """
        ...

    def retrieve(self, projects: Sequence[Project], *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` profiles closest to each project.

        Args:
            projects: Any.
            k: Hits per project; fewer if fewer profiles pass the filter.
            where: What every hit must fulfil.

        Returns:
            One list per project, in order, by falling similarity; ties keep the order of the profiles.
        """
        ...


class VectorIndex(Protocol):
    """Vectors and facts in, hits out."""

    def upsert(self, ids: Sequence[str], vectors: Floats, facts: Sequence[Facts]) -> None:
        """Add items, or replace those that are there.

        Args:
            ids: All different.
            vectors: float32 (n_items, dim), rows of unit length.
            facts: Of each item.

        Raises:
            VectorIndexError: If the vectors are of another dimension, or the index cannot be written.
        """
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Take items out; those that are not there are passed over.

        Args:
            ids: Any.
        """
        ...

    def search(self, queries: Floats, *, k: int, where: Where = ()) -> list[list[Hit]]:
        """Find the `k` items closest to each query among those that pass the filter.

        Args:
            queries: float32 (n_queries, dim), rows of unit length.
            k: Hits per query; fewer if fewer items pass the filter.
            where: What every hit must fulfil; applied inside the search.

        Returns:
            One list per query, in order, by falling cosine; ties by id.
        """
        ...

    def __len__(self) -> int:
        """How many items there are."""
        ...


class Saved(Protocol):
    """Everything with weights."""

    def save(self, folder: Path) -> None:
        """Write the model to a new folder, all or nothing."""
        ...

    @classmethod
    def load(cls, name: str | Path) -> Self:
        """Read a shipped model by name, or a folder."""
        ...
