"""Writes a trained job2vec as the folder that `Job2Vec.load` reads."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import write_artifact
from metier.data.title_pairs import TitlePair
from metier.titles.encoders import TitleEncoder
from metier.titles.job2vec import KIND, KnownTitles
from metier.titles.network import TitleNetwork
from metier.titles.title_words import title_words
from metier.titles.word_vectors import WordVectors
from metier.training.title_examples import shown_titles

WORDS_FILE: Final = "words.npz"


def write_titles(
    output: Path,
    *,
    vectors: WordVectors,
    network: TitleNetwork,
    pairs: Sequence[TitlePair],
    settings: Mapping[str, Any],
    record: dict[str, Any],
) -> None:
    """Write the model folder: word vectors and known titles in int8, the network in float16.

    Args:
        output: The folder.
        vectors: Of the words.
        network: Trained.
        pairs: Whose titles become the known ones.
        settings: `description_words` is needed to read it; the rest tells what trained it.
        record: Goes beside the model.
    """
    arrays = {name: array.astype(np.float16) for name, array in network.arrays().items()}
    encoder = TitleEncoder(vectors, {name: array.astype(np.float32) for name, array in arrays.items()})
    shown = {key: how for key, how in shown_titles(pairs).items() if vectors.known_rows(title_words(key))}
    titles, languages, counts = zip(*shown.values(), strict=True)
    known = KnownTitles(titles, languages, counts, vectors=encoder.encode(list(shown)))
    files = {
        WORDS_FILE: vectors.to_bytes(),
        "network.npz": packed_arrays(arrays),
        "known.npz": packed_arrays(known.to_arrays()),
        "record.json": (json.dumps(record, indent=1) + "\n").encode(),
    }
    write_artifact(output, kind=KIND, settings=settings, files=files)


def packed_arrays(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Give the bytes of an npz file with these arrays, compressed."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()
