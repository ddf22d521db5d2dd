"""Bench: how fast `link` is, how much memory it takes, and how it compares with its own encoder in torch."""

import hashlib
import importlib.util
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact, read_encoder
from metier.data.text_lists import ListRow, open_list
from metier.domain import Mention, Span
from metier.errors import ConfigError, InputError
from metier.linking.concepts import read_index
from metier.linking.linker import load_encoder
from metier.nn.wordpieces import WordPieces
from metier.pipelines.bench import Pieces, Timing, count_processors, padded_batches
from metier.pipelines.build import build_linking
from metier.pipelines.link import ROWS_PER_CALL
from metier.pipelines.own_process import in_own_process, peak_rss_mb
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.words import words

Floats = NDArray[np.float32]

_N_CANDIDATES: Final = 1  # of each mention: what `metier link` needs to write a concept
_TORCH_BATCHES: Final = (32, 256)  # sequences; the faster one counts
_N_WARM: Final = 256  # mentions linked before the time is taken; torch reads one batch
_FOR_TORCH: Final = ("torch", "transformers")
_LONGEST: Final = 254  # pieces, besides [CLS] and [SEP]; a longer mention is cut, for torch alone
_N_COMPARED: Final = 256  # mentions whose vectors are compared
_LEAST_COSINE: Final = 0.95  # the mean of the rounded encoder's vectors and the whole one's; measured: 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkBenchReport:
    """What was measured, on one machine, in one run; times are medians of the rounds."""

    mentions_per_s: float  # linked as a list is: encoded, compared with all concepts by both stages
    ratio_to_torch: float | None  # None: not compared
    peak_rss_mb: float  # megabytes (10^6 bytes) of a process that only links
    torch_mentions_per_s: float | None  # encoded and compared with all concepts by the vectors alone
    torch_peak_rss_mb: float | None
    torch_batch_size: int | None
    mean_cosine: float | None  # between the two encoders' vectors of the same mentions
    seconds_by_round: tuple[float, ...]
    torch_seconds_by_round: tuple[float, ...]  # of the faster batch size
    n_mentions: int  # different ones
    mentions_sha256: str  # of the drawn mentions, one per line
    n_concepts: int
    n_rounds: int
    n_processors: int  # torch uses all of them
    load_average: float  # of the minute before; much of it, and the ratio is not to be trusted
    threads: int
    seed: int
    linker: str
    taxonomy: str
    metier: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Model:
    """What links: names of shipped folders, or folders."""

    linker: str = "linker"
    taxonomy: str = "esco"


@dataclass(frozen=True, slots=True)
class TorchTiming:
    """The time of one batch size, and the vectors of the first mentions."""

    timing: Timing
    batch_size: int
    vectors: Floats  # float32 (n_compared, dim)


def bench_link(
    path: Path | None = None,
    *,
    weights: Path | None = None,
    model: Model | None = None,
    threads: int = 2,
    limit: int = 10_000,
    n_rounds: int = 3,
    seed: int = 0,
) -> LinkBenchReport:
    """Time linking as a list is linked, then the same bi-encoder in torch float32 with the same exact search, in turns.

    Each round of each runs in a process of its own, so that torch is neither in the memory of the linker nor in its
    way. torch is given its pieces ready made and sorted by length, all processors, and the faster of two batch sizes;
    it does without the lexical stage and without probabilities.

    Args:
        path: A list of mentions; by default everything that the taxonomy's skills are called.
        weights: The linker's encoder as `transformers` loads it; None: no comparison.
        model: What links; None: the shipped one.
        threads: Processors that the linker may use.
        limit: Different mentions at most, drawn at random.
        n_rounds: How often each is timed.
        seed: Of the draw, and of the order.

    Returns:
        The figures.

    Raises:
        InputError: If there are no mentions.
        ConfigError: If the weights are not those of the linker's encoder.
        ModelError: If the linker or the taxonomy cannot be used.
    """
    chosen = model or Model()
    mentions = _draw(_read(path, chosen), limit=limit, seed=seed)
    compared = weights is not None and all(map(importlib.util.find_spec, _FOR_TORCH))
    load_average = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    own, theirs = [], list[TorchTiming]()
    for _ in range(n_rounds):
        own.append(in_own_process(time_link, mentions, chosen, threads))
        if compared:
            theirs += [in_own_process(time_torch, mentions, chosen, weights, size) for size in _TORCH_BATCHES]
    seconds = statistics.median(one.seconds for one in own)
    torch = _faster(theirs) if theirs else None
    return LinkBenchReport(
        mentions_per_s=len(mentions) / seconds,
        ratio_to_torch=torch.timing.seconds / seconds if torch else None,
        peak_rss_mb=max(one.peak_rss_mb for one in own),
        torch_mentions_per_s=len(mentions) / torch.timing.seconds if torch else None,
        torch_peak_rss_mb=torch.timing.peak_rss_mb if torch else None,
        torch_batch_size=torch.batch_size if torch else None,
        mean_cosine=_mean_cosine(mentions, torch.vectors, chosen) if torch else None,
        seconds_by_round=tuple(one.seconds for one in own),
        torch_seconds_by_round=tuple(
            one.timing.seconds for one in theirs if torch and one.batch_size == torch.batch_size
        ),
        n_mentions=len(mentions),
        mentions_sha256=hashlib.sha256("\n".join(mentions).encode("utf-8", "surrogatepass")).hexdigest(),
        n_concepts=len(Taxonomy.load(chosen.taxonomy).skills),
        n_rounds=n_rounds,
        n_processors=count_processors(),
        load_average=load_average,
        threads=threads,
        seed=seed,
        linker=read_artifact(chosen.linker, kind="linker").version,
        taxonomy=read_artifact(chosen.taxonomy, kind="taxonomy").version,
        metier=version("metier"),
    )


