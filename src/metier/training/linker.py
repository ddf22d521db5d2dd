"""Trains a linker's bi-encoder on a taxonomy's own words and on labelled sentences; reads from top to bottom.

In-batch negatives with right answers masked (as in BLINK: Wu, Petroni, Josifoski, Riedel and Zettlemoyer, 2020),
InfoNCE over the attention score of `linking.encoding`. More negatives come from a table of all skills' vectors
that is refreshed as training goes on (as in ANCE: Xiong et al., 2021), the nearest among them.
"""

import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from metier.artifacts import read_artifact, read_encoder, write_artifact
from metier.data.linking_rows import read_linking
from metier.data.skillskape import read_skillskape
from metier.data.title_benchmarks import TitleQuery, read_jobbert_titles
from metier.domain import Skill
from metier.errors import ConfigError, InputError
from metier.linking.encoding import TextEncoder
from metier.linking.network import LinkerNetwork
from metier.nn.export import Quantization, export_encoder
from metier.nn.runtime import TokenEncoder
from metier.nn.starting_weights import MINILM, find_encoder, load_tokenizer
from metier.nn.text_tensors import text_tensors
from metier.nn.wordpieces import WordPieces
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.linker_fusion import fit_fusion
from metier.training.linker_pairs import Pair, Source, composed_pair, label_pairs, sentence_pairs
from metier.training.occupation_fusion import fit_occupations
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates

WEIGHTS_KIND: Final = "linker-weights"
_N_NEAR: Final = 20  # skills near each one, of which the hard negatives are drawn
Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class LinkerConfig:
    """What trains a linker; the defaults are the shipped `linker`."""

    encoder: str = MINILM
    languages: tuple[str, ...] = ("en",)  # that the encoder reads
    steps: int = 600
    steps_per_checkpoint: int = 120  # and per refresh of the negatives
    batch_size: int = 128  # pairs; the other pairs' skills are negatives
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    warmup: float = 0.05
    temperature: float = 0.05  # of the InfoNCE loss
    attention_temperature: float = 0.1
    # how often a batch is of each source
    share_alternative: float = 0.35
    share_description: float = 0.1
    share_sentence: float = 0.35
    share_composed: float = 0.2
    label_alternative: float = 0.2  # how often an alternative stands for the label on the skill's side
    hard_negatives: int = 4  # of the 20 nearest skills, for each pair; vectors as of the last refresh
    random_negatives: int = 512  # for each batch; likewise
    text_size: int = 64  # pieces read of a training text
    average_decay: float = 0.99
    bfloat16: bool = True
    seed: int = 276800


