"""Text in, a concept's label out, piece by piece: what writes for `linking.generator`; needs the extra `train`.

De Cao, Izacard, Riedel and Petroni (2021), "Autoregressive entity retrieval" (GENRE). Here is a small decoder of our
own over the linker's encoder, which stays as it is; `linking.hub_network` has the models of the hub.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, Self

import torch
from safetensors.torch import load_file
from safetensors.torch import save as pack_tensors
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AutoModel

from metier.nn.beam_search import Writer
from metier.nn.starting_weights import find_encoder, load_tokenizer
from metier.nn.text_tensors import text_tensors
from metier.nn.wordpieces import WordPieces

Place = tuple[int, int] | None  # of the mention in its text, in code points; None: all of it
SOURCE_SIZE: Final = 64  # pieces read of a text
LONGEST_LABEL: Final = 48  # pieces of a label that are told apart; ESCO's longest has 14
DECODER_FILE: Final = "decoder.json"  # only our own network has one
_END, _UNKNOWN = 0, 1  # classes of our own network; a piece that no label had in training is unknown
_N_HEADS: Final = 12


class Source(NamedTuple):
    """Texts as they were read."""

    states: Tensor  # float32 (texts, pieces, dim)
    attended: Tensor  # bool (texts, pieces), False at padding
    mean: Tensor  # float32 (texts, dim): the mention's mean vector, of unit length


class LabelNetwork(Protocol):
    """Writes labels as sequences of classes."""

    end: int  # the class that closes a label
    n_classes: int

    def label_classes(self, labels: Sequence[str]) -> list[tuple[int, ...]]:
        """Give the classes of each label without the end; at least one, and `LONGEST_LABEL` at most."""
        ...

    def read(self, texts: Sequence[str], places: Sequence[Place]) -> Source:
        """Read texts, at least one, each with the place of its mention."""
        ...

    def logits(self, source: Source, classes: Tensor, chosen: Tensor) -> Tensor:
        """Say what comes when every class before is right (teacher forcing).

        Args:
            source: The texts.
            classes: int64 (texts, steps), the right classes.
            chosen: bool (texts, steps), the places that are asked about.

        Returns:
            float32 (places, classes): of every class, unnormalised log-probabilities.
        """
        ...

    def writer(self, source: Source) -> Writer:
        """Begin to write."""
        ...

    def files(self) -> dict[str, bytes]:
        """Give what `linking.generator.read_network` reads: file name -> content."""
        ...


class _Cache(NamedTuple):
    """Keys and values of what a layer wrote, (texts, beams, heads, steps, size) each."""

    keys: Tensor
    values: Tensor


class DecoderLayer(nn.Module):
    """Attention to what was written, attention to the text, and a feed-forward network, each after its norm.

    Vaswani et al. (2017), with the norms first as in Xiong et al. (2020).
    """

    def __init__(self, dim: int, *, dropout: float) -> None:
        """Make a layer of random weights.

        Args:
            dim: Of the states.
            dropout: Probability, after each of the three.
        """
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(dim) for _ in range(3)])
        self.written = nn.Linear(dim, 3 * dim)
        self.written_out = nn.Linear(dim, dim)
        self.asked = nn.Linear(dim, dim)
        self.looked = nn.Linear(dim, 2 * dim)
        self.looked_out = nn.Linear(dim, dim)
        self.inner = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, source: Source, cache: _Cache | None) -> tuple[Tensor, _Cache]:
        """Go through the layer.

        Args:
            states: float32 (texts, beams, steps, dim), of the steps to be added.
            source: The texts, their states ready for attention.
            cache: Of the steps before; None at the start.

        Returns:
            The states after it, and the cache with these steps.
        """
        queries, keys, values = (
            _heads(part) for part in self.written(self.norms[0](states)).chunk(3, dim=-1)
        )  # (texts, beams, heads, steps, size)
        if cache is not None:
            keys, values = torch.cat([cache.keys, keys], dim=3), torch.cat([cache.values, values], dim=3)
        seen = scaled_dot_product_attention(queries, keys, values, is_causal=cache is None)
        states = states + self.dropout(self.written_out(_together(seen)))
        states = states + self.dropout(self.looked_out(self._look(self.norms[1](states), source)))
        return states + self.dropout(self.inner(self.norms[2](states))), _Cache(keys, values)

    def _look(self, states: Tensor, source: Source) -> Tensor:
        n_beams, n_steps = states.shape[1:3]
        queries = _heads(self.asked(states.flatten(1, 2)))  # (texts, heads, beams * steps, size)
        keys, values = (_heads(part) for part in self.looked(source.states).chunk(2, dim=-1))
        seen = scaled_dot_product_attention(queries, keys, values, attn_mask=source.attended[:, None, None])
        return _together(seen).unflatten(1, (n_beams, n_steps))


def _heads(states: Tensor) -> Tensor:
    """(..., steps, dim) -> (..., heads, steps, size)."""
    return states.unflatten(-1, (_N_HEADS if states.shape[-1] % _N_HEADS == 0 else 1, -1)).transpose(-3, -2)


def _together(states: Tensor) -> Tensor:
    """(..., heads, steps, size) -> (..., steps, dim)."""
    return states.transpose(-3, -2).flatten(-2)


class PieceDecoder(nn.Module):
    """Our own network: a decoder over the states of an encoder that is not trained.

    It begins with the mean of the mention's states, by which the encoder was taught to find labels, and writes with
    the pieces that labels have. Their vectors are the same going in and coming out, and begin as the encoder's.
    """

    def __init__(self, encoder: str, pieces: Sequence[int], *, n_layers: int, dropout: float) -> None:
        """Load the encoder and make a decoder of random weights.

        Args:
            encoder: A BERT: a folder or hub name that `transformers` can load.
            pieces: What labels are written with, of its vocabulary.
            n_layers: Of the decoder.
            dropout: Probability.
        """
        super().__init__()
        self.folder = find_encoder(encoder)
        self.tokenizer = load_tokenizer(self.folder)
        self.wordpieces = _wordpieces(self.tokenizer)
        self.encoder = AutoModel.from_pretrained(self.folder, add_pooling_layer=False).requires_grad_(False).eval()
        self.pieces = tuple(pieces)
        self.end = _END
        self.n_classes = len(self.pieces) + _UNKNOWN + 1
        self._classes = {piece: number for number, piece in enumerate(self.pieces, start=_UNKNOWN + 1)}
        dim = self.encoder.config.hidden_size
        self.decoder = nn.ModuleDict(
            {
                "pieces": nn.Embedding(self.n_classes, dim),
                "positions": nn.Embedding(LONGEST_LABEL + 1, dim),
                "places": nn.Embedding(2, dim),  # outside and inside the mention
                "start": nn.Linear(dim, dim),
                "first_norm": nn.LayerNorm(dim),
                "source_norm": nn.LayerNorm(dim),
                "layers": nn.ModuleList([DecoderLayer(dim, dropout=dropout) for _ in range(n_layers)]),
                "last_norm": nn.LayerNorm(dim),
            }
        )
        self.dropout = nn.Dropout(dropout)
        self._begin()

    @classmethod
    def for_labels(cls, encoder: str, labels: Sequence[str], *, n_layers: int, dropout: float) -> Self:
        """Make a network whose pieces are those of some labels; the rest as for the class."""
        pieces = _wordpieces(load_tokenizer(encoder)).of_words([label.split() or [""] for label in labels])
        return cls(
            encoder,
            sorted({piece for words in pieces for word in words for piece in word}),
            n_layers=n_layers,
            dropout=dropout,
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `files` gave, in evaluation mode."""
        settings = json.loads((folder / DECODER_FILE).read_text(encoding="utf-8"))
        network = cls(str(folder / "weights"), settings["pieces"], n_layers=settings["layers"], dropout=0.0)
        network.decoder.load_state_dict(load_file(folder / "decoder.safetensors"))
        network.eval()
        return network

    def _begin(self) -> None:
        """Start from the encoder's vectors of pieces; add little to them at first."""
        words = self.encoder.get_input_embeddings().weight
        with torch.no_grad():
            for name in ("pieces", "positions", "places"):
                nn.init.normal_(self.decoder[name].weight, std=0.02)
            self.decoder["pieces"].weight[_UNKNOWN + 1 :] = words[list(self.pieces)]

    def train(self, mode: bool = True) -> "PieceDecoder":
        """Switch dropout, but not the encoder's."""
        super().train(mode)
        self.encoder.eval()
        return self

    def label_classes(self, labels: Sequence[str]) -> list[tuple[int, ...]]:
        """Give the classes of each label; see `LabelNetwork`."""
        cut = self.wordpieces.of_words([label.split() or [""] for label in labels])
        return [
            tuple(self._classes.get(piece, _UNKNOWN) for word in words for piece in word)[:LONGEST_LABEL]
            for words in cut
        ]

    def read(self, texts: Sequence[str], places: Sequence[Place]) -> Source:
        """Read texts; see `LabelNetwork`."""
        batch = text_tensors(texts, places, self.wordpieces, size=SOURCE_SIZE)
        with torch.no_grad():
            states = self.encoder(input_ids=batch["ids"], attention_mask=batch["attention"]).last_hidden_state.float()
        inside = batch["inside"]
        summed = (nn.functional.normalize(states, dim=-1) * inside[:, :, None]).sum(dim=1)
        mean = nn.functional.normalize(summed, dim=-1)
        seen = self.decoder["source_norm"](states) + self.decoder["places"](inside.long())
        return Source(seen, batch["attention"].bool(), mean)

    def first(self, source: Source) -> Tensor:
        """Give what stands before the first piece: float32 (texts, dim)."""
        vectors: Tensor = self.decoder["start"](source.mean * source.mean.shape[1] ** 0.5)
        return vectors

    def logits(self, source: Source, classes: Tensor, chosen: Tensor) -> Tensor:
        """Say what comes; see `LabelNetwork`."""
        before = torch.cat([self.first(source)[:, None], self.decoder["pieces"](classes[:, :-1])], dim=1)
        states = self.write(before[:, None], source, first=0, caches=None)[0][:, 0]
        return self.scores(states[chosen])

    def scores(self, states: Tensor) -> Tensor:
        """Compare states with the vectors of pieces: float32 (..., dim) -> (..., classes)."""
        return states @ self.decoder["pieces"].weight.T

    def write(
        self, vectors: Tensor, source: Source, *, first: int, caches: Sequence[_Cache] | None
    ) -> tuple[Tensor, list[_Cache]]:
        """Write one or more steps.

        Args:
            vectors: float32 (texts, beams, steps, dim), of what was written before each step.
            source: The texts.
            first: The number of the first of the steps.
            caches: Of each layer, of the steps before; None at the start.

        Returns:
            float32 (texts, beams, steps, dim), and the caches with these steps.
        """
        positions = torch.arange(first, first + vectors.shape[2])
        states = self.dropout(self.decoder["first_norm"](vectors + self.decoder["positions"](positions)))
        kept = []
        for number, layer in enumerate(self.decoder["layers"]):
            states, cache = layer(states, source, None if caches is None else caches[number])
            kept.append(cache)
        return self.decoder["last_norm"](states), kept

    def writer(self, source: Source) -> Writer:
        """Begin to write; see `LabelNetwork`."""
        return _PieceWriter(self, source)

    def files(self) -> dict[str, bytes]:
        """Give the encoder's folder, the decoder and the pieces; see `LabelNetwork`."""
        return {
            **folder_files(self.encoder, self.tokenizer),
            "decoder.safetensors": pack_tensors(self.decoder.state_dict()),
            DECODER_FILE: json.dumps({"pieces": self.pieces, "layers": len(self.decoder["layers"])}).encode(),
        }


