"""Trains a cross-encoder to re-rank what a linker found; reads from top to bottom.

Each text is read with some of its right skills and with wrong ones that the first stage ranks high; each right one
is to stand above all the wrong ones: softmax cross-entropy over the list (as BLINK's cross-encoder: Wu, Petroni,
Josifoski, Riedel and Zettlemoyer, 2020), the other right ones left out of it.
"""

import io
import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from metier.artifacts import read_artifact, write_artifact
from metier.data.linking_rows import read_linking
from metier.data.skillskape import read_skillskape
from metier.domain import Skill
from metier.errors import ConfigError, InputError
from metier.linking.cross_encoder import HEAD_FILE, KIND, PairPieces, PairReader, load_cross_encoder
from metier.linking.cross_encoder_network import CrossEncoderNetwork
from metier.nn.export import Quantization, export_encoder
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.nn.wordpieces import WordPieces
from metier.protocols import Linker
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.linker_pairs import label_pairs
from metier.training.record import training_record
from metier.training.reranker_examples import Example, Progress, draw_mentions, draw_sentences, mine
from metier.training.reranker_fusion import fit_reranking
from metier.training.schedule import set_learning_rates

WEIGHTS_KIND: Final = "reranker-weights"
_MINED: Final = "mined.json"  # in the folder of an unfinished run
_MAX_PIECES: Final = 512
_SORTED_TOGETHER: Final = 16  # batches whose texts are sorted by length together, so that little is padded


@dataclass(frozen=True, kw_only=True)
class RerankerConfig:
    """What trains a re-ranker."""

    encoder: str = "runs/linker-en-shallow/weights"  # the shipped linker's
    sentences: int = 4000  # of SkillSkape's train split
    mentions: int = 3000  # of the taxonomy's alternative labels
    epochs: int = 1
    batch_size: int = 16  # texts
    list_size: int = 6  # skills that a text is read with
    right_size: int = 2  # of them right ones at most
    mined: int = 24  # how far down the first stage's list the wrong ones are drawn from
    reranked: int = 16  # candidates that are re-ranked at run time
    text_size: int = 64  # pieces
    concept_size: int = 16  # pieces
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-2  # its weights begin at 0 and at 20
    weight_decay: float = 0.01
    warmup: float = 0.05
    freeze_embeddings: bool = True  # of the vocabulary
    steps_per_checkpoint: int = 50
    bfloat16: bool = True
    seed: int = 276800


def train_reranker(
    config: RerankerConfig, *, linker: Linker, skills: Sequence[Skill], data: Path, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, choose on dev how the two stages are merged, calibrate, and write a weights folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from there.

    Args:
        config: What to train.
        linker: The first stage: its lists are re-ranked.
        skills: What it links to, in taxonomy order.
        data: Holds `skillskape/train.csv.gz` and `skill_linking_esco/*_validation_annotations.csv`.
        output: The weights folder to write; `export_reranker` makes the runtime form of it.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the data cannot be read, or there is nothing to learn from.
        ConfigError: If a pair would be too long, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    began = time.monotonic()
    _check(config)
    torch.manual_seed(config.seed)
    skape_path = data / "skillskape" / "train.csv.gz"
    dev_paths = sorted((data / "skill_linking_esco").glob("*_validation_annotations.csv"))
    if not dev_paths:
        raise InputError(f"{data} has no skill_linking_esco/*_validation_annotations.csv, on which merging is tuned.")
    encoder_folder = find_encoder(config.encoder)
    tokenizer = load_tokenizer(encoder_folder)
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer.save_pretrained(temporary)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    reader = PairReader(wordpieces, text_size=config.text_size, concept_size=config.concept_size)
    network = CrossEncoderNetwork(encoder_folder)
    network.encoder.embeddings.word_embeddings.requires_grad_(not config.freeze_embeddings)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in network.encoder.parameters() if p.requires_grad], "peak": config.learning_rate},
            {"params": [network.start, network.product], "peak": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks={"network": network}, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"step": 0, "losses": [], "config_sha256": config_sha256(config)}
    examples = _examples(config, linker, skills, skape_path, unfinished, progress)
    batches = [batch for epoch in range(config.epochs) for batch in _batches(examples, config, epoch)]

    network.train()
    losses: list[float] = []
    for step in range(state["step"], len(batches)):
        draw = random.Random(f"{config.seed}/{step}")
        share = step / len(batches)
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        pairs, right = _read(batches[step], skills, reader, config, draw)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            scores = network(pair_tensors(pairs))
        loss = list_loss(scores, right)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        progress(f"step {step + 1}/{len(batches)}, loss {losses[-1]:.3f}", share)
        if (step + 1) % config.steps_per_checkpoint == 0 or step + 1 == len(batches):
            state["losses"].append(round(float(np.mean(losses)), 4))
            losses = []
            save_checkpoint(
                unfinished, networks={"network": network}, optimizer=optimizer, state={**state, "step": step + 1}
            )
            progress(f"step {step + 1}/{len(batches)}: mean loss {state['losses'][-1]}", share)

    progress("choosing and calibrating on dev", 1.0)
    record = training_record(
        config=config,
        data=[skape_path, *dev_paths],
        seconds=time.monotonic() - began,
        measures={"first_stage": linker.version, "losses": state["losses"]},
    )
    _write_fitted(network, tokenizer, config, linker, dev_paths, output, record)
    (unfinished / _MINED).unlink(missing_ok=True)
    remove_checkpoint(unfinished)
    return record


