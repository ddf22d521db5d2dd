"""Trains an encoder of the BERT family to bring descriptions near their titles; reads from top to bottom.

In-batch InfoNCE over mean vectors. With `frozen`, the encoder stays as it is: every text is read once, by the int8
runtime, and only the projections and the temperature are learnt, which takes minutes on a CPU.
"""

import copy
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from metier.artifacts import read_artifact, write_artifact
from metier.data.title_pairs import TitlePair, mask_title, read_title_pairs, split_pairs
from metier.errors import ConfigError, InputError
from metier.linking.network import LinkerNetwork
from metier.nn.export import Quantization, export_encoder
from metier.nn.runtime import TokenEncoder
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.nn.text_tensors import text_tensors
from metier.nn.unit_rows import unit_rows
from metier.nn.wordpieces import WordPieces
from metier.titles.bi_encoder import KIND, KNOWN_FILE, PROJECTIONS_FILE, MeanEncoder
from metier.titles.bi_encoder_network import BiEncoderNetwork
from metier.titles.cleaning import title_key
from metier.titles.job2vec import KnownTitles
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates
from metier.training.title_examples import esco_files, shown_titles
from metier.training.title_folder import packed_arrays

WEIGHTS_KIND: Final = "title-bi-encoder-weights"
_K: Final = 10
_BLOCK: Final = 512  # descriptions compared with all titles at once; bounds memory
_TEXTS_PER_FILE: Final = 2048  # of the vectors that an interrupted run finds again