def train_linker(
    config: LinkerConfig, *, taxonomy: Taxonomy, data: Path, output: Path, progress: Progress
) -> dict[str, Any]:
    """Train, choose how the stages are merged on dev, calibrate, and write a weights folder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from there.

    Args:
        config: What to train.
        taxonomy: As read from a release, with descriptions.
        data: Holds `skillskape/train.csv.gz` and `skill_linking_esco/*_validation_annotations.csv`; and, to choose how
            titles are linked to occupations, `jobbert_titles_esco/titles.csv.gz`, its validation titles.
        output: The weights folder to write; `export_linker` makes the runtime form of it.
        progress: Told what is being done.

    Returns:
        The record of the run.

    Raises:
        InputError: If the data cannot be read.
        ConfigError: If a source has too few pairs, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    began = time.monotonic()
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    skape_path = data / "skillskape" / "train.csv.gz"
    titles_path = data / "jobbert_titles_esco" / "titles.csv.gz"
    titles = read_jobbert_titles(titles_path) if titles_path.exists() else []
    dev_paths = sorted((data / "skill_linking_esco").glob("*_validation_annotations.csv"))
    if not dev_paths:
        raise InputError(f"{data} has no skill_linking_esco/*_validation_annotations.csv, on which merging is tuned.")
    skills = taxonomy.skills
    rows = {skill.label.lower(): row for row, skill in reversed(list(enumerate(skills)))}
    sources = label_pairs(skills, [taxonomy.description(skill) for skill in skills])
    sources["sentence"] = sentence_pairs(
        [
            (sentence, [rows[label.lower()] for label in labels if label.lower() in rows])
            for sentence, labels in read_skillskape(skape_path)
        ]
    )
    _check_sources(config, skills, sources)

    encoder_folder = find_encoder(config.encoder)
    tokenizer = load_tokenizer(encoder_folder)
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer.save_pretrained(temporary)
        wordpieces = WordPieces(Path(temporary) / "tokenizer.json")
    network = LinkerNetwork(encoder_folder, temperature=config.attention_temperature)
    optimizer = torch.optim.AdamW(
        [{"params": list(network.parameters()), "peak": config.learning_rate}],
        weight_decay=config.weight_decay,
    )
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))
    networks = {"network": network, "average": average}
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks=networks, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"step": 0, "losses": [], "config_sha256": config_sha256(config)}
    batcher = _Batcher(config, skills, sources, wordpieces)
    table = _SkillTable(average.module, skills, wordpieces)

    network.train()
    losses: list[float] = []
    for step in range(state["step"], config.steps):
        draw = random.Random(f"{config.seed}/{step}")
        batch = batcher.batch(draw)
        negatives = table.draw_negatives(batch, config, draw)
        share = step / config.steps
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            loss = _loss(network, batch, negatives, config)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(network)
        losses.append(loss.item())
        progress(f"step {step + 1}/{config.steps}, loss {losses[-1]:.3f}", share)
        if (step + 1) % config.steps_per_checkpoint == 0:
            state["losses"].append(round(float(np.mean(losses)), 4))
            losses = []
            save_checkpoint(unfinished, networks=networks, optimizer=optimizer, state={**state, "step": step + 1})
            progress(f"mean loss {state['losses'][-1]}", share)
            table = _SkillTable(average.module, skills, wordpieces)

    progress("choosing and calibrating on dev", 1.0)
    record = training_record(
        config=config,
        data=[skape_path, *dev_paths, *([titles_path] if titles else [])],
        seconds=time.monotonic() - began,
        measures={"taxonomy_sha256": taxonomy.sha256, "losses": state["losses"]},
    )
    _write_fused(average.module, tokenizer, config, taxonomy, dev_paths, titles, output, record)
    remove_checkpoint(unfinished)
    return record


def export_linker(weights: Path, output: Path, *, quantization: Quantization, encoder: str | None = None) -> None:
    """Make the runtime form of a trained linker.

    Args:
        weights: What `train_linker` wrote.
        output: The model folder to write.
        quantization: `int8` to ship, `float32` to compare with; of no account with `encoder`.
        encoder: The encoder that it was trained on, exported by itself: its name is written down, and it is not copied.

    Raises:
        ModelError: If that encoder is missing, or is another one.
    """
    artifact = read_artifact(weights, kind=WEIGHTS_KIND)
    files = {"record.json": artifact.path("record.json").read_bytes()}
    settings = {**artifact.settings, "quantization": quantization}
    if encoder is None:
        files |= export_encoder(artifact.path("weights"), quantization=quantization)
    else:
        settings["encoder"] = encoder
        read_encoder(replace(artifact, settings=settings))
    write_artifact(output, kind="linker", settings=settings, files=files)


def _check_sources(config: LinkerConfig, skills: Sequence[Skill], sources: Mapping[Source, Sequence[Pair]]) -> None:
    """Say before the training what would stop it."""
    for source, pairs in sources.items():
        if getattr(config, f"share_{source}") > 0 and len(pairs) < config.batch_size:
            raise ConfigError(
                f"There are {len(pairs)} pairs of the source '{source}', fewer than a batch of {config.batch_size}; "
                f"lower batch_size or set share_{source} to 0."
            )
    kinds = {skill.kind for skill in skills}
    if config.share_composed > 0 and not {"skill", "knowledge"} <= kinds:
        raise ConfigError("Composed sentences need skills of both kinds; set share_composed to 0.")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pairs of one source, the different skills they name, and both as tensors."""

    pairs: Sequence[Pair]
    rows: Sequence[int]
    texts: Mapping[str, Tensor]
    labels: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class _Negatives:
    """Vectors of further skills, and for which pairs they are right after all."""

    vectors: Tensor  # float32 (n, dim)
    right: Tensor  # bool (pairs, n)


class _Batcher:
    """Draws batches of one source each, as tensors."""

    def __init__(
        self,
        config: LinkerConfig,
        skills: Sequence[Skill],
        sources: Mapping[Source, Sequence[Pair]],
        wordpieces: WordPieces,
    ) -> None:
        self._config = config
        self._skills = skills
        self._sources = sources
        self._wordpieces = wordpieces

    def batch(self, draw: random.Random) -> _Batch:
        config = self._config
        kinds: list[Source] = ["alternative", "description", "sentence", "composed"]
        shares = [getattr(config, f"share_{kind}") for kind in kinds]
        kind = draw.choices(kinds, shares)[0]
        if kind == "composed":
            pairs = [composed_pair(self._skills, draw) for _ in range(config.batch_size)]
        else:
            pairs = draw.sample(self._sources[kind], config.batch_size)
        rows = list(dict.fromkeys(pair.skill for pair in pairs))
        labels = [self._label(row, draw) for row in rows]
        size = config.text_size
        return _Batch(
            pairs=pairs,
            rows=rows,
            texts=text_tensors(
                [pair.text for pair in pairs], [pair.span for pair in pairs], self._wordpieces, size=size
            ),
            labels=text_tensors(labels, [None] * len(labels), self._wordpieces, size=size),
        )

    def _label(self, row: int, draw: random.Random) -> str:
        skill = self._skills[row]
        if skill.alternatives and draw.random() < self._config.label_alternative:
            return str(draw.choice(skill.alternatives))
        return str(skill.label)


