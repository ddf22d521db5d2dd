"""What people said on sheets of title neighbours, counted by system."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from metier.errors import InputError
from metier.measures.sign_test import sign_test

CHOICES: Final = ("left", "right", "both", "none")


@dataclass(frozen=True, slots=True)
class Answer:
    """One judgement: who stood on which side, and what was chosen, a member of `CHOICES`."""

    title: str
    left: str
    right: str
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTally:
    """Judgements of one pair of systems, added up."""

    n_answers: int
    preferred: dict[str, int]  # system -> times it was chosen alone
    both: int
    none: int
    n_left: int  # times the left side was chosen alone: far from half of such choices, judges favour a side
    p_value: float  # of the sign test over the choices of one side alone

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return asdict(self)


def tally_answers(answers: Sequence[Answer]) -> AnswerTally:
    """Count what was chosen.

    Args:
        answers: Of one pair of systems, by any number of judges; one at least.

    Returns:
        The counts; each system is named, by alphabet.

    Raises:
        InputError: If there are no answers, or they are about different pairs of systems.
    """
    if not answers:
        raise InputError("The sheet has no answers yet; judge a title at least.")
    pairs = {tuple(sorted((answer.left, answer.right))) for answer in answers}
    if len(pairs) > 1:
        found = "; ".join(" and ".join(pair) for pair in sorted(pairs))
        raise InputError(f"The answers are about different systems ({found}); tally each pair by itself.")
    choices = Counter(answer.choice for answer in answers)
    wins = Counter(
        answer.left if answer.choice == "left" else answer.right
        for answer in answers
        if answer.choice in ("left", "right")
    )
    first, second = pairs.pop()
    return AnswerTally(
        n_answers=len(answers),
        preferred={first: wins[first], second: wins[second]},
        both=choices["both"],
        none=choices["none"],
        n_left=choices["left"],
        p_value=sign_test(wins[first], wins[second]),
    )


def read_answers(path: Path) -> list[Answer]:
    """Read the file that a sheet gives to download.

    Args:
        path: JSON with `systems`, `seed` and the list `answers`, each with `title`, `left`, `right` and `choice`.

    Returns:
        The answers in the order of the sheet; titles that were not judged are not in it.

    Raises:
        InputError: If the file cannot be read or is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the file that the sheet wrote.") from error
    except ValueError as error:
        raise InputError(f"{path} is no JSON ({error}); give the file that the sheet wrote.") from error
    rows = content.get("answers") if isinstance(content, dict) else None
    systems = content.get("systems") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not isinstance(systems, list):
        raise InputError(f"{path} has no lists `systems` and `answers`; give the file that the sheet wrote.")
    return [_answer(row, systems=systems, where=f"{path}, answer {number}") for number, row in enumerate(rows, start=1)]


def _answer(row: object, *, systems: Sequence[object], where: str) -> Answer:
    fields = ("title", "left", "right", "choice")
    if not isinstance(row, dict) or not all(isinstance(row.get(field), str) for field in fields):
        raise InputError(f"{where} lacks one of {', '.join(fields)}; give the file that the sheet wrote.")
    if row["choice"] not in CHOICES:
        raise InputError(f"{where} has the choice '{row['choice']}'; expected one of {', '.join(CHOICES)}.")
    if sorted((row["left"], row["right"])) != sorted(map(str, systems)):
        raise InputError(f"{where} is about {row['left']} and {row['right']}, not about the systems of the file.")
    return Answer(*(row[field] for field in fields))
