"""SkillSpan files in: one sentence per line of JSON, its words, and two parallel layers of B, I and O tags.

Zhang, Jensen, Sonniks and Plank (2022), SkillSpan: Hard and Soft Skill Extraction from English Job Postings.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from metier.data.packed_text import read_objects
from metier.errors import InputError, MissingColumn

_ENDINGS: Final = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".conll", ".conll.gz")


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """One sentence: its words and, for each layer, one of `B`, `I`, `O` per word; None: not annotated."""

    words: tuple[str, ...]
    skill: tuple[str, ...] | None
    knowledge: tuple[str, ...] | None
    posting: str = ""  # sentences of one posting share it, within a file
    source: str = ""


def find_split(path: Path, split: str) -> Path:
    """Find the file of a split.

    Args:
        path: A folder, or a file, which is then the answer whatever the split.
        split: Such as `train`, `dev` or `test`: the name of the file without its ending.

    Returns:
        The file, which exists.

    Raises:
        InputError: If there is no such file.
    """
    if path.is_file():
        return path
    if not path.exists():
        raise InputError(f"There is no file or folder {path}; give one that holds SkillSpan data.")
    for ending in _ENDINGS:
        if (path / f"{split}{ending}").is_file():
            return path / f"{split}{ending}"
    raise InputError(f"{path} has no split '{split}': expected {split} with one of {', '.join(_ENDINGS)}.")


def read_skillspan(path: Path) -> list[TaggedSentence]:
    """Read a file of tagged sentences, packed with gzip or not.

    Args:
        path: JSON lines with `tokens`, `tags_skill` or `tags_knowledge` or both, maybe `idx` and `source`.
            Tags are `B`, `I`, `O`, or carry a type behind (`B-Skill`), which is dropped: the layer says it.

    Returns:
        The sentences in file order; empty lines are passed over.

    Raises:
        InputError: If the file cannot be read, or a row is not what it should be; the message names the row.
        MissingColumn: If a row has no tokens or no tags.
    """
    return [_sentence(row, where) for where, row in read_objects(path)]


def skillspan_row(sentence: TaggedSentence) -> dict[str, Any]:
    """Give the JSON object that `read_skillspan` reads as this sentence.

    Args:
        sentence: With one layer or both.

    Returns:
        `idx`, `tokens`, `tags_skill`, `tags_knowledge` and `source`; without those that the sentence lacks.
    """
    columns = {
        "idx": sentence.posting,
        "tokens": sentence.words,
        "tags_skill": sentence.skill,
        "tags_knowledge": sentence.knowledge,
        "source": sentence.source,
    }
    return {name: value for name, value in columns.items() if value not in (None, "")}


def span_tags(spans: Iterable[tuple[int, int]], *, n_words: int) -> tuple[str, ...]:
    """Tag a layer.

    Args:
        spans: Word ranges, half-open, inside the sentence; none overlap.
        n_words: Of the sentence.

    Returns:
        `B`, `I` or `O` for each word.
    """
    tags = ["O"] * n_words
    for start, end in spans:
        tags[start:end] = ["B", *["I"] * (end - start - 1)]
    return tuple(tags)


def merged_layers(sentence: TaggedSentence) -> TaggedSentence:
    """Reduce the two layers to one, word by word: the skill tag wins, else the knowledge tag stands.

    As Zhang, van der Goot, Kan and Plank (2024), NNOSE, did to compare data sets; nested knowledge disappears.

    Args:
        sentence: With one layer or both.

    Returns:
        The sentence with the merged tags as its skill layer and no knowledge layer.
    """
    skill = sentence.skill or ("O",) * len(sentence.words)
    knowledge = sentence.knowledge or ("O",) * len(sentence.words)
    merged = tuple(behind if tag == "O" else tag for tag, behind in zip(skill, knowledge, strict=True))
    return replace(sentence, skill=merged, knowledge=None)


def _sentence(row: dict[str, Any], where: str) -> TaggedSentence:
    words = _strings(row, "tokens", where)
    skill, knowledge = (_tags(row, column, where) for column in ("tags_skill", "tags_knowledge"))
    if words is None:
        raise MissingColumn(f"{where} has no 'tokens', only {_listed(row)}; expected words.")
    if skill is None and knowledge is None:
        raise MissingColumn(
            f"{where} has neither 'tags_skill' nor 'tags_knowledge', only {_listed(row)}; give one or both."
        )
    for column, tags in (("tags_skill", skill), ("tags_knowledge", knowledge)):
        if tags is not None and len(tags) != len(words):
            raise InputError(f"{where} has {len(words)} tokens and {len(tags)} {column}; expected one tag per token.")
    return TaggedSentence(words, skill, knowledge, str(row.get("idx", "")), str(row.get("source", "")))


def _tags(row: dict[str, Any], column: str, where: str) -> tuple[str, ...] | None:
    tags = _strings(row, column, where)
    if tags is None:
        return None
    wrong = next((tag for tag in tags if tag not in ("B", "I", "O") and tag[:2] not in ("B-", "I-")), None)
    if wrong is not None:
        raise InputError(f"{where} has the tag '{wrong}' in {column}; expected B, I, O or such as B-Skill.")
    return tuple(tag[0] for tag in tags)


def _strings(row: dict[str, Any], column: str, where: str) -> tuple[str, ...] | None:
    values = row.get(column)
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{where} has a '{column}' that is no list of strings; expected one per word.")
    return tuple(values)


def _listed(row: dict[str, Any]) -> str:
    return ", ".join(f"'{column}'" for column in row) or "nothing"
