"""Fixtures that every test may use."""

import csv
import os
from pathlib import Path

import pytest

_DATA = Path(os.environ.get("METIER_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_collection_modifyitems(items):
    if not _DATA.is_dir():
        reason = f"the data sets are not at {_DATA}; set METIER_DATA"
        for item in items:
            if item.get_closest_marker("data"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _default_csv_limit():
    """Readers of postings raise this limit for the whole process."""
    csv.field_size_limit(131_072)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    return _DATA


_PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz+#.&-,/("]
_PIECES += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]


def _write_tiny_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(_PIECES)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory) -> Path:
    """A BERT of random weights that fits in a tenth of a megabyte: what `transformers` can load."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny") / "bert"
    _write_tiny_tokenizer(folder)
    special = {name.strip("[]").lower() + "_token": name for name in _PIECES[:5]}
    PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **special).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(_PIECES),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        initializer_range=0.3,  # wide, so that random weights tell words apart
    )
    with torch.random.fork_rng():
        torch.manual_seed(7)
        BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_seq2seq(tiny_encoder, tmp_path_factory) -> Path:
    """A BART of random weights, with the tiny encoder's vocabulary: what `transformers` can load."""
    import torch
    from transformers import AutoTokenizer, BartConfig, BartForConditionalGeneration

    folder = tmp_path_factory.mktemp("tiny") / "bart"
    AutoTokenizer.from_pretrained(tiny_encoder).save_pretrained(folder)
    config = BartConfig(
        vocab_size=len(_PIECES),
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=160,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
        decoder_start_token_id=3,
        forced_eos_token_id=3,
        init_std=0.3,  # wide, so that random weights tell words apart
    )
    with torch.random.fork_rng():
        torch.manual_seed(11)
        BartForConditionalGeneration(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_tokenizer(tmp_path_factory) -> Path:
    """The `tokenizer.json` of the tiny encoder, made without torch."""
    folder = tmp_path_factory.mktemp("tokenizer")
    _write_tiny_tokenizer(folder)
    return folder / "tokenizer.json"


@pytest.fixture(scope="session")
def tiny_runtime(tiny_encoder, tmp_path_factory) -> Path:
    """The tiny encoder as it runs: a folder with `encoder`, in int8, and `tokenizer.json`."""
    from metier.nn.export import export_encoder

    folder = tmp_path_factory.mktemp("runtime")
    for name, content in export_encoder(tiny_encoder, quantization="int8").items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def tiny_tagger(tiny_encoder, tmp_path_factory) -> Path:
    """A tagger of random weights, as a model folder."""
    import json

    import numpy as np
    import torch

    from metier.artifacts import write_artifact
    from metier.nn.export import export_encoder
    from metier.tagging.network import TaggerNetwork

    with torch.random.fork_rng():
        torch.manual_seed(5)
        network = TaggerNetwork(str(tiny_encoder), layers=("skill", "knowledge"), crf=True, dropout=0.0, cased=True)
        for head in network.heads.values():
            torch.nn.init.normal_(head.weight, std=0.5)
    folder = tmp_path_factory.mktemp("tagger")
    network.encoder.save_pretrained(folder / "weights")
    (folder / "weights" / "tokenizer.json").write_bytes((tiny_encoder / "tokenizer.json").read_bytes())
    with (folder / "heads.npz").open("wb") as stream:
        arrays = {f"{layer}.weight": head.weight.detach().numpy().T.copy() for layer, head in network.heads.items()}
        arrays |= {f"{layer}.bias": head.bias.detach().numpy() for layer, head in network.heads.items()}
        np.savez(stream, **arrays)
    settings = {
        "layers": ["skill", "knowledge"],
        "cased": True,
        "window_size": 64,
        "window_overlap": 16,
        "chains": network.chain_settings(),
        "outside_bias": {"skill": 0.0, "knowledge": 0.0},
        "calibration": {"skill": [1.0, 1.0, 0.0, 0.0], "knowledge": [1.0, 1.0, 0.0, 0.0]},
    }
    files = export_encoder(folder / "weights", quantization="int8")
    files |= {"heads.npz": (folder / "heads.npz").read_bytes(), "record.json": json.dumps({}).encode()}
    write_artifact(folder / "tiny-tagger", kind="tagger", settings=settings, files=files)
    return folder / "tiny-tagger"


@pytest.fixture(scope="session")
def tiny_linker(tiny_encoder, tmp_path_factory) -> tuple[Path, Path]:
    """A linker of random weights and a taxonomy with its index, as model folders."""
    from metier.artifacts import read_artifact, write_artifact
    from metier.domain import Skill
    from metier.linking.concepts import ENCODER_KEY, INDEX_FILE, VectorParts, concept_vectors, pack_index
    from metier.linking.lexical import LexicalIndex
    from metier.linking.linker import load_encoder
    from metier.nn.export import export_encoder
    from metier.taxonomy.facts import Facts
    from metier.taxonomy.taxonomy import Taxonomy

    folder = tmp_path_factory.mktemp("linker")
    fusion = {
        "temperature": 0.1,
        "mention_lexical": 0.3,
        "same_words": 0.1,
        "sentence_lexical": 0.4,
        "calibration": [4.0, 2.0, 1.0, 0.5, -4.0],
        "abstain_below": 0.4,
    }
    settings = {"encoder_sha256": "e" * 64, "fusion": fusion}
    files = export_encoder(tiny_encoder, quantization="int8")
    write_artifact(folder / "tiny-linker", kind="linker", settings=settings, files=files)
    labels = ["Python (computer programming)", "C++", "SQL", "manage a team", "carry out wound care", "bake bread"]
    skills = tuple(Skill(f"s{row}", label, (f"{label} work",), kind="skill") for row, label in enumerate(labels))
    encoder = load_encoder(read_artifact(folder / "tiny-linker", kind="linker"), threads=1)
    parts = VectorParts(alternatives=0.5, description=0.0)
    vectors = concept_vectors(skills, [""] * len(skills), encode=encoder.encode, parts=parts)
    Taxonomy(Facts(name="Own", version="1", languages=("en",), skills=skills, parents=((),) * len(skills))).save(
        folder / "tiny-taxonomy",
        extra_files={INDEX_FILE: pack_index(vectors, LexicalIndex.build(skills))},
        extra_settings={ENCODER_KEY: "e" * 64},
    )
    return folder / "tiny-linker", folder / "tiny-taxonomy"


@pytest.fixture(scope="session")
def tiny_generator(tiny_encoder, tmp_path_factory) -> Path:
    """A linker of random weights that writes labels, as a model folder."""
    import torch

    from metier.artifacts import write_artifact
    from metier.linking.generator_network import PieceDecoder

    with torch.random.fork_rng():
        torch.manual_seed(9)
        network = PieceDecoder.for_labels(str(tiny_encoder), ["bake bread", "SQL", "C++"], n_layers=1, dropout=0.0)
        for parameter in network.decoder.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    folder = tmp_path_factory.mktemp("generator") / "tiny-generator"
    calibration = [0.5, 0.2, 1.0, 0.5, 0.0]
    decoding = {"in_sentence": False, "length_power": 0.5, "calibration": calibration, "abstain_below": 0.4}
    write_artifact(folder, kind="generator", settings={"decoding": decoding}, files=network.files())
    return folder


@pytest.fixture(scope="session")
def tiny_reranker(tiny_encoder, tmp_path_factory) -> Path:
    """A re-ranker of random weights, as a model folder."""
    import io

    import numpy as np

    from metier.artifacts import write_artifact
    from metier.nn.export import export_encoder

    head = io.BytesIO()
    draw = np.random.default_rng(4)
    np.savez(head, **{name: draw.normal(size=32).astype(np.float32) for name in ("start", "product")})
    fusion = {
        "mention_depth": 4,
        "sentence_depth": 3,
        "mention_weight": 0.7,
        "sentence_weight": 0.5,
        "calibration": [1.0, 0.2, 0.0, 0.1, 0.5],
        "abstain_below": 0.4,
    }
    settings = {"text_size": 40, "concept_size": 24, "fusion": fusion}
    files = {**export_encoder(tiny_encoder, quantization="int8"), "head.npz": head.getvalue()}
    folder = tmp_path_factory.mktemp("reranker") / "tiny-reranker"
    write_artifact(folder, kind="reranker", settings=settings, files=files)
    return folder


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL with pgvector that runs until the tests end."""
    from servers import running_postgres

    return running_postgres()