class _PieceWriter:
    """A label per beam; see `metier.nn.beam_search.Writer`."""

    def __init__(self, network: PieceDecoder, source: Source) -> None:
        self.n_sources = len(source.mean)
        self._network = network
        self._source = source
        self._caches: list[_Cache] | None = None
        self._n_steps = 0

    def step(self, parents: Tensor, previous: Tensor | None) -> Tensor:
        rows = torch.arange(self.n_sources)[:, None]
        if previous is None:
            vectors = self._network.first(self._source)[:, None]
        else:
            vectors = self._network.decoder["pieces"](previous)
        if self._caches is not None:
            self._caches = [_Cache(*(part[rows, parents] for part in cache)) for cache in self._caches]
        states, self._caches = self._network.write(
            vectors[:, :, None], self._source, first=self._n_steps, caches=self._caches
        )
        self._n_steps += 1
        return self._network.scores(states[:, :, 0])


def _wordpieces(tokenizer: Any) -> WordPieces:  # noqa: ANN401  # as above
    with tempfile.TemporaryDirectory() as temporary:
        tokenizer.save_pretrained(temporary)
        return WordPieces(Path(temporary) / "tokenizer.json")


def folder_files(model: Any, tokenizer: Any) -> dict[str, bytes]:  # noqa: ANN401  # as above
    """Give a folder `weights` that `transformers` can load: file name -> content."""
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        return {f"weights/{path.name}": path.read_bytes() for path in Path(temporary).iterdir()}
