"""A cross-encoder at run time: it reads a text and a concept together and says how well they fit.

The pair is one sequence, `[CLS] text [SEP] label; alternatives [SEP]`, with the token types 0 and 1, as in BLINK
(Wu, Petroni, Josifoski, Riedel and Zettlemoyer, 2020). With the vector v of [CLS], the unit mean t over the text's
pieces and the unit mean c over the concept's, all as the encoder gives them with both before it,
score = a . v + b . (t * c). It begins training at a = 0 and the same number throughout b: as the cosine that the
bi-encoder was trained for. Scores of one text's concepts can be compared with each other, and with no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.artifacts import Artifact
from metier.domain import Concept
from metier.linking.forms import label_forms
from metier.nn.pieces import windows
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces
from metier.text.words import words as words_of

Floats = NDArray[np.float32]

KIND: Final = "reranker"  # of the model folder
HEAD_FILE: Final = "head.npz"
_OVERLAP: Final = 16  # pieces that two windows of a long text share


@dataclass(frozen=True, slots=True)
class PairPieces:
    """A text and a concept as one sequence; `border` is where the concept's pieces begin."""

    ids: tuple[int, ...]
    border: int

    @property
    def types(self) -> tuple[int, ...]:
        """Token types: 0 up to the border, 1 behind it."""
        return (0,) * self.border + (1,) * (len(self.ids) - self.border)


@dataclass(frozen=True, slots=True)
class Head:
    """What makes a score of the encoder's vectors: float32 (dim,) each."""

    start: Floats  # of the vector of [CLS]
    product: Floats  # of the product of the two means


class PairReader:
    """Writes texts and concepts as sequences of pieces."""

    def __init__(self, wordpieces: WordPieces, *, text_size: int, concept_size: int) -> None:
        """Say how much is read.

        Args:
            wordpieces: The encoder's vocabulary.
            text_size: Pieces of a text at most; a longer one is read through windows.
            concept_size: Pieces of a concept: its label, and as many of its alternatives as there is room for.
        """
        self._wordpieces = wordpieces
        self._text_size = text_size
        self._concept_size = concept_size

    def text(self, text: str) -> list[tuple[int, ...]]:
        """Cut a text.

        Args:
            text: A mention or a sentence.

        Returns:
            The pieces of each window, nearly always one; none for a text without a word.
        """
        cut = windows([_words(text)], self._wordpieces, size=self._text_size + 2, overlap=_OVERLAP, cased=False)
        return [window.pieces[1:-1] for window in cut]

    def concept(self, concept: Concept, *, hidden: str = "") -> tuple[int, ...]:
        """Cut what a concept is called: its label, then alternatives, each behind a semicolon.

        Args:
            concept: Any.
            hidden: An alternative that is not to be read: in training, the text that stands on the other side.

        Returns:
            At most `concept_size` pieces; the label comes first and is cut if it is longer, an alternative is not.
        """
        names = [name for name in dict.fromkeys(label_forms(concept)) if name.lower() != hidden.lower()]
        written = [concept.label, *(f"; {name}" for name in names if name != concept.label)]
        cut = [
            [piece for word in words for piece in word]
            for words in self._wordpieces.of_words([_words(name) for name in written])
        ]
        pieces = cut[0][: self._concept_size]
        for more in cut[1:]:
            if len(pieces) + len(more) <= self._concept_size:
                pieces += more
        return tuple(pieces)

    def pair(self, text: Sequence[int], concept: Sequence[int]) -> PairPieces:
        """Join a window of a text with a concept."""
        start, end = self._wordpieces.start_id, self._wordpieces.end_id
        return PairPieces((start, *text, end, *concept, end), len(text) + 2)


class CrossEncoder:
    """Scores texts with concepts."""

    def __init__(self, encoder: TokenEncoder, reader: PairReader, head: Head) -> None:
        """Put the parts together.

        Args:
            encoder: Runs the network.
            reader: Writes what it reads.
            head: Makes the scores.
        """
        self._encoder = encoder
        self._reader = reader
        self._head = head

    def scores(self, texts: Sequence[str], concepts: Sequence[Sequence[Concept]]) -> list[Floats]:
        """Score each text with its own concepts.

        Args:
            texts: Mentions or sentences; of a longer one each concept has the score of the window it fits best.
            concepts: The candidates of each text.

        Returns:
            float32 (n_concepts,) for each text, in order; zeros for a text without a word.
        """
        written = {concept.uri: self._reader.concept(concept) for found in concepts for concept in found}
        pairs: list[PairPieces] = []
        places: list[tuple[int, int]] = []
        for row, (text, found) in enumerate(zip(texts, concepts, strict=True)):
            for window in self._reader.text(text):
                pairs += [self._reader.pair(window, written[concept.uri]) for concept in found]
                places += [(row, column) for column in range(len(found))]
        best = [np.full(len(found), -np.inf, dtype=np.float32) for found in concepts]
        states = self._encoder.encode([pair.ids for pair in pairs], [pair.types for pair in pairs])
        for (row, column), pair, vectors in zip(places, pairs, states, strict=True):
            best[row][column] = max(best[row][column], self._score(vectors, pair.border))
        return [np.where(np.isfinite(found), found, np.float32(0)) for found in best]

    def _score(self, states: Floats, border: int) -> float:
        text, concept = _unit_mean(states[1 : border - 1]), _unit_mean(states[border:-1])
        return float(self._head.start @ states[0] + self._head.product @ (text * concept))


def load_cross_encoder(artifact: Artifact, *, threads: int) -> CrossEncoder:
    """Load the network of a re-ranker's folder.

    Args:
        artifact: Of the kind `reranker`.
        threads: Processors to use; changes nothing but the time.

    Returns:
        A cross-encoder, ready to use.
    """
    settings = artifact.settings
    reader = PairReader(
        WordPieces(artifact.path("tokenizer.json")),
        text_size=settings["text_size"],
        concept_size=settings["concept_size"],
    )
    with np.load(artifact.path(HEAD_FILE)) as arrays:
        head = Head(arrays["start"], arrays["product"])
    return CrossEncoder(TokenEncoder(artifact.path("encoder"), threads=threads), reader, head)


def _words(text: str) -> list[str]:
    return [text[word.start : word.end] for word in words_of(text)]


def _unit_mean(states: Floats) -> Floats:
    total = states.sum(axis=0)  # of the same direction as the mean, and zeros where there is no piece
    unit: Floats = total / max(float(np.linalg.norm(total)), 1e-12)
    return unit
