"""What stands for a skill: the vectors of a taxonomy's labels, by three representations.

Zhang, Jensen and Plank (2022), section 3: ISO reads a label alone; AOC averages it over the corpus sentences in which
it stands; WSE does the same, its words weighted by their inverse document frequency.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from metier.domain import MentionKind, Skill
from metier.tagging.weak_encoder import Floats, Pooling, WordEncoder, unit
from metier.text.words import words as words_of

_QUALIFIER: Final = re.compile(r"\s*\([^()]*\)")
_BATCH: Final = 512  # sentences or labels encoded at once
Words = tuple[str, ...]
Idf = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class SkillVectors:
    """What candidates are compared with."""

    labels: tuple[Words, ...]
    kinds: tuple[MentionKind, ...]
    vectors: Floats  # (n_labels, dim), rows of unit length


def label_words(skills: Iterable[Skill], *, alternatives: bool = False) -> dict[Words, MentionKind]:
    """List what skills are called, word by word, without qualifiers in brackets.

    Args:
        skills: In taxonomy order; one whose kind is not known counts as a skill.
        alternatives: Take the alternative labels too.

    Returns:
        Words -> kind, preferred labels of all skills first; the first of those called the same decides.
    """
    held = list(skills)
    found: dict[Words, MentionKind] = {}
    for skill in held:
        found.setdefault(_words(skill.label), skill.kind or "skill")
    for skill in held if alternatives else ():
        for label in skill.alternatives:
            found.setdefault(_words(label), skill.kind or "skill")
    found.pop((), None)
    return found


def isolated_vectors(labels: Mapping[Words, MentionKind], encoder: WordEncoder, *, pooling: Pooling) -> SkillVectors:
    """Read each label by itself (ISO).

    Args:
        labels: As `label_words` gives them.
        encoder: What reads them.
        pooling: `first`, as in the paper, or `mean`.

    Returns:
        One row per label, in order.
    """
    rows = list(labels)
    blocks = [encoder.phrases(rows[i : i + _BATCH], pooling=pooling) for i in range(0, len(rows), _BATCH)]
    vectors = np.concatenate(blocks) if blocks else np.zeros((0, 0), dtype=np.float32)
    return SkillVectors(tuple(rows), tuple(labels.values()), vectors)


def corpus_vectors(
    labels: Mapping[Words, MentionKind], sentences: Sequence[Sequence[str]], encoder: WordEncoder, *, idf: Idf | None
) -> SkillVectors:
    """Read labels in the sentences of a corpus (AOC; with `idf` WSE).

    Per sentence that contains the label word for word, case kept, at its first place there: the mean of its words'
    vectors, or with `idf` sum_w idf(w) v_w; then the mean over these sentences.

    Args:
        labels: As `label_words` gives them.
        sentences: Words of each sentence.
        encoder: What reads them.
        idf: The weight of a word; None: all alike.

    Returns:
        One row per label that some sentence contains, in label order.
    """
    sums: dict[Words, Floats] = {}
    counts: Counter[Words] = Counter()
    for batch in _batches(_sentences_with_labels(labels, sentences)):
        for (words, places), vectors in zip(batch, encoder.words([words for words, _ in batch]), strict=True):
            for label, start in places.items():
                one = _label_vector(vectors[start : start + len(label)], words[start : start + len(label)], idf)
                sums[label] = sums[label] + one if label in sums else one
                counts[label] += 1
    seen = [label for label in labels if label in sums]
    means = [sums[label] / counts[label] for label in seen]
    stacked = unit(np.stack(means)) if means else np.zeros((0, 0), dtype=np.float32)
    return SkillVectors(tuple(seen), tuple(labels[label] for label in seen), stacked)


def smoothed_idf(sentences: Sequence[Sequence[str]]) -> Idf:
    """Weigh words by how few sentences have them: ln((1 + n) / (1 + df)) + 1, case kept.

    Args:
        sentences: Words of each sentence.

    Returns:
        The weight of a word; one that no sentence has weighs most.
    """
    n_sentences = len(sentences)
    frequency = Counter(word for words in sentences for word in set(words))
    return lambda word: float(np.log((1 + n_sentences) / (1 + frequency[word])) + 1)


def _words(label: str) -> Words:
    bare = _QUALIFIER.sub("", label)
    return tuple(bare[word.start : word.end] for word in words_of(bare))


def _label_vector(vectors: Floats, words: Sequence[str], idf: Idf | None) -> Floats:
    if idf is None:
        mean: Floats = vectors.mean(axis=0)
        return mean
    weights = np.array([idf(word) for word in words], dtype=np.float32)
    weighted: Floats = weights @ vectors
    return weighted


def _sentences_with_labels(
    labels: Mapping[Words, MentionKind], sentences: Iterable[Sequence[str]]
) -> Iterator[tuple[Sequence[str], dict[Words, int]]]:
    """Give the sentences that contain a label, and the first place of each."""
    lengths: dict[str, set[int]] = defaultdict(set)  # by first word: most words begin no label
    for label in labels:
        lengths[label[0]].add(len(label))
    for words in sentences:
        places: dict[Words, int] = {}
        for start, word in enumerate(words):
            for length in lengths.get(word, ()):
                piece = tuple(words[start : start + length])
                if piece in labels:
                    places.setdefault(piece, start)
        if places:
            yield words, places


def _batches(
    found: Iterable[tuple[Sequence[str], dict[Words, int]]],
) -> Iterator[list[tuple[Sequence[str], dict[Words, int]]]]:
    batch = []
    for one in found:
        batch.append(one)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