def export_reranker(weights: Path, output: Path, *, quantization: Quantization) -> None:
    """Make the runtime form of a trained re-ranker.

    Args:
        weights: What `train_reranker` wrote.
        output: The model folder to write.
        quantization: `int8` to use, `float32` to compare with.
    """
    artifact = read_artifact(weights, kind=WEIGHTS_KIND)
    files = export_encoder(artifact.path("weights"), quantization=quantization)
    files |= {name: artifact.path(name).read_bytes() for name in (HEAD_FILE, "record.json")}
    write_artifact(output, kind=KIND, settings={**artifact.settings, "quantization": quantization}, files=files)


def list_loss(scores: Tensor, right: Tensor) -> Tensor:
    """Give the mean over right items of -log softmax, the other right ones of the list left out.

    Args:
        scores: float32 (lists * list_size,).
        right: bool (lists, list_size), at least one in each row.

    Returns:
        A number; 0 where every right item is far above every wrong one.
    """
    listed = scores.view(right.shape)
    rivals = listed.masked_fill(right, -torch.inf).logsumexp(dim=1, keepdim=True)  # (lists, 1)
    losses: Tensor = nn.functional.softplus(rivals - listed)  # -log(e^s / (e^s + sum over wrong e^w))
    return losses[right].mean()


def pair_tensors(pairs: Sequence[PairPieces]) -> dict[str, Tensor]:
    """Pad pairs to one length.

    Args:
        pairs: At least one.

    Returns:
        `ids`, `attention` and `types` int64 (pairs, pieces); `text` and `concept` float32 (pairs, pieces).
    """
    shape = len(pairs), max(len(pair.ids) for pair in pairs)
    ids, attention, types = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    text, concept = torch.zeros(shape), torch.zeros(shape)
    for row, pair in enumerate(pairs):
        n = len(pair.ids)
        ids[row, :n] = torch.tensor(pair.ids)
        attention[row, :n] = 1
        types[row, :n] = torch.tensor(pair.types)
        text[row, 1 : pair.border - 1] = 1
        concept[row, pair.border : n - 1] = 1
    return {"ids": ids, "attention": attention, "types": types, "text": text, "concept": concept}


def _check(config: RerankerConfig) -> None:
    if config.text_size + config.concept_size > _MAX_PIECES - 3:
        raise ConfigError(
            f"text_size {config.text_size} and concept_size {config.concept_size} are more than the "
            f"{_MAX_PIECES - 3} pieces that an encoder reads; lower one."
        )
    if not 1 <= config.right_size < config.list_size:
        raise ConfigError(
            f"right_size is {config.right_size}, and a number from 1 to {config.list_size - 1} was expected: "
            "a list needs a wrong skill too."
        )


