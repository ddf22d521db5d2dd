"""Goes on training a masked language model on job text; reads from top to bottom.

Domain-adaptive pre-training (Gururangan et al., 2020; Zhang et al., 2022, JobBERT), and beside it, if wanted, the
prediction of relations in ESCO (Zhang et al., 2023, ESCOXLM-R). On several GPUs, `accelerate launch` runs the same
command on each; every process takes its share of each batch.
"""

import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor

from metier.artifacts import write_artifact
from metier.data.postings import BadRow, read_postings
from metier.errors import ConfigError, InputError
from metier.nn.casing import casing
from metier.nn.masked_language import MaskedLanguageNetwork
from metier.nn.starting_weights import MINILM, find_encoder, load_tokenizer
from metier.taxonomy.taxonomy import Taxonomy
from metier.text.words import words as words_of
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.masking import mask_pieces
from metier.training.record import training_record
from metier.training.relation_pairs import N_RELATIONS, RelationTexts
from metier.training.schedule import set_learning_rates

WEIGHTS_KIND: Final = "language-model-weights"
_DEV_TEXTS: Final = 256
_FEWEST_PIECES: Final = 8  # a shorter text has next to nothing to guess from
T = TypeVar("T")
Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run


@dataclass(frozen=True, kw_only=True)
class LanguageModelConfig:
    """What trains a language model; `configs/language-model-en.toml` is the one that the experiments use."""

    encoder: str = MINILM  # or any folder or hub model that `transformers` knows as a masked language model
    cased: bool = True  # the casing of words as token types, for an uncased vocabulary
    masked_share: float = 0.15
    whole_words: bool = False
    relations: bool = False  # predict relations in ESCO too
    relation_languages: tuple[str, ...] = ("en",)
    window_size: int = 128  # pieces
    batch_size: int = 32  # texts per step, over all processes; with relations as many pairs beside them
    relation_batch_size: int = 16
    relation_window_size: int = 96
    steps: int = 2000
    learning_rate: float = 1e-4
    head_learning_rate: float = 5e-4  # of heads that the encoder may lack
    warmup: float = 0.06  # share of the steps
    weight_decay: float = 0.01
    freeze_embeddings: bool = False  # of the vocabulary
    bfloat16: bool = True
    checkpoint_steps: int = 200
    seed: int = 276800  # the first of the five seeds of ESCOXLM-R's runs


