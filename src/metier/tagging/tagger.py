"""The tagger as it runs: encoder, heads, legal decoding, calibrated probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import read_artifact
from metier.domain import Mention, MentionKind, Span
from metier.errors import ModelError
from metier.nn.chain import Chain, O
from metier.nn.pieces import Window, windows
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.tagging.layers import LAYERS, spans_of
from metier.text.words import words as words_of

Floats = NDArray[np.float32]
Reader = tuple[TokenEncoder, WordPieces]  # a network and its vocabulary


@dataclass(frozen=True, slots=True)
class Head:
    """One layer's linear head, its chain, and how its raw probabilities become calibrated ones."""

    weight: Floats  # (dim, 3)
    bias: Floats  # (3,)
    chain: Chain
    calibration: tuple[float, float, float, float]  # of log p, of -log (1 - p), of the log number of words, constant
    least: float = 0.0  # the chain's probability below which a span is no mention

    def calibrate(self, probability: float, n_words: int) -> float:
        """Turn the chain's probability of a span into a calibrated one (Kull et al., 2017, beta; and length)."""
        if_sure, if_unsure, per_length, constant = self.calibration
        p = min(max(probability, 1e-6), 1 - 1e-6)
        log_odds = if_sure * np.log(p) - if_unsure * np.log(1 - p) + per_length * np.log(n_words) + constant
        return float(1 / (1 + np.exp(-log_odds)))


class NeuralTagger:
    """Finds skills and knowledge: two layers over one encoder, so that nested spans are both kept.

    A committee (Hansen and Salamon, 1990, "Neural network ensembles") has several encoders: a word's vector is the
    vectors of all, one after the other, and with the members' heads stacked and divided by their number its scores are
    the means of theirs.
    """

    def __init__(
        self,
        readers: Sequence[Reader],
        *,
        heads: Mapping[MentionKind, Head],
        settings: Mapping[str, Any],
        version: str,
    ) -> None:
        """Put the parts together; `load` is what callers want.

        Args:
            readers: One, or those of a committee in the order of its heads' rows.
            heads: By layer, in the order of `LAYERS`.
            settings: `window_size`, `window_overlap` in pieces; `cased`.
            version: What results are stamped with.
        """
        self._readers = readers
        self.heads = heads  # by layer
        self._settings = settings
        self._version = version

    @classmethod
    def load(cls, name: str | Path, *, threads: int = 2, data_set: str | None = None) -> Self:
        """Read a tagger.

        Args:
            name: A shipped model's name (`tagger-en`), or a folder that `metier models export` wrote.
            threads: Processors to use; changes nothing but the time.
            data_set: Of a tagger that was trained on several data sets: whose heads to use; by default the main one's.

        Returns:
            A tagger ready to use.

        Raises:
            ModelError: If there is no such model, it is damaged or of another kind, or has no heads for the data set.
        """
        artifact = read_artifact(name, kind="tagger")
        names = _heads_for(data_set, artifact.settings, name)
        with np.load(artifact.path("heads.npz"), allow_pickle=False) as arrays:
            heads = {layer: read_head(names[layer], arrays, artifact.settings) for layer in LAYERS if layer in names}
        return cls(
            [
                (
                    TokenEncoder(artifact.path(f"{at}encoder"), threads=threads),
                    WordPieces(artifact.path(f"{at}tokenizer.json")),
                )
                for at in member_folders(artifact.settings.get("n_members", 1))
            ],
            heads=heads,
            settings=artifact.settings,
            version=artifact.version,
        )

    @property
    def version(self) -> str:
        """Name and content hash, such as `tagger-en@1a2b3c4d`."""
        return self._version

    def tag(self, texts: Sequence[str], *, words: Sequence[Sequence[Span]] | None = None) -> list[list[Mention]]:
        """Find the mentions of each text; see `metier.protocols.Tagger`.

        Args:
            texts: Sentences; a longer text is read through overlapping windows, never cut.
            words: The word boundaries of each text; found by `metier.text.words` where not given.

        Returns:
            One list per text; mentions by start, then end, skill before knowledge.
        """
        boundaries = [words_of(text) for text in texts] if words is None else words
        vectors = self.word_vectors(
            [[text[w.start : w.end] for w in spans] for text, spans in zip(texts, boundaries, strict=True)]
        )
        return self.mentions(texts, words=boundaries, emissions=self.score(vectors))

    def mentions(
        self, texts: Sequence[str], *, words: Sequence[Sequence[Span]], emissions: Mapping[MentionKind, list[Floats]]
    ) -> list[list[Mention]]:
        """Read the mentions off the scores of the tags.

        Args:
            texts: Sentences.
            words: The word boundaries of each text.
            emissions: For each layer, float32 (n_words, 3) per text.

        Returns:
            As `tag`.
        """
        found: list[list[Mention]] = [[] for _ in texts]
        for kind, scores in emissions.items():
            for i, spans in enumerate(self._decode(kind, scores)):
                found[i] += [
                    _mention(texts[i], words[i][start].start, words[i][end - 1].end, kind, probability)
                    for (start, end), probability in spans
                ]
        return [sorted(mentions, key=lambda mention: mention.span) for mentions in found]

    def emissions(self, sentences: Sequence[Sequence[str]]) -> dict[MentionKind, list[Floats]]:
        """Score the tags of each word.

        Args:
            sentences: Words of each sentence.

        Returns:
            For each layer, float32 (n_words, 3) per sentence.
        """
        return self.score(self.word_vectors(sentences))

    def word_vectors(self, sentences: Sequence[Sequence[str]]) -> list[Floats]:
        """Give the encoder's last hidden state at the first piece of each word.

        Args:
            sentences: Words of each sentence.

        Returns:
            float32 (n_words, dim) per sentence; a word that several windows hold has the vector from the window in
            which it is farthest from an edge. The vectors of a committee's members stand one after the other.
        """
        read = [self._read(reader, sentences) for reader in self._readers]
        return read[0] if len(read) == 1 else [np.concatenate(rows, axis=1) for rows in zip(*read, strict=True)]

    def _read(self, reader: Reader, sentences: Sequence[Sequence[str]]) -> list[Floats]:
        encoder, wordpieces = reader
        cut = windows(
            sentences,
            wordpieces,
            size=self._settings["window_size"],
            overlap=self._settings["window_overlap"],
            cased=self._settings["cased"],
        )
        states = encoder.encode([w.pieces for w in cut], [w.types for w in cut])
        rows = [state[list(window.word_starts)] for state, window in zip(states, cut, strict=True)]
        dim = next(iter(self.heads.values())).weight.shape[0] // len(self._readers)
        return _join_windows(rows, cut, [len(sentence) for sentence in sentences], dim=dim)

    def score(self, vectors: Sequence[Floats]) -> dict[MentionKind, list[Floats]]:
        """Apply the heads to the vectors of words.

        Args:
            vectors: float32 (n_words, dim) per sentence, as `word_vectors` gives them.

        Returns:
            For each layer, float32 (n_words, 3) per sentence.
        """
        if not vectors:
            return {kind: [] for kind in self.heads}
        flat = np.concatenate(vectors)  # (all words, dim)
        cuts = np.cumsum([len(words) for words in vectors])[:-1]
        return {kind: np.split(head_scores(head, flat), cuts) for kind, head in self.heads.items()}

    def _decode(self, kind: MentionKind, emissions: Sequence[Floats]) -> list[list[tuple[tuple[int, int], float]]]:
        head = self.heads[kind]
        decoded: list[list[tuple[tuple[int, int], float]]] = [[] for _ in emissions]
        filled = [i for i, scores in enumerate(emissions) if len(scores)]
        paths = head.chain.best_paths([emissions[i] for i in filled])
        spans = {i: spans_of(path) for i, path in zip(filled, paths, strict=True)}
        spans = {i: found for i, found in spans.items() if found}
        raw = head.chain.span_probabilities([emissions[i] for i in spans], list(spans.values()))
        for (i, found), probabilities in zip(spans.items(), raw, strict=True):
            decoded[i] = [
                (span, head.calibrate(probability, span[1] - span[0]))
                for span, probability in zip(found, probabilities, strict=True)
                if probability >= head.least
            ]
        return decoded


