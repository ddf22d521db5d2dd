"""From words to the sequences an encoder reads, and back: overlapping windows, first pieces, casing."""

from collections.abc import Sequence
from dataclasses import dataclass

from metier.nn.casing import casing
from metier.nn.wordpieces import WordPieces


@dataclass(frozen=True, slots=True)
class Window:
    """What the encoder reads at once: part of one sentence, with its start and end pieces."""

    sentence: int  # index of the sentence
    first_word: int
    pieces: tuple[int, ...]
    types: tuple[int, ...]  # the casing of each piece's word
    word_starts: tuple[int, ...]  # index in `pieces` of each word's first piece

    @property
    def n_words(self) -> int:
        """How many words the window holds."""
        return len(self.word_starts)


def windows(
    sentences: Sequence[Sequence[str]], wordpieces: WordPieces, *, size: int, overlap: int, cased: bool
) -> list[Window]:
    """Cut sentences into windows; nearly every sentence is one window.

    Args:
        sentences: Words of each sentence; a sentence without words gives no window.
        wordpieces: The vocabulary.
        size: Pieces per window at most, the start and end included.
        overlap: Pieces that a window shares with the one before, about; words are never split.
        cased: Whether the casing of words is the token type; else all types are 0.

    Returns:
        Windows by sentence, then by position. Together they hold every word.
    """
    found = []
    for i, (words, pieces) in enumerate(zip(sentences, wordpieces.of_words(sentences), strict=True)):
        types = [casing(word) if cased else 0 for word in words]
        first = 0
        while first < len(words):
            last = _last_word(pieces, first, size - 2)
            found.append(_window(i, first, pieces[first:last], types[first:last], wordpieces))
            if last == len(words):
                break
            first = max(first + 1, _step_back(pieces, last, overlap))
    return found


def _last_word(pieces: Sequence[tuple[int, ...]], first: int, room: int) -> int:
    last = first
    while last < len(pieces) and (room >= len(pieces[last]) or last == first):
        room -= len(pieces[last])
        last += 1
    return last


def _step_back(pieces: Sequence[tuple[int, ...]], last: int, overlap: int) -> int:
    first = last
    while first > 0 and overlap >= len(pieces[first - 1]):
        overlap -= len(pieces[first - 1])
        first -= 1
    return first


def _window(
    sentence: int, first: int, pieces: Sequence[tuple[int, ...]], types: Sequence[int], vocabulary: WordPieces
) -> Window:
    ids, kinds, starts = [vocabulary.start_id], [0], []
    for word, kind in zip(pieces, types, strict=True):
        starts.append(len(ids))
        ids += word
        kinds += [kind] * len(word)
    return Window(sentence, first, (*ids, vocabulary.end_id), (*kinds, 0), tuple(starts))
