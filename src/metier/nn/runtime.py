"""The encoder as it runs for users: CTranslate2, int8, on a CPU, without torch."""

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_CPU_INFO: Final = Path("/proc/cpuinfo")
_PIECES_PER_BATCH: Final = 2048  # large enough to keep the matrix products busy, small enough for the cache


class TokenEncoder:
    """Turns sequences of vocabulary pieces into one vector per piece.

    Every batch holds sequences of one length, so there is no padding and a sequence's vectors do not depend
    on what else is in the call, on its order, or on the number of threads.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Load a converted encoder.

        Args:
            folder: Holds `model.bin`, `config.json` and `vocabulary.json`.
            threads: How many batches run at the same time, one processor each.
        """
        _allow_wide_vectors()
        import ctranslate2

        self._threads = threads

        def load() -> ctranslate2.Encoder:
            return ctranslate2.Encoder(
                str(folder), device="cpu", compute_type="default", inter_threads=threads, intra_threads=1
            )

        # Loading sets the OpenMP threads of the thread it runs in to one; the caller may have torch, and keeps its own.
        with ThreadPoolExecutor(1) as pool:
            self._encoder = pool.submit(load).result()

    def encode(self, pieces: Sequence[Sequence[int]], types: Sequence[Sequence[int]]) -> list[Floats]:
        """Encode sequences.

        Args:
            pieces: Piece ids of each sequence, with its start and end; at most 512 each, at least one.
            types: A token type for every piece.

        Returns:
            float32 (n_pieces, dim) for each sequence, in order.
        """
        batches = _batches_of_equal_length(pieces)
        vectors: list[Floats] = [np.zeros((0, 0), dtype=np.float32)] * len(pieces)

        def run(batch: list[int]) -> None:
            output = self._encoder.forward_batch(
                [list(pieces[i]) for i in batch], token_type_ids=[list(types[i]) for i in batch]
            )
            states = np.array(output.last_hidden_state)  # (batch, n_pieces, dim)
            for row, i in enumerate(batch):
                vectors[i] = states[row]

        if self._threads == 1 or len(batches) == 1:
            for batch in batches:
                run(batch)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, batches))
        return vectors


def _allow_wide_vectors() -> None:
    """Let CTranslate2 use AVX-512, which it does only when told to; it has to be told before it is imported.

    Processors with VNNI do not slow their clock for it, as older ones do. `CT2_FORCE_CPU_ISA` overrides this.
    """
    try:
        flags = _CPU_INFO.read_text(encoding="ascii", errors="replace")
    except OSError:  # not Linux
        return
    if "avx512_vnni" in flags:
        os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")


def _batches_of_equal_length(pieces: Sequence[Sequence[int]]) -> list[list[int]]:
    by_length: dict[int, list[int]] = defaultdict(list)
    for i, sequence in enumerate(pieces):
        by_length[len(sequence)].append(i)
    batches = []
    for length, members in sorted(by_length.items(), reverse=True):  # longest first: the threads end together
        size = max(1, _PIECES_PER_BATCH // length)
        batches += [members[start : start + size] for start in range(0, len(members), size)]
    return batches