def member_folders(n_members: int) -> list[str]:
    """Say where in a model folder the members' encoders and vocabularies lie: at its top if there is only one."""
    return [""] if n_members == 1 else [f"member-{number}/" for number in range(n_members)]


def head_scores(head: Head, words: Floats) -> Floats:
    """Apply one head: float32 (n_words, dim) -> (n_words, 3).

    Word by word the sum runs in one fixed order, so that a word's scores do not depend on its company.
    """
    scores: Floats = np.einsum("wd,dt->wt", words, head.weight, optimize=False) + head.bias
    return scores


def _heads_for(data_set: str | None, settings: Mapping[str, Any], model: str | Path) -> dict[MentionKind, str]:
    """Give the name of each layer's head."""
    if data_set is None:
        return {layer: layer for layer in settings["layers"]}
    further = settings.get("further_sets", {})
    if data_set not in further:
        known = ", ".join(further) or "none"
        raise ModelError(f"{model} has no heads for the data set '{data_set}'; beside the main one it has {known}.")
    return {layer: f"{data_set}/{layer}" for layer in further[data_set]}


def read_head(name: str, arrays: Mapping[str, Floats], settings: Mapping[str, Any]) -> Head:
    """Build one head from a model folder's arrays and settings.

    Args:
        name: `skill` or `knowledge`; of a further data set its name, a slash and that.
        arrays: `{name}.weight` float32 (dim, 3) and `{name}.bias` float32 (3,).
        settings: `chains`, `outside_bias`, `calibration` and maybe `least`, by head.

    Returns:
        The head; the bias tuned on dev for O is added to its own.
    """
    bias = arrays[f"{name}.bias"].copy()
    bias[O] += settings["outside_bias"][name]
    chain = settings["chains"][name]
    return Head(
        weight=arrays[f"{name}.weight"],
        bias=bias,
        chain=Chain(np.array(chain["transitions"], dtype=np.float32), np.array(chain["starts"], dtype=np.float32)),
        calibration=tuple(settings["calibration"][name]),
        least=settings.get("least", {}).get(name, 0.0),
    )


def _join_windows(
    vectors: Sequence[Floats], cut: Sequence[Window], lengths: Sequence[int], *, dim: int
) -> list[Floats]:
    """Put the windows of each sentence together: every word has its vector from where it is farthest from an edge."""
    joined = [np.zeros((length, dim), dtype=np.float32) for length in lengths]
    depths = [np.full(length, -1) for length in lengths]
    for window, rows in zip(cut, vectors, strict=True):
        here = slice(window.first_word, window.first_word + window.n_words)
        depth = np.minimum(np.arange(window.n_words), np.arange(window.n_words)[::-1])
        better = depth > depths[window.sentence][here]
        joined[window.sentence][here][better] = rows[better]
        depths[window.sentence][here][better] = depth[better]
    return joined


def _mention(text: str, start: int, end: int, kind: MentionKind, probability: float) -> Mention:
    return Mention(Span(start, end), text[start:end], kind, round(probability, 4))
