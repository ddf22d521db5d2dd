"""One vocabulary for many languages: an encoder's own pieces that its language uses, and new ones for the others.

Words of the first language are cut as before, so what the encoder learnt about them stays. A new piece starts as the
mean of the pieces that its translations are made of, by the alignment of `training.word_alignment`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from metier.nn.wordpieces import WordPieces

_SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_MOST_LETTERS: Final = 400
_OVERSHOOT: Final = 3  # pieces learnt for each one wanted: some are known already, some would cut known words anew


@dataclass(frozen=True, slots=True)
class SharedVocabulary:
    """The pieces of the new vocabulary: those kept, in their old order, then the new ones."""

    pieces: tuple[str, ...]
    kept: tuple[int, ...]  # the old number of each of the first `len(kept)` pieces

    @property
    def n_new(self) -> int:
        """How many pieces have no old number."""
        return len(self.pieces) - len(self.kept)


def shared_vocabulary(
    tokenizer_json: Path,
    *,
    own: Counter[str],
    others: Mapping[str, Counter[str]],
    weights: Mapping[str, float],
    n_new: int,
    scratch: Path,
) -> SharedVocabulary:
    """Choose the pieces.

    Args:
        tokenizer_json: The encoder's; of the kind WordPiece.
        own: Words of the encoder's language -> how often each occurs. Pieces that none of them uses are dropped, but
            single characters; each word will be cut as before.
        others: Language -> its words, likewise.
        weights: Language -> how much its words count together, by default 1.
        n_new: New pieces at most.
        scratch: A file for intermediate vocabularies.

    Returns:
        The vocabulary; the same for the same words.
    """
    described = json.loads(tokenizer_json.read_text(encoding="utf-8"))
    old: dict[str, int] = described["model"]["vocab"]
    pieces_of = WordPieces(tokenizer_json)
    names = {number: piece for piece, number in old.items()}
    before = dict(zip(own, pieces_of.of_words([list(own)])[0], strict=True))
    used = {names[number] for cut in before.values() for number in cut}
    single = {piece for piece in old if len(piece.removeprefix("##")) == 1 and piece.isascii()}
    kept = [piece for piece in old if piece in used or piece in single or piece in _SPECIAL]
    candidates = [piece for piece in _learnt(described, others, weights, n_new=n_new) if piece not in set(kept)]
    want = {word: [names[number] for number in cut] for word, cut in before.items()}
    while True:
        chosen = candidates[:n_new]
        clashing = _clashing(described, kept, chosen, want, scratch)
        if not clashing:
            return SharedVocabulary((*kept, *chosen), tuple(old[piece] for piece in kept))
        candidates = [piece for piece in candidates if piece not in clashing]


def described_with(tokenizer: Mapping[str, Any], pieces: Sequence[str]) -> dict[str, Any]:
    """Give a tokenizer's description with another vocabulary.

    Args:
        tokenizer: What `tokenizer.json` holds.
        pieces: In the order of their numbers; with all pieces that the description names, such as [CLS].

    Returns:
        The content of the new `tokenizer.json`.
    """
    numbers = {piece: number for number, piece in enumerate(pieces)}
    described: dict[str, Any] = json.loads(json.dumps(tokenizer))
    described["model"]["vocab"] = numbers
    for added in described.get("added_tokens", ()):
        added["id"] = numbers[added["content"]]
    special = (described.get("post_processor") or {}).get("special_tokens") or {}
    for name, one in special.items():
        one["ids"] = [numbers[name]]
    return described


def _learnt(
    described: Mapping[str, Any], others: Mapping[str, Counter[str]], weights: Mapping[str, float], *, n_new: int
) -> list[str]:
    """Pieces of the other languages, those that were merged first, and so occur often, first."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    normal = Tokenizer.from_str(json.dumps(described)).normalizer
    counts: dict[str, float] = defaultdict(float)
    for language, words in sorted(others.items()):
        scale = 1e6 * weights.get(language, 1.0) / max(sum(words.values()), 1)
        for word, n in words.items():
            counts[normal.normalize_str(word)] += n * scale
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # a mark is a piece of its own, as when words are cut
    letters: dict[str, float] = defaultdict(float)
    for word, weight in counts.items():
        for letter in set(word):
            letters[letter] += weight
    alphabet = sorted(sorted(letters, key=lambda letter: (-letters[letter], letter))[:_MOST_LETTERS])
    # Given beforehand, letters have the same numbers in each run, and by them the learner decides between equals.
    first = [*_SPECIAL, *alphabet, *(f"##{letter}" for letter in alphabet)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=len(first) + _OVERSHOOT * n_new, special_tokens=first, initial_alphabet=alphabet, show_progress=False
    )
    texts = (word for word, weight in sorted(counts.items()) for _ in range(min(round(weight), 500)) if word)
    learner.train_from_iterator(texts, trainer)
    return [piece for piece, _ in sorted(learner.get_vocab().items(), key=lambda item: item[1])]


def _clashing(
    described: Mapping[str, Any],
    kept: Sequence[str],
    chosen: Sequence[str],
    want: Mapping[str, Sequence[str]],
    scratch: Path,
) -> set[str]:
    """New pieces that would cut a known word in another way."""
    every = (*kept, *chosen)
    scratch.write_text(json.dumps(described_with(described, every)), encoding="utf-8")
    words = list(want)
    cuts = WordPieces(scratch).of_words([words])[0]
    new = set(chosen)
    return {
        every[number]
        for word, cut in zip(words, cuts, strict=True)
        if [every[n] for n in cut] != want[word]
        for number in cut
        if every[number] in new
    }
