"""Taggers of one data set each, on each other's data, with the datastores that can be built for them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from metier.data.skillspan import TaggedSentence, find_split, merged_layers
from metier.data.tagged_sets import read_tagged
from metier.errors import ConfigError, InputError
from metier.evaluation.cross import STORES, Store, cross_data_sets, mean_gain
from metier.evaluation.record import file_sha256
from metier.protocols import Tagger
from metier.tagging.datastore import Datastore
from metier.tagging.datastore_build import build_datastore
from metier.tagging.datastore_tuning import tune_datastore
from metier.tagging.nearest import NearestTagger
from metier.tagging.tagger import NeuralTagger

NOTE: Final = (
    "Strict F1 on dev. Stores: in-data holds what the tagger was trained on, all-data every training set, "
    "all-but-target every one but that of the data set measured. Every fifth sentence of each training set is left out "
    "of all stores; k, T and lambda are tuned on the first 400 of those of the target. Bars: 95 % bootstrap intervals "
    "over sentences."
)
_HELD_OUT: Final = 5  # every fifth sentence
_TUNED_ON: Final = 400  # of them at most: 714 ways to vote are tried


@dataclass(frozen=True, slots=True)
class _DataSet:
    training: list[TaggedSentence]  # four fifths of train, for stores
    held_out: list[TaggedSentence]  # a fifth of train, for tuning
    dev: list[TaggedSentence]  # to measure on
    files: Mapping[str, str]  # file name -> SHA-256


def cross_with_stores(
    models: Mapping[str, str | Path],
    sets: Mapping[str, Path],
    *,
    datastores: Path | None = None,
    seed: int = 0,
    threads: int = 2,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Measure the tagger of each data set on the dev set of all, without a store and with three.

    Spans have one layer: where a set has two, the skill tag wins. With `all-data` the store holds sentences of the
    target, so that it is not zero-shot; `all-but-target` holds none, and only its three numbers are tuned on some. A
    tagger knows the held-out sentences of its own training set, which makes its own votes look better than they are.

    Args:
        models: By the data set that it was trained on, a folder of a tagger with one layer, `skill`.
        sets: By name, a folder with the splits `train` and `dev`.
        datastores: Where to keep the stores, and to look for those of an earlier run; None: keep none.
        seed: Of the bootstrap.
        threads: Processors to use; changes nothing but the time.
        progress: Called after each measure.

    Returns:
        Plain JSON values: `figures`, a row per tagger, target and store, with the vote that was tuned; `mean_gain`, by
        store, over pairs of two different sets; `models`; `sets`, their files; `note`.

    Raises:
        ConfigError: If a model has no data set of its name, or has other layers.
        InputError: If a data set cannot be read.
    """
    _check_names(models, sets)
    data = {name: _read_set(path) for name, path in sets.items()}
    taggers = {name: _load(model, threads=threads) for name, model in models.items()}
    stores = _Stores(taggers, data, folder=datastores, threads=threads)
    figures = cross_data_sets(
        stores.tagger_for,
        trained_on=list(models),
        targets={name: one.dev for name, one in data.items()},
        seed=seed,
        progress=progress,
    )
    rows = [
        {
            "trained_on": one.trained_on,
            "target": one.target,
            "store": one.store,
            **asdict(one.strict),
            "interval": [one.interval.low, one.interval.high],
            "n_gold": one.n_gold,
            "n_predicted": one.n_predicted,
            "vote": stores.votes.get((one.trained_on, one.target, one.store)),
        }
        for one in figures
    ]
    return {
        "note": NOTE,
        "figures": rows,
        "mean_gain": {store: mean_gain(figures, store) for store in STORES[1:]},
        "models": {name: tagger.version for name, tagger in taggers.items()},
        "sets": {name: dict(one.files) for name, one in data.items()},
    }


@dataclass(slots=True)
class _Stores:
    """Builds each store once, as long as it is needed: the measures go by tagger, then target, then store."""

    taggers: Mapping[str, NeuralTagger]
    data: Mapping[str, _DataSet]
    folder: Path | None
    threads: int
    votes: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    _held: dict[tuple[str, ...], Datastore] = field(default_factory=dict)  # of the latest tagger

    def tagger_for(self, source: str, target: str, store: Store) -> Tagger:
        tagger = self.taggers[source]
        if store == "none":
            return tagger
        datastore = self._datastore(source, self._names(source, target, store))
        tuning = tune_datastore(tagger, datastore, self.data[target].held_out)
        self.votes[source, target, store] = asdict(tuning.best.vote)
        return NearestTagger(tagger, replace(datastore, vote=tuning.best.vote))

    def _names(self, source: str, target: str, store: Store) -> tuple[str, ...]:
        if store == "in-data":
            return (source,)
        return tuple(name for name in self.data if store == "all-data" or name != target)

    def _datastore(self, source: str, names: tuple[str, ...]) -> Datastore:
        key = (source, *names)
        if key not in self._held:
            self._held = {other: held for other, held in self._held.items() if _is_kept(other, source, self.data)}
            self._held[key] = self._find_or_build(source, names)
        return self._held[key]

    def _find_or_build(self, source: str, names: Sequence[str]) -> Datastore:
        training = {name: self.data[name].training for name in names}
        if self.folder is None:
            return build_datastore(self.taggers[source], training, threads=self.threads)
        digest = hashlib.sha256(repr((self.taggers[source].version, training)).encode()).hexdigest()
        folder = self.folder / f"{source}-with-{'-'.join(names)}-{digest[:8]}"
        if folder.exists():
            return Datastore.load(folder, threads=self.threads)
        datastore = build_datastore(self.taggers[source], training, threads=self.threads)
        datastore.save(folder)
        return datastore


def _is_kept(key: tuple[str, ...], source: str, data: Mapping[str, _DataSet]) -> bool:
    """A store is used again if it is the in-data or the all-data one of the tagger at hand."""
    return key[0] == source and (key[1:] == (source,) or key[1:] == tuple(data))


def _check_names(models: Mapping[str, str | Path], sets: Mapping[str, Path]) -> None:
    if len(sets) < 2:
        raise ConfigError(f"Crossing needs two data sets at least, got {', '.join(sets) or 'none'}; give more.")
    unknown = [name for name in models if name not in sets]
    if unknown:
        raise ConfigError(
            f"There is no data set named {', '.join(unknown)}; name each tagger as the set that it was trained on "
            f"({', '.join(sets)})."
        )


def _read_set(folder: Path) -> _DataSet:
    files = {split: find_split(folder, split) for split in ("train", "dev")}
    if files["train"] == files["dev"]:
        raise InputError(f"{folder} is a file; give a folder with the splits train and dev.")
    training, dev = ([merged_layers(sentence) for sentence in read_tagged(path)] for path in files.values())
    return _DataSet(
        training=[sentence for number, sentence in enumerate(training) if number % _HELD_OUT],
        held_out=training[::_HELD_OUT][:_TUNED_ON],
        dev=dev,
        files={path.name: file_sha256(path) for path in files.values()},
    )


def _load(model: str | Path, *, threads: int) -> NeuralTagger:
    tagger = NeuralTagger.load(model, threads=threads)
    if list(tagger.heads) != ["skill"]:
        raise ConfigError(
            f"{tagger.version} has the layers {', '.join(tagger.heads)}; crossing compares taggers with the one layer "
            "skill, trained on merged layers."
        )
    return tagger
