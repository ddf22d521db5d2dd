"""Trains a shallower encoder to see in every text what a deeper one sees; reads from top to bottom.

Knowledge distillation (Hinton, Vinyals and Dean, 2015) of hidden states: the student starts as some layers of its
teacher (Sanh et al., 2019, DistilBERT) and learns to give every piece, and every text's mean, the teacher's vector.
It needs no labels, and what was built on the teacher's vectors can be built on the student's.
"""

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from metier.artifacts import write_artifact
from metier.data.postings import BadRow, read_postings
from metier.errors import ConfigError, InputError
from metier.linking.network import LinkerNetwork
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.nn.text_tensors import text_tensors
from metier.nn.wordpieces import WordPieces
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.html import read_text
from metier.text.sentences import sentences as sentences_of
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates

WEIGHTS_KIND: Final = "encoder-weights"
_SORTED_TOGETHER: Final = 64  # batches whose texts are sorted by length together, so that little is padded
Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run


@dataclass(frozen=True, kw_only=True)
class DistillationConfig:
    """What trains a shallower encoder; `configs/linker-en-shallow.toml` is the shipped one."""

    teacher: str = "runs/linker-en/weights"
    layers: tuple[int, ...] = (0, 2, 4)  # of the teacher, counted from 0, with which the student starts
    sentences: int = 60_000  # drawn from the postings; the taxonomy's labels and descriptions come on top
    epochs: int = 2
    batch_size: int = 128  # texts
    text_size: int = 64  # pieces read of a text
    learning_rate: float = 3e-4
    weight_decay: float = 0.01
    warmup: float = 0.05
    freeze_embeddings: bool = True  # of the vocabulary
    checkpoint_steps: int = 250
    bfloat16: bool = True
    seed: int = 276800


