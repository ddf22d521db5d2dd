"""Words to vocabulary pieces, with a cache: most words of a corpus have been seen before."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from metier.errors import ModelError

_MAX_PIECES_PER_WORD: Final = 16  # a word is labelled on its first piece; the tail of a 500-letter word adds nothing
_MAX_CACHED_WORDS: Final = 200_000  # about 40 MB of small tuples


class WordPieces:
    """Cuts words into pieces of a tokenizer's vocabulary, one word at a time."""

    def __init__(self, tokenizer_json: Path) -> None:
        """Read a tokenizer.

        Args:
            tokenizer_json: A `tokenizer.json` of the tokenizers library, with [CLS] and [SEP].
        """
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(tokenizer_json))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.start_id, self.end_id, unknown = (self._id(piece) for piece in ("[CLS]", "[SEP]", "[UNK]"))
        self._unknown = (unknown,)
        self._cache: dict[str, tuple[int, ...]] = {}

    def of_words(self, sentences: Sequence[Sequence[str]]) -> list[list[tuple[int, ...]]]:
        """Cut every word of every sentence.

        Args:
            sentences: Words of each sentence.

        Returns:
            The piece ids of each word, in order; every word has at least one piece and at most sixteen.
        """
        self._learn({word for words in sentences for word in words})
        return [[self._cache[word] for word in words] for words in sentences]

    def _id(self, piece: str) -> int:
        number = self._tokenizer.token_to_id(piece)
        if number is None:
            raise ModelError(f"The tokenizer has no {piece}; encoders of the BERT family have one.")
        return int(number)

    def _learn(self, words: AbstractSet[str]) -> None:
        new = sorted(words - self._cache.keys())
        if len(self._cache) + len(new) > _MAX_CACHED_WORDS:
            self._cache = {}
            new = sorted(words)
        for word, encoding in zip(new, self._tokenizer.encode_batch(new, add_special_tokens=False), strict=True):
            self._cache[word] = tuple(encoding.ids[:_MAX_PIECES_PER_WORD]) or self._unknown
