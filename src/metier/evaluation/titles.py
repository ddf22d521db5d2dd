"""How well titles are predicted from descriptions: the protocol of job2vec (JOAPS, ECAI 2020), masked and not."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from time import perf_counter, process_time
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from metier.data.near_duplicates import near_duplicate_groups
from metier.data.title_pairs import ESCO, TitlePair, mask_title
from metier.errors import InputError
from metier.measures.bleu import bleu
from metier.measures.intervals import Interval
from metier.measures.ranking import accuracy_at, relevance
from metier.measures.resampling import resampled_sums
from metier.text.job_titles import title_key
from metier.text.words import words

Floats = NDArray[np.float64]

DEPTHS: Final = (1, 5, 10)
MEASURES: Final = tuple(f"{name}@{k}" for name in ("accuracy", "bleu_1", "bleu_4", "any_title") for k in DEPTHS)
_BLOCK: Final = 256  # descriptions handed over at once: enough for any batch, and the progress bar moves


class Suggested(Protocol):
    """A title, with whatever its system says of it."""

    @property
    def title(self) -> str:
        """The title, clean or not."""
        ...


class Suggests(Protocol):
    """What can be evaluated: a `metier.protocols.TitlePredictor`, or what suggests titles without a cosine."""

    def predict(self, descriptions: Sequence[str], *, k: int) -> Sequence[Sequence[Suggested]]:
        """Suggest up to `k` titles for each description, best first; none where it abstains."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFigures:
    """The figures of some of the items, by the names of `MEASURES`."""

    n_items: int
    abstained: float  # share of the items without a suggestion; they count as wrong
    means: dict[str, float]
    intervals: dict[str, Interval]  # 95 %, over groups of near duplicates

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values; an interval is a list of its ends."""
        intervals = {name: [interval.low, interval.high] for name, interval in self.intervals.items()}
        return {"n_items": self.n_items, "abstained": self.abstained, **self.means, "intervals": intervals}


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleReport:
    """A predictor's figures on one set of pairs."""

    views: dict[str, TitleFigures]  # all, postings, esco, then `language en` … and `source adzuna_uk_en` …
    n_titles: int  # different ones among the pairs: what a predictor is to choose from
    seconds: float  # per prediction, by the clock, as it was run
    processor_seconds: float  # per prediction, added over all processors: what it takes on one
    points: Floats  # (n_items, n_measures), the measures of each item

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values, without those of single items."""
        return {
            "n_titles": self.n_titles,
            "seconds_per_prediction": self.seconds,
            "processor_seconds_per_prediction": self.processor_seconds,
            "views": {name: figures.to_dict() for name, figures in self.views.items()},
        }


@dataclass(frozen=True, slots=True)
class TitleItems:
    """Pairs, ready to be judged."""

    pairs: Sequence[TitlePair]
    keys: list[str]  # of their titles
    answers: list[set[str]]  # the keys of every pair with the same description
    groups: NDArray[np.int64]  # (n_items,), numbered from 0
    views: dict[str, NDArray[np.bool_]]  # name -> which items belong to it; none is empty


def evaluate_titles(
    predictor: Suggests,
    pairs: Sequence[TitlePair],
    *,
    masked: bool,
    seed: int = 0,
    n_resamples: int = 1000,
    progress: Callable[[], None] = lambda: None,
) -> TitleReport:
    """Predict the titles of descriptions, and compare with their own.

    A suggestion is right if its `title_key` is that of the pair (`accuracy@k`) or of any pair with the very same
    description (`any_title@k`: an occupation of ESCO has many labels). BLEU is over the words of the keys, the best
    among the first k: `bleu_1` plain and `bleu_4` smoothed, see `metier.measures.bleu`. Keys that are suggested twice
    count once.

    Args:
        predictor: Chooses from the titles of `pairs`; see `candidate_titles`.
        pairs: A split, each with a title that has a key.
        masked: Blank out the title in its description.
        seed: Of the bootstrap over groups of near duplicates; all pairs of an occupation are one group.
        n_resamples: Of the bootstrap.
        progress: Called after each description.

    Returns:
        The report.

    Raises:
        InputError: If there are no pairs.
    """
    return judge_items(
        predictor, title_items(pairs), masked=masked, seed=seed, n_resamples=n_resamples, progress=progress
    )


def judge_items(
    predictor: Suggests,
    items: TitleItems,
    *,
    masked: bool,
    seed: int = 0,
    n_resamples: int = 1000,
    progress: Callable[[], None] = lambda: None,
) -> TitleReport:
    """Do what `evaluate_titles` does, with items that are ready.

    Args:
        predictor: As for `evaluate_titles`, and so are the other arguments.
        items: What `title_items` gives.
        masked: Blank out the titles.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.
        progress: Called after each description.

    Returns:
        The report.
    """
    descriptions = [mask_title(pair.description, pair.title) if masked else pair.description for pair in items.pairs]
    predictor.predict(descriptions[:1], k=1)  # what is loaded when first used is not part of the time
    clock, processor = perf_counter(), process_time()
    found = _predict(predictor, descriptions, progress=progress)
    seconds, processor_seconds = perf_counter() - clock, process_time() - processor
    points = _points(found, items)
    abstained = np.array([not suggestions for suggestions in found])
    return TitleReport(
        views={
            name: _figures(points[inside], abstained[inside], items.groups[inside], seed=seed, n_resamples=n_resamples)
            for name, inside in items.views.items()
        },
        n_titles=len(set(items.keys)),
        seconds=seconds / len(descriptions),
        processor_seconds=processor_seconds / len(descriptions),
        points=points,
    )


def group_sums(points: Floats, groups: NDArray[np.int64]) -> Floats:
    """Add up what the items of each group have, and how many they are.

    Args:
        points: (n_items, n_columns), one item at least.
        groups: (n_items,), the group of each, by any number.

    Returns:
        float64 (n_groups, n_columns + 1), groups by number; the last column counts items.
    """
    _, number = np.unique(groups, return_inverse=True)
    sums = np.zeros((int(number.max()) + 1, points.shape[1] + 1))
    np.add.at(sums, number.reshape(-1), np.column_stack([points, np.ones(len(points))]))
    return sums


def candidate_titles(pairs: Sequence[TitlePair]) -> list[str]:
    """Give the different title keys of pairs, sorted: what a predictor is to choose from."""
    return sorted({title_key(pair.title) for pair in pairs})


def pairs_sha256(pairs: Sequence[TitlePair]) -> str:
    """The SHA-256 of the ids, titles and descriptions of pairs, in their order: 64 hexadecimal digits."""
    digest = sha256()
    for pair in pairs:
        digest.update(json.dumps([pair.id, pair.title, pair.description]).encode())
    return digest.hexdigest()


def title_items(pairs: Sequence[TitlePair]) -> TitleItems:
    """Get pairs ready to be judged, once for many predictors.

    Args:
        pairs: As for `evaluate_titles`.

    Returns:
        The items, in the order of the pairs.

    Raises:
        InputError: If there are no pairs.
    """
    if not pairs:
        raise InputError("There are no pairs of title and description to evaluate on; give data that has some.")
    keys = [title_key(pair.title) for pair in pairs]
    answers: dict[str, set[str]] = {pair.description: set() for pair in pairs}
    for pair, key in zip(pairs, keys, strict=True):
        answers[pair.description].add(key)
    return TitleItems(pairs, keys, [answers[pair.description] for pair in pairs], _groups(pairs), _views(pairs))


def _groups(pairs: Sequence[TitlePair]) -> NDArray[np.int64]:
    """Number the near duplicates among postings, and the occupations."""
    descriptions = list(dict.fromkeys(pair.description for pair in pairs if pair.source != ESCO))
    alike = dict(zip(descriptions, near_duplicate_groups(descriptions).tolist(), strict=True))
    names = [pair.id.rsplit("#", 1)[0] if pair.source == ESCO else f"group {alike[pair.description]}" for pair in pairs]
    return np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _views(pairs: Sequence[TitlePair]) -> dict[str, NDArray[np.bool_]]:
    """Say which items belong to which view; empty views are left out."""
    esco = np.array([pair.source == ESCO for pair in pairs])
    views = {"all": np.ones(len(pairs), dtype=np.bool_), "postings": ~esco, "esco": esco}
    for language in sorted({pair.language for pair in pairs}):
        views[f"language {language}"] = np.array([pair.language == language for pair in pairs])
    for source in sorted({pair.source for pair in pairs} - {ESCO}):
        views[f"source {source}"] = np.array([pair.source == source for pair in pairs])
    return {name: inside for name, inside in views.items() if inside.any()}


def _predict(predictor: Suggests, descriptions: Sequence[str], *, progress: Callable[[], None]) -> list[list[str]]:
    found: list[list[str]] = []
    for start in range(0, len(descriptions), _BLOCK):
        block = predictor.predict(descriptions[start : start + _BLOCK], k=max(DEPTHS))
        found += [[suggestion.title for suggestion in suggestions] for suggestions in block]
        for _ in block:
            progress()
    return found


def _points(found: Sequence[Sequence[str]], items: TitleItems) -> Floats:
    """Give each item its measures: float64 (n_items, n_measures), in the order of `MEASURES`."""
    key_of = cache(title_key)
    ranked = [list(dict.fromkeys(map(key_of, suggestions)))[: max(DEPTHS)] for suggestions in found]
    exact = relevance(ranked, [{key} for key in items.keys], depth=max(DEPTHS))
    any_title = relevance(ranked, items.answers, depth=max(DEPTHS))
    bleus = _bleus(ranked, items.keys)
    columns = [accuracy_at(exact, k=k) for k in DEPTHS]
    columns += [bleus[:, :k, kind].max(axis=1) for kind in (0, 1) for k in DEPTHS]
    columns += [accuracy_at(any_title, k=k) for k in DEPTHS]
    return np.stack(columns, axis=1)


def _bleus(ranked: Sequence[Sequence[str]], keys: Sequence[str]) -> Floats:
    """Compare suggestions with titles: float64 (n_items, depth, 2), zeros where there is none; BLEU-1, then BLEU-4."""
    words_of = cache(_words)

    @cache  # frequent titles meet again and again
    def compare(candidate: str, reference: str) -> tuple[float, float]:
        sides = words_of(candidate), words_of(reference)
        return bleu(*sides, order=1), bleu(*sides, order=4, smooth=True)

    values = np.zeros((len(keys), max(DEPTHS), 2))
    for row, suggestions, key in zip(values, ranked, keys, strict=True):
        for rank, suggestion in enumerate(suggestions):
            row[rank] = compare(suggestion, key)
    return values


def _words(key: str) -> tuple[str, ...]:
    """The words of a title key, without punctuation."""
    found = (key[span.start : span.end] for span in words(key))
    return tuple(word for word in found if any(map(str.isalnum, word)))


def _figures(
    points: Floats, abstained: NDArray[np.bool_], groups: NDArray[np.int64], *, seed: int, n_resamples: int
) -> TitleFigures:
    drawn = resampled_sums(group_sums(points, groups), seed=seed, n_resamples=n_resamples)
    low, high = np.quantile(drawn[:, :-1] / drawn[:, -1:], [0.025, 0.975], axis=0)
    return TitleFigures(
        n_items=len(points),
        abstained=float(abstained.mean()),
        means=dict(zip(MEASURES, points.mean(axis=0).tolist(), strict=True)),
        intervals={
            name: Interval(float(lowest), float(highest))
            for name, lowest, highest in zip(MEASURES, low, high, strict=True)
        },
    )
