"""The systems that predict titles, by the name of their kind: what is evaluated and compared."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metier.artifacts import read_artifact, read_kind
from metier.data.title_pairs import TitlePair
from metier.domain import TitleSuggestion
from metier.errors import ConfigError
from metier.evaluation.titles import Suggests
from metier.protocols import Encoder
from metier.text.job_titles import title_key


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleTask:
    """What a system is to choose from, and what it may learn from."""

    titles: Sequence[str]  # keys, all different
    train: Sequence[TitlePair]
    languages: Sequence[str] = ()  # of all pairs that were split; none: not known
    seed: int = 0  # of what is random
    threads: int = 1


@dataclass(frozen=True, slots=True)
class TitleSpace:
    """Encoders of titles and of descriptions into one space."""

    titles: Encoder
    descriptions: Encoder


@dataclass(frozen=True, slots=True)
class SystemName:
    """How a system is asked for: `NAME=KIND:FOLDER`, or `NAME=KIND` where the kind needs no folder."""

    name: str
    kind: str
    folder: Path | None


class RandomTitles:
    """Titles drawn blindly: the floor; see `metier.protocols.TitlePredictor`."""

    def __init__(self, titles: Sequence[str], *, seed: int) -> None:
        """Take the titles.

        Args:
            titles: What to draw from, all different.
            seed: The same seed and descriptions give the same titles.
        """
        self._titles = list(titles)
        self._seed = seed

    def predict(self, descriptions: Sequence[str], *, k: int) -> list[list[TitleSuggestion]]:
        """Draw titles for each description; see `metier.protocols.TitlePredictor`.

        Args:
            descriptions: Any texts; equal ones get equal titles.
            k: Titles per description at most.

        Returns:
            Different titles, each with the cosine 0.
        """
        n_titles = min(k, len(self._titles))
        draws = [random.Random(f"{self._seed} {description}") for description in descriptions]
        return [[TitleSuggestion(title, 0.0) for title in draw.sample(self._titles, n_titles)] for draw in draws]


def parse_system(text: str) -> SystemName:
    """Read `NAME=KIND:FOLDER`.

    Args:
        text: Such as `joaps=job2vec:runs/titles`, `random=random` or only `random`.

    Returns:
        Its parts; the name is the kind where none is given.

    Raises:
        ConfigError: If there is no such kind, or a folder is missing.
    """
    before, _, folder = text.partition(":")
    name, _, kind = before.rpartition("=")
    if kind not in KINDS:
        raise ConfigError(f"There is no kind of title system '{kind}'; give one of {', '.join(KINDS)}.")
    if not folder and kind not in WITHOUT_FOLDER:
        raise ConfigError(f"'{text}' names no folder; write NAME={kind}:FOLDER.")
    return SystemName(name or kind, kind, Path(folder) if folder else None)


def build_system(system: SystemName, task: TitleTask) -> Suggests:
    """Make a system ready to choose among the titles of a task.

    Args:
        system: What `parse_system` gives.
        task: What to choose from, and the training pairs.

    Returns:
        The predictor.

    Raises:
        ConfigError: If the model was trained on the pairs of all splits, or on pairs that were split otherwise.
        ModelError: If the folder cannot be used.
        MissingExtra: If the kind needs an extra that is not installed.
    """
    refuse_if_trained_otherwise(system, languages=task.languages)
    return KINDS[system.kind](system.folder or Path(), task)


def build_space(system: SystemName, *, threads: int = 1) -> TitleSpace:
    """Load the encoders of a system.

    Args:
        system: Of a kind in `SPACES`.
        threads: Processors to use.

    Returns:
        Its encoders.

    Raises:
        ConfigError: If systems of this kind have no encoder of titles.
        ModelError: If the folder cannot be used.
    """
    if system.kind not in SPACES or system.folder is None:
        raise ConfigError(f"Systems of the kind {system.kind} have no title vectors; give one of {', '.join(SPACES)}.")
    return SPACES[system.kind](system.folder, threads)


def refuse_if_trained_otherwise(system: SystemName, *, languages: Sequence[str]) -> None:
    """Check, as far as its settings tell, that a model has not seen what it is to be measured on.

    Args:
        system: Any; without a folder it has seen nothing.
        languages: Of the pairs that were split; none: not known.

    Raises:
        ConfigError: If it was trained on the pairs of all splits, or in other languages, which are split otherwise.
    """
    if system.folder is None:
        return
    settings = read_artifact(system.folder, kind=read_kind(system.folder)).settings
    if settings.get("training", {}).get("all_pairs"):
        raise ConfigError(
            f"{system.folder} was trained on dev and test too; give one that was not (all_pairs = false)."
        )
    trained = settings.get("languages", languages)
    if languages and set(trained) != set(languages):
        raise ConfigError(
            f"{system.folder} was trained on pairs in {', '.join(trained)}, and these are in {', '.join(languages)}; "
            "give the same languages, for others are split otherwise."
        )


def system_version(system: SystemName) -> str:
    """Name a system with its content hash, such as `joaps=job2vec:titles@1a2b3c4d`; without, if it has no folder."""
    if system.folder is None:
        return f"{system.name}={system.kind}"
    return f"{system.name}={system.kind}:{read_artifact(system.folder, kind=read_kind(system.folder)).version}"


def _job2vec_space(folder: Path, _: int) -> TitleSpace:
    from metier.titles.job2vec import Job2Vec

    model = Job2Vec.load(folder)
    return TitleSpace(model.titles, model.descriptions)


def _word_sum_space(folder: Path, _: int) -> TitleSpace:
    """The word vectors of a job2vec folder, so that both read the same words."""
    from metier.titles.job2vec import KIND
    from metier.titles.lexical import WordSum
    from metier.titles.word_vectors import WordVectors

    vectors = WordVectors.from_bytes(read_artifact(folder, kind=KIND).path("words.npz").read_bytes())
    return TitleSpace(WordSum(vectors), WordSum(vectors))


def _bi_encoder_space(folder: Path, threads: int) -> TitleSpace:
    from metier.titles.bi_encoder import BiEncoder

    model = BiEncoder.load(folder, threads=threads)
    return TitleSpace(model.titles, model.descriptions)


def _nearest(load: Callable[[Path, int], TitleSpace]) -> Callable[[Path, TitleTask], Suggests]:
    def build(folder: Path, task: TitleTask) -> Suggests:
        from metier.titles.nearest import NearestTitles

        space = load(folder, task.threads)
        return NearestTitles(space.descriptions, task.titles, space.titles.encode(task.titles))

    return build


def _tf_idf(_: Path, task: TitleTask) -> Suggests:
    from metier.titles.lexical import NearestDescriptions

    descriptions = [pair.description for pair in task.train]
    titles = [title_key(pair.title) for pair in task.train]
    return NearestDescriptions(descriptions, titles, only=frozenset(task.titles))


def _sequence(*, restricted: bool) -> Callable[[Path, TitleTask], Suggests]:
    def build(folder: Path, task: TitleTask) -> Suggests:
        try:
            import torch
        except ImportError as error:
            from metier.errors import MissingExtra

            raise MissingExtra("train", "the sequence model") from error
        from metier.titles.sequence import SequenceTitles

        torch.set_num_threads(task.threads)
        return SequenceTitles.load(folder, only=task.titles if restricted else None)

    return build


def _random(_: Path, task: TitleTask) -> Suggests:
    return RandomTitles(task.titles, seed=task.seed)


SPACES: Final[dict[str, Callable[[Path, int], TitleSpace]]] = {
    "job2vec": _job2vec_space,
    "word-sum": _word_sum_space,
    "bi-encoder": _bi_encoder_space,
}
KINDS: Final[dict[str, Callable[[Path, TitleTask], Suggests]]] = {
    **{kind: _nearest(load) for kind, load in SPACES.items()},
    "tf-idf": _tf_idf,
    "sequence": _sequence(restricted=False),
    "sequence-restricted": _sequence(restricted=True),
    "random": _random,
}
WITHOUT_FOLDER: Final = frozenset({"tf-idf", "random"})
