"""What the group classifier looks at: a span's meaning, its candidates, what a search would label it, its letters."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.data.kompetencer import CLASSES
from metier.domain import Mention, MentionKind, Span
from metier.linking.distant_labels import choose, found_for
from metier.linking.label_search import LabelSearch
from metier.linking.linker import ConceptLinker
from metier.taxonomy.concept_search import group_class
from metier.taxonomy.taxonomy import Taxonomy

Floats = NDArray[np.float32]

N_BUCKETS: Final = 1 << 15  # of runs of letters; a class has a weight for each
_NUMBER: Final = {code: place for place, code in enumerate(CLASSES)}
_KINDS: Final[tuple[MentionKind, ...]] = ("skill", "knowledge")
_PER_KIND: Final = len(CLASSES) + 3  # columns: the label, and what it rests on
_RUNS: Final = (2, 3, 4, 5)  # characters
_N_CLOSEST: Final = 32  # concepts
_TEMPERATURE: Final = 0.05  # of the closest concepts' cosines
_BLOCK: Final = 256  # spans compared with all concepts at once
# How large the parts are beside each other, which decides how freely each may be used under one weight decay.
_VECTOR, _GROUPS, _LETTERS = 3.0, 2.0, 2.0


@dataclass(frozen=True, slots=True)
class Features:
    """The features of some spans."""

    dense: Floats  # (n_spans, n_dense)
    runs: list[tuple[NDArray[np.int64], Floats]]  # of each span: buckets, each once, and their values


class SpanReader:
    """Turns spans into features."""

    def __init__(self, linker: ConceptLinker, taxonomy: Taxonomy, *, context: bool) -> None:
        """Put the parts together.

        Args:
            linker: Its encoder reads spans, its candidates vote.
            taxonomy: What it links to.
            context: Whether the sentence around a span is looked at, where there is one.
        """
        self._linker = linker
        self._search = LabelSearch(taxonomy)
        self._context = context
        codes = [group_class(taxonomy.group(skill)) for skill in taxonomy.skills]
        self._class_of = {s.uri: _NUMBER.get(code) for s, code in zip(taxonomy.skills, codes, strict=True)}
        rows = [_NUMBER.get(code) for code in codes]
        self._one_hot = np.array([[row == place for place in range(len(CLASSES))] for row in rows], dtype=np.float32)

    def read(self, spans: Sequence[str], sentences: Sequence[str | None], *, language: str) -> Features:
        """Describe spans.

        Args:
            spans: Their texts.
            sentences: The sentence of each, None where it is not known; not looked at without `context`.
            language: BCP 47, of the spans; what a search would label them is left out where it has no labels.

        Returns:
            Their features, in order.
        """
        width = self._linker.index.vectors.shape[1]
        vectors = self._linker.encoder.encode(spans, dim=width)
        parts = [vectors * _VECTOR, self._candidates(spans) * _GROUPS, self._closest(vectors) * _GROUPS]
        parts.append(self._searched(spans, language) * _GROUPS)
        if self._context:
            parts.append(self._linker.encoder.encode([text or "" for text in sentences], dim=width) * _VECTOR)
        return Features(np.concatenate(parts, axis=1, dtype=np.float32), [letter_runs(span) for span in spans])

    def rule(self, spans: Sequence[str], *, language: str) -> list[str] | None:
        """Label spans of no known kind by the rule alone; None where there are no labels to search."""
        if not self._search.has_language(language):
            return None
        found = [found_for(span, search=self._search, language=language) for span in spans]
        return [choose(span, some, kind=None).code for span, some in zip(spans, found, strict=True)]

    @property
    def n_alone(self) -> int:
        """The dense columns that do not look at the sentence; they come first."""
        first_after: int = self.searched_columns().stop
        return first_after

    def searched_columns(self) -> slice:
        """The dense columns that hold what a search would label a span."""
        first = self._linker.index.vectors.shape[1] + 2 * len(CLASSES)
        return slice(first, first + len(_KINDS) * _PER_KIND)

    def _candidates(self, spans: Sequence[str]) -> Floats:
        """The probabilities of the linker's candidates, summed by class: float32 (n_spans, n_classes)."""
        votes = np.zeros((len(spans), len(CLASSES)), dtype=np.float32)
        mentions = [[Mention(Span(0, len(span)), span, "skill", 1.0)] for span in spans]
        for row, links in zip(votes, self._linker.link(spans, mentions), strict=True):
            for candidate in links[0].candidates:
                if (place := self._class_of[candidate.concept.uri]) is not None:
                    row[place] += candidate.probability
        return votes

    def _closest(self, vectors: Floats) -> Floats:
        """The closest concepts' shares by cosine, summed by class: float32 (n_spans, n_classes)."""
        shares = [np.zeros((0, len(CLASSES)), dtype=np.float32)]
        for start in range(0, len(vectors), _BLOCK):
            cosines = vectors[start : start + _BLOCK] @ self._linker.index.vectors.T
            k = min(_N_CLOSEST, cosines.shape[1])
            rows = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
            weights = np.exp((np.take_along_axis(cosines, rows, axis=1) - cosines.max(axis=1)[:, None]) / _TEMPERATURE)
            weights /= weights.sum(axis=1, keepdims=True)
            shares.append((weights[:, :, None] * self._one_hot[rows]).sum(axis=1))
        return np.concatenate(shares)

    def _searched(self, spans: Sequence[str], language: str) -> Floats:
        """What the labelling rule gives as a skill and as knowledge: float32 (n_spans, n_searched)."""
        labels = np.zeros((len(spans), len(_KINDS) * _PER_KIND), dtype=np.float32)
        if not self._search.has_language(language):
            return labels
        for row, span in zip(labels, spans, strict=True):
            found = found_for(span, search=self._search, language=language)
            for number, kind in enumerate(_KINDS):
                label = choose(span, found, kind=kind)
                here = row[number * _PER_KIND : (number + 1) * _PER_KIND]
                if label.code in _NUMBER:
                    here[_NUMBER[label.code]] = 1
                here[-3:] = label.contains, label.concept is None, bool(label.concept and label.concept.kind != kind)
        return labels


