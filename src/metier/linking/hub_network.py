"""Sequence-to-sequence models of the hub as writers of labels; needs the extra `train`."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForSeq2SeqLM, DynamicCache, EncoderDecoderCache

from metier.errors import ModelError
from metier.linking.generator_network import LONGEST_LABEL, SOURCE_SIZE, Place, Source, folder_files
from metier.nn.beam_search import Writer
from metier.nn.starting_weights import load_tokenizer


class HubNetwork(nn.Module):
    """A sequence-to-sequence model of the hub, such as BART, all of it trained; mentions stand between markers."""

    def __init__(self, model: str) -> None:
        """Load the model.

        Args:
            model: A folder or hub name that `transformers` can load.

        Raises:
            ModelError: If it cannot be loaded, or is no sequence-to-sequence model.
        """
        super().__init__()
        self.tokenizer = load_tokenizer(model)
        try:
            self.model = AutoModelForSeq2SeqLM.from_pretrained(model)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The model '{model}' cannot be loaded ({str(error).splitlines()[0]}); "
                "give a sequence-to-sequence model, such as facebook/bart-base."
            ) from error
        self.end = int(self.model.config.eos_token_id)
        self.n_classes = int(self.model.get_output_embeddings().weight.shape[0])

    def label_classes(self, labels: Sequence[str]) -> list[tuple[int, ...]]:
        """Give the classes of each label; see `LabelNetwork`."""
        cut = self.tokenizer(list(labels))["input_ids"] if labels else []
        return [self._without_end(pieces) or (self.tokenizer.unk_token_id or 0,) for pieces in cut]

    def _without_end(self, pieces: Sequence[int]) -> tuple[int, ...]:
        return tuple(piece for piece in pieces if piece != self.end)[:LONGEST_LABEL]

    def read(self, texts: Sequence[str], places: Sequence[Place]) -> Source:
        """Read texts; see `LabelNetwork`."""
        marked = [_marked(text, place) for text, place in zip(texts, places, strict=True)]
        batch = self.tokenizer(
            marked, padding=True, truncation=True, max_length=2 * SOURCE_SIZE, return_tensors="pt"
        )  # the markers take pieces too
        states = self.model.get_encoder()(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
        ).last_hidden_state
        attended = batch["attention_mask"].bool()
        mean = nn.functional.normalize((states * attended[:, :, None]).sum(dim=1), dim=-1)
        return Source(states, attended, mean)

    def logits(self, source: Source, classes: Tensor, chosen: Tensor) -> Tensor:
        """Say what comes; see `LabelNetwork`."""
        start = torch.full((len(classes), 1), self._start)
        before = torch.cat([start, classes[:, :-1]], dim=1)
        logits: Tensor = self.decode(before, source.states, source.attended, cache=None).logits
        return logits[chosen]

    def decode(self, classes: Tensor, states: Tensor, attended: Tensor, *, cache: Any) -> Any:  # noqa: ANN401
        """Run the decoder; types are those of `transformers`, which have no common public form."""
        return self.model(
            encoder_outputs=(states,),
            attention_mask=attended.long(),
            decoder_input_ids=classes,
            past_key_values=cache,
            use_cache=cache is not None,
        )

    @property
    def _start(self) -> int:
        return int(self.model.config.decoder_start_token_id)

    def writer(self, source: Source) -> Writer:
        """Begin to write; see `LabelNetwork`."""
        return _HubWriter(self, source, start=self._start)

    def files(self) -> dict[str, bytes]:
        """Give the model's folder; see `LabelNetwork`."""
        return folder_files(self.model, self.tokenizer)


class _HubWriter:
    """A label per beam; see `metier.nn.beam_search.Writer`."""

    def __init__(self, network: HubNetwork, source: Source, *, start: int) -> None:
        self.n_sources = len(source.states)
        self._network = network
        self._source = source
        self._start = start
        self._n_beams = 1
        self._cache = EncoderDecoderCache(DynamicCache(), DynamicCache())

    def step(self, parents: Tensor, previous: Tensor | None) -> Tensor:
        n_beams = parents.shape[1]
        texts = torch.arange(self.n_sources)[:, None]
        if previous is None:
            classes = torch.full((self.n_sources, 1), self._start)
        else:
            classes = previous.reshape(-1, 1)
            self._cache.reorder_cache((texts * self._n_beams + parents).flatten())
        self._n_beams = n_beams
        rows = texts.expand(-1, n_beams).flatten()
        output = self._network.decode(
            classes, self._source.states[rows], self._source.attended[rows], cache=self._cache
        )
        logits: Tensor = output.logits[:, -1].float().unflatten(0, (self.n_sources, n_beams))
        return logits


def _marked(text: str, place: Place) -> str:
    """Put the mention between the markers of GENRE."""
    start, end = place or (0, len(text))
    return f"{text[:start]}[START_ENT] {text[start:end]} [END_ENT]{text[end:]}"
