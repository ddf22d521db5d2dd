"""A writer that is killed again and again: what it had acknowledged must be there, and the index readable."""

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

import numpy as np

from metier.domain import Facts, OneOf
from metier.errors import VectorIndexError
from metier.index.generations import GenerationsWriter, build_generation, open_generations
from metier.protocols import Floats

_DIM: Final = 384
_N_BEFORE: Final = 2000  # rows of the index before anybody is killed
_BATCH: Final = 20
_LONGEST_S: Final = 0.5  # a writer's life after its first acknowledgement
_N_IDS: Final = 600  # ids that the writer writes over and over, half of them new
_COMPACTS: Final = 5  # every so many trials the writer also builds generations
_SAME: Final = 0.999  # cosine of a vector to itself, rounding apart


def bench_kill(folder: Path, *, n_trials: int, seed: int) -> dict[str, Any]:
    """Kill a writer with SIGKILL in the middle of its upserts, reopen, and look for all that it acknowledged.

    Args:
        folder: For an index of 2,000 rows, which is replaced.
        n_trials: How often.
        seed: Of the vectors and the moments.

    Returns:
        Counts: `trials`, `acknowledged` rows, `lost` ones, `unreadable` indexes.

    Raises:
        VectorIndexError: If the index cannot be begun.
    """
    rmtree(folder, ignore_errors=True)
    draw = random.Random(seed)
    before = [f"p{number}" for number in range(_N_BEFORE)]
    build_generation(
        folder, [(before, _vectors(before, trial=0), [Facts()] * _N_BEFORE)], encoder_version="killed@0", dim=_DIM
    )
    n_acknowledged = n_lost = n_unreadable = 0
    newest = dict.fromkeys(before, 0)  # id -> the trial that last wrote it
    for trial in range(1, n_trials + 1):
        acknowledged = _killed_writer(folder, trial, after_s=draw.uniform(0, _LONGEST_S))
        newest |= dict.fromkeys(acknowledged, trial)
        n_acknowledged += len(acknowledged)
        try:
            n_lost += _count_lost(folder, newest, trial)
        except VectorIndexError:
            n_unreadable += 1
    rmtree(folder, ignore_errors=True)
    return {"trials": n_trials, "acknowledged": n_acknowledged, "lost": n_lost, "unreadable": n_unreadable}


def write_for_ever(folder: Path, trial: int, acknowledge: Connection) -> None:
    """Write batch after batch, and tell the ids of each that is safe: the process that is killed."""
    ids = [f"p{number}" for number in range(_N_BEFORE - _N_IDS // 2, _N_BEFORE + _N_IDS // 2)]
    with GenerationsWriter(folder) as writer:
        while True:
            for start in range(0, len(ids), _BATCH):
                here = ids[start : start + _BATCH]
                writer.upsert(here, _vectors(here, trial=trial), [Facts(country="FR")] * len(here))
                acknowledge.send(here)
            if trial % _COMPACTS == 0:
                writer.compact()


def _killed_writer(folder: Path, trial: int, *, after_s: float) -> list[str]:
    """Start a writer, kill it, and give the ids that it acknowledged."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=write_for_ever, args=(folder, trial, theirs))
    process.start()
    theirs.close()
    acknowledged: list[str] = []
    try:
        acknowledged += ours.recv()
        until = time.monotonic() + after_s
        while (left := until - time.monotonic()) > 0:
            if ours.poll(left):
                acknowledged += ours.recv()
        process.kill()
        while True:
            acknowledged += ours.recv()
    except (EOFError, OSError):  # the pipe is at its end, or broken off within a message
        pass
    finally:
        process.kill()
        process.join()
        ours.close()
    return acknowledged


def _count_lost(folder: Path, newest: dict[str, int], trial: int) -> int:
    """Count the ids whose newest acknowledged vector is not found; a newer one, not yet acknowledged, is as good."""
    ids = list(newest)
    expected = np.concatenate([_vectors([item], trial=newest[item]) for item in ids])
    newer = _vectors(ids, trial=trial)
    with open_generations(folder) as index:
        n_lost = 0
        for start in range(0, len(ids), 500):
            here = slice(start, start + 500)
            held = {hit.id for hit in index.search(expected[:1], k=500, where=(OneOf("id", tuple(ids[here])),))[0]}
            there = [row for row in range(*here.indices(len(ids))) if ids[row] in held]
            vectors = index.vectors([ids[row] for row in there])
            same = np.maximum((vectors * expected[there]).sum(axis=1), (vectors * newer[there]).sum(axis=1))
            n_lost += len(ids[here]) - int((same > _SAME).sum())
    return n_lost


def _vectors(ids: list[str], *, trial: int) -> Floats:
    """Give the vectors that a trial writes for some ids: float32 (n_ids, dim), unit rows."""
    rows = [np.random.default_rng([trial, int(item[1:])]).standard_normal(_DIM) for item in ids]
    vectors = np.asarray(rows, dtype=np.float32)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
