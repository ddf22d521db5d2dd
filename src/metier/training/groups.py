"""Training of the group classifier: one head on English, one for any language, one adapted to Danish."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import write_artifact
from metier.data.kompetencer import CLASSES, GroupedSpan, group_file, read_groups, skillspan_sentences
from metier.errors import ConfigError
from metier.evaluation.groups import evaluate_groups
from metier.linking.group_features import N_BUCKETS, Features, SpanReader
from metier.linking.groups import HEADS_FILE, KIND, OTHER, build_reader, choices, pack_heads, rounded
from metier.training.config import config_values
from metier.training.record import training_record
from metier.training.softmax_regression import fit_softmax

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Codes = Sequence[str]

_NUMBER: Final = {code: place for place, code in enumerate(CLASSES)}
_CONSTANT: Final = 3.0  # the feature behind the constant, so that weight decay holds it less
_INNER_FOLDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupConfig:
    """What trains a group classifier; the values were chosen on English dev."""

    linker: str = "linker"  # its encoder reads spans; one of many languages goes in here
    taxonomy: str = "esco"
    context: bool = False  # look at the sentence, where --skillspan has it
    weight_decay: float = 1.0
    adapted_decays: tuple[float, ...] = (
        0.01,
        0.03,
        0.1,
        0.3,
        1.0,
        3.0,
    )  # for Danish, chosen by its own cross-validation
    iterations: int = 200  # of L-BFGS at most


@dataclass(frozen=True, slots=True)
class Example:
    """Spans with features and classes."""

    features: Features
    codes: Codes
    texts: Sequence[str]


def train_groups(
    config: GroupConfig, *, data: Path, output: Path, skillspan: Path | None = None, threads: int = 2
) -> dict[str, Any]:
    """Train a classifier and write its folder.

    Args:
        config: What to train.
        data: The folder of Kompetencer; its train and dev splits are read.
        output: The model folder to write.
        skillspan: The folder of SkillSpan, where the sentences of English spans are looked for; None: no sentences.
        threads: Processors that encode.

    Returns:
        The measures on English dev, plain JSON values.

    Raises:
        InputError: If a file cannot be read.
        ConfigError: If the configuration asks for sentences and there are none.
        ModelError: If the linker cannot be used, or the folder cannot be written.
    """
    if config.context and skillspan is None:
        raise ConfigError("The configuration has context = true; give the folder of SkillSpan with --skillspan.")
    started = time.monotonic()
    reader, encoder_sha256 = build_reader(
        config.linker, taxonomy=config.taxonomy, context=config.context, threads=threads
    )
    files = [
        group_file(data, language=la, split=split) for la, split in (("en", "train"), ("en", "dev"), ("da", "train"))
    ]
    rows = [read_groups(path) for path in files]
    found = [
        skillspan_sentences([row.text for row in some], folder)
        for some, folder in zip(rows, (skillspan, skillspan, None), strict=True)
    ]
    examples = [
        read_examples(reader, some, sentences, language=language)
        for some, sentences, language in zip(rows, found, ("en", "en", "da"), strict=True)
    ]
    heads, measures = _fit_heads(config, reader, *examples)
    measures["sentences_found"] = [sum(one is not None for one in some) for some in found[:2]]
    if config.context:
        measures["context"] = _context_gain(config, reader, examples[0], found[0])
    _write(config, output, heads, encoder_sha256=encoder_sha256, files=files, measures=measures, started=started)
    return measures


def read_examples(
    reader: SpanReader, rows: Sequence[GroupedSpan], sentences: Sequence[str | None], *, language: str
) -> Example:
    """Describe labelled spans."""
    texts = [row.text for row in rows]
    return Example(reader.read(texts, sentences, language=language), [row.code for row in rows], texts)


def adapted_head(config: GroupConfig, examples: Example, *, prior: Floats | None) -> tuple[Floats, float]:
    """Fit a head to few spans, drawn towards another head by weight decay.

    Chelba and Acero (2004), Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a Lot.

    Args:
        config: The weight decays to choose from, by cross-validation on the same spans.
        examples: The few spans.
        prior: What the head is drawn to; None: to zeros.

    Returns:
        The head, and the weight decay.
    """
    from scipy import sparse

    every = sparse.hstack(feature_blocks(examples.features)).tocsc()
    used = np.flatnonzero(np.diff(every.indptr))  # the weights of columns that are all zero stay as they are
    matrix: Doubles = every[:, used].toarray()
    head = np.zeros((every.shape[1], len(CLASSES))) if prior is None else _scaled(prior)
    start = head[used]
    classes = _places(examples.codes)
    folds = deal_folds(examples.texts, examples.codes, n_folds=_INNER_FOLDS, seed=0)

    def gain(decay: float) -> tuple[int, float]:
        """How many spans of the folds that were left out get their class; of equals, how likely the classes are."""
        n_right, likelihood = 0, 0.0
        for fold in range(_INNER_FOLDS):
            held = folds == fold
            if held.any() and not held.all():
                fitted = _fit_small(matrix[~held], classes[~held], start, decay, config.iterations)
                scores = matrix[held] @ fitted
                n_right += int((scores.argmax(axis=1) == classes[held]).sum())
                likelihood -= _log_loss(scores, classes[held])
        return n_right, likelihood

    decay = max(config.adapted_decays, key=gain)
    head[used] = _fit_small(matrix, classes, start, decay, config.iterations)
    return _unscaled(head), decay


def deal_folds(texts: Sequence[str], codes: Codes, *, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Deal spans to folds: equal texts to the same one, the members of a class to all in turn.

    Args:
        texts: The spans.
        codes: Their classes.
        n_folds: At least 1.
        seed: The same seed deals the same way.

    Returns:
        int64 (n_spans,), the fold of each.
    """
    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    order.sort(key=lambda row: codes[row])  # stable: by chance within a class
    fold_of: dict[str, int] = {}
    for row in order:
        fold_of.setdefault(texts[row].casefold(), len(fold_of) % n_folds)
    return np.array([fold_of[text.casefold()] for text in texts], dtype=np.int64)