Progress = Callable[[str, float], None]
Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TitleBiEncoderConfig:
    """What trains a title bi-encoder; `configs/title-bi-encoder.toml` is the one that job2vec is compared with."""

    encoder: str = "runs/linker-en/weights"  # any encoder of the BERT family
    languages: tuple[str, ...] = ("en",)
    all_pairs: bool = False  # train on dev and test too, to ship; then the last step is kept
    frozen: bool = True  # learn projections and temperature only
    dim: int = 256  # of the space of titles and descriptions
    least_cosine: float = 0.2  # a title below it is not near; chosen by `dev_own_cosine_5th` of the record
    text_size: int = 128  # pieces read of a text, its start and end included
    steps: int = 450  # of a frozen encoder; more overfit
    steps_per_checkpoint: int = 50  # and per measurement on dev
    batch_size: int = 512  # pairs; with `frozen = false`, 32 to 64 fit a small machine
    learning_rate: float = 1e-3  # of the projections and the temperature
    encoder_learning_rate: float = 5e-5
    weight_decay: float = 0.01
    warmup: float = 0.05
    temperature: float = 0.05  # to begin with
    mask_share: float = 0.5  # how often a description does not say its title; as job2vec
    bfloat16: bool = True  # of the encoder where it is trained
    seed: int = 276800


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs as numbers of different texts: titles as keys, descriptions with their titles and masked."""

    texts: tuple[str, ...]
    title_of: Rows  # (n_pairs,)
    text_of: Rows  # (n_pairs,)
    masked_of: Rows  # (n_pairs,)


def train_title_bi_encoder(
    config: TitleBiEncoderConfig, *, data: Path, esco: Path | None, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, keep the checkpoint that is best on dev, and write a weights folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from there.

    Args:
        config: What to train.
        data: Holds `postings/*.jsonl`.
        esco: An ESCO release folder, for pairs of its occupations; None: without.
        output: The weights folder to write; `export_title_bi_encoder` makes the runtime form of it.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the data cannot be read, or has fewer than two titles.
        ConfigError: If a value is impossible, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    _check(config)
    began = time.monotonic()
    torch.manual_seed(config.seed)
    progress("reading pairs", 0.0)
    every = read_title_pairs(data, languages=config.languages, esco=esco)
    split = split_pairs(every)
    train = every if config.all_pairs else split.train
    pairs, dev = _as_numbers(train), _as_numbers(split.dev)
    if len(np.unique(pairs.title_of)) < 2:
        raise InputError("The training pairs have fewer than two different titles; give data with more.")
    unfinished = output.with_name(f"{output.name}.unfinished")

    encoder_folder = find_encoder(config.encoder)
    tokenizer = load_tokenizer(encoder_folder)
    encoder = LinkerNetwork(encoder_folder, temperature=1.0)  # its attention over pieces is not used here
    network = BiEncoderNetwork(
        encoder.encoder.config.hidden_size,
        dim=config.dim,
        temperature=config.temperature,
        encoder=None if config.frozen else encoder,
    )
    optimizer = _optimizer(network, config)
    best = copy.deepcopy(network)
    networks = {"network": network, "best": best}
    state = load_checkpoint(
        unfinished, networks=networks, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"step": 0, "history": [], "config_sha256": config_sha256(config)}
    with tempfile.TemporaryDirectory() as temporary:
        weights = _save_encoder(encoder, tokenizer, Path(temporary) / "weights")
        means, dev_means = _readers(network, weights, (pairs, dev), unfinished, config, progress)

    losses: list[float] = []
    for step in range(state["step"], config.steps):
        network.train()
        share = step / config.steps
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        loss = _loss(network, pairs, means, step, config)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        progress(f"step {step + 1}/{config.steps}, loss {losses[-1]:.3f}", share)
        if (step + 1) % config.steps_per_checkpoint == 0 or step + 1 == config.steps:
            figures = {"step": step + 1, "loss": round(float(np.mean(losses)), 4), **_accuracy(network, dev, dev_means)}
            history, losses = [*state["history"], figures], []
            if config.all_pairs or _best(history) == len(history) - 1:
                best.load_state_dict(network.state_dict())
            state |= {"step": step + 1, "history": history}
            save_checkpoint(unfinished, networks=networks, optimizer=optimizer, state=state)
            progress(f"step {step + 1}: {figures}", share)

    files = sorted((data / "postings").glob("*.jsonl*"))
    files += esco_files(esco, "occupations", config.languages) if esco else []
    record = training_record(
        config=config,
        data=files,
        seconds=time.monotonic() - began,
        measures={
            "history": state["history"],
            "kept_step": config.steps if config.all_pairs else state["history"][_best(state["history"])]["step"],
            "n_trained_parameters": sum(values.numel() for values in network.parameters()),
            "n_pairs": {"train": len(pairs.title_of), "dev": len(dev.title_of)},
        },
    )
    _write(
        output,
        network=best,
        encoder=best.encoder or encoder,
        tokenizer=tokenizer,
        shown=shown_titles(train),
        config=config,
        record=record,
    )
    for path in unfinished.glob("vectors-*"):
        path.unlink()
    remove_checkpoint(unfinished)
    return record


def export_title_bi_encoder(weights: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of a trained title bi-encoder; a frozen encoder is a linker's, and is left out.

    Args:
        weights: What `train_title_bi_encoder` wrote.
        output: The model folder to write, which `BiEncoder.load` reads.
        quantization: `int8` to use, `float32` to compare with.
    """
    artifact = read_artifact(weights, kind=WEIGHTS_KIND)
    files = {name: artifact.path(name).read_bytes() for name in (PROJECTIONS_FILE, KNOWN_FILE, "record.json")}
    if not artifact.settings["training"]["frozen"]:
        files |= export_encoder(artifact.path("weights"), quantization=quantization)
    write_artifact(output, kind=KIND, settings={**artifact.settings, "quantization": quantization}, files=files)


def _check(config: TitleBiEncoderConfig) -> None:
    if not config.languages or config.steps < 1 or config.steps_per_checkpoint < 1:
        raise ConfigError("Give at least one language, one step, and one step per checkpoint.")
    if config.batch_size < 2 or config.temperature <= 0:
        raise ConfigError("batch_size must be 2 or more, and temperature above 0.")


def _as_numbers(pairs: Sequence[TitlePair]) -> _Pairs:
    numbers: dict[str, int] = {}
    rows = [
        [
            numbers.setdefault(text, len(numbers))
            for text in (title_key(pair.title), pair.description, mask_title(pair.description, pair.title))
        ]
        for pair in pairs
    ]
    title_of, text_of, masked_of = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return _Pairs(tuple(numbers), title_of, text_of, masked_of)


