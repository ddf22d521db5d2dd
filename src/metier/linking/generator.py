"""A linker that writes the label: beam search that can write nothing but labels of the taxonomy.

De Cao, Izacard, Riedel and Petroni (2021), "Autoregressive entity retrieval" (GENRE): a sequence-to-sequence model
writes a label piece by piece, and at each step may take only a piece that goes on with a label. So every candidate
is a concept of the taxonomy by construction. Needs the extra `train`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.domain import Candidate, Link, Mention, Skill
from metier.errors import ConfigError, MissingExtra
from metier.linking.forms import normal_words
from metier.linking.label_trie import LabelTrie
from metier.linking.linker import Scores, candidate_probabilities
from metier.text.words import words

if TYPE_CHECKING:
    from metier.linking.generator_network import LabelNetwork, Place

KIND: Final = "generator"
WIDTH: Final = 32  # of the beam, and how many candidates evaluation looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How labels are chosen; every value was chosen on validation."""

    in_sentence: bool  # whether a mention is read in its sentence, or by itself
    length_power: float  # labels are compared by log-probability / written pieces ** power; 1: by the mean per piece
    calibration: tuple[float, ...]  # logistic regression on `linker.candidate_features`, the constant last
    abstain_below: float  # the probability under which `link` gives no concept


@dataclass(frozen=True, slots=True)
class Written:
    """The concepts whose labels were written for a text, best first; ties keep taxonomy order."""

    rows: NDArray[np.int64]  # (n,)
    scores: Scores  # (n,), by length-normalised log-probability


