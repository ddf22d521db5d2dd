"""Trains word vectors on job text: word2vec (Mikolov et al., 2013) by gensim."""

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from metier.errors import InputError, MissingExtra
from metier.titles.word_vectors import WordVectors

_DEVIATION: Final = 0.3  # of all numbers together after scaling: what the networks' tanh is neither flat nor linear for
_WINDOW: Final = 5  # words on either side


def train_word_vectors(
    texts: Sequence[Sequence[str]],
    *,
    size: int,
    least_count: int,
    most_words: int,
    epochs: int,
    skip_gram: bool,
    seed: int,
) -> WordVectors:
    """Train vectors; the same texts and settings give the same vectors, number by number.

    Args:
        texts: The words of each text, in order.
        size: Numbers per word.
        least_count: Rarer words get no vector.
        most_words: If more words are left, the most frequent ones are kept.
        epochs: Passes over the texts.
        skip_gram: Foretell the words around each word, which is better for small data; else the word from those
            around it, which is several times as fast.
        seed: Of all that is drawn.

    Returns:
        Vectors of the words by falling frequency, scaled together.

    Raises:
        InputError: If no word is frequent enough.
        MissingExtra: If gensim is not installed.
    """
    try:
        from gensim.models import Word2Vec
    except ImportError as error:
        raise MissingExtra("train", "Training word vectors") from error
    model = Word2Vec(
        vector_size=size,
        window=_WINDOW,
        min_count=least_count,
        max_final_vocab=most_words,
        sg=int(skip_gram),
        epochs=epochs,
        seed=seed,
        workers=1,  # more would make the order of the updates, and so the vectors, a matter of chance
        hashfxn=_fixed_hash,
    )
    model.build_vocab(texts)
    if not len(model.wv):
        raise InputError(
            f"No word comes {least_count} times in the {len(texts)} texts; lower least_count or give more texts."
        )
    model.train(texts, total_examples=model.corpus_count, epochs=epochs)
    vectors = model.wv.vectors.astype(np.float32)
    return WordVectors.from_floats(model.wv.index_to_key, vectors * np.float32(_DEVIATION / vectors.std()))


def _fixed_hash(word: str) -> int:
    """Python's own hash of a text differs from process to process."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))
