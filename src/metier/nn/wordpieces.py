"""Words to vocabulary pieces: BERT's WordPiece, with a cache, since most words of a corpus have been seen before.

The `tokenizers` library is the reference in the tests. The shipped models do not use it at run time: with what it
brings along it would add a tenth to the install, and they need only this one algorithm (Devlin et al., 2019; Wu et
al., 2016, section 4.1). The vocabularies of other encoders, such as XLM-R's, are left to it.
"""

import json
import random
import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

from metier.errors import MissingExtra, ModelError

_MAX_PIECES_PER_WORD: Final = 16  # a word is labelled on its first piece; the tail of a 500-letter word adds nothing
_MAX_LETTERS: Final = 100  # a longer run of letters is unknown as a whole, as in the reference
_MAX_CACHED_WORDS: Final = 200_000  # about 40 MB of small tuples
_IDEOGRAPHS: Final = (  # first and last of each block of Han characters: each is a word of its own
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPieces:
    """Cuts words into pieces of a vocabulary, one word at a time."""

    def __init__(self, tokenizer_json: Path) -> None:
        """Read a vocabulary.

        Args:
            tokenizer_json: A `tokenizer.json` of the tokenizers library. One of the kind WordPiece has [CLS] and [SEP];
                one of another kind puts one piece before a text and one behind it, and needs that library.

        Raises:
            ModelError: If it lacks a piece that is needed.
            MissingExtra: If it is of another kind than WordPiece and the library is not installed.
        """
        described = json.loads(tokenizer_json.read_text(encoding="utf-8"))
        self._cache: dict[str, tuple[int, ...]] = {}
        self._library = None
        if described["model"].get("type") != "WordPiece":
            self._library = _load_library(tokenizer_json)
            self.start_id, self.end_id, unknown = _ends(self._library, described)
        else:
            self._vocabulary: dict[str, int] = described["model"]["vocab"]
            self._normalizer: dict[str, Any] = described.get("normalizer") or {}
            self.start_id, self.end_id, unknown = (self._id(piece) for piece in ("[CLS]", "[SEP]", "[UNK]"))
        self._unknown = (unknown,)

    def of_words(self, sentences: Sequence[Sequence[str]]) -> list[list[tuple[int, ...]]]:
        """Cut every word of every sentence.

        Args:
            sentences: Words of each sentence.

        Returns:
            The piece ids of each word, in order; every word has at least one piece and at most sixteen.
        """
        known = self._learn({word for words in sentences for word in words})
        return [[known[word] for word in words] for words in sentences]

    def _id(self, piece: str) -> int:
        if piece not in self._vocabulary:
            raise ModelError(f"The vocabulary has no {piece}; encoders of the BERT family have one.")
        return self._vocabulary[piece]

    def _learn(self, words: AbstractSet[str]) -> dict[str, tuple[int, ...]]:
        """Give a cache that holds the words; another thread may put a new one in its place at any time."""
        known = self._cache
        new = [word for word in words if word not in known]
        if len(known) + len(new) > _MAX_CACHED_WORDS:
            known, new = {}, list(words)
            self._cache = known
        for word in new:
            if self._library is None:
                pieces = [piece for run in _runs(self._normal(word)) for piece in self._cut(run)]
            else:
                pieces = self._library.encode([word], is_pretokenized=True, add_special_tokens=False).ids
            known[word] = tuple(pieces[:_MAX_PIECES_PER_WORD]) or self._unknown
        return known

    def _normal(self, word: str) -> str:
        """Drop control characters, and case and accents where the vocabulary has none."""
        plain = word.isascii() and word.isprintable()
        kept = word if plain else "".join(map(_clean, word))
        lower = self._normalizer.get("lowercase", False)
        strip = self._normalizer.get("strip_accents")
        if not plain and (lower if strip is None else strip):
            decomposed = unicodedata.normalize("NFD", kept)
            kept = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
        return kept.lower() if lower else kept

    def _cut(self, run: str) -> tuple[int, ...]:
        """Cut a run of letters into the longest pieces from the left."""
        if len(run) > _MAX_LETTERS:
            return self._unknown
        pieces = []
        start = 0
        while start < len(run):
            end = self._end_of_piece(run, start)
            if end == start:
                return self._unknown
            pieces.append(self._vocabulary[_piece(run, start, end)])
            start = end
        return tuple(pieces)

    def _end_of_piece(self, run: str, start: int) -> int:
        """Where the longest piece ends that starts here; `start` if none does."""
        end = len(run)
        while end > start and _piece(run, start, end) not in self._vocabulary:
            end -= 1
        return end


class VariedWordPieces(WordPieces):
    """Cuts words in other ways each time, so that an encoder learns what their parts mean.

    A piece that is found is passed over by chance, and the next shorter one taken (MaxMatch-Dropout: Hiraoka, 2022).
    For vocabularies of the kind WordPiece.
    """

    def __init__(self, tokenizer_json: Path, *, passed_over: float) -> None:
        """Read a vocabulary.

        Args:
            tokenizer_json: As for `WordPieces`.
            passed_over: How often a piece is, from 0 to 1; one of a single letter never.

        Raises:
            ModelError: As for `WordPieces`.
            MissingExtra: As for `WordPieces`.
        """
        super().__init__(tokenizer_json)
        self._passed_over = passed_over
        self.draw = random.Random(0)  # decides; put another in its place before each batch

    def _learn(self, words: AbstractSet[str]) -> dict[str, tuple[int, ...]]:
        self._cache = {}
        return super()._learn(dict.fromkeys(sorted(words)).keys())  # in one order, whatever the hash of a word

    def _end_of_piece(self, run: str, start: int) -> int:
        shortest = longest = super()._end_of_piece(run, start)
        for end in range(longest, start, -1):
            if _piece(run, start, end) in self._vocabulary:
                shortest = end
                if self.draw.random() >= self._passed_over:
                    break
        return shortest


def _piece(run: str, start: int, end: int) -> str:
    return f"##{run[start:end]}" if start else run[start:end]


def _load_library(tokenizer_json: Path) -> Any:  # noqa: ANN401  # tokenizers has no types
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingExtra("train", f"The vocabulary {tokenizer_json}") from None
    return Tokenizer.from_file(str(tokenizer_json))


def _ends(library: Any, described: dict[str, Any]) -> tuple[int, int, int]:  # noqa: ANN401  # as above
    """The pieces before and behind a text, and the one for what cannot be cut."""
    ends = library.encode("").ids
    if len(ends) != 2:
        raise ModelError(
            f"A vocabulary of the kind {described['model'].get('type')} puts {len(ends)} pieces around a text, and 2 "
            "were expected; give an encoder of the BERT or RoBERTa family."
        )
    named = described["model"].get("unk_token") or "<unk>"
    unknown = described["model"].get("unk_id")
    return (*ends, library.token_to_id(named) if unknown is None else unknown)


def _clean(character: str) -> str:
    category = unicodedata.category(character)[0]
    if character in "\t\n\r" or category == "Z":
        return " "
    if character == "\ufffd" or category == "C":
        return ""
    if any(first <= ord(character) <= last for first, last in _IDEOGRAPHS):
        return f" {character} "
    return character


def _runs(text: str) -> Iterator[str]:
    """Part a text at white space and around every punctuation mark."""
    run = ""
    for character in text:
        if character.isalnum():
            run += character
        elif character == " " or _is_punctuation(character):
            if run:
                yield run
            run = ""
            if character != " ":
                yield character
        else:
            run += character
    if run:
        yield run


def _is_punctuation(character: str) -> bool:
    return "!" <= character <= "~" or unicodedata.category(character)[0] == "P"