def _examples(
    config: RerankerConfig,
    linker: Linker,
    skills: Sequence[Skill],
    skape_path: Path,
    unfinished: Path,
    progress: Progress,
) -> dict[str, list[Example]]:
    """Draw and mine, or read what an interrupted run had mined."""
    made_by = [config_sha256(config), linker.version]
    path = unfinished / _MINED
    if path.exists() and (held := json.loads(path.read_text(encoding="utf-8")))["made_by"] == made_by:
        return {
            source: [Example(text, tuple(right), tuple(wrong)) for text, right, wrong in rows]
            for source, rows in held["examples"].items()
        }
    draw = random.Random(config.seed)
    drawn = {
        "sentence": draw_sentences(read_skillskape(skape_path), skills, config.sentences, draw),
        "mention": draw_mentions(label_pairs(skills, [])["alternative"], config.mentions, draw),
    }
    examples = {
        source: mine(
            rows,
            skills,
            linker=linker,
            as_mentions=source == "mention",
            depth=config.mined,
            progress=progress,
        )
        for source, rows in drawn.items()
    }
    if not any(examples.values()):
        raise InputError(f"There is nothing to learn from: no sentence of {skape_path} names a skill that is known.")
    unfinished.mkdir(parents=True, exist_ok=True)
    rows = {
        source: [[example.text, example.right, example.wrong] for example in found]
        for source, found in examples.items()
    }
    path.write_text(json.dumps({"made_by": made_by, "examples": rows}), encoding="utf-8")
    return examples


def _batches(examples: Mapping[str, Sequence[Example]], config: RerankerConfig, epoch: int) -> list[list[Example]]:
    """Batches of one source and of about one length, in an order of their own each epoch."""
    draw = random.Random(f"{config.seed}/{epoch}")
    together = config.batch_size * _SORTED_TOGETHER
    batches = []
    for found in examples.values():
        shuffled = draw.sample(list(found), len(found))
        for start in range(0, len(shuffled), together):
            rows = sorted(shuffled[start : start + together], key=lambda example: len(example.text))
            batches += [rows[at : at + config.batch_size] for at in range(0, len(rows), config.batch_size)]
    draw.shuffle(batches)
    return batches


def _read(
    batch: Sequence[Example], skills: Sequence[Skill], reader: PairReader, config: RerankerConfig, draw: random.Random
) -> tuple[list[PairPieces], Tensor]:
    """Write each text with some right skills first and wrong ones behind them; bool (texts, list_size): the right."""
    pairs = []
    right = torch.zeros(len(batch), config.list_size, dtype=torch.bool)
    for row, example in enumerate(batch):
        chosen = draw.sample(example.right, min(config.right_size, len(example.right)))
        right[row, : len(chosen)] = True
        n_wrong = config.list_size - len(chosen)
        wrong = draw.sample(example.wrong, min(n_wrong, len(example.wrong)))
        wrong += [_other(example, len(skills), draw) for _ in range(n_wrong - len(wrong))]
        windows = reader.text(example.text) or [()]
        pairs += [
            reader.pair(windows[0], reader.concept(skills[number], hidden=example.text)) for number in chosen + wrong
        ]
    return pairs, right


def _other(example: Example, n_skills: int, draw: random.Random) -> int:
    """Draw any skill that the text does not name."""
    while (number := draw.randrange(n_skills)) in example.right:
        pass
    return number


def _write_fitted(
    network: CrossEncoderNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    config: RerankerConfig,
    linker: Linker,
    dev_paths: Sequence[Path],
    output: Path,
    record: dict[str, Any],
) -> None:
    head = io.BytesIO()
    np.savez(head, start=network.start.detach().numpy(), product=network.product.detach().numpy())
    settings = {
        "text_size": config.text_size,
        "concept_size": config.concept_size,
        "first_stage": linker.version,
        "training": asdict(config),
    }
    with tempfile.TemporaryDirectory() as temporary:
        weights = Path(temporary) / "weights"
        network.encoder.save_pretrained(weights)
        tokenizer.save_pretrained(weights)
        runtime = {**export_encoder(weights, quantization="int8"), HEAD_FILE: head.getvalue()}
        write_artifact(Path(temporary) / "runtime", kind=KIND, settings=settings, files=runtime)
        cross_encoder = load_cross_encoder(read_artifact(Path(temporary) / "runtime", kind=KIND), threads=2)
        dev = [row for path in dev_paths for row in read_linking(path)]
        fitted = fit_reranking(linker, cross_encoder, dev, n_reranked=config.reranked)
        record["measures"] |= fitted.measures
        files = {f"weights/{path.name}": path.read_bytes() for path in weights.iterdir()}
    files |= {HEAD_FILE: head.getvalue(), "record.json": (json.dumps(record, indent=1) + "\n").encode()}
    settings = {**settings, "fusion": asdict(fitted.fusion)}
    write_artifact(output, kind=WEIGHTS_KIND, settings=settings, files=files)
