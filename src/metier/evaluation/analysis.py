"""Where a tagger errs: every analysis of one tagger on one file, as plain JSON values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from metier.data.skillspan import TaggedSentence
from metier.errors import InputError
from metier.evaluation import boundaries, breakdowns
from metier.evaluation.span_pairs import SpanPairs, pair_spans
from metier.protocols import Tagger

NOTES: Final = {
    "lengths": "Strict F1. Gold spans are binned by their own length (recall), predicted spans by theirs (precision).",
    "frequency": (
        "Strict F1 by how often the string is a gold span of its layer in the training set, in the case it is written "
        "in. False positives are binned by the predicted string."
    ),
    "sources": "Strict F1 by the source of the posting.",
    "seen": (
        "Strict F1. A string is seen if it is a gold span of its layer in the training set; a sentence is repeated if "
        "it is in the training set word for word."
    ),
    "errors": (
        "Each prediction against the gold span of its layer that it shares most words with. Too short: some of its "
        "words; too long: all and more; shifted: some and others; other layer: it touches a gold span of the other "
        "layer only."
    ),
}
_INTERVALS: Final = " Bars: 95 % bootstrap intervals over sentences."


def analyse_tagging(
    tagger: Tagger,
    sentences: Sequence[TaggedSentence],
    *,
    training: Sequence[TaggedSentence] | None = None,
    seed: int = 0,
    n_resamples: int = 1000,
    progress: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, Any]]:
    """Tag sentences, and break the figures down in every way there is.

    Args:
        tagger: What to look at.
        sentences: Words with gold tags.
        training: What the tagger was trained on; None: leave out what needs it.
        seed: Of the bootstrap.
        n_resamples: Of the bootstrap.
        progress: Called after tagging and after each analysis.

    Returns:
        By analysis: `lengths`, `sources`, `errors`, and with a training set `frequency` and `seen`. Each has a `note`
        that says how it counts, and its tables by layer.

    Raises:
        InputError: If there are no sentences.
    """
    if not sentences:
        raise InputError("There are no sentences to analyse; give a file that has some.")
    pairs = pair_spans(tagger, sentences)
    progress()
    drawing = {"seed": seed, "n_resamples": n_resamples}
    analyses: dict[str, Callable[[], dict[str, Any]]] = {
        "lengths": lambda: _lengths(pairs, **drawing),
        "sources": lambda: {"by_source": _plain(breakdowns.by_source(pairs, **drawing))},
        "errors": lambda: {
            "predictions": boundaries.sort_predictions(pairs),
            "gold": boundaries.sort_gold(pairs),
        },
    }
    if training is not None:
        strings = breakdowns.count_strings(training)
        analyses["frequency"] = lambda: {"by_frequency": _plain(breakdowns.by_frequency(pairs, strings, **drawing))}
        analyses["seen"] = lambda: {
            "by_string": _plain(breakdowns.by_string(pairs, strings, **drawing)),
            "by_sentence": _plain(breakdowns.by_sentence(pairs, training, **drawing)),
        }
    found = {}
    for name, analyse in analyses.items():
        found[name] = {"note": NOTES[name] + ("" if name == "errors" else _INTERVALS), **analyse()}
        progress()
    return found


def _lengths(pairs: Sequence[SpanPairs], *, seed: int, n_resamples: int) -> dict[str, Any]:
    return {
        "by_length": _plain(breakdowns.by_length(pairs, seed=seed, n_resamples=n_resamples)),
        "by_length_pair": _plain(breakdowns.by_length_pair(pairs, seed=seed, n_resamples=n_resamples)),
        "words": {name: asdict(figures) for name, figures in boundaries.compare_lengths(pairs).items()},
    }


def _plain(breakdown: Mapping[str, Sequence[breakdowns.BinFigures]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{**asdict(figures), "interval": list(figures.interval)} for figures in bins]
        for name, bins in breakdown.items()
    }
