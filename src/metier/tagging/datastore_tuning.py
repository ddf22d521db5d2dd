"""How the neighbours should vote: k, T and lambda by the F1 on sentences that were held out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.skillspan import TaggedSentence
from metier.errors import InputError
from metier.nn.chain import Chain, O
from metier.tagging.datastore import Datastore, Vote, tags_of
from metier.tagging.datastore_build import vectors_in_parts
from metier.tagging.layers import LAYERS, spans_of, tags_to_ids
from metier.tagging.nearest import reweighed, vote_shares
from metier.tagging.tagger import NeuralTagger

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# The grid of Zhang et al. (2024), and no vote at all.
NEIGHBOURS: Final = (4, 8, 16, 32, 64, 128)
TEMPERATURES: Final = (0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
WEIGHTS: Final = tuple(round(0.05 * step, 2) for step in range(2, 19))  # 0.10, 0.15, ..., 0.90


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to vote, and the strict F1 over the spans of all layers that have gold."""

    vote: Vote
    f1: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """All ways that were tried; `best` is the first of the highest F1, with little weight and few neighbours first."""

    alone: float  # the tagger's own F1
    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The best way to vote; with weight 0 where no vote beats the tagger alone."""
        order = sorted(self.trials, key=lambda trial: (trial.vote.weight, trial.vote.n_neighbours))
        return max(order, key=lambda trial: trial.f1)


def tune_datastore(
    tagger: NeuralTagger,
    datastore: Datastore,
    dev: Sequence[TaggedSentence],
    *,
    on_setting: Callable[[], None] | None = None,
) -> Tuning:
    """Try all ways to vote on held-out sentences; each word's neighbours are searched once.

    Args:
        tagger: The one that the store was built for.
        datastore: Is not changed: take over the result by `datastore.vote = tuning.best.vote`.
        dev: With gold; none of them is in the store. A layer counts on the sentences that have gold for it.
        on_setting: Called after each pair of k and T.

    Returns:
        The F1 of every way to vote.

    Raises:
        ModelError: If the store was built for another tagger.
    """
    datastore.check_tagger(tagger.version)
    layers = list(_layers(tagger, datastore, dev))
    alone = _f1([layer.counts(layer.emissions) for layer in layers])
    trials = [Trial(Vote(n_neighbours=NEIGHBOURS[0], temperature=1.0, weight=0.0), alone)]
    for k in NEIGHBOURS:
        for temperature in TEMPERATURES:
            shares = [layer.shares(k, temperature) for layer in layers]
            for weight in WEIGHTS:
                counts = [layer.voted(part, weight) for layer, part in zip(layers, shares, strict=True)]
                trials.append(Trial(Vote(n_neighbours=k, temperature=temperature, weight=weight), _f1(counts)))
            if on_setting:
                on_setting()
    return Tuning(alone, tuple(trials))


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer over the sentences in which anything can be found; in the others every vote says O."""

    chain: Chain
    emissions: Floats  # (n_words, 3)
    distances: Floats  # (n_words, k)
    tags: NDArray[np.int8]  # (n_words, k)
    cuts: NDArray[np.int64]  # where the sentences part
    gold: list[set[tuple[int, int]]]
    n_gold: int  # in all sentences

    def shares(self, k: int, temperature: float) -> Doubles:
        return vote_shares(self.distances[:, :k], self.tags[:, :k], temperature=temperature)

    def voted(self, shares: Doubles, weight: float) -> NDArray[np.int64]:
        return self.counts(reweighed(self.emissions, shares, weight=weight))

    def counts(self, emissions: Floats) -> NDArray[np.int64]:
        """Right, predicted and gold spans."""
        paths = self.chain.best_paths(np.split(emissions, self.cuts))
        found = [set(spans_of(path)) for path in paths]
        right = sum(len(spans & gold) for spans, gold in zip(found, self.gold, strict=True))
        return np.array([right, sum(map(len, found)), self.n_gold], dtype=np.int64)


def _layers(tagger: NeuralTagger, datastore: Datastore, dev: Sequence[TaggedSentence]) -> Iterator[_Layer]:
    vectors = [words for part in vectors_in_parts(tagger, dev) for words in part]
    if not sum(map(len, vectors)):
        raise InputError("There is no sentence with words to tune on; give held-out sentences with tags.")
    neighbours = datastore.search(np.concatenate(vectors), k=max(NEIGHBOURS))
    starts = np.concatenate([[0], np.cumsum([len(words) for words in vectors])])
    for kind, emissions in tagger.score(vectors).items():
        gold = {i: _gold(right) for i, sentence in enumerate(dev) if (right := tags_of(sentence, kind)) is not None}
        tags = neighbours.tags[:, :, LAYERS.index(kind)]
        paths = tagger.heads[kind].chain.best_paths(emissions)
        is_open = [i for i in gold if (paths[i] != O).any() or (tags[starts[i] : starts[i + 1]] > O).any()]
        if is_open:
            rows = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in is_open])
            yield _Layer(
                chain=tagger.heads[kind].chain,
                emissions=np.concatenate([emissions[i] for i in is_open]),
                distances=neighbours.distances[rows],
                tags=tags[rows],
                cuts=np.cumsum([len(emissions[i]) for i in is_open])[:-1],
                gold=[gold[i] for i in is_open],
                n_gold=sum(map(len, gold.values())),
            )


def _gold(tags: Sequence[str]) -> set[tuple[int, int]]:
    return set(spans_of(tags_to_ids(tags)))


def _f1(counts: Sequence[NDArray[np.int64]]) -> float:
    right, predicted, gold = (sum(int(layer[i]) for layer in counts) for i in range(3))
    return 2 * right / (predicted + gold) if predicted + gold else 0.0
