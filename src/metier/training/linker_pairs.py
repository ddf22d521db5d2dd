"""What the linker learns from: pairs of a query and the skill it names.

Four sources: alternative labels; descriptions; SkillSkape sentences (Magron et al., 2024), which name several
skills each without saying where; and composed sentences, in which labels stand at known places.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from metier.domain import Skill

Source = Literal["alternative", "description", "sentence", "composed"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A text, the part of it that names the skill (None: all of it), and the rows of the skills it names."""

    text: str
    span: tuple[int, int] | None
    skill: int  # row of the skill to find
    also: frozenset[int]  # rows that are right too, and so are no negatives


_ABOUT_KNOWLEDGE: Final = (
    "Experience with {} is required.",
    "Knowledge of {} is a plus.",
    "Strong background in {}.",
    "You have worked with {} before and know your way around it.",
    "Requirements: {}",
    "We use {} every day.",
    "Certification in {} preferred",
    "At least 3 years of experience in {}.",
    "A degree in {} or a related field.",
    "- {}",
    "Proficient in {}, with an eye for detail.",
    "Familiarity with {} and similar tools",
    "Our stack: {}.",
    "Working knowledge of {} would be an advantage.",
)
_ABOUT_SKILL: Final = (
    "You will {} together with the team.",
    "Your tasks: {}.",
    "Ability to {}.",
    "We are looking for someone who can {}.",
    "In this role you {} on a daily basis.",
    "- {}",
    "Responsibilities include: {}",
    "You are able to {} under pressure and love to learn.",
    "The successful candidate will {} for our customers.",
    "You like to {}",
    "Proven track record: {}.",
    "Be responsible for the following: {}.",
)
_JOINTS: Final = (", ", " and ", " or ", ", ", " / ", " as well as ")


def label_pairs(skills: Sequence[Skill], descriptions: Sequence[str]) -> dict[Source, list[Pair]]:
    """Pair every alternative label and every description with its skill.

    Args:
        skills: In taxonomy order.
        descriptions: One per skill, empty where there is none.

    Returns:
        The pairs by source, in taxonomy order. An alternative that several skills share counts for each.
    """
    owners: dict[str, set[int]] = {}
    for row, skill in enumerate(skills):
        for label in skill.alternatives:
            owners.setdefault(label.lower(), set()).add(row)
    alternatives = [
        Pair(label, None, row, frozenset(owners[label.lower()]))
        for row, skill in enumerate(skills)
        for label in skill.alternatives
    ]
    described = [Pair(text, None, row, frozenset({row})) for row, text in enumerate(descriptions) if text]
    return {"alternative": alternatives, "description": described}


def sentence_pairs(rows: Sequence[tuple[str, Sequence[int]]]) -> list[Pair]:
    """Pair every sentence with each skill that it names.

    Args:
        rows: A sentence and the rows of its skills.

    Returns:
        One pair per sentence and skill, in order.
    """
    return [Pair(sentence, None, skill, frozenset(skills)) for sentence, skills in rows for skill in skills]


def composed_pair(skills: Sequence[Skill], draw: random.Random) -> Pair:
    """Write a sentence around one to four labels and pair one of them with its skill.

    Args:
        skills: In taxonomy order.
        draw: Decides everything.

    Returns:
        A pair whose span is the label's place in the sentence.
    """
    kind = draw.choice(("skill", "knowledge"))
    chosen: list[int] = []
    while len(chosen) < draw.choice((1, 1, 2, 3, 4)):
        row = draw.randrange(len(skills))
        if skills[row].kind == kind:
            chosen.append(row)
    labels = [draw.choice((skills[row].label, *skills[row].alternatives)) for row in chosen]
    template = draw.choice(_ABOUT_KNOWLEDGE if kind == "knowledge" else _ABOUT_SKILL)
    asked = draw.randrange(len(chosen))
    text, spans = "", []
    for number, label in enumerate(labels):
        text += draw.choice(_JOINTS) if number else ""
        spans.append((len(text), len(text) + len(label)))
        text += label
    before = template.index("{}")
    start, end = spans[asked]
    return Pair(
        template.replace("{}", text),
        (start + before, end + before),
        chosen[asked],
        frozenset({chosen[asked]}),
    )