class GenerativeLinker:
    """Links mentions to the skills whose labels a network writes, or to none."""

    def __init__(
        self,
        network: "LabelNetwork",
        skills: Sequence[Skill],
        *,
        decoding: Decoding,
        version: str,
        min_precision: float | None = None,
    ) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            network: In evaluation mode.
            skills: What can be linked to; none at all is allowed.
            decoding: How labels are chosen.
            version: What results are stamped with.
            min_precision: Abstain below this probability instead of the default; in [0, 1].

        Raises:
            ConfigError: If `min_precision` is no probability.
        """
        if min_precision is not None and not 0 <= min_precision <= 1:
            raise ConfigError(f"min_precision is {min_precision}, and a number from 0 to 1 was expected.")
        self._network = network
        self._skills = skills
        self._decoding = decoding
        self._version = version
        self._threshold = decoding.abstain_below if min_precision is None else min_precision
        labels = network.label_classes([skill.label for skill in skills])
        self._trie = LabelTrie(labels, n_classes=network.n_classes, end=network.end)

    @classmethod
    def load(cls, name: str | Path, *, skills: Sequence[Skill], min_precision: float | None = None) -> Self:
        """Read what `metier train generator` wrote.

        Args:
            name: The model folder.
            skills: What can be linked to, of any taxonomy.
            min_precision: Abstain below this probability instead of the default.

        Returns:
            A linker ready to use; it uses the processors that torch may use.

        Raises:
            ConfigError: If `min_precision` is no probability.
            ModelError: If the folder is missing, damaged or of another kind.
            MissingExtra: If torch or transformers is not installed.
        """
        artifact = read_artifact(name, kind=KIND)
        if not all(map(find_spec, ("torch", "transformers", "safetensors"))):
            raise MissingExtra("train", "A linker that writes labels")
        from metier.nn.starting_weights import quiet_transformers

        quiet_transformers()
        return cls(
            read_network(artifact.folder),
            skills,
            decoding=read_decoding(artifact.settings["decoding"]),
            version=artifact.version,
            min_precision=min_precision,
        )

    @property
    def version(self) -> str:
        """Name and content hash, such as `generator@1a2b3c4d`."""
        return self._version

    def link(self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]) -> list[list[Link]]:
        """Link the mentions of each text; see `metier.protocols.Linker`.

        Args:
            texts: Sentences.
            mentions: The mentions of each text; their spans point into it.

        Returns:
            One list per text, one link per mention, with up to 32 candidates each.
        """
        queries = [
            [self._query(text, mention) for mention in found] for text, found in zip(texts, mentions, strict=True)
        ]
        different = list(dict.fromkeys(query for of_text in queries for query in of_text))
        candidates = dict(zip(different, map(self._candidates, different), strict=True))
        return [
            [self._link(mention, candidates[query]) for mention, query in zip(found, of_text, strict=True)]
            for found, of_text in zip(mentions, queries, strict=True)
        ]

    def rank(self, texts: Sequence[str], *, k: int) -> list[list[Candidate]]:
        """List the skills that each whole text is about; see `metier.protocols.Linker`.

        Args:
            texts: Sentences; one is read up to its 62nd piece.
            k: Candidates per text; 32 at most, as many as the beam is wide, and fewer if the taxonomy is smaller.

        Returns:
            One list per text, by falling probability; ties keep taxonomy order.
        """
        return [list(self._candidates((text, None))[:k]) for text in texts]

    def write(self, text: str, place: "Place") -> Written:
        """Write the likeliest labels for a text.

        Each text is read by itself, so that what else is in the call does not change its last bits.

        Args:
            text: A mention, or a text that holds one.
            place: Where it holds it, in code points; None: it is the mention.

        Returns:
            The 32 best of the concepts that are called so; fewer if the taxonomy is smaller.
        """
        import torch

        from metier.nn.beam_search import beam_search

        with torch.inference_mode():
            source = self._network.read([text], [place])
        found = beam_search(
            self._network.writer(source),
            end=self._network.end,
            width=WIDTH,
            longest=0,
            trie=self._trie.prefixes,
            among_allowed=True,
            length_power=self._decoding.length_power,
        )[0]
        named = [(-one.log_probability, row) for one in found for row in self._trie.concepts(one.classes)]
        best = sorted(named)[:WIDTH]
        said = sorted(normal_words(_said(text, place)))
        same = [sorted(normal_words(self._skills[row].label)) == said for _, row in best]
        scores = np.array([-log for log, _ in best], dtype=np.float32)
        rows = np.array([row for _, row in best], dtype=np.int64)
        return Written(rows, Scores(scores, np.array(same, dtype=np.bool_)))

    def _query(self, text: str, mention: Mention) -> "tuple[str, Place]":
        return (text, (mention.span.start, mention.span.end)) if self._decoding.in_sentence else (mention.text, None)

    def _candidates(self, query: "tuple[str, Place]") -> tuple[Candidate, ...]:
        written = self.write(*query)
        order = np.arange(len(written.rows))
        probabilities = candidate_probabilities(written.scores, order, self._decoding.calibration).round(4)
        if not words(_said(*query)):
            probabilities[:] = 0  # nothing was said
        return tuple(
            Candidate(self._skills[row], probability)
            for row, probability in zip(written.rows.tolist(), probabilities.tolist(), strict=True)
        )

    def _link(self, mention: Mention, candidates: tuple[Candidate, ...]) -> Link:
        if not candidates:
            return Link(mention, None, 0.0)
        best = candidates[0]
        concept = best.concept if best.probability >= self._threshold else None
        return Link(mention, concept, best.probability, candidates)


def read_network(folder: Path) -> "LabelNetwork":
    """Read what a network's `files` gave.

    Args:
        folder: Holds those files.

    Returns:
        The network, in evaluation mode.
    """
    from metier.linking.generator_network import DECODER_FILE, PieceDecoder
    from metier.linking.hub_network import HubNetwork

    network: PieceDecoder | HubNetwork
    if (folder / DECODER_FILE).exists():
        network = PieceDecoder.load(folder)
    else:
        network = HubNetwork(str(folder / "weights"))
        network.eval()
    return network


def read_decoding(settings: dict[str, Any]) -> Decoding:
    """Read what `dataclasses.asdict(decoding)` wrote into JSON."""
    return Decoding(**{**settings, "calibration": tuple(settings["calibration"])})


def _said(text: str, place: "Place") -> str:
    return text[slice(*place)] if place else text
