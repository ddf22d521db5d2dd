"""Trains an encoder to say in many languages what another says in its own; reads from top to bottom.

Multilingual distillation (Reimers and Gurevych, 2020, "Making monolingual sentence embeddings multilingual using
knowledge distillation"): the student gives a text in any language the vector that its teacher gives the same text in
the teacher's language. Labels, alternatives and descriptions of a taxonomy are the parallel texts. Four things are
added. A softmax over all concepts sets what a label means apart from what other labels mean. The student goes on
agreeing with its teacher, piece by piece, on texts in the teacher's own language. What occupations are called in that
language is learnt like any translation: the teacher learnt from skills alone. And words are cut in other ways each
time, so that their parts are learnt, and not labels by heart.
"""

import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from metier.artifacts import write_artifact
from metier.domain import Occupation
from metier.errors import InputError
from metier.linking.network import LinkerNetwork
from metier.nn.joined_embedding import JoinedEmbedding
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.nn.text_tensors import text_tensors
from metier.nn.wordpieces import VariedWordPieces, WordPieces
from metier.taxonomy.parallel import ParallelText, parallel_split, read_parallel, release_languages
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from metier.training.config import config_sha256
from metier.training.distillation import WEIGHTS_KIND, agreement
from metier.training.multilingual_targets import Targets, teacher_targets
from metier.training.multilingual_texts import own_texts, release_files, sentences_by_language, words_in
from metier.training.record import training_record
from metier.training.schedule import set_learning_rates
from metier.training.shared_vocabulary import SharedVocabulary, described_with, shared_vocabulary
from metier.training.word_alignment import align_words, translated_rows

_WEIGHT: Final = 3.0  # of the weighty languages, beside 1
_DRAWN: Final = 8  # batches of labels, of which one is taken, its labels of like length: little is padded
Progress = Callable[[str, float], None]  # what is being done, and the done share of the whole run


@dataclass(frozen=True, kw_only=True)
class MultilingualConfig:
    """What trains an encoder of many languages; `configs/encoder-multilingual.toml` is the shipped one."""

    teacher: str = "runs/linker-en/weights"
    student: str = "runs/linker-en-shallow/weights"  # what it begins as: like the teacher, with fewer layers
    languages: tuple[str, ...] = ()  # beside the teacher's own; none: all that the release has
    new_pieces: int = 26_000
    weighty: tuple[str, ...] = ("da", "de", "en", "es", "fi", "fr", "nl", "pl", "sv")  # they count three times
    steps: int = 5000
    steps_per_checkpoint: int = 250
    # how often a batch is of each source
    share_skill: float = 0.48
    share_occupation: float = 0.3
    share_description: float = 0.07
    share_own: float = 0.15
    labels_per_batch: int = 256
    descriptions_per_batch: int = 48
    own_per_batch: int = 64
    text_size: int = 64  # pieces read of a text
    passed_over: float = 0.1  # how often a piece of a word is, for a shorter one; see `VariedWordPieces`
    contrast: float = 0.2  # weight of the softmax over concepts, beside the cosine
    temperature: float = 0.05  # of that softmax
    learning_rate: float = 3e-4
    piece_learning_rate: float = 2e-3  # of the new pieces
    weight_decay: float = 0.01
    warmup: float = 0.04
    bfloat16: bool = True
    seed: int = 276800


