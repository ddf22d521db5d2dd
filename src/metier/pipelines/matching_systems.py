"""The systems that find people for projects, by the name of their kind: what is evaluated and compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from metier.artifacts import read_artifact, read_kind
from metier.domain import Profile
from metier.errors import ConfigError
from metier.protocols import DocumentEncoder, Retriever

ENCODER: Final = "encoder-multilingual"  # the shipped one, of systems that need no training
_OF_MODELS: Final = {"retriever": "retriever", "match-projection": "projection", "encoder": "sections"}


@dataclass(frozen=True, slots=True)
class MatchingSystem:
    """How a system is asked for: `NAME=KIND:FOLDER`, or `NAME=KIND` where the kind needs no folder."""

    name: str
    kind: str
    folder: str | None = None

    def on(self, market: str, *, seed: int | None) -> "MatchingSystem":
        """Put a market's name and seed where the folder says `{market}` and `{seed}`.

        Args:
            market: The name of the market's folder.
            seed: What the market was made with; None: not known.

        Returns:
            The system whose model was trained on this market.

        Raises:
            ConfigError: If the folder asks for a seed and there is none.
        """
        if self.folder is None:
            return self
        if seed is None and "{seed}" in self.folder:
            raise ConfigError(
                f"{self.folder} asks for the seed of {market}, whose market.json has none; use {{market}}."
            )
        return replace(self, folder=self.folder.replace("{market}", market).replace("{seed}", str(seed)))

    @property
    def version(self) -> str:
        """The system with the content hash of its model, such as `ours=retriever:retriever@1a2b3c4d`."""
        folder = self.folder or _DEFAULT.get(self.kind)
        if folder is None:
            return f"{self.name}={self.kind}"
        return f"{self.name}={self.kind}:{read_artifact(folder, kind=read_kind(folder)).version}"


class MatchingSystems:
    """Builds systems over the same profiles; what two of them need is made once."""

    def __init__(
        self, profiles: Sequence[Profile], *, seed: int = 0, threads: int = 1, cache: Path | None = None
    ) -> None:
        """Take the profiles.

        Args:
            profiles: Among whom every system searches.
            seed: Of what is random.
            threads: Processors that an encoder uses.
            cache: A folder where retrievers keep token vectors; None: each reads every text.
        """
        self.profiles = profiles
        self.seed = seed
        self.threads = threads
        self.cache = cache
        self._built: dict[tuple[str, str], Retriever] = {}

    def build(self, kind: str, folder: str | None = None) -> Retriever:
        """Make a system ready to compare projects with the profiles.

        Args:
            kind: One of `KINDS`.
            folder: Of its model; None: the kind needs none, or has a default.

        Returns:
            The retriever.

        Raises:
            ModelError: If the folder cannot be used.
            MissingExtra: If the kind needs an extra that is not installed.
        """
        folder = folder or _DEFAULT.get(kind, "")
        if (kind, folder) not in self._built:
            self._built[kind, folder] = KINDS[kind](self, folder)
        return self._built[kind, folder]


def parse_matching_system(text: str) -> MatchingSystem:
    """Read `NAME=KIND:FOLDER`.

    Args:
        text: Such as `ours=retriever:runs/retriever`, `random=random` or only `random`.

    Returns:
        Its parts; the name is the kind where none is given.

    Raises:
        ConfigError: If there is no such kind, or a folder is missing or not wanted.
    """
    before, _, folder = text.partition(":")
    name, _, kind = before.rpartition("=")
    if kind not in KINDS:
        raise ConfigError(f"There is no kind of matching system '{kind}'; give one of {', '.join(KINDS)}.")
    if not folder and kind not in WITHOUT_FOLDER and kind not in _DEFAULT:
        raise ConfigError(f"'{text}' names no folder; write NAME={kind}:FOLDER.")
    if folder and kind in WITHOUT_FOLDER:
        raise ConfigError(f"'{text}' names a folder, and {kind} has none; write NAME={kind}.")
    return MatchingSystem(name or kind, kind, folder or None)


def kind_of_model(name: str) -> str:
    """Say which kind of system a model is for.

    Args:
        name: A shipped model's name, or the path of a folder.

    Returns:
        One of `ENCODERS`; `sections` for an encoder of texts, whose means are taken.

    Raises:
        ConfigError: If the model gives documents no vectors.
        ModelError: If the folder cannot be used.
    """
    found = read_kind(name)
    if found not in _OF_MODELS:
        raise ConfigError(f"{name} is a model of the kind {found}; give one of {', '.join(_OF_MODELS)}.")
    return _OF_MODELS[found]


def load_document_encoder(kind: str, folder: str, *, threads: int = 1) -> DocumentEncoder:
    """Load what gives people and projects their vectors.

    Args:
        kind: One of `ENCODERS`.
        folder: Of its model, or the name of a shipped one.
        threads: Processors to use.

    Returns:
        The encoder.

    Raises:
        ConfigError: If systems of this kind have no vectors.
        ModelError: If the folder cannot be used.
    """
    if kind not in ENCODERS:
        raise ConfigError(f"Systems of the kind {kind} have no vectors; give one of {', '.join(ENCODERS)}.")
    return ENCODERS[kind](folder or _DEFAULT.get(kind, ""), threads)


def _towers(folder: str, threads: int, *, cache: Path | None = None) -> DocumentEncoder:
    from metier.matching.towers import Towers

    return Towers.load(folder, threads=threads, cache=cache)


def _retriever(systems: MatchingSystems, folder: str) -> Retriever:
    from metier.matching.dense import DenseRetriever

    return DenseRetriever(_towers(folder, systems.threads, cache=systems.cache), systems.profiles)


def _projection(folder: str, threads: int) -> DocumentEncoder:
    from metier.matching.projection import Projection

    return Projection.load(folder, threads=threads)


def _section_mean(folder: str, threads: int) -> DocumentEncoder:
    from metier.matching.section_mean import SectionMean

    return SectionMean.load(folder, threads=threads)


def _whole_document(folder: str, threads: int) -> DocumentEncoder:
    from metier.matching.whole_document import WholeDocument

    return WholeDocument.load(folder, threads=threads)


def _dense(kind: str) -> Callable[[MatchingSystems, str], Retriever]:
    def build(systems: MatchingSystems, folder: str) -> Retriever:
        from metier.matching.dense import DenseRetriever

        encoder = load_document_encoder(kind, folder, threads=systems.threads)
        return DenseRetriever(encoder, systems.profiles)

    return build


def _bm25(systems: MatchingSystems, _: str) -> Retriever:
    from metier.matching.bm25 import Bm25

    return Bm25(systems.profiles)


def _tf_idf(systems: MatchingSystems, _: str) -> Retriever:
    from metier.matching.tf_idf import TfIdf

    return TfIdf(systems.profiles)


def _skill_overlap(systems: MatchingSystems, _: str) -> Retriever:
    from metier.matching.skill_overlap import SkillOverlap

    return SkillOverlap(systems.profiles)


def _random(systems: MatchingSystems, _: str) -> Retriever:
    from metier.matching.random_order import RandomOrder

    return RandomOrder(systems.profiles, seed=systems.seed)


def _hybrid(merge: str) -> Callable[[MatchingSystems, str], Retriever]:
    """Vectors (of a retriever, a projection, or an encoder: the means of its sections) and words (BM25)."""

    def build(systems: MatchingSystems, folder: str) -> Retriever:
        from metier.matching.fusion import Fusion, reciprocal_ranks, weighted_sum

        dense = systems.build(kind_of_model(folder), folder)
        merges = {"ranks": reciprocal_ranks, "values": weighted_sum}
        return Fusion(dense, systems.build("bm25"), profiles=systems.profiles, merge=merges[merge])

    return build


ENCODERS: Final[dict[str, Callable[[str, int], DocumentEncoder]]] = {
    "retriever": _towers,
    "projection": _projection,
    "fine-tuned": _whole_document,
    "sections": _section_mean,
    "whole-document": _whole_document,
}
KINDS: Final[dict[str, Callable[[MatchingSystems, str], Retriever]]] = {
    **{kind: _dense(kind) for kind in ENCODERS},
    "retriever": _retriever,
    "hybrid": _hybrid("ranks"),
    "hybrid-weighted": _hybrid("values"),
    "bm25": _bm25,
    "tf-idf": _tf_idf,
    "skill-overlap": _skill_overlap,
    "random": _random,
}
WITHOUT_FOLDER: Final = frozenset({"bm25", "tf-idf", "skill-overlap", "random"})
_DEFAULT: Final = dict.fromkeys(("sections", "whole-document", "hybrid", "hybrid-weighted"), ENCODER)
