"""Encoders on the labels of a release in other languages: those of concepts that no encoder of ours learnt from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from metier.domain import Occupation, Skill
from metier.errors import InputError
from metier.evaluation.languages import evaluate_languages
from metier.linking.concepts import VectorParts, concept_vectors
from metier.linking.encoding import load_text_encoder
from metier.taxonomy.esco import read_esco
from metier.taxonomy.parallel import parallel_split, read_parallel, release_languages

_FAMILIES: Final[Mapping[str, type[Skill | Occupation]]] = {"skills": Skill, "occupations": Occupation}


def evaluate_encoders(
    encoders: Mapping[str, str],
    release: Path,
    *,
    languages: Sequence[str] = (),
    split: str = "test",
    threads: int = 2,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure encoders: a preferred label in another language against all concepts in English.

    Args:
        encoders: Name -> a shipped encoder's name or a folder.
        release: The folder of an ESCO release.
        languages: Two-letter codes; none: all that the release has beside English.
        split: Of the concepts: `dev` or `test`.
        threads: Processors to use.
        seed: Of the intervals.

    Returns:
        `skills` and `occupations`, each: encoder -> `languages` (language -> figures) and `mean` (their plain mean).

    Raises:
        InputError: If the release cannot be read, or has no label in these languages.
        ModelError: If an encoder cannot be used.
    """
    taxonomy = read_esco(release)
    wanted = [code for code in languages or release_languages(release) if code != taxonomy.languages[0]]
    labels = [
        text
        for text in read_parallel(release, taxonomy, languages=wanted)
        if text.part == "label" and parallel_split(taxonomy.concepts[text.concept].uri) == split
    ]
    if not labels:
        raise InputError(f"{release} has no labels in {', '.join(wanted) or 'another language'}; give others.")
    found: dict[str, Any] = {family: {} for family in _FAMILIES}
    for name, folder in encoders.items():
        encoder = load_text_encoder(folder, threads=threads)
        for family, kind in _FAMILIES.items():
            rows = [row for row, concept in enumerate(taxonomy.concepts) if isinstance(concept, kind)]
            concepts = [taxonomy.concepts[row] for row in rows]
            vectors = concept_vectors(
                concepts,
                [""] * len(concepts),
                encode=encoder.encode,
                parts=VectorParts(alternatives=1.0, description=0.0),
            )
            here = set(rows)
            figures = evaluate_languages(
                encoder, [label for label in labels if label.concept in here], vectors, rows=rows, seed=seed
            )
            found[family][name] = {
                "languages": {language: one.to_dict() for language, one in figures.items()},
                "mean": {
                    measure: float(np.mean([one.figures[measure] for one in figures.values()]))
                    for measure in next(iter(figures.values())).figures
                }
                if figures
                else {},
            }
    return found
