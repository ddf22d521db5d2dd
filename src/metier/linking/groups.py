"""The group classifier as it runs: which of 26 ESCO groups a span belongs to."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.data.kompetencer import CLASSES
from metier.errors import ModelError
from metier.linking.group_features import N_BUCKETS, Features, SpanReader
from metier.linking.linker import ConceptLinker
from metier.taxonomy.taxonomy import Taxonomy

Floats = NDArray[np.float32]

KIND: Final = "groups"
HEADS_FILE: Final = "heads.npz"
OTHER: Final = "other"  # the head for languages that have none of their own


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """The class of a span, and the probability that the classifier gives it."""

    code: str
    probability: float


class GroupClassifier:
    """Multinomial logistic regression over `Features`, with a head for each language that was learnt from."""

    def __init__(self, reader: SpanReader, heads: Mapping[str, Floats], *, version: str) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            reader: Turns spans into features.
            heads: Language -> weights, float32 (n_dense + N_BUCKETS + 1, n_classes); the last row is the constant.
            version: What results are stamped with.
        """
        self.reader = reader
        self.heads = heads
        self.version = version

    @classmethod
    def load(cls, name: str | Path, *, linker: str | Path | None = None, threads: int = 2) -> Self:
        """Read a classifier, and the linker and the taxonomy that it was trained with.

        Args:
            name: The folder that `metier train groups` wrote.
            linker: Where the linker is now; None: where it was in training.
            threads: Processors to use.

        Returns:
            A classifier ready to use.

        Raises:
            ModelError: If a folder is missing, damaged or of another kind, or the linker has another encoder.
        """
        artifact = read_artifact(name, kind=KIND)
        settings = artifact.settings
        reader, encoder_sha256 = build_reader(
            linker or settings["linker"], taxonomy=settings["taxonomy"], context=settings["context"], threads=threads
        )
        if encoder_sha256 != settings["encoder_sha256"]:
            raise ModelError(
                f"{name} was trained with the encoder {settings['encoder_sha256'][:12]}…, and the linker "
                f"{linker or settings['linker']} has {encoder_sha256[:12]}…; give that linker, or train groups again."
            )
        with np.load(artifact.path(HEADS_FILE), allow_pickle=False) as arrays:
            heads = {language: _unpacked(arrays, language) for language in settings["heads"]}
        return cls(reader, heads, version=artifact.version)

    def classify(
        self, spans: Sequence[str], *, language: str = "en", sentences: Sequence[str | None] | None = None
    ) -> list[GroupChoice]:
        """Give each span a class.

        Args:
            spans: Their texts.
            language: BCP 47; one without a head of its own has one that learnt from English meanings only.
            sentences: The sentence of each span, None where it is not known; looked at if the model was trained so.

        Returns:
            One choice per span, in order; of equally probable classes the first.
        """
        features = self.reader.read(spans, sentences or [None] * len(spans), language=language)
        return choices(features, self.heads.get(language, self.heads[OTHER]))


def build_reader(
    linker: str | Path, *, taxonomy: str | Path, context: bool, threads: int = 2
) -> tuple[SpanReader, str]:
    """Load what reads spans.

    Args:
        linker: A shipped linker's name, or a folder.
        taxonomy: What it links to.
        context: Whether sentences are looked at.
        threads: Processors to use.

    Returns:
        The reader, and the SHA-256 of the linker's encoder.

    Raises:
        ModelError: If a model cannot be used, or they do not belong together.
    """
    held = Taxonomy.load(taxonomy)
    loaded = ConceptLinker.load(linker, skills=held.skills, taxonomy=taxonomy, threads=threads)
    sha256 = str(read_artifact(linker, kind="linker").settings["encoder_sha256"])
    return SpanReader(loaded, held, context=context), sha256


def choices(features: Features, head: Floats) -> list[GroupChoice]:
    """Choose a class for each span by a head."""
    probabilities = _probabilities(features, head)
    best = probabilities.argmax(axis=1).tolist()
    return [
        GroupChoice(CLASSES[place], round(float(row[place]), 4)) for place, row in zip(best, probabilities, strict=True)
    ]


def pack_heads(heads: Mapping[str, Floats]) -> bytes:
    """Write heads as bytes: the rows that are not all zero, as float16.

    Args:
        heads: Language -> weights.

    Returns:
        The content of `heads.npz`.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for language, head in heads.items():
        rows = np.flatnonzero(np.abs(head).max(axis=1))
        arrays[f"{language}.size"] = np.array(len(head))
        arrays[f"{language}.rows"] = rows.astype(np.int32)
        arrays[f"{language}.weights"] = head[rows].astype(np.float16)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def rounded(head: NDArray[np.floating]) -> Floats:
    """Give the weights as they will be read again."""
    return head.astype(np.float16).astype(np.float32)


def _probabilities(features: Features, head: Floats) -> NDArray[np.float64]:
    scores = features.dense.astype(np.float64) @ head[: features.dense.shape[1]] + head[-1]
    letters = head[-1 - N_BUCKETS : -1]
    for row, (buckets, values) in zip(scores, features.runs, strict=True):
        row += values @ letters[buckets]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
    return probabilities


def _unpacked(arrays: Mapping[str, NDArray[np.generic]], language: str) -> Floats:
    head = np.zeros((int(arrays[f"{language}.size"]), len(CLASSES)), dtype=np.float32)
    head[arrays[f"{language}.rows"]] = arrays[f"{language}.weights"]
    return head
