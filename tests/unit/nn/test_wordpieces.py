import pytest
from tokenizers import Tokenizer, models

from metier.errors import ModelError
from metier.nn import wordpieces as module
from metier.nn.wordpieces import WordPieces

UNKNOWN = 1


@pytest.fixture
def pieces(tiny_tokenizer):
    return WordPieces(tiny_tokenizer)


def test_words_are_cut_alone_and_in_order(pieces, tiny_tokenizer):
    tokenizer = Tokenizer.from_file(str(tiny_tokenizer))
    sentences = [["SQL", "and", "c++"], [], ["and"]]
    expected = [[tuple(tokenizer.encode(w, add_special_tokens=False).ids) for w in words] for words in sentences]
    assert pieces.of_words(sentences) == expected
    # s, ##q, ##l and c, +, +
    assert [len(word) for word in pieces.of_words(sentences)[0]] == [3, 3, 3]


def test_a_second_look_gives_the_same(pieces):
    sentences = [["new", "words"], ["words"]]
    assert pieces.of_words(sentences) == pieces.of_words(sentences)


def test_every_word_has_from_one_to_sixteen_pieces(pieces):
    words = ["", " ", "\u200b", "👍", "é", "abcdefghijklmnopqrstuvwxyz", "x" * 10_000, "日本"]
    found = pieces.of_words([words])[0]
    assert [len(word) for word in found] == [1, 1, 1, 1, 1, 16, 1, 2]
    assert found[3] == (UNKNOWN,)
    assert found[6] == (UNKNOWN,)


def test_a_full_cache_starts_again_and_still_knows_the_words_it_is_asked_for(pieces, monkeypatch):
    monkeypatch.setattr(module, "_MAX_CACHED_WORDS", 4)
    first = pieces.of_words([["a", "b", "c"]])[0]
    # b and c are cached, d, e and f are new: 3 + 3 words are more than 4, and all five are needed
    again = pieces.of_words([["b", "c"], ["d", "e", "f"]])
    assert again[0] == first[1:]
    assert pieces.of_words([["a"]])[0] == first[:1]


def test_more_new_words_than_the_cache_holds_are_cut_all_the_same(pieces, monkeypatch):
    monkeypatch.setattr(module, "_MAX_CACHED_WORDS", 2)
    assert len(pieces.of_words([["a", "b", "c", "d"]])[0]) == 4


def test_a_tokenizer_without_cls_is_refused(tmp_path):
    Tokenizer(models.WordPiece({"[UNK]": 0, "[SEP]": 1}, unk_token="[UNK]")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelError, match=r"no \[CLS\]"):
        WordPieces(tmp_path / "tokenizer.json")