def letter_runs(text: str) -> tuple[NDArray[np.int64], Floats]:
    """Hash a text's words, its runs of one to three words, and its words' runs of two to five characters.

    Args:
        text: Any text; case does not count.

    Returns:
        Buckets below `N_BUCKETS`, each once, and their values: 1 + ln of the count, of a common length.
    """
    words = text.casefold().split()
    pieces = [" ".join(words[at : at + n]) for n in (1, 2, 3) for at in range(len(words) - n + 1)]
    runs = [
        f"{size}{edged[at : at + size]}" for edged in _edged(words) for size in _RUNS for at in _starts(edged, size)
    ]
    values = _unit(Counter(map(_bucket, (f"w{piece}" for piece in pieces))))
    for bucket, value in _unit(Counter(map(_bucket, runs))).items():
        values[bucket] = values.get(bucket, 0.0) + value
    return np.array(list(values), dtype=np.int64), np.array(list(values.values()), dtype=np.float32) * _LETTERS


def _edged(words: Sequence[str]) -> list[str]:
    return [f" {word} " for word in words]


def _starts(word: str, size: int) -> range:
    return range(len(word) - size + 1)


def _bucket(piece: str) -> int:
    return zlib.crc32(piece.encode("utf-8", "surrogatepass")) % N_BUCKETS


def _unit(counts: Counter[int]) -> dict[int, float]:
    weights = {bucket: 1 + float(np.log(count)) for bucket, count in counts.items()}
    length = float(np.sqrt(sum(weight**2 for weight in weights.values())))
    return {bucket: weight / length for bucket, weight in weights.items()}