def feature_blocks(features: Features) -> "tuple[Doubles, csr_matrix, Doubles]":
    """Give features as blocks of columns: dense ones, buckets, a constant."""
    from scipy import sparse

    ends = np.cumsum([0, *(len(buckets) for buckets, _ in features.runs)])
    columns = np.concatenate([np.zeros(0, np.int64), *(buckets for buckets, _ in features.runs)])
    values = np.concatenate([np.zeros(0, np.float64), *(values for _, values in features.runs)])
    letters = sparse.csr_matrix((values, columns, ends), shape=(len(ends) - 1, N_BUCKETS))
    return features.dense.astype(np.float64), letters, np.full((len(features.runs), 1), _CONSTANT)


def subset(examples: Example, chosen: NDArray[np.bool_]) -> Example:
    """Give some of the spans, in order."""
    rows = np.flatnonzero(chosen).tolist()
    features = Features(examples.features.dense[chosen], [examples.features.runs[row] for row in rows])
    return Example(features, [examples.codes[row] for row in rows], [examples.texts[row] for row in rows])


def _fit_heads(
    config: GroupConfig, reader: SpanReader, train: Example, dev: Example, danish: Example
) -> tuple[dict[str, Floats], dict[str, Any]]:
    english = rounded(_fit(config, train.features, train.codes))
    other = rounded(_fit_meaning(config, reader, train))
    adapted, decay = adapted_head(config, danish, prior=other)
    heads = {"en": english, OTHER: other, "da": rounded(adapted)}
    figures = {
        name: evaluate_groups(dev.codes, [one.code for one in choices(dev.features, head)]).to_dict()
        for name, head in (("dev", english), ("dev_by_meaning_only", other))
    }
    short = {name: {key: one[key] for key in ("weighted_f1", "macro_f1", "accuracy")} for name, one in figures.items()}
    return heads, {**short, "danish_decay": decay}


