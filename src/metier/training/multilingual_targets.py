"""What a multilingual student has to say: the vectors that its teacher gives the concepts of a taxonomy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from metier.domain import Occupation
from metier.linking.concepts import VectorParts, concept_vectors
from metier.linking.network import LinkerNetwork
from metier.nn.text_tensors import text_tensors
from metier.nn.wordpieces import WordPieces
from metier.taxonomy.parallel import ParallelText
from metier.taxonomy.taxonomy import Taxonomy

_FAMILIES: Final = ("skill", "occupation")
_TEXTS_AT_ONCE: Final = 256
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Targets:
    """What the teacher says of every concept, by the concept's row."""

    labels: Tensor  # float32 (n_concepts, dim): of its label
    wholes: Tensor  # its label and alternatives together
    descriptions: Tensor  # zeros where it has none
    families: Mapping[str, Tensor]  # int64: the rows among which a label is set apart from others


def teacher_targets(
    taxonomy: Taxonomy,
    parallel: Sequence[ParallelText],
    teacher: LinkerNetwork,
    pieces: WordPieces,
    *,
    text_size: int,
    bfloat16: bool,
    progress: Progress,
) -> Targets:
    """Let the teacher read every concept in its own language.

    Args:
        taxonomy: In the teacher's language, with descriptions.
        parallel: What the student will read; concepts of none of these are set apart from no other.
        teacher: In evaluation mode.
        pieces: Its vocabulary.
        text_size: Pieces read of a text.
        bfloat16: Whether to compute in it.
        progress: Told how many texts are read.

    Returns:
        One row per concept of the taxonomy.
    """

    def encode(texts: Sequence[str]) -> Any:  # noqa: ANN401  # float32 array
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        found = torch.empty(len(texts), teacher.encoder.config.hidden_size)
        for start in range(0, len(order), _TEXTS_AT_ONCE):
            rows = order[start : start + _TEXTS_AT_ONCE]
            tensors = text_tensors([texts[row] for row in rows], [None] * len(rows), pieces, size=text_size)
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
                found[rows] = teacher.labels(tensors).float()
            progress(f"the teacher's vectors, {start:,} of {len(order):,}", 0.0)
        return found.numpy()

    concepts = taxonomy.concepts
    nothing = [""] * len(concepts)
    labels = concept_vectors(concepts, nothing, encode=encode, parts=VectorParts(alternatives=0, description=0))
    wholes = concept_vectors(concepts, nothing, encode=encode, parts=VectorParts(alternatives=1, description=0))
    described = sorted({text.concept for text in parallel if text.part == "description"})
    described = [row for row in described if taxonomy.description(concepts[row])]
    descriptions = np.zeros_like(labels)
    if described:
        descriptions[described] = encode([taxonomy.description(concepts[row]) for row in described])
    learnt = {text.concept for text in parallel}
    families = {
        family: torch.tensor(
            [row for row in sorted(learnt) if isinstance(concepts[row], Occupation) == (family == "occupation")]
        )
        for family in _FAMILIES
    }
    return Targets(
        labels=torch.from_numpy(labels),
        wholes=torch.from_numpy(wholes),
        descriptions=torch.from_numpy(descriptions),
        families=families,
    )