def distil_encoder(
    config: DistillationConfig, *, texts: Sequence[Path], taxonomy: Taxonomy, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, and write a weights folder whose `weights/` any other training takes as its encoder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from its last checkpoint.

    Args:
        config: What to train.
        texts: Files or folders of postings, in any format that `metier annotate` reads.
        taxonomy: Its labels, alternatives and descriptions are read too.
        output: The weights folder to write.
        progress: Told what is being done.

    Returns:
        The record of the run: mean cosine to the teacher by checkpoint, of pieces and of texts; seconds; hashes.

    Raises:
        InputError: If there is no text.
        ConfigError: If the teacher lacks a layer, or there is an unfinished run of another configuration.
        ModelError: If the teacher cannot be loaded.
    """
    began = time.monotonic()
    torch.manual_seed(config.seed)
    folder = find_encoder(config.teacher)
    tokenizer = load_tokenizer(folder)
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer.save_pretrained(temporary)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    corpus = _read_corpus(texts, taxonomy, config)
    teacher = LinkerNetwork(folder, temperature=1.0).eval()
    student = LinkerNetwork(folder, temperature=1.0)
    _keep_layers(student, config)
    student.encoder.embeddings.word_embeddings.requires_grad_(not config.freeze_embeddings)
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in student.parameters() if p.requires_grad], "peak": config.learning_rate}],
        weight_decay=config.weight_decay,
    )
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks={"student": student}, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"step": 0, "history": [], "config_sha256": config_sha256(config)}

    batches = [batch for epoch in range(config.epochs) for batch in _batches(corpus, config, epoch)]
    cosines: list[tuple[float, float]] = []
    student.train()
    for step in range(state["step"], len(batches)):
        tensors = text_tensors(batches[step], [None] * len(batches[step]), wordpieces, size=config.text_size)
        set_learning_rates(optimizer, share=step / len(batches), warmup=config.warmup)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            with torch.inference_mode():
                shown = teacher.pieces(tensors)
            seen = student.pieces(tensors)
        of_pieces, of_texts = agreement(seen, shown.clone(), tensors["inside"])
        loss = 2 - of_pieces - of_texts
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        cosines.append((of_pieces.item(), of_texts.item()))
        progress(f"step {step + 1}/{len(batches)}, loss {loss.item():.3f}", step / len(batches))
        if (step + 1) % config.checkpoint_steps == 0 or step + 1 == len(batches):
            pieces, means = np.mean(cosines, axis=0).round(4).tolist()
            cosines = []
            state["history"].append({"step": step + 1, "cosine_of_pieces": pieces, "cosine_of_texts": means})
            progress(f"step {step + 1}: cosine {pieces:.3f} of pieces, {means:.3f} of texts", step / len(batches))
            save_checkpoint(
                unfinished, networks={"student": student}, optimizer=optimizer, state={**state, "step": step + 1}
            )
    record = training_record(
        config=config,
        data=[path for path in texts if path.is_file()],
        seconds=time.monotonic() - began,
        measures={"agreement": state["history"], "n_texts": len(corpus), "taxonomy_sha256": taxonomy.sha256},
    )
    _write(student, tokenizer, output, record)
    remove_checkpoint(unfinished)
    return record


def agreement(seen: Tensor, shown: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """Give the mean cosine of the student's vectors to the teacher's, over pieces and over texts.

    Args:
        seen: The student's unit vectors, float32 (texts, pieces, dim).
        shown: The teacher's, alike.
        inside: float32 (texts, pieces), 1 for the pieces to count: neither padding nor start nor end.

    Returns:
        Two numbers in [-1, 1]: over all pieces, and over the texts' means.
    """
    weights = inside[:, :, None]
    of_pieces = (seen * shown).sum(dim=-1)  # (texts, pieces)
    means = [nn.functional.normalize((vectors * weights).sum(dim=1), dim=-1) for vectors in (seen, shown)]
    return (of_pieces * inside).sum() / inside.sum(), (means[0] * means[1]).sum(dim=-1).mean()


def _keep_layers(student: LinkerNetwork, config: DistillationConfig) -> None:
    layers = student.encoder.encoder.layer
    if not config.layers or not set(config.layers) <= set(range(len(layers))):
        raise ConfigError(f"layers is {list(config.layers)}; expected some of 0 to {len(layers) - 1}.")
    student.encoder.encoder.layer = nn.ModuleList([layers[i] for i in config.layers])
    student.encoder.config.num_hidden_layers = len(config.layers)


def _read_corpus(paths: Sequence[Path], taxonomy: Taxonomy, config: DistillationConfig) -> list[str]:
    """Different texts, in a fixed order: sentences of postings, then what the taxonomy says."""
    found = sorted(set(_sentences(paths)))
    random.Random(config.seed).shuffle(found)
    told = found[: config.sentences]
    for concept in taxonomy.concepts:
        told += [concept.label, *concept.alternatives, taxonomy.description(concept)]
    corpus = [text for text in dict.fromkeys(told) if text]
    if not corpus:
        raise InputError("There is no text to learn from; give postings with --text, or a taxonomy with --esco.")
    return corpus


def _sentences(paths: Sequence[Path]) -> Iterable[str]:
    for row in read_postings([str(path) for path in paths]):
        if not isinstance(row, BadRow):
            text = read_text(row.body).text
            yield from (text[span.start : span.end] for span in sentences_of(text))


def _batches(corpus: Sequence[str], config: DistillationConfig, epoch: int) -> list[list[str]]:
    draw = random.Random(f"{config.seed}/{epoch}")
    order = draw.sample(range(len(corpus)), len(corpus))
    together = config.batch_size * _SORTED_TOGETHER
    batches = []
    for start in range(0, len(order), together):
        rows = sorted(order[start : start + together], key=lambda row: len(corpus[row]))
        batches += [
            [corpus[row] for row in rows[at : at + config.batch_size]] for at in range(0, len(rows), config.batch_size)
        ]
    draw.shuffle(batches)
    return batches


def _write(
    student: LinkerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    output: Path,
    record: dict[str, Any],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        student.encoder.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        files = {f"weights/{path.name}": path.read_bytes() for path in Path(temporary).iterdir()}
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings={}, files=files)