def time_link(mentions: Sequence[str], model: Model, threads: int) -> Timing:
    """Link all mentions in this process, once the models are loaded and warm.

    Args:
        mentions: All different.
        model: What links.
        threads: Processors to use.

    Returns:
        The time, and the peak memory of this process, loading included.
    """
    linker = build_linking(
        linker=model.linker, taxonomy=model.taxonomy, threads=threads, n_candidates=_N_CANDIDATES
    ).linker
    calls = [mentions[start : start + ROWS_PER_CALL] for start in range(0, len(mentions), ROWS_PER_CALL)]
    linker.link(mentions[:_N_WARM], _whole(mentions[:_N_WARM]))
    started = time.perf_counter()
    for texts in calls:  # results are let go at once, as a batch run does
        linker.link(texts, _whole(texts))
    return Timing(time.perf_counter() - started, peak_rss_mb())


def time_torch(mentions: Sequence[str], model: Model, weights: Path, batch_size: int) -> TorchTiming:
    """Encode all mentions in torch float32, and look for the nearest concept of each.

    Args:
        mentions: All different.
        model: Says which vocabulary and which concepts.
        weights: A folder that `transformers` can load.
        batch_size: Sequences per batch.

    Returns:
        The time, once the model is loaded and warm; the peak memory of this process; some of the vectors.
    """
    import torch
    from transformers import AutoModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    torch.set_num_threads(count_processors())
    encoder = AutoModel.from_pretrained(weights, add_pooling_layer=False).float().eval()
    linker = read_artifact(model.linker, kind="linker")
    index = read_index(read_artifact(model.taxonomy, kind="taxonomy"), encoder_sha256=linker.settings["encoder_sha256"])
    concepts = torch.from_numpy(index.vectors).T
    vocabulary = WordPieces(read_encoder(linker).path("tokenizer.json"))
    ends = vocabulary.start_id, vocabulary.end_id

    def nearest(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        attention = torch.from_numpy(mask)
        states = encoder(input_ids=torch.from_numpy(ids), attention_mask=attention).last_hidden_state
        inside = attention.clone()
        inside[:, 0] = 0  # the linker's vector is the mean over the pieces between [CLS] and [SEP]
        inside[torch.arange(len(ids)), attention.sum(dim=1) - 1] = 0
        unit = torch.nn.functional.normalize(states, dim=-1)
        vectors = torch.nn.functional.normalize((unit * inside[:, :, None]).sum(dim=1), dim=-1)
        return vectors, torch.topk(vectors @ concepts, _N_CANDIDATES).indices

    with torch.inference_mode():
        some = [padded_batches([one], ends=ends)[0] for one in _pieces(mentions[:_N_COMPARED], vocabulary)]
        vectors = np.concatenate([nearest(*batch)[0].numpy() for batch in some])
        batches = padded_batches(_pieces(mentions, vocabulary), size=batch_size, ends=ends)
        nearest(*batches[-1])
        started = time.perf_counter()
        for batch in batches:
            nearest(*batch)
        seconds = time.perf_counter() - started
    return TorchTiming(Timing(seconds, peak_rss_mb()), batch_size, vectors)


def _whole(texts: Sequence[str]) -> list[list[Mention]]:
    return [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in texts]


def _read(path: Path | None, model: Model) -> list[str]:
    if path is None:
        skills = Taxonomy.load(model.taxonomy).skills
        return [label for skill in skills for label in (skill.label, *skill.alternatives)]
    with open_list(path) as entries:
        return [row.text for row in entries.rows if isinstance(row, ListRow) and words(row.text)]


def _draw(mentions: Sequence[str], *, limit: int, seed: int) -> list[str]:
    different = list(dict.fromkeys(mentions))
    if not different:
        raise InputError("There is no mention in the list; give another one.")
    order = np.random.default_rng(seed).permutation(len(different))[:limit]
    return [different[row] for row in order.tolist()]


def _pieces(mentions: Sequence[str], vocabulary: WordPieces) -> list[Pieces]:
    cut = vocabulary.of_words([[text[word.start : word.end] for word in words(text)] for text in mentions])
    return [[piece for word in text for piece in word][:_LONGEST] for text in cut]


def _faster(rounds: Sequence[TorchTiming]) -> TorchTiming:
    """The median round of the batch size with the smaller median."""
    by_size = [sorted((one for one in rounds if one.batch_size == size), key=_seconds) for size in _TORCH_BATCHES]
    return min((timings[len(timings) // 2] for timings in by_size), key=_seconds)


def _seconds(one: TorchTiming) -> float:
    return one.timing.seconds


def _mean_cosine(mentions: Sequence[str], vectors: Floats, model: Model) -> float:
    encoder = load_encoder(read_artifact(model.linker, kind="linker"), threads=1)
    own = encoder.encode(mentions[: len(vectors)], dim=vectors.shape[1])
    cosine = float((own * vectors).sum(axis=1).mean())
    if cosine < _LEAST_COSINE:
        raise ConfigError(
            f"The vectors of the weights and of {model.linker} have a mean cosine of {cosine:.2f}, and at least "
            f"{_LEAST_COSINE} was expected; give the weights that the linker was exported from."
        )
    return cosine