def train_multilingual(
    config: MultilingualConfig,
    *,
    release: Path,
    taxonomy: Taxonomy,
    texts: Sequence[Path],
    output: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Train, and write a weights folder whose `weights/` any other training takes as its encoder.

    An interrupted run leaves `OUTPUT.unfinished`; the same call goes on from its last checkpoint.

    Args:
        config: What to train.
        release: The folder of an ESCO release that holds other languages.
        taxonomy: The same release in the teacher's language, with descriptions.
        texts: Postings in any language: those in the teacher's are trained on, all count for the vocabulary.
        output: The weights folder to write; its settings name the languages.
        progress: Told what is being done.

    Returns:
        The record of the run: losses by checkpoint, numbers of texts, seconds, hashes.

    Raises:
        InputError: If the release has no other language, or a file cannot be read.
        ConfigError: If there is an unfinished run of another configuration.
        ModelError: If an encoder cannot be loaded.
    """
    began = time.monotonic()
    torch.manual_seed(config.seed)
    own = taxonomy.languages[0]
    languages = config.languages or tuple(code for code in release_languages(release) if code != own)
    if not languages:
        raise InputError(f"{release} has no language beside '{own}'; give a release with skills_XX or occupations_XX.")
    progress("reading texts", 0.0)
    parallel = [
        text
        for text in read_parallel(release, taxonomy, languages=languages)
        if parallel_split(taxonomy.concepts[text.concept].uri) == "train"
    ]
    titles = _own_titles(taxonomy)
    postings = sentences_by_language(texts)
    told = sorted({*postings.pop(own, []), *own_texts(taxonomy)}, key=lambda text: (len(text), text))

    teacher = LinkerNetwork(find_encoder(config.teacher), temperature=1.0).eval()
    tokenizer = load_tokenizer(find_encoder(config.student))
    with tempfile.TemporaryDirectory() as temporary:
        old_pieces = _wordpieces(tokenizer, Path(temporary))
        progress("choosing the vocabulary", 0.0)
        vocabulary = _vocabulary(config, Path(temporary), told, parallel, postings)
        described = json.loads((Path(temporary) / "tokenizer.json").read_text(encoding="utf-8"))
        shared_json = json.dumps(described_with(described, vocabulary.pieces))
        (Path(temporary) / "tokenizer.json").write_text(shared_json, encoding="utf-8")
        new_pieces = WordPieces(Path(temporary) / "tokenizer.json")
        varied_pieces = VariedWordPieces(Path(temporary) / "tokenizer.json", passed_over=config.passed_over)
    targets = teacher_targets(
        taxonomy,
        parallel,
        teacher,
        old_pieces,
        text_size=config.text_size,
        bfloat16=config.bfloat16,
        progress=progress,
    )
    student = LinkerNetwork(find_encoder(config.student), temperature=1.0)
    progress("aligning words", 0.0)
    student.encoder.embeddings.word_embeddings = _embeddings(student, vocabulary, taxonomy, parallel, new_pieces)
    optimizers = _optimizers(student, config)

    unfinished = output.with_name(f"{output.name}.unfinished")
    state = _resume(unfinished, student, optimizers, config)
    sources = _Sources(config, taxonomy, [*parallel, *titles], told)
    student.train()
    losses: dict[str, list[float]] = defaultdict(list)
    for step in range(state["step"], config.steps):
        draw = random.Random(f"{config.seed}/{step}")
        source = sources.draw(draw)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bfloat16):
            if source == "own":
                batch = sources.own_batch(draw)
                loss = _own_loss(student, teacher, batch, new_pieces, old_pieces, size=config.text_size)
            else:
                varied_pieces.draw = draw
                loss = _parallel_loss(student, sources.batch(source, draw), targets, varied_pieces, config, source)
        for optimizer in optimizers.values():
            set_learning_rates(optimizer, share=step / config.steps, warmup=config.warmup)
            optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(optimizers["layers"].param_groups[0]["params"], 1.0)
        for optimizer in optimizers.values():
            optimizer.step()
        losses[source].append(loss.item())
        progress(f"step {step + 1}/{config.steps}, {source} {loss.item():.3f}", step / config.steps)
        if (step + 1) % config.steps_per_checkpoint == 0 or step + 1 == config.steps:
            means = {name: round(float(np.mean(values)), 4) for name, values in sorted(losses.items())}
            losses.clear()
            state |= {"step": step + 1, "history": [*state["history"], {"step": step + 1, **means}]}
            progress(f"step {step + 1}: {means}", step / config.steps)
            for name, optimizer in optimizers.items():
                save_checkpoint(unfinished / name, networks={"student": student}, optimizer=optimizer, state=state)
    record = training_record(
        config=config,
        data=[*release_files(release, languages), *(path for path in texts if path.is_file())],
        seconds=time.monotonic() - began,
        measures={
            "losses": state["history"],
            "n_parallel_texts": len(parallel),
            "n_own_titles": len(titles),
            "n_own_texts": len(told),
            "n_pieces_kept": len(vocabulary.kept),
            "n_pieces_new": vocabulary.n_new,
            "taxonomy_sha256": taxonomy.sha256,
        },
    )
    settings = {"languages": [own, *languages]}
    _write(student, tokenizer, shared_json, output, settings, record)
    for name in optimizers:
        remove_checkpoint(unfinished / name)
    unfinished.rmdir()
    return record


class _Sources:
    """Draws batches, each of one source: labels of skills, labels of occupations, descriptions, or the own language."""

    def __init__(
        self, config: MultilingualConfig, taxonomy: Taxonomy, parallel: Sequence[ParallelText], own: Sequence[str]
    ) -> None:
        self._config = config
        self._own = own
        self._texts: dict[str, list[ParallelText]] = defaultdict(list)
        for text in parallel:
            is_job = isinstance(taxonomy.concepts[text.concept], Occupation)
            name = "description" if text.part == "description" else "occupation" if is_job else "skill"
            self._texts[name].append(text)
        self._weights = {
            name: [_WEIGHT if text.language in config.weighty else 1.0 for text in texts]
            for name, texts in self._texts.items()
        }
        names = [*self._texts, "own"]
        self._shares = {name: float(getattr(config, f"share_{name}")) for name in names}

    def draw(self, draw: random.Random) -> str:
        """Choose the source of a batch."""
        return draw.choices(list(self._shares), list(self._shares.values()))[0]

    def batch(self, source: str, draw: random.Random) -> list[ParallelText]:
        """Draw texts of a source of about the same length, those of weighty languages more often."""
        n = self._config.descriptions_per_batch if source == "description" else self._config.labels_per_batch
        drawn = draw.choices(self._texts[source], self._weights[source], k=_DRAWN * n)
        drawn.sort(key=lambda text: len(text.text))
        at = draw.randrange(len(drawn) - n + 1)
        return drawn[at : at + n]

    def own_batch(self, draw: random.Random) -> list[str]:
        """Draw texts of the teacher's language, of about the same length."""
        at = draw.randrange(len(self._own))
        return list(self._own[at : at + self._config.own_per_batch])


def _parallel_loss(
    student: LinkerNetwork,
    batch: Sequence[ParallelText],
    targets: Targets,
    pieces: WordPieces,
    config: MultilingualConfig,
    family: str,
) -> Tensor:
    """One minus the cosine to the teacher's vector and, for labels, the softmax over the concepts of the family."""
    seen = student.labels(
        text_tensors([text.text for text in batch], [None] * len(batch), pieces, size=config.text_size)
    )
    rows = torch.tensor([text.concept for text in batch])
    by_part = {"label": targets.labels, "alternative": targets.wholes, "description": targets.descriptions}
    shown = torch.stack([by_part[text.part][text.concept] for text in batch])
    with torch.autocast("cpu", enabled=False):
        loss = 1 - (seen.float() * shown).sum(dim=-1).mean()
        if family not in targets.families:
            return loss
        among = targets.families[family]
        logits = seen.float() @ targets.wholes[among].T / config.temperature
        return loss + config.contrast * nn.functional.cross_entropy(logits, torch.searchsorted(among, rows))


def _own_loss(
    student: LinkerNetwork,
    teacher: LinkerNetwork,
    batch: Sequence[str],
    new_pieces: WordPieces,
    old_pieces: WordPieces,
    *,
    size: int,
) -> Tensor:
    """How far the student is from its teacher on the teacher's language, piece by piece and text by text."""
    nothing = [None] * len(batch)
    tensors = text_tensors(batch, nothing, old_pieces, size=size)
    with torch.inference_mode():
        shown = teacher.pieces(tensors)
    seen = student.pieces(text_tensors(batch, nothing, new_pieces, size=size))
    of_pieces, of_texts = agreement(seen, shown.clone(), tensors["inside"])
    return 2 - of_pieces - of_texts


def _own_titles(taxonomy: Taxonomy) -> list[ParallelText]:
    """What the occupations to learn from are called in the taxonomy's own language."""
    jobs = [
        (row, concept)
        for row, concept in enumerate(taxonomy.concepts)
        if isinstance(concept, Occupation) and parallel_split(concept.uri) == "train"
    ]
    own = taxonomy.languages[0]
    labels = [ParallelText(job.label, own, row, "label") for row, job in jobs]
    return labels + [ParallelText(other, own, row, "alternative") for row, job in jobs for other in job.alternatives]


def _vocabulary(
    config: MultilingualConfig,
    folder: Path,
    own: Sequence[str],
    parallel: Sequence[ParallelText],
    postings: Mapping[str, Sequence[str]],
) -> SharedVocabulary:
    others: dict[str, Counter[str]] = defaultdict(Counter)
    for text in parallel:
        others[text.language].update(words_in(text.text))
    for language, sentences in postings.items():
        if language in others:
            for sentence in sentences:
                others[language].update(words_in(sentence))
    return shared_vocabulary(
        folder / "tokenizer.json",
        own=Counter(word for text in own for word in words_in(text)),
        others=others,
        weights=dict.fromkeys(config.weighty, _WEIGHT),
        n_new=config.new_pieces,
        scratch=folder / "scratch.json",
    )


def _embeddings(
    student: LinkerNetwork,
    vocabulary: SharedVocabulary,
    taxonomy: Taxonomy,
    parallel: Sequence[ParallelText],
    pieces: WordPieces,
) -> JoinedEmbedding:
    """The vectors of the kept pieces, and for each new piece the mean of its translations'."""
    old = student.encoder.embeddings.word_embeddings.weight.detach()[list(vocabulary.kept)]
    labels = [text for text in parallel if text.part != "description"]
    source = _piece_numbers([text.text for text in labels], pieces)
    target = _piece_numbers([taxonomy.concepts[text.concept].label for text in labels], pieces)
    rows, found = translated_rows(
        align_words(list(zip(source, target, strict=True))),
        np.concatenate([old.numpy(), np.zeros((vocabulary.n_new, old.shape[1]), dtype=np.float32)]),
        n_sources=len(vocabulary.pieces),
    )
    new = torch.from_numpy(np.where(found[:, None], rows, old.mean(dim=0).numpy())[len(vocabulary.kept) :])
    return JoinedEmbedding(old, new.float())


def _piece_numbers(texts: Sequence[str], pieces: WordPieces) -> list[list[int]]:
    cut = pieces.of_words([words_in(text) for text in texts])
    return [[piece for word in words for piece in word] for words in cut]


def _wordpieces(tokenizer: Any, folder: Path) -> WordPieces:  # noqa: ANN401  # transformers' tokenizers have no common public type
    tokenizer.save_pretrained(folder)
    return WordPieces(folder / "tokenizer.json")


def _optimizers(student: LinkerNetwork, config: MultilingualConfig) -> dict[str, torch.optim.Optimizer]:
    """One for the layers, one for the new pieces, of which a batch has few."""
    pieces = student.encoder.embeddings.word_embeddings.new.weight
    layers = [parameter for parameter in student.parameters() if parameter.requires_grad and parameter is not pieces]
    return {
        "layers": torch.optim.AdamW(
            [{"params": layers, "peak": config.learning_rate}], weight_decay=config.weight_decay
        ),
        "pieces": torch.optim.SparseAdam([{"params": [pieces], "peak": config.piece_learning_rate}]),
    }


def _resume(
    unfinished: Path,
    student: LinkerNetwork,
    optimizers: Mapping[str, torch.optim.Optimizer],
    config: MultilingualConfig,
) -> dict[str, Any]:
    found = [
        load_checkpoint(
            unfinished / name, networks={"student": student}, optimizer=optimizer, config_sha256=config_sha256(config)
        )
        for name, optimizer in optimizers.items()
    ]
    for slots in optimizers["pieces"].state.values():
        slots["step"] = int(slots["step"])  # as SparseAdam counts; a checkpoint holds tensors only
    states = [state for state in found if state is not None]
    return states[0] if states else {"step": 0, "history": [], "config_sha256": config_sha256(config)}


def _write(
    student: LinkerNetwork,
    tokenizer: Any,  # noqa: ANN401  # transformers' tokenizers have no common public type
    tokenizer_json: str,
    output: Path,
    settings: dict[str, Any],
    record: dict[str, Any],
) -> None:
    whole = student.encoder.embeddings.word_embeddings.whole
    student.encoder.embeddings.word_embeddings = nn.Embedding.from_pretrained(whole, padding_idx=0)
    student.encoder.config.vocab_size = len(whole)
    with tempfile.TemporaryDirectory() as temporary:
        student.encoder.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        (Path(temporary) / "tokenizer.json").write_text(tokenizer_json, encoding="utf-8")
        files = {f"weights/{path.name}": path.read_bytes() for path in Path(temporary).iterdir()}
    files["record.json"] = (json.dumps(record, indent=1) + "\n").encode()
    write_artifact(output, kind=WEIGHTS_KIND, settings=settings, files=files)