def _optimizer(network: BiEncoderNetwork, config: TitleBiEncoderConfig) -> torch.optim.Optimizer:
    groups = [{"params": [*network.projections.parameters(), network.log_temperature], "peak": config.learning_rate}]
    if network.encoder is not None:
        groups.append({"params": list(network.encoder.parameters()), "peak": config.encoder_learning_rate})
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay)


def _readers(
    network: BiEncoderNetwork,
    weights: Path,
    sets: Sequence[_Pairs],
    unfinished: Path,
    config: TitleBiEncoderConfig,
    progress: Progress,
) -> list[Callable[[Rows], Tensor]]:
    """Give for each set of pairs what turns numbers of its texts into mean vectors."""
    if config.frozen:
        progress("reading every text once", 0.0)
        encoder = _runtime(weights, text_size=config.text_size)
        tables = [torch.from_numpy(_table(pairs.texts, encoder, unfinished, progress)) for pairs in sets]
        return [lambda rows, table=table: table[torch.from_numpy(rows)].float() for table in tables]  # type: ignore[misc]
    wordpieces = WordPieces(weights / "tokenizer.json")

    def read(texts: Sequence[str], rows: Rows) -> Tensor:
        chosen = [texts[row] for row in rows]
        tensors = text_tensors(chosen, [None] * len(chosen), wordpieces, size=config.text_size)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            means: Tensor = network.encoder.labels(tensors)  # type: ignore[union-attr]
        return means.float()

    return [lambda rows, texts=pairs.texts: read(texts, rows) for pairs in sets]  # type: ignore[misc]


def _runtime(weights: Path, *, text_size: int) -> MeanEncoder:
    """Load the encoder in int8, as it is to run."""
    with tempfile.TemporaryDirectory() as temporary:
        for name, content in export_encoder(weights, quantization="int8").items():
            path = Path(temporary) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        encoder = TokenEncoder(Path(temporary) / "encoder", threads=2)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    dim = json.loads((weights / "config.json").read_text(encoding="utf-8"))["hidden_size"]
    return MeanEncoder(encoder, wordpieces, projection=np.eye(dim, dtype=np.float32), text_size=text_size)


def _table(texts: Sequence[str], encoder: MeanEncoder, unfinished: Path, progress: Progress) -> NDArray[np.float16]:
    """Read texts, or find what an interrupted run has read: float16 (n_texts, dim)."""
    unfinished.mkdir(parents=True, exist_ok=True)
    blocks = []
    for start in range(0, len(texts), _TEXTS_PER_FILE):
        block = texts[start : start + _TEXTS_PER_FILE]
        name = hashlib.sha256(json.dumps(block).encode()).hexdigest()[:16]
        path = unfinished / f"vectors-{name}.npy"
        if not path.exists():
            new = path.with_suffix(".new")
            with new.open("wb") as stream:
                np.save(stream, encoder.encode(block).astype(np.float16))
            new.rename(path)
            progress(f"{start + len(block)} of {len(texts)} texts read, loss not yet known", 0.0)
        blocks.append(np.load(path))
    return np.concatenate(blocks) if blocks else np.zeros((0, 1), dtype=np.float16)


def _loss(
    network: BiEncoderNetwork, pairs: _Pairs, means: Callable[[Rows], Tensor], step: int, config: TitleBiEncoderConfig
) -> Tensor:
    """Draw a step's pairs, the same whatever came before, and measure."""
    draw = random.Random(f"{config.seed}/{step}")
    n_pairs = len(pairs.title_of)
    chosen = np.array(draw.sample(range(n_pairs), min(config.batch_size, n_pairs)), dtype=np.int64)
    masked = np.array([draw.random() < config.mask_share for _ in chosen])
    read = np.where(masked, pairs.masked_of[chosen], pairs.text_of[chosen])
    titles, own = np.unique(pairs.title_of[chosen], return_inverse=True)
    texts = pairs.text_of[chosen]
    right = np.zeros((len(chosen), len(titles)), dtype=np.bool_)
    rows, others = np.nonzero(texts[:, None] == texts)  # an occupation has many titles under one description
    right[rows, own[others]] = True
    return network.loss(means(titles), means(read), own=torch.from_numpy(own), right=torch.from_numpy(right))