class _SkillTable:
    """All skills' label vectors as of one moment, and which are near which."""

    def __init__(self, network: LinkerNetwork, skills: Sequence[Skill], wordpieces: WordPieces) -> None:
        network.eval()
        order = sorted(range(len(skills)), key=lambda row: len(skills[row].label))
        blocks = []
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for start in range(0, len(order), 256):
                labels = [skills[row].label for row in order[start : start + 256]]
                blocks.append(network.labels(text_tensors(labels, [None] * len(labels), wordpieces, size=32)))
        vectors = torch.empty(len(order), blocks[0].shape[1])
        vectors[order] = torch.cat(blocks).float()
        self._vectors = vectors
        n_near = min(_N_NEAR, len(order) - 1)
        self._near = torch.cat(
            [(block @ vectors.T).topk(n_near + 1, dim=1).indices[:, 1:] for block in vectors.split(1024)]
        )  # (skills, n_near), itself left out

    def draw_negatives(self, batch: _Batch, config: LinkerConfig, draw: random.Random) -> _Negatives:
        """Draw near and random skills, and mark those that are right for a pair after all."""
        n_near, n_hard = self._near.shape[1], config.hard_negatives
        near = [int(self._near[row, draw.randrange(n_near)]) for row in batch.rows for _ in range(n_hard)]
        others = [draw.randrange(len(self._vectors)) for _ in range(config.random_negatives)]
        rows = list(dict.fromkeys([*near, *others]))
        return _Negatives(self._vectors[rows], _right(batch.pairs, rows))


def _right(pairs: Sequence[Pair], rows: Sequence[int]) -> Tensor:
    """Mark which skills are right for which pair: bool (pairs, rows)."""
    columns = {row: column for column, row in enumerate(rows)}
    right = torch.zeros(len(pairs), len(rows), dtype=torch.bool)
    for i, pair in enumerate(pairs):
        right[i, [columns[row] for row in pair.also if row in columns]] = True
    return right


def _loss(network: LinkerNetwork, batch: _Batch, negatives: _Negatives, config: LinkerConfig) -> Tensor:
    pieces = network.pieces(batch.texts)
    concepts = network.labels(batch.labels)
    with torch.autocast("cpu", enabled=False):
        every = torch.cat([concepts.float(), negatives.vectors])
        scores = network.scores(pieces.float(), batch.texts["inside"], every) / config.temperature
        target = torch.tensor([batch.rows.index(pair.skill) for pair in batch.pairs])
        masked = torch.cat([_right(batch.pairs, batch.rows), negatives.right], dim=1)
        masked[torch.arange(len(target)), target] = False
        return torch.nn.functional.cross_entropy(scores.masked_fill(masked, -1e4), target)


def _write_fused(
    network: LinkerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    config: LinkerConfig,
    taxonomy: Taxonomy,
    dev_paths: Sequence[Path],
    titles: Sequence[TitleQuery],
    output: Path,
    record: dict[str, Any],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        weights = Path(temporary) / "weights"
        network.encoder.save_pretrained(weights)
        tokenizer.save_pretrained(weights)
        for name, content in export_encoder(weights, quantization="float32").items():
            path = Path(temporary) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        encoder = TextEncoder(
            TokenEncoder(Path(temporary) / "encoder", threads=2),
            WordPieces(Path(temporary) / "tokenizer.json"),
        )
        dev = [row for path in dev_paths for row in read_linking(path)]
        fitted = fit_fusion(encoder, taxonomy, dev, temperature=config.attention_temperature)
        jobs = fit_occupations(encoder, taxonomy.occupations, titles, seed=config.seed)
        record["measures"] |= {**fitted.measures, "occupations": jobs.measures}
        files = {f"weights/{path.name}": path.read_bytes() for path in weights.iterdir()}
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    settings = {
        "encoder_sha256": hashlib.sha256(files["weights/model.safetensors"]).hexdigest(),
        "fusion": asdict(fitted.fusion),
        "vector_parts": asdict(fitted.parts),
        "languages": list(config.languages),
        "occupations": asdict(jobs.fusion),
        "training": asdict(config),
    }
    write_artifact(output, kind=WEIGHTS_KIND, settings=settings, files=files)
