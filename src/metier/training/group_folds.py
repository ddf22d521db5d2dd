"""Cross-validation of the group classifier on few spans: zero-shot, few-shot, and alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.data.kompetencer import group_file, read_groups
from metier.evaluation.groups import majority
from metier.linking.groups import KIND, OTHER, GroupClassifier, choices
from metier.training.groups import Example, GroupConfig, adapted_head, deal_folds, read_examples, subset

Floats = NDArray[np.float32]

N_FOLDS: Final = 5


def cross_validate_danish(
    classifier: GroupClassifier, *, folder: Path, data: Path, n_seeds: int, advance: Callable[[], None]
) -> tuple[list[str], dict[str, list[list[str]]]]:
    """Guess the classes of Danish train; see `cross_validate`.

    Args:
        classifier: What to measure.
        folder: Of the classifier: says how it adapts.
        data: The folder of Kompetencer.
        n_seeds: How often to deal five folds.
        advance: Called after each fold.

    Returns:
        The right classes, and the guesses of each system.

    Raises:
        InputError: If the data cannot be read.
    """
    settings = read_artifact(folder, kind=KIND).settings
    config = GroupConfig(adapted_decays=tuple(settings["adapted_decays"]), iterations=settings["iterations"])
    rows = read_groups(group_file(data, language="da", split="train"))
    examples = read_examples(classifier.reader, rows, [None] * len(rows), language="da")
    return list(examples.codes), cross_validate(
        config, examples, english=classifier.heads[OTHER], n_seeds=n_seeds, advance=advance
    )


def cross_validate(
    config: GroupConfig, examples: Example, *, english: Floats, n_seeds: int, advance: Callable[[], None]
) -> dict[str, list[list[str]]]:
    """Guess the class of every span by what was learnt without it, over and over with other folds.

    Args:
        config: Of the adaptation; its weight decay is chosen anew inside the training folds.
        examples: The spans.
        english: The head that few-shot heads begin from.
        n_seeds: How often to deal five folds.
        advance: Called after each fold.

    Returns:
        For each system the guesses of each seed, in span order: `zero_shot` (English only), `few_shot` (English and
        the other folds), `alone` (the other folds only) and `majority` (of the other folds).
    """
    zero = [choice.code for choice in choices(examples.features, english)]
    guesses: dict[str, list[list[str]]] = {"zero_shot": [], "few_shot": [], "alone": [], "majority": []}
    for seed in range(n_seeds):
        folds = deal_folds(examples.texts, examples.codes, n_folds=N_FOLDS, seed=seed)
        guessed = {name: [""] * len(zero) for name in guesses}
        guessed["zero_shot"] = zero
        for fold in range(N_FOLDS):
            known, asked = subset(examples, folds != fold), subset(examples, folds == fold)
            rows = np.flatnonzero(folds == fold).tolist()
            for name, prior in (("few_shot", english), ("alone", None)):
                head, _ = adapted_head(config, known, prior=prior)
                _put(guessed[name], rows, [choice.code for choice in choices(asked.features, head)])
            _put(guessed["majority"], rows, [majority(known.codes)] * len(rows))
            advance()
        for name, codes in guessed.items():
            guesses[name].append(codes)
    return guesses


def _put(guessed: list[str], rows: Sequence[int], codes: Sequence[str]) -> None:
    for row, code in zip(rows, codes, strict=True):
        guessed[row] = code
