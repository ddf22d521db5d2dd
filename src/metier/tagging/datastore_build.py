"""From data sets to a datastore: read every sentence once, keep the vector and the tags of every word."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.skillspan import TaggedSentence
from metier.tagging.datastore import NO_TAG, Datastore, tags_of
from metier.tagging.layers import LAYERS, tags_to_ids
from metier.tagging.tagger import NeuralTagger
from metier.tagging.whitening import fit_whitening

# Directions of the whitened vectors. With all the weight on the neighbours, 48 gave SkillSpan dev a higher F1 than 128
# (48.8 against 47.0) and about the same as 8 to 32; the rest is noise that whitening blows up, and takes time.
N_KEPT: Final = 48
_SENTENCES_AT_ONCE: Final = 1024  # enough of each length to fill the encoder's batches


def build_datastore(
    tagger: NeuralTagger,
    sets: Mapping[str, Sequence[TaggedSentence]],
    *,
    n_kept: int = N_KEPT,
    threads: int = 2,
    on_sentence: Callable[[], None] | None = None,
) -> Datastore:
    """Build the store of a tagger.

    Args:
        tagger: Whose vectors to keep; nothing is trained.
        sets: Data set -> its training sentences; a layer of None does not vote. None at all: a store that holds
            nothing but what is added to it.
        n_kept: Directions of the whitened vectors to keep at most.
        threads: Processors to use for the index.
        on_sentence: Called after each sentence.

    Returns:
        The store, with the vote as it is by default.

    Raises:
        MissingExtra: If there are sentences, and faiss is not installed.
    """
    counts = {name: len(sentences) for name, sentences in sets.items()}
    sentences = list(chain.from_iterable(sets.values()))
    vectors = _vectors(tagger, sentences, on_sentence)
    if not len(vectors):
        return Datastore(tagger.version, counts, threads=threads)
    return Datastore.of_vectors(
        counts,
        tagger=tagger.version,
        vectors=vectors,
        tags=np.concatenate([sentence_tags(sentence) for sentence in sentences]),
        entries=np.repeat(np.arange(len(sentences), dtype=np.int32), [len(s.words) for s in sentences]),
        whitening=fit_whitening(vectors, n_kept=n_kept),
        threads=threads,
    )


def sentence_tags(sentence: TaggedSentence) -> NDArray[np.int8]:
    """Give the tags of a sentence in all layers.

    Args:
        sentence: Its words and tags.

    Returns:
        int8 (n_words, layers in the order of `LAYERS`): O, B or I, legal; NO_TAG where a layer is not annotated.
    """
    rows = np.full((len(sentence.words), len(LAYERS)), NO_TAG, dtype=np.int8)
    for column, layer in enumerate(LAYERS):
        tags = tags_of(sentence, layer)
        if tags is not None:
            rows[:, column] = tags_to_ids(tags)
    return rows


def vectors_in_parts(tagger: NeuralTagger, sentences: Sequence[TaggedSentence]) -> Iterator[list[NDArray[np.float32]]]:
    """Read sentences a thousand at a time, which bounds memory.

    Args:
        tagger: Reads them.
        sentences: Any number.

    Yields:
        float32 (n_words, dim) for each sentence of a part, in order.
    """
    rest = iter(sentences)
    while part := list(islice(rest, _SENTENCES_AT_ONCE)):
        yield tagger.word_vectors([sentence.words for sentence in part])


def _vectors(
    tagger: NeuralTagger, sentences: Sequence[TaggedSentence], on_sentence: Callable[[], None] | None
) -> NDArray[np.float16]:
    parts = [np.zeros((0, 0), dtype=np.float16)]
    for vectors in vectors_in_parts(tagger, sentences):
        parts.append(np.concatenate(vectors).astype(np.float16))
        if on_sentence:
            for _ in vectors:
                on_sentence()
    filled = [part for part in parts if len(part)]
    return np.concatenate(filled) if filled else parts[0]