def _fit(config: GroupConfig, features: Features, codes: Codes) -> Floats:
    dense, letters, constant = feature_blocks(features)
    used = np.unique(letters.indices)  # the weights of buckets that are never met stay 0
    n_dense = dense.shape[1]
    fitted = fit_softmax(
        [dense, letters[:, used], constant],
        _places(codes),
        n_classes=len(CLASSES),
        decay=config.weight_decay,
        iterations=config.iterations,
    )
    head = np.zeros((n_dense + N_BUCKETS + 1, len(CLASSES)))
    head[[*range(n_dense), *(n_dense + used), -1]] = fitted
    return _unscaled(head)


def _fit_meaning(config: GroupConfig, reader: SpanReader, examples: Example) -> Floats:
    """Fit a head to what does not hang on the words of one language."""
    dense = examples.features.dense.copy()
    dense[:, reader.searched_columns()] = 0
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.float32))
    return _fit(config, Features(dense, [nothing] * len(dense)), examples.codes)


def _fit_small(matrix: Doubles, classes: NDArray[np.int64], start: Doubles, decay: float, iterations: int) -> Doubles:
    """Fit to fewer rows than columns: in the space that the rows span, where the same best weights are."""
    left, lengths, right = np.linalg.svd(matrix, full_matrices=False)
    change = fit_softmax(
        [left * lengths],  # the rows in a basis of what they span
        classes,
        n_classes=len(CLASSES),
        decay=decay,
        iterations=iterations,
        offset=matrix @ start,
    )
    return start + right.T @ change


def _log_loss(scores: Doubles, classes: NDArray[np.int64]) -> float:
    highest = scores.max(axis=1)
    total = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return float((total - scores[np.arange(len(classes)), classes]).sum())


def _places(codes: Codes) -> NDArray[np.int64]:
    return np.array([_NUMBER[code] for code in codes], dtype=np.int64)


def _scaled(head: Floats) -> Doubles:
    return np.concatenate([head[:-1], head[-1:] / _CONSTANT]).astype(np.float64)


def _unscaled(head: Doubles) -> Floats:
    return np.concatenate([head[:-1], head[-1:] * _CONSTANT]).astype(np.float32)


def _context_gain(
    config: GroupConfig, reader: SpanReader, train: Example, sentences: Sequence[str | None]
) -> dict[str, Any]:
    """Fit with and without sentences on four fifths of the spans that have one, and measure on the last fifth."""
    here = subset(train, np.array([one is not None for one in sentences]))
    last = np.arange(len(here.codes)) >= len(here.codes) * 4 // 5
    blind = replace(
        here.features, dense=here.features.dense * (np.arange(here.features.dense.shape[1]) < reader.n_alone)
    )
    figures: dict[str, Any] = {"n": int(last.sum())}
    for name, features in (("with", here.features), ("without", blind)):
        fitted, held = (subset(Example(features, here.codes, here.texts), some) for some in (~last, last))
        guessed = [one.code for one in choices(held.features, rounded(_fit(config, fitted.features, fitted.codes)))]
        figures[name] = evaluate_groups(held.codes, guessed).to_dict()["weighted_f1"]
    return figures


def _write(
    config: GroupConfig,
    output: Path,
    heads: dict[str, Floats],
    *,
    encoder_sha256: str,
    files: Sequence[Path],
    measures: dict[str, Any],
    started: float,
) -> None:
    record = training_record(config=config, data=files, seconds=time.monotonic() - started, measures=measures)
    values = config_values(config)
    settings = {key: values[key] for key in ("linker", "taxonomy", "context")}
    settings |= {
        "encoder_sha256": encoder_sha256,
        "heads": list(heads),
        "adapted_decays": config.adapted_decays,
        "iterations": config.iterations,
    }
    files_out = {HEADS_FILE: pack_heads(heads), "record.json": (json.dumps(record, indent=1) + "\n").encode()}
    write_artifact(output, kind=KIND, settings=settings, files=files_out)
