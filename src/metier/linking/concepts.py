"""What the linkers search: a vector per skill and occupation of one taxonomy, and the lexical forms of the skills."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact
from metier.domain import Concept
from metier.errors import TaxonomyMismatch
from metier.linking.lexical import LexicalIndex

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]

INDEX_FILE: Final = "vectors.npz"
OCCUPATIONS_FILE: Final = "occupations.npz"
ENCODER_KEY: Final = "vectors_encoder_sha256"  # in the taxonomy folder's settings
_TEXTS_PER_CALL: Final = 4096


@dataclass(frozen=True, slots=True)
class ConceptIndex:
    """Unit vectors and lexical forms, one row per skill, in taxonomy order."""

    vectors: Floats  # float32 (n_skills, dim)
    lexical: LexicalIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorParts:
    """How much each text of a concept counts in its vector; its label counts 1."""

    alternatives: float  # their mean
    description: float  # where there is one


def concept_vectors(
    concepts: Sequence[Concept], descriptions: Sequence[str], *, encode: Encode, parts: VectorParts
) -> Floats:
    """Give each concept one vector: the weighted sum of its texts' unit vectors, of unit length again.

    Args:
        concepts: With a label each.
        descriptions: One per concept, empty where there is none.
        encode: Texts to unit vectors; see `metier.protocols.Encoder`.
        parts: The weights.

    Returns:
        float32 (n_concepts, dim).
    """
    vectors = _encode_all(encode, [concept.label for concept in concepts])
    if parts.alternatives:
        owners = [i for i, concept in enumerate(concepts) for _ in concept.alternatives]
        texts = [label for concept in concepts for label in concept.alternatives]
        vectors += parts.alternatives * _means(_encode_all(encode, texts), owners, like=vectors)
    if parts.description:
        owners = [i for i, text in enumerate(descriptions) if text]
        texts = [text for text in descriptions if text]
        vectors += parts.description * _means(_encode_all(encode, texts), owners, like=vectors)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit


def pack_index(vectors: Floats, lexical: LexicalIndex) -> bytes:
    """Write an index as bytes: vectors as int8 with one scale per row, lexical arrays as they are.

    Args:
        vectors: float32 (n_concepts, dim).
        lexical: Over the same concepts.

    Returns:
        The content of `vectors.npz`.
    """
    return _packed({**_as_int8(vectors), **lexical.arrays})


def pack_occupations(vectors: Floats) -> bytes:
    """Write the vectors of occupations as bytes: int8 with one scale per row.

    Args:
        vectors: float32 (n_occupations, dim).

    Returns:
        The content of `occupations.npz`.
    """
    return _packed(_as_int8(vectors))


def read_index(taxonomy: Artifact, *, encoder_sha256: str) -> ConceptIndex:
    """Read the index beside a taxonomy's facts.

    Args:
        taxonomy: The taxonomy folder.
        encoder_sha256: Of the encoder that will be compared with the vectors.

    Returns:
        The index, its vectors of unit length again.

    Raises:
        TaxonomyMismatch: If the folder has no vectors, or another encoder made them.
    """
    made_by = taxonomy.settings.get(ENCODER_KEY)
    if made_by != encoder_sha256:
        found = f"vectors of the encoder {made_by[:12]}…" if made_by else "no vectors"
        raise TaxonomyMismatch(
            f"The taxonomy index {taxonomy.folder} has {found}, and the linker needs those of its own encoder "
            f"{encoder_sha256[:12]}…; build the index again: metier taxonomy build SOURCE -o DIR --linker LINKER."
        )
    with np.load(taxonomy.path(INDEX_FILE), allow_pickle=False) as arrays:
        return ConceptIndex(_from_int8(arrays), _lexical(arrays))


def read_lexical(taxonomy: Artifact) -> LexicalIndex:
    """Read the lexical forms of the skills beside a taxonomy's facts; no encoder is needed for them.

    Args:
        taxonomy: The taxonomy folder.

    Returns:
        The lexical stage of its index.

    Raises:
        DamagedModel: If the folder has no index.
    """
    with np.load(taxonomy.path(INDEX_FILE), allow_pickle=False) as arrays:
        return _lexical(arrays)


def read_occupations(taxonomy: Artifact, *, encoder_sha256: str) -> Floats | None:
    """Read the vectors of a taxonomy's occupations.

    Args:
        taxonomy: The taxonomy folder.
        encoder_sha256: Of the encoder that will be compared with them.

    Returns:
        float32 (n_occupations, dim), rows of unit length; None where the folder has none of this encoder.
    """
    path = taxonomy.folder / OCCUPATIONS_FILE
    if taxonomy.settings.get(ENCODER_KEY) != encoder_sha256 or not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return _from_int8(arrays)


def _lexical(arrays: Mapping[str, NDArray[np.generic]]) -> LexicalIndex:
    return LexicalIndex({name: arrays[name] for name in arrays if name not in ("vectors", "scales")})


def _as_int8(vectors: Floats) -> dict[str, NDArray[np.generic]]:
    scales = np.abs(vectors).max(axis=1, keepdims=True, initial=0) / 127
    quantized = np.round(vectors / np.maximum(scales, 1e-12)).astype(np.int8)
    return {"vectors": quantized, "scales": scales.astype(np.float32)}


def _from_int8(arrays: Mapping[str, NDArray[np.generic]]) -> Floats:
    vectors = arrays["vectors"].astype(np.float32) * arrays["scales"].astype(np.float32)
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


def _packed(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def _encode_all(encode: Encode, texts: Sequence[str]) -> Floats:
    blocks = [encode(texts[i : i + _TEXTS_PER_CALL]) for i in range(0, len(texts), _TEXTS_PER_CALL)]
    return np.concatenate(blocks) if blocks else np.zeros((0, 0), dtype=np.float32)


def _means(vectors: Floats, owners: Sequence[int], *, like: Floats) -> Floats:
    means = np.zeros_like(like)
    if owners:
        np.add.at(means, np.array(owners), vectors)
        means /= np.maximum(np.bincount(owners, minlength=len(like)), 1)[:, None]
    return means
