"""Which texts say nearly the same: MinHash over word shingles, in bands, each pair found checked against its Jaccard.

Broder (1997), On the resemblance and containment of documents; Leskovec, Rajaraman and Ullman (2020), Mining of
Massive Datasets, section 3.4, for the bands.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_PRIME: Final = np.uint64(2**31 - 1)  # products of two numbers below it fit 62 bits
_BANDS: Final = 32
_ROWS: Final = (
    4  # per band; texts of Jaccard .5 meet in one band at least with 1 - (1 - .5^4)^32 = .87, of .6 with .988
)
_SEED: Final = 20_200_829


def near_duplicate_groups(texts: Sequence[str], *, threshold: float = 0.5, n_words: int = 3) -> NDArray[np.int64]:
    """Group texts that are near duplicates of each other, directly or through others.

    Args:
        texts: Any texts.
        threshold: Least Jaccard similarity, in (0, 1], of two texts' sets of shingles.
        n_words: Words in a row that make a shingle, case-blind; a shorter text is one shingle.

    Returns:
        int64 (n_texts,): the group of each text, named by its first member's position. Texts without a word are
        near duplicates of nothing. Which texts are together does not depend on the order; close to the threshold
        a pair may be missed, but none below it is put together unless others link it.
    """
    shingles = [_shingles(text, n_words) for text in texts]
    parents = list(range(len(texts)))
    for bucket in _buckets(shingles):
        _join_similar(bucket, shingles, parents, threshold)
    return np.array([_root(parents, row) for row in range(len(texts))], dtype=np.int64)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"\w+")


def _shingles(text: str, n_words: int) -> NDArray[np.uint64]:
    """Give the different shingles of a text as sorted hashes below the prime."""
    codes = np.array(
        [crc32(word.encode("utf-8", "surrogatepass")) for word in _word().findall(text.casefold())], dtype=np.uint64
    )
    if not len(codes):
        return codes
    length = min(n_words, len(codes))
    mixed = np.zeros(len(codes) - length + 1, dtype=np.uint64)
    for offset in range(length):  # a polynomial in a fixed base, modulo the prime
        mixed = (mixed * np.uint64(1_000_003) + codes[offset : offset + len(mixed)]) % _PRIME
    return np.unique(mixed)


def _buckets(shingles: Sequence[NDArray[np.uint64]]) -> Iterator[list[int]]:
    """Give the rows that agree in all hashes of a band, band after band; only where there are two or more."""
    rows = np.array([row for row, held in enumerate(shingles) if len(held)], dtype=np.int64)
    if len(rows) < 2:
        return
    signatures = _signatures([shingles[row] for row in rows])  # (rows, bands * rows per band)
    for band in range(_BANDS):
        part = np.ascontiguousarray(signatures[:, band * _ROWS : (band + 1) * _ROWS])
        _, keys = np.unique(part, axis=0, return_inverse=True)
        keys = keys.reshape(-1)
        order = np.argsort(keys, kind="stable")
        ends = np.flatnonzero(np.diff(keys[order])) + 1
        for bucket in np.split(rows[order], ends):
            if len(bucket) > 1:
                yield bucket.tolist()


def _signatures(shingles: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint32]:
    """Give the least value of each hash function over each set: uint32 (n_sets, n_hashes)."""
    generator = np.random.default_rng(_SEED)
    factors = generator.integers(1, int(_PRIME), size=_BANDS * _ROWS, dtype=np.uint64)[:, None]
    offsets = generator.integers(0, int(_PRIME), size=_BANDS * _ROWS, dtype=np.uint64)[:, None]
    return np.stack([((factors * held + offsets) % _PRIME).min(axis=1).astype(np.uint32) for held in shingles])


def _join_similar(
    bucket: list[int], shingles: Sequence[NDArray[np.uint64]], parents: list[int], threshold: float
) -> None:
    for place, first in enumerate(bucket):
        for second in bucket[place + 1 :]:
            one, other = _root(parents, first), _root(parents, second)
            if one != other and _jaccard(shingles[first], shingles[second]) >= threshold:
                parents[max(one, other)] = min(one, other)


def _jaccard(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> float:
    n_small, n_large = sorted((len(first), len(second)))
    n_shared = len(np.intersect1d(first, second, assume_unique=True)) if n_small else 0
    return n_shared / (n_small + n_large - n_shared) if n_shared else 0.0


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = row = parents[parents[row]]
    return row
