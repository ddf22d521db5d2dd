"""Corrections: sentences whose right tags a person has given, found again by the vectors of their words."""

import io
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact
from metier.data.skillspan import TaggedSentence, read_skillspan, skillspan_row
from metier.data.tables import json_line
from metier.tagging.whitening import unit_rows

Floats = NDArray[np.float32]

# Squared L2 between unit vectors. The same sentence lies at 0, and within 0.012 where the encoder runs in another
# precision. Sentences of SkillSpan dev with other words begin to differ in their tags between 0.1 and 0.2.
RADIUS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence with its right tags, and the vectors of its words."""

    sentence: TaggedSentence
    vectors: Floats  # (n_words, dim), rows of unit length


@dataclass(slots=True)
class Corrections:
    """Corrections by entry; the newest one that fits decides."""

    by_entry: dict[int, Correction] = field(default_factory=dict)
    next_entry: int = 0

    def add(self, sentence: TaggedSentence, vectors: Floats) -> int:
        """Keep a correction.

        Args:
            sentence: Its words and tags.
            vectors: float32 (n_words, dim), as the tagger gives them.

        Returns:
            Its entry: a number that no other one ever had.
        """
        entry = self.next_entry
        self.by_entry[entry] = Correction(sentence, unit_rows(vectors))
        self.next_entry += 1
        return entry

    def remove(self, entry: int) -> bool:
        """Drop a correction; False if there is none of this number."""
        return self.by_entry.pop(entry, None) is not None

    def find(self, vectors: Floats) -> TaggedSentence | None:
        """Find the correction that speaks for a sentence.

        It has as many words, and the vector of each lies within `RADIUS` of the one in its place: the same words in the
        same context, or all but the same, such as another number of years. All words must agree, so that a correction
        holds as a whole or not at all.

        Args:
            vectors: float32 (n_words, dim) of the sentence, as the tagger gives them.

        Returns:
            The newest correction that fits; None: the sentence was not corrected.
        """
        held = list(self.by_entry.values())  # at once: another thread may add one meanwhile
        alike = [one for one in held if len(one.vectors) == len(vectors)]
        if not alike or not len(vectors):
            return None
        here = unit_rows(vectors)
        fitting = [one for one in alike if ((one.vectors - here) ** 2).sum(axis=1).max() <= RADIUS]
        return fitting[-1].sentence if fitting else None

    def rows(self) -> list[dict[str, Any]]:
        """Give the corrections in the form of SkillSpan, with the entry as `idx`."""
        return [{**skillspan_row(held.sentence), "idx": entry} for entry, held in self.by_entry.items()]


def pack_corrections(corrections: Corrections) -> dict[str, bytes]:
    """Give the files that hold the corrections.

    Args:
        corrections: Any number of them.

    Returns:
        File name -> content; none without corrections.
    """
    if not corrections.by_entry:
        return {}
    buffer = io.BytesIO()
    np.save(buffer, np.concatenate([held.vectors for held in corrections.by_entry.values()]), allow_pickle=False)
    return {
        "corrections.jsonl": "".join(map(json_line, corrections.rows())).encode(),
        "corrections.npy": buffer.getvalue(),
    }


def read_corrections(artifact: Artifact) -> Corrections:
    """Read what `pack_corrections` gave.

    Args:
        artifact: A datastore.

    Returns:
        The corrections, oldest first.
    """
    corrections = Corrections(next_entry=artifact.settings["next_correction"])
    if not (artifact.folder / "corrections.jsonl").exists():
        return corrections
    sentences = read_skillspan(artifact.path("corrections.jsonl"))
    vectors = np.load(artifact.path("corrections.npy"), allow_pickle=False)
    ends = np.cumsum([len(sentence.words) for sentence in sentences])
    for sentence, rows in zip(sentences, np.split(vectors, ends[:-1]), strict=True):
        corrections.by_entry[int(sentence.posting)] = Correction(sentence, rows)
    return corrections
