"""Pairs of title and description as word numbers, and the batches of an epoch."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.title_pairs import ESCO, TitlePair, mask_title
from metier.errors import InputError
from metier.taxonomy.table import alternatives, read_table
from metier.titles.cleaning import title_key
from metier.titles.title_words import title_words
from metier.titles.word_vectors import WordVectors

_POOL: Final = 4096  # pairs among which those of like length are brought together

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TitleExamples:
    """Pairs as numbers. A title is its key; a text is a description, with its title or masked."""

    keys: tuple[str, ...]  # the different titles, sorted
    titles: list[Rows]  # the word rows of each
    texts: list[Rows]  # the word rows of each different text
    title_of: Rows  # (n_pairs,): rows of `titles`
    text_of: Rows  # (n_pairs,): rows of `texts`
    masked_of: Rows  # (n_pairs,): rows of `texts`
    n_left_out: int  # pairs without a known word on one side

    @property
    def n_pairs(self) -> int:
        """Pairs that can be learnt from."""
        return len(self.title_of)

    def right(self, pairs: Rows) -> NDArray[np.bool_]:
        """Say which titles of a batch are right for which of its descriptions.

        Args:
            pairs: The numbers of the batch's pairs.

        Returns:
            bool (b, b): the same title, or a title of the same description.
        """
        titles, texts = self.title_of[pairs], self.text_of[pairs]
        right: NDArray[np.bool_] = (titles[:, None] == titles) | (texts[:, None] == texts)
        return right


def word_texts(pairs: Sequence[TitlePair]) -> list[list[str]]:
    """Give what word vectors are trained on: each different description once, behind all its titles.

    Args:
        pairs: To train on.

    Returns:
        Words, by first occurrence of the description.
    """
    titles: dict[str, dict[str, None]] = {}
    for pair in pairs:
        titles.setdefault(pair.description, {})[title_key(pair.title)] = None
    return [
        [word for title in found for word in title_words(title)] + title_words(description)
        for description, found in titles.items()
    ]


def skill_texts(esco: Path, languages: Sequence[str]) -> list[list[str]]:
    """Give the words of ESCO's skills, for word vectors.

    Args:
        esco: A release folder.
        languages: Those in which the folder has no `skills_XX.csv` are passed over.

    Returns:
        The words of each skill: its labels, then its description where there is one.
    """
    texts = []
    for path in esco_files(esco, "skills", languages):
        for row in read_table(path, needed=("preferredLabel",)):
            label = row["preferredLabel"]
            labels = [label, *alternatives(row.get("altLabels", ""), label=label)]
            texts.append(title_words("\n".join([*labels, row.get("description", "")])))
    return texts


def esco_files(esco: Path, stem: str, languages: Sequence[str]) -> list[Path]:
    """Find the files of a release that are there.

    Args:
        esco: A release folder.
        stem: Such as `occupations`.
        languages: Two-letter codes.

    Returns:
        `STEM_XX.csv` or `STEM_XX.csv.gz`, by language as given.
    """
    names = [f"{stem}_{language}{ending}" for language in languages for ending in (".csv", ".csv.gz")]
    return [esco / name for name in names if (esco / name).is_file()]


def title_examples(pairs: Sequence[TitlePair], vectors: WordVectors, *, n_words: int) -> TitleExamples:
    """Turn pairs into numbers.

    Args:
        pairs: To train on, or to measure on.
        vectors: Whose words are known; the others are left out.
        n_words: Known words read of a description at most.

    Returns:
        The examples, in the order of the pairs. Where masking leaves no word, the text is not masked.
    """
    keys = tuple(sorted({title_key(pair.title) for pair in pairs}))
    titles = [np.array(vectors.known_rows(title_words(key)), dtype=np.int64) for key in keys]
    key_row = {key: row for row, key in enumerate(keys)}
    text_row: dict[str, int] = {}
    numbers = []
    for pair in pairs:
        masked = mask_title(pair.description, pair.title)
        both = [text_row.setdefault(text, len(text_row)) for text in (pair.description, masked)]
        numbers.append((key_row[title_key(pair.title)], *both))
    texts = [np.array(vectors.known_rows(title_words(text))[:n_words], dtype=np.int64) for text in text_row]
    usable = [
        (title, text, masked if len(texts[masked]) else text)
        for title, text, masked in numbers
        if len(titles[title]) and len(texts[text])
    ]
    title_of, text_of, masked_of = np.array(usable, dtype=np.int64).reshape(-1, 3).T
    return TitleExamples(keys, titles, texts, title_of, text_of, masked_of, n_left_out=len(pairs) - len(usable))


def check_enough(examples: TitleExamples) -> None:
    """Refuse pairs from which no ranking can be learnt.

    Args:
        examples: To train on.

    Raises:
        InputError: If fewer than two titles are left.
    """
    n_titles = len(np.unique(examples.title_of))
    if n_titles < 2:
        raise InputError(
            f"The training pairs have {n_titles} different titles with a known word and a description; at least two "
            "are needed: add pairs, or lower least_count."
        )


def shown_titles(pairs: Sequence[TitlePair]) -> dict[str, tuple[str, str, int]]:
    """Choose which titles a model ships with, and how each is shown.

    Args:
        pairs: To train on. Where they are of several sources, the preferred labels of ESCO are chosen, and the titles
            that two sources have: what only one employer or job board calls a job is nobody else's name for it.

    Returns:
        Key -> its most frequent form, which is how it stands in a title as it came; the language in which it was
        met most often; how many pairs have it. Sorted by key.
    """
    forms: dict[str, Counter[str]] = {}
    languages: dict[str, Counter[str]] = {}
    sources: dict[str, set[str]] = {}
    preferred: set[str] = set()
    for pair in pairs:
        key = title_key(pair.title)
        forms.setdefault(key, Counter())[_form(pair.title, key)] += 1
        languages.setdefault(key, Counter())[pair.language] += 1
        sources.setdefault(key, set()).add(pair.source)
        if pair.source == ESCO and _is_preferred(pair):
            preferred.add(key)
    n_needed = min(2, len({pair.source for pair in pairs}))
    return {
        key: (forms[key].most_common(1)[0][0], languages[key].most_common(1)[0][0], forms[key].total())
        for key in sorted(forms)
        if key in preferred or len(sources[key]) >= n_needed
    }


def epoch_batches(examples: TitleExamples, *, size: Callable[[], int], draw: random.Random) -> Iterator[Rows]:
    """Give every pair once, in batches of descriptions that are about as long.

    Args:
        examples: To train on.
        size: Asked before each batch for its size.
        draw: Decides the order.

    Yields:
        Numbers of pairs; two at least.
    """
    order = list(range(examples.n_pairs))
    draw.shuffle(order)
    for start in range(0, len(order), _POOL):
        pool = sorted(order[start : start + _POOL], key=lambda pair: len(examples.texts[examples.text_of[pair]]))
        while len(pool) > 1:
            n = min(size(), len(pool))
            first = draw.randrange(len(pool) - n + 1)
            yield np.array(pool[first : first + n], dtype=np.int64)
            del pool[first : first + n]


def _is_preferred(pair: TitlePair) -> bool:
    """Tell the preferred label of an occupation, whose id ends in `#en0`, from the alternatives after it."""
    return pair.id.rpartition("#")[2] == f"{pair.language}0"


def _form(raw: str, key: str) -> str:
    """How a key stands in a title, with its capitals; the key itself where cleaning took something from within."""
    start = raw.lower().find(key)
    return raw[start : start + len(key)] if start >= 0 and len(raw.lower()) == len(raw) else key
