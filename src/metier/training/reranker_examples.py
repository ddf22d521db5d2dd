"""What the re-ranker learns from: texts, the skills they name, and wrong skills that the first stage ranks high.

Two sources: SkillSkape sentences (Magron et al., 2024), which name several skills each; and alternative labels as
mentions, each of which the concept's text then leaves out.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from metier.domain import Mention, Skill, Span
from metier.protocols import Linker
from metier.training.linker_pairs import Pair

Progress = Callable[[str, float], None]

_TEXTS_PER_CALL = 256


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the rows of the skills it names, and the rows of the hardest that it does not."""

    text: str
    right: tuple[int, ...]
    wrong: tuple[int, ...]  # as the first stage ranks them


def draw_sentences(
    rows: Sequence[tuple[str, Sequence[str]]], skills: Sequence[Skill], n: int, draw: random.Random
) -> list[tuple[str, tuple[int, ...]]]:
    """Draw labelled sentences.

    Args:
        rows: Sentences with their labels; labels that no skill has are left out.
        skills: In taxonomy order.
        n: How many sentences; all that have a skill, if there are fewer.
        draw: Decides which.

    Returns:
        Different sentences and the rows of their skills.
    """
    numbers = {skill.label.lower(): row for row, skill in reversed(list(enumerate(skills)))}
    known = {
        text: tuple(numbers[label.lower()] for label in labels if label.lower() in numbers) for text, labels in rows
    }
    usable = [(text, found) for text, found in known.items() if found]
    return draw.sample(usable, min(n, len(usable)))


def draw_mentions(pairs: Sequence[Pair], n: int, draw: random.Random) -> list[tuple[str, tuple[int, ...]]]:
    """Draw alternative labels.

    Args:
        pairs: One per alternative and skill, as `linker_pairs.label_pairs` gives them.
        n: How many alternatives; all, if there are fewer.
        draw: Decides which.

    Returns:
        Different alternatives and the rows of the skills that are called so.
    """
    owners = {pair.text: tuple(sorted(pair.also)) for pair in pairs}
    return draw.sample(list(owners.items()), min(n, len(owners)))


def mine(
    drawn: Sequence[tuple[str, tuple[int, ...]]],
    skills: Sequence[Skill],
    *,
    linker: Linker,
    as_mentions: bool,
    depth: int,
    progress: Progress,
) -> list[Example]:
    """Find the wrong skills that the first stage ranks high.

    Args:
        drawn: Texts and the rows of their skills.
        skills: In taxonomy order.
        linker: The first stage.
        as_mentions: Whether each text is one mention; else it is a sentence.
        depth: How far down its lists to look.
        progress: Told what is being done.

    Returns:
        One example per text, in order.
    """
    numbers = {skill.uri: row for row, skill in enumerate(skills)}
    found = []
    for start in range(0, len(drawn), _TEXTS_PER_CALL):
        block = drawn[start : start + _TEXTS_PER_CALL]
        texts = [text for text, _ in block]
        if as_mentions:
            links = linker.link(texts, [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in texts])
            ranked = [link.candidates[:depth] for (link,) in links]
        else:
            ranked = [tuple(candidates) for candidates in linker.rank(texts, k=depth)]
        for (text, right), candidates in zip(block, ranked, strict=True):
            rows = [numbers[candidate.concept.uri] for candidate in candidates]
            found.append(Example(text, right, tuple(row for row in rows if row not in right)))
        progress(f"mined {start + len(block)}/{len(drawn)}, loss -", 0.0)
    return found