def train_language_model(
    config: LanguageModelConfig,
    *,
    texts: Sequence[Path],
    taxonomies: Sequence[Taxonomy] = (),
    output: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Train, and write a weights folder whose `weights/` any other training takes as its encoder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from its last checkpoint.

    Args:
        config: What to train.
        texts: Files or folders of postings, in any format that `metier annotate` reads.
        taxonomies: For relation prediction, the release read in each of `relation_languages`.
        output: The weights folder to write.
        progress: Told what is being done.

    Returns:
        The record of the run: losses on held-out text by checkpoint, tokens, tokens per second, hashes.

    Raises:
        InputError: If there is too little text to train on.
        ConfigError: If a value is out of its range, or there is an unfinished run of another configuration.
        ModelError: If the encoder cannot be loaded.
    """
    _check(config)
    began = time.monotonic()
    torch.manual_seed(config.seed)
    accelerator = Accelerator()
    half = torch.autocast(accelerator.device.type, dtype=torch.bfloat16, enabled=config.bfloat16)
    encoder_folder = find_encoder(config.encoder)
    tokenizer = load_tokenizer(encoder_folder)
    if tokenizer.mask_token_id is None:
        raise ConfigError(f"The vocabulary of {config.encoder} has no mask; give a masked language model.")
    progress("reading the text", 0.0)
    corpus = _read_corpus(texts, tokenizer, config)
    n_dev = min(_DEV_TEXTS, len(corpus) // 8)
    dev, train = corpus[:n_dev], corpus[n_dev:]
    relations = RelationTexts(taxonomies) if config.relations else None

    plain = MaskedLanguageNetwork(encoder_folder, cased=config.cased, n_relations=N_RELATIONS if relations else 0)
    optimizer = _optimizer(plain, config)
    unfinished = output.with_name(f"{output.name}.unfinished")
    state = load_checkpoint(
        unfinished, networks={"network": plain}, optimizer=optimizer, config_sha256=config_sha256(config)
    ) or {"step": 0, "history": [], "n_pieces": 0, "config_sha256": config_sha256(config)}
    network, optimizer = accelerator.prepare(plain, optimizer)
    batches = _Batches(config, train=train, relations=relations, tokenizer=tokenizer, accelerator=accelerator)

    if not state["history"]:
        state["history"].append({"step": 0, **_dev_losses(network, dev, batches, relations, half)})
    started, pieces_before = time.monotonic(), state["n_pieces"]
    for step in range(state["step"], config.steps):
        network.train()
        share = step / config.steps
        set_learning_rates(optimizer, share=share, warmup=config.warmup)
        optimizer.zero_grad()
        told = []
        for batch in batches.of_step(step):
            with half:
                losses = network(batch)
            accelerator.backward(losses["masked"] + losses.get("relation", 0.0))
            told.append(losses["masked"].item())
            state["n_pieces"] += int(batch["attention"].sum()) * accelerator.num_processes
        accelerator.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        seconds = time.monotonic() - started
        rate = (state["n_pieces"] - pieces_before) / seconds
        left = seconds / (step + 1 - state["step"]) * (config.steps - step - 1)
        progress(
            f"step {step + 1}/{config.steps}, loss {told[0]:.3f}, {rate:,.0f} tokens/s, {left / 60:.0f} min left",
            (step + 1) / config.steps,
        )
        if (step + 1) % config.checkpoint_steps == 0 or step + 1 == config.steps:
            state["history"].append({"step": step + 1, **_dev_losses(network, dev, batches, relations, half)})
            progress(_describe(state["history"][-1], rate), (step + 1) / config.steps)
            if accelerator.is_main_process:
                save_checkpoint(
                    unfinished,
                    networks={"network": plain},
                    optimizer=getattr(optimizer, "optimizer", optimizer),
                    state={**state, "step": step + 1},
                )
    record = training_record(
        config=config,
        data=[path for path in texts if path.is_file()],
        seconds=time.monotonic() - began,
        measures={
            "dev": state["history"],
            "n_texts": len(corpus),
            "n_pieces_read": state["n_pieces"],
            "epochs": round(config.steps * config.batch_size / max(len(train), 1), 2),
        },
    )
    if accelerator.is_main_process:
        _write(plain, tokenizer, config, output, record)
        remove_checkpoint(unfinished)
    return record


@dataclass(frozen=True, slots=True)
class _Text:
    """Pieces without start and end; the number of each one's word; the casing of that word."""

    pieces: NDArray[np.int32]
    words: NDArray[np.int32]
    types: NDArray[np.int32]


class _Batches:
    """Makes the tensors of each step; the same for the same seed and step, whatever came before."""

    def __init__(
        self,
        config: LanguageModelConfig,
        *,
        train: Sequence[_Text],
        relations: RelationTexts | None,
        tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
        accelerator: Accelerator,
    ) -> None:
        self._config = config
        self._train = train
        self._relations = relations
        self._tokenizer = tokenizer
        self._accelerator = accelerator

    def of_step(self, step: int) -> list[dict[str, Tensor]]:
        """Give this process's texts of a step, and its pairs."""
        config = self._config
        chosen = [self._train[i] for i in _rows_of_step(step, len(self._train), config)]
        batches = [self.of_texts([(text,) for text in self._share(chosen)], seed=f"{config.seed}/{step}")]
        if self._relations:
            batches.append(
                self.of_pairs(self._relations, config.relation_batch_size, seed=f"{config.seed}/{step}/pairs")
            )
        return batches

    def of_texts(self, texts: Sequence[tuple[_Text, ...]], *, seed: str) -> dict[str, Tensor]:
        """Join the parts of each text, pad, and mask."""
        start, end = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        length = max(1 + sum(len(part.pieces) + 1 for part in text) for text in texts)
        shape = (len(texts), length)
        pieces = np.full(shape, self._tokenizer.pad_token_id, dtype=np.int64)
        types, attention = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        words = np.full(shape, -1, dtype=np.int64)
        for row, text in enumerate(texts):
            pieces[row, 0], place, first_word = start, 1, 0
            for part in text:
                here = slice(place, place + len(part.pieces))
                pieces[row, here], types[row, here] = part.pieces, part.types
                words[row, here] = part.words + first_word
                first_word += int(part.words[-1]) + 1
                place += len(part.pieces) + 1
                pieces[row, place - 1] = end
            attention[row, :place] = 1
        original = torch.from_numpy(pieces)
        read, asked = mask_pieces(
            original,
            torch.from_numpy(words),
            share=self._config.masked_share,
            whole_words=self._config.whole_words,
            mask_id=self._tokenizer.mask_token_id,
            n_pieces=len(self._tokenizer),
            generator=torch.Generator().manual_seed(random.Random(seed).getrandbits(60)),
        )
        tensors = {
            "pieces": read,
            "asked": asked,
            "types": torch.from_numpy(types),
            "attention": torch.from_numpy(attention),
        }
        return {name: tensor.to(self._accelerator.device) for name, tensor in tensors.items()}

    def of_pairs(self, relations: RelationTexts, n_pairs: int, *, seed: str) -> dict[str, Tensor]:
        """Draw this process's pairs, mask them too, and add what relates them."""
        draw = random.Random(seed)
        pairs = self._share([relations.draw(draw) for _ in range(n_pairs)])
        room = (self._config.relation_window_size - 3) // 2
        texts = _tokenize([side for pair in pairs for side in (pair.first, pair.second)], self._tokenizer)
        cut = [_Text(text.pieces[:room], text.words[:room], text.types[:room]) for text in texts]
        batch = self.of_texts(list(zip(cut[::2], cut[1::2], strict=True)), seed=seed)
        relation = torch.tensor([pair.relation for pair in pairs]).to(self._accelerator.device)
        return {**batch, "relation": relation}

    def _share(self, rows: Sequence[T]) -> Sequence[T]:
        mine = rows[self._accelerator.process_index :: self._accelerator.num_processes]
        return mine or rows[:1]


def _check(config: LanguageModelConfig) -> None:
    if not 0 < config.masked_share < 1:
        raise ConfigError(f"masked_share is {config.masked_share}; expected a share between 0 and 1, such as 0.15.")
    for name in ("steps", "batch_size", "relation_batch_size", "checkpoint_steps"):
        if getattr(config, name) < 1:
            raise ConfigError(f"{name} is {getattr(config, name)}; expected 1 or more.")
    for name in ("window_size", "relation_window_size"):
        if not 16 <= getattr(config, name) <= 512:
            raise ConfigError(f"{name} is {getattr(config, name)}; expected 16 to 512 pieces.")


def _read_corpus(paths: Sequence[Path], tokenizer: Any, config: LanguageModelConfig) -> list[_Text]:  # noqa: ANN401
    """Read postings, drop repeated ones, cut them into windows, and shuffle these."""
    bodies: dict[str, None] = {}
    for row in read_postings([str(path) for path in paths]):
        if not isinstance(row, BadRow):
            bodies[row.body] = None
    cut = [window for text in _tokenize(list(bodies), tokenizer) for window in _windows(text, config.window_size - 2)]
    if len(cut) < 2 * _FEWEST_PIECES:
        raise InputError(
            f"{', '.join(map(str, paths))} gives {len(cut)} windows of text; too few to train on. Give more postings."
        )
    random.Random(config.seed).shuffle(cut)
    return cut


def _tokenize(texts: Sequence[str], tokenizer: Any) -> list[_Text]:  # noqa: ANN401
    """Split texts into words and these into pieces; a text without words is left out."""
    found = []
    for text in texts:
        words = [text[span.start : span.end] for span in words_of(text)]
        if not words:
            continue
        encoded = tokenizer(words, is_split_into_words=True, add_special_tokens=False, verbose=False)
        numbers = np.array(encoded.word_ids(), dtype=np.int32)
        if len(numbers):
            cases = np.array([casing(word) for word in words], dtype=np.int32)
            found.append(_Text(np.array(encoded["input_ids"], dtype=np.int32), numbers, cases[numbers]))
    return found


def _windows(text: _Text, size: int) -> list[_Text]:
    """Cut between words where it can be done."""
    cut, start = [], 0
    while start < len(text.pieces):
        end = min(start + size, len(text.pieces))
        if end < len(text.pieces):
            whole = int(np.searchsorted(text.words, text.words[end]))  # where the word that would be cut begins
            end = whole if whole > start else end
        if end - start >= _FEWEST_PIECES:
            words = text.words[start:end]
            cut.append(_Text(text.pieces[start:end], words - words[0], text.types[start:end]))
        start = end
    return cut


def _rows_of_step(step: int, n_texts: int, config: LanguageModelConfig) -> list[int]:
    """Walk through the texts in a new order every time all have been read."""
    places = [divmod(step * config.batch_size + i, n_texts) for i in range(config.batch_size)]
    orders = {epoch: np.random.default_rng([config.seed, epoch]).permutation(n_texts) for epoch, _ in places}
    return [int(orders[epoch][row]) for epoch, row in places]


def _optimizer(network: MaskedLanguageNetwork, config: LanguageModelConfig) -> torch.optim.Optimizer:
    network.encoder.embeddings.word_embeddings.requires_grad_(not config.freeze_embeddings)
    encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
    held = {id(parameter) for parameter in network.encoder.parameters()}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in held]
    return torch.optim.AdamW(
        [
            {"params": encoder, "peak": config.learning_rate},
            {"params": rest, "peak": config.head_learning_rate},
        ],
        weight_decay=config.weight_decay,
    )


