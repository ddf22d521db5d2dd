"""Tagged sentences as the tensors that a tagger's network reads: windows, and batches of one data set each."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.data.skillspan import TaggedSentence, find_split, merged_layers
from metier.data.tagged_sets import read_tagged
from metier.domain import MentionKind
from metier.errors import ConfigError
from metier.nn.pieces import Window, windows
from metier.nn.wordpieces import WordPieces
from metier.tagging.layers import LAYERS, tags_to_ids

_BLOCK: Final = 32  # batches whose sentences are sorted by length together


@dataclass(frozen=True, slots=True)
class TaggedSet:
    """One data set and the heads that learn from it."""

    name: str
    heads: Mapping[str, MentionKind]  # head -> its layer in the sentences
    train: Sequence[TaggedSentence]
    dev: Sequence[TaggedSentence]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """What the network reads at once, and the tags of its words."""

    window: Window
    tags: Mapping[str, NDArray[np.int64]]  # head -> (n_words,)


def read_tagged_sets(
    data: Path, *, names: Sequence[str], layers: Sequence[MentionKind], merged: bool
) -> list[TaggedSet]:
    """Read the train and dev splits of one data set or of several.

    Args:
        data: The folder of the one data set; with `names`, the folder that holds their folders.
        names: Folders, the main data set first; empty for one data set.
        layers: Which layers of the main data set to learn; of the others every layer that is annotated.
        merged: One layer without types: the skill tag wins, else the knowledge tag (Zhang et al., 2024, NNOSE).

    Returns:
        The data sets in order. The heads of the main one are called as their layers, those of a further one have its
        name before a slash.

    Raises:
        InputError: If a file is missing or cannot be read.
        ConfigError: If a layer of the main data set is not annotated.
    """
    sets = []
    for number, folder in enumerate([data / name for name in names] or [data]):
        files = (find_split(folder, "train"), find_split(folder, "dev"))
        train, dev = ([_reduced(row, merged) for row in read_tagged(path)] for path in files)
        annotated = [layer for layer in LAYERS if any(getattr(row, layer) is not None for row in train)]
        if number == 0:
            missing = [layer for layer in layers if layer not in annotated]
            if missing:
                raise ConfigError(f"{files[0]} has no tags for the layer {missing[0]}; it has {', '.join(annotated)}.")
        heads: dict[str, MentionKind] = {layer: layer for layer in layers}
        if number:
            heads = {f"{folder.name}/{layer}": layer for layer in annotated}
        sets.append(TaggedSet(folder.name, heads, train, dev, files))
    return sets


def examples_of(
    sentences: Sequence[TaggedSentence],
    wordpieces: WordPieces,
    *,
    heads: Mapping[str, MentionKind],
    size: int,
    overlap: int,
    cased: bool,
) -> list[Example]:
    """Cut sentences into windows with their tags.

    Args:
        sentences: Words and tags.
        wordpieces: The encoder's vocabulary.
        heads: Head -> layer; a sentence without tags for one of the layers is all O in it.
        size: Pieces per window.
        overlap: Pieces that a window shares with the one before.
        cased: Whether the casing of words is the token type.

    Returns:
        The windows by sentence, then by position.
    """
    cut = windows([sentence.words for sentence in sentences], wordpieces, size=size, overlap=overlap, cased=cased)
    examples = []
    for window in cut:
        here = slice(window.first_word, window.first_word + window.n_words)
        sentence = sentences[window.sentence]
        tags = {  # a window that begins inside a span begins with B: no chain begins with I
            head: tags_to_ids((getattr(sentence, layer) or ("O",) * len(sentence.words))[here])
            for head, layer in heads.items()
        }
        examples.append(Example(window, tags))
    return examples


def epoch_batches(
    sets: Sequence[Sequence[Example]], *, batch_size: int, further_share: float, order: random.Random
) -> Iterator[dict[str, Tensor]]:
    """Yield the batches of one epoch, each of one data set and of sentences of like length, in random order.

    Args:
        sets: The examples of each data set, the main one first.
        batch_size: Windows per batch.
        further_share: The share of the further data sets' examples that is drawn for this epoch, in (0, 1].
        order: Decides everything.

    Yields:
        What `TaggerNetwork.loss` takes.
    """
    batches: list[Sequence[Example]] = []
    for number, examples in enumerate(sets):
        n_drawn = len(examples) if number == 0 else max(1, round(further_share * len(examples)))
        shuffled = order.sample(list(examples), n_drawn)
        block_size = _BLOCK * batch_size
        for block in (shuffled[i : i + block_size] for i in range(0, n_drawn, block_size)):
            block.sort(key=lambda example: len(example.window.pieces))
            batches += [block[i : i + batch_size] for i in range(0, len(block), batch_size)]
    order.shuffle(batches)
    yield from map(to_tensors, batches)


def to_tensors(batch: Sequence[Example]) -> dict[str, Tensor]:
    """Pad and stack the examples of one data set.

    Args:
        batch: At least one example; all have tags for the same heads.

    Returns:
        `pieces`, `types`, `attention` int64 (windows, pieces); `word_starts` and each head's tags int64
        (windows, words), padded with 0 and -1.
    """
    n_pieces = max(len(example.window.pieces) for example in batch)
    n_words = max(example.window.n_words for example in batch)
    heads = list(batch[0].tags)
    tensors: dict[str, Tensor] = {
        "pieces": torch.zeros(len(batch), n_pieces, dtype=torch.long),
        "types": torch.zeros(len(batch), n_pieces, dtype=torch.long),
        "attention": torch.zeros(len(batch), n_pieces, dtype=torch.long),
        "word_starts": torch.zeros(len(batch), n_words, dtype=torch.long),
        **{head: torch.full((len(batch), n_words), -1) for head in heads},
    }
    for row, example in enumerate(batch):
        window = example.window
        tensors["pieces"][row, : len(window.pieces)] = torch.tensor(window.pieces)
        tensors["types"][row, : len(window.pieces)] = torch.tensor(window.types)
        tensors["attention"][row, : len(window.pieces)] = 1
        tensors["word_starts"][row, : window.n_words] = torch.tensor(window.word_starts)
        for head in heads:
            tensors[head][row, : window.n_words] = torch.from_numpy(example.tags[head])
    return tensors


def _reduced(sentence: TaggedSentence, merged: bool) -> TaggedSentence:
    return merged_layers(sentence) if merged else sentence