def _accuracy(network: BiEncoderNetwork, dev: _Pairs, means: Callable[[Rows], Tensor]) -> dict[str, float]:
    """Measure how often the own title is among the ten nearest of all titles of dev, masked and not.

    `dev_own_cosine_5th`: one description in twenty is farther from its own title, masked.
    """
    network.eval()
    titles, own = np.unique(dev.title_of, return_inverse=True)
    vectors = _all(network, titles, means, side="titles")
    found = {}
    for name, text_of in (("dev_accuracy_masked", dev.masked_of), ("dev_accuracy", dev.text_of)):
        texts, places = np.unique(text_of, return_inverse=True)
        descriptions = _all(network, texts, means, side="descriptions")
        n_right, own_cosines = 0, []
        for block in np.array_split(np.arange(len(own)), len(own) // _BLOCK + 1):
            cosines = descriptions[places[block]] @ vectors.T  # (block, titles)
            of_own = np.take_along_axis(cosines, own[block, None], axis=1)
            n_right += int(((cosines > of_own).sum(axis=1) < _K).sum())
            own_cosines.append(of_own[:, 0])
        found[name] = round(n_right / max(len(own), 1), 4)
        if text_of is dev.masked_of and len(own):
            found["dev_own_cosine_5th"] = round(float(np.quantile(np.concatenate(own_cosines), 0.05)), 4)
    return found


def _all(network: BiEncoderNetwork, rows: Rows, means: Callable[[Rows], Tensor], *, side: str) -> Floats:
    """Encode many texts: float32 (n_texts, dim)."""
    with torch.inference_mode():
        blocks = [network.project(means(rows[start : start + 64]), side=side) for start in range(0, len(rows), 64)]
    vectors: Floats = torch.cat(blocks).numpy() if blocks else np.zeros((0, 1), dtype=np.float32)
    return vectors


def _best(history: Sequence[dict[str, float]]) -> int:
    """The first with the highest mean accuracy, masked and not."""
    means = [figures["dev_accuracy_masked"] + figures["dev_accuracy"] for figures in history]
    return means.index(max(means))


def _save_encoder(
    encoder: LinkerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    folder: Path,
) -> Path:
    encoder.encoder.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _write(
    output: Path,
    *,
    network: BiEncoderNetwork,
    encoder: LinkerNetwork,
    tokenizer: Any,  # noqa: ANN401
    shown: Mapping[str, tuple[str, str, int]],
    config: TitleBiEncoderConfig,
    record: dict[str, Any],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = _save_encoder(encoder, tokenizer, Path(temporary) / "weights")
        files = {f"weights/{path.name}": path.read_bytes() for path in folder.iterdir()}
        means = _runtime(folder, text_size=config.text_size).encode(list(shown))
    projections = {
        side: layer.weight.detach().numpy().T.astype(np.float16) for side, layer in network.projections.items()
    }
    titles, languages, counts = zip(*shown.values(), strict=True)
    vectors = unit_rows(means @ projections["titles"].astype(np.float32))
    files[PROJECTIONS_FILE] = packed_arrays(projections)
    files[KNOWN_FILE] = packed_arrays(KnownTitles(titles, languages, counts, vectors=vectors).to_arrays())
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    settings = {
        "languages": list(config.languages),
        "text_size": config.text_size,
        "least_cosine": config.least_cosine,
        "encoder_sha256": hashlib.sha256(files["weights/model.safetensors"]).hexdigest(),
        "training": asdict(config),
    }
    write_artifact(output, kind=WEIGHTS_KIND, settings=settings, files=files)