def _dev_losses(
    network: Any,  # noqa: ANN401  # a network, or what distributes it
    dev: Sequence[_Text],
    batches: _Batches,
    relations: RelationTexts | None,
    half: torch.autocast,
) -> dict[str, float]:
    """Measure on held-out text, masked in the same places every time; and on fresh pairs."""
    network.eval()
    losses, right = [], []
    with torch.inference_mode(), half:
        for start in range(0, len(dev), 32):
            batch = batches.of_texts([(text,) for text in dev[start : start + 32]], seed=f"dev/{start}")
            losses.append(network(batch)["masked"].item())
        if relations:
            pairs = [batches.of_pairs(relations, 32, seed=f"dev/{i}") for i in range(8)]
            right = [network(batch)["relation_right"].item() for batch in pairs]
    measured = {"masked_loss": float(np.mean(losses))}
    return {**measured, "relation_accuracy": float(np.mean(right))} if right else measured


def _describe(measured: dict[str, float], rate: float) -> str:
    relation = f", relations {measured['relation_accuracy']:.2f}" if "relation_accuracy" in measured else ""
    return (
        f"step {measured['step']}: held-out masked cost {measured['masked_loss']:.3f}{relation}; {rate:,.0f} tokens/s"
    )


def _write(
    network: MaskedLanguageNetwork,
    tokenizer: Any,  # noqa: ANN401
    config: LanguageModelConfig,
    output: Path,
    record: dict[str, Any],
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        network.save(temporary)
        tokenizer.save_pretrained(temporary)
        files = {f"weights/{path.name}": path.read_bytes() for path in Path(temporary).iterdir()}
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings={"cased": config.cased}, files=files)
