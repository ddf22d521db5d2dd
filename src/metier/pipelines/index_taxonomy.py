"""A taxonomy made searchable for a linker: its facts, and the vectors that the linker's encoder gives them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from metier.artifacts import read_artifact
from metier.linking.concepts import (
    ENCODER_KEY,
    INDEX_FILE,
    OCCUPATIONS_FILE,
    Floats,
    VectorParts,
    concept_vectors,
    pack_index,
    pack_occupations,
)
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import load_encoder
from metier.linking.occupations import occupation_vectors, read_occupation_fusion
from metier.taxonomy.taxonomy import Taxonomy


def index_taxonomy(
    taxonomy: Taxonomy,
    output: Path,
    *,
    linker: str | Path = "linker",
    threads: int = 2,
    progress: Callable[[], None] | None = None,
) -> None:
    """Write a taxonomy with the vectors and lexical forms that a linker searches.

    Args:
        taxonomy: As read from a release or a file, with its descriptions if it has any.
        output: The folder to write.
        linker: Whose encoder to use: a shipped model's name, or a folder.
        threads: Processors to use.
        progress: Called after each label and description.

    Raises:
        ModelError: If the linker cannot be used, or `output` is there and is no model folder.
    """
    advance = progress or (lambda: None)
    artifact = read_artifact(linker, kind="linker")
    encoder = load_encoder(artifact, threads=threads)

    def encode(texts: Sequence[str]) -> Floats:
        vectors = encoder.encode(texts)
        for _ in texts:
            advance()
        return vectors

    vectors = concept_vectors(
        taxonomy.skills,
        [taxonomy.description(skill) for skill in taxonomy.skills],
        encode=encode,
        parts=VectorParts(**artifact.settings["vector_parts"]),
    )
    files = {INDEX_FILE: pack_index(vectors, LexicalIndex.build(taxonomy.skills))}
    if taxonomy.occupations:
        jobs = occupation_vectors(taxonomy.occupations, encode=encode, fusion=read_occupation_fusion(artifact))
        files[OCCUPATIONS_FILE] = pack_occupations(jobs)
    taxonomy.save(
        output,
        extra_files=files,
        extra_settings={ENCODER_KEY: artifact.settings["encoder_sha256"]},
    )
