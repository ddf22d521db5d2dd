import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from metier.artifacts import read_artifact
from metier.errors import ModelError
from metier.nn import wordpieces as module
from metier.nn.wordpieces import VariedWordPieces, WordPieces

UNKNOWN = 1
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]  # the reference takes them for its own


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


@pytest.mark.models
@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Z", "Cn", "Cs", "Co"], max_codepoint=0x4FF), max_size=12
    ).filter(lambda word: not any(mark in word for mark in MARKS))
)
def test_words_are_cut_as_the_reference_cuts_them(reference, word):
    ours, theirs = reference
    expected = theirs.encode(word, add_special_tokens=False).ids[:16] or [theirs.token_to_id("[UNK]")]
    assert ours.of_words([[word]]) == [[tuple(expected)]]


@pytest.mark.parametrize(
    "word", ["Ça", "İstanbul", "ﬁn", "naïve", "C++", "#1", "日本語", "a\x00b", "[SEP]", "x" * 101, "€uro"]
)
@pytest.mark.models
def test_hard_words_are_cut_as_the_reference_cuts_them(reference, word):
    ours, theirs = reference
    if word == "[SEP]":  # the reference takes it for its own mark; in a posting it is text
        assert len(ours.of_words([[word]])[0][0]) == 3  # "[", "sep", "]"
    else:
        assert list(ours.of_words([[word]])[0][0]) == theirs.encode(word, add_special_tokens=False).ids[:16]


@pytest.fixture(scope="module")
def reference():
    path = read_artifact("tagger-en", kind="tagger").path("tokenizer.json")
    theirs = Tokenizer.from_file(str(path))
    theirs.no_truncation()
    theirs.no_padding()
    return WordPieces(path), theirs


@pytest.fixture(scope="module")
def unigram_file(tmp_path_factory):
    """A vocabulary of the kind and form of XLM-R's."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    scores = {"<s>": 0.0, "<pad>": 0.0, "</s>": 0.0, "<unk>": 0.0, "▁": -3.0, "▁bake": -2.0, "▁brød": -2.0, "r": -2.5}
    tokenizer = Tokenizer(models.Unigram([*scores.items()], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    path = tmp_path_factory.mktemp("unigram") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


def test_vocabularies_of_other_kinds_are_left_to_the_library(unigram_file):
    pieces = WordPieces(unigram_file)
    assert (pieces.start_id, pieces.end_id) == (0, 2)
    [cut] = pieces.of_words([["bake", "baker", "brød", "🙂", "bake" + "r" * 40]])
    assert cut[:3] == [(5,), (5, 7), (6,)]
    assert cut[3] == (4, 3)  # nothing before the unknown
    assert cut[4] == (5, *[7] * 15)  # sixteen at most


def test_a_vocabulary_without_pieces_around_a_text_is_refused(tmp_path):
    from tokenizers import Tokenizer, models

    Tokenizer(models.BPE(unk_token="<unk>")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelError, match="puts 0 pieces around a text"):
        WordPieces(tmp_path / "tokenizer.json")


def test_a_tokenizer_without_cls_is_refused(tmp_path):
    Tokenizer(models.WordPiece({"[UNK]": 0, "[SEP]": 1}, unk_token="[UNK]")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ModelError, match=r"no \[CLS\]"):
        WordPieces(tmp_path / "tokenizer.json")


NAMES = ["[UNK]", "[CLS]", "[SEP]", "bake", "bak", "b", "##a", "##k", "##e", "##ke"]


@pytest.fixture(scope="module")
def bakery(tmp_path_factory):
    path = tmp_path_factory.mktemp("bakery") / "tokenizer.json"
    Tokenizer(models.WordPiece({name: row for row, name in enumerate(NAMES)}, unk_token="[UNK]")).save(str(path))
    return path


def named(cut):
    return [[" ".join(NAMES[piece] for piece in word) for word in words] for words in cut]


def test_pieces_are_passed_over_as_often_as_is_said(bakery):
    pieces = VariedWordPieces(bakery, passed_over=0.5)
    pieces.draw = random.Random(1)
    found = Counter(named(pieces.of_words([["bake"]]))[0][0] for _ in range(8000))
    # bake 1/2; bak 1/4, and there is one way on; b 1/4, then ##a, then ##ke or ##k ##e
    expected = {"bake": 1 / 2, "bak ##e": 1 / 4, "b ##a ##ke": 1 / 8, "b ##a ##k ##e": 1 / 8}
    assert set(found) == set(expected)
    for way, share in expected.items():
        assert found[way] / 8000 == pytest.approx(share, abs=0.02)


def test_nothing_is_passed_over_at_zero_and_all_that_can_be_at_one(bakery):
    sentences = [["bake", "bak", "x"], []]
    plain = WordPieces(bakery).of_words(sentences)
    assert VariedWordPieces(bakery, passed_over=0).of_words(sentences) == plain
    shortest = VariedWordPieces(bakery, passed_over=1).of_words(sentences)
    assert named(shortest) == [["b ##a ##k ##e", "b ##a ##k", "[UNK]"], []]


def test_the_draw_alone_decides_how_words_are_cut(bakery):
    words = ["bake", "bak"] * 5
    cuts = []
    for order in (words, words[::-1]):
        pieces = VariedWordPieces(bakery, passed_over=0.5)
        pieces.of_words([["bake"]])  # a cut before has no say
        pieces.draw = random.Random(7)
        cuts.append(dict(zip(order, pieces.of_words([order])[0], strict=True)))
    assert cuts[0] == cuts[1]
