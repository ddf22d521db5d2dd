"""What the group classifier and its baselines guess for a split of Kompetencer."""

from collections.abc import Sequence
from pathlib import Path

from metier.data.kompetencer import GroupedSpan, group_file, read_groups, skillspan_sentences
from metier.evaluation.groups import majority
from metier.linking.groups import GroupClassifier

Guesses = dict[str, list[list[str]]]  # of each system, once per repeat


def guesses_of_split(
    classifier: GroupClassifier, *, data: Path, language: str, split: str, skillspan: Path | None
) -> tuple[list[str], Guesses]:
    """Guess the classes of a split.

    Args:
        classifier: What to measure.
        data: The folder of Kompetencer.
        language: `en` or `da`.
        split: `train`, `dev` or `test`.
        skillspan: The folder of SkillSpan, where sentences are looked for; None: no sentences.

    Returns:
        The right classes, and the guesses of `classifier`, of `rule` (the labelling rule for spans of no known kind,
        where there are labels to search) and of `majority` (the class that is most frequent in train).

    Raises:
        InputError: If there is no such split, or it cannot be read.
    """
    rows = read_groups(group_file(data, language=language, split=split))
    known = rows if data.is_file() else read_groups(group_file(data, language=language, split="train"))
    texts = [row.text for row in rows]
    sentences = skillspan_sentences(texts, skillspan if language == "en" else None)
    guesses: Guesses = {
        "classifier": [[one.code for one in classifier.classify(texts, language=language, sentences=sentences)]]
    }
    if (ruled := classifier.reader.rule(texts, language=language)) is not None:
        guesses["rule"] = [ruled]
    guesses["majority"] = [[majority(_codes(known))] * len(rows)]
    return _codes(rows), guesses


def _codes(rows: Sequence[GroupedSpan]) -> list[str]:
    return [row.code for row in rows]
