import json
from collections import Counter

import pytest
from tokenizers import Tokenizer

from metier.nn.wordpieces import WordPieces
from metier.training.shared_vocabulary import described_with, shared_vocabulary

OWN = Counter({"bake": 5, "bread": 4, "c++": 1})
OTHERS = {
    "fr": Counter({"boulanger": 40, "boulangerie": 30, "pain": 20, "baker": 5}),
    "el": Counter({"ψωμί": 30, "ψωμιά": 9}),
}


@pytest.fixture
def vocabulary(tiny_tokenizer, tmp_path):
    return shared_vocabulary(
        tiny_tokenizer, own=OWN, others=OTHERS, weights={"el": 3.0}, n_new=40, scratch=tmp_path / "scratch.json"
    )


@pytest.fixture
def new_file(vocabulary, tiny_tokenizer, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(described_with(json.loads(tiny_tokenizer.read_text()), vocabulary.pieces)))
    return path


def test_own_words_are_cut_as_before(vocabulary, new_file, tiny_tokenizer):
    old, new = WordPieces(tiny_tokenizer), WordPieces(new_file)
    for word in OWN:
        [[before]], [[after]] = old.of_words([[word]]), new.of_words([[word]])
        assert tuple(vocabulary.kept[number] for number in after) == before


def test_other_words_become_shorter_and_none_is_unknown(new_file, tiny_tokenizer):
    old, new = WordPieces(tiny_tokenizer), WordPieces(new_file)
    [[before]], [[after]] = old.of_words([["boulanger"]]), new.of_words([["boulanger"]])
    assert len(after) < len(before)
    [[greek]] = new.of_words([["ψωμί"]])
    unknown = json.loads(new_file.read_text())["model"]["vocab"]["[UNK]"]
    assert unknown not in greek


def test_the_tokenizers_library_reads_it_alike(new_file):
    words = ["boulanger", "bake", "Ψωμί", "c++"]
    theirs = Tokenizer.from_file(str(new_file))
    ours = WordPieces(new_file).of_words([words])[0]
    assert [list(cut) for cut in ours] == [theirs.encode(word, add_special_tokens=False).ids for word in words]


def test_special_pieces_stay_and_pieces_are_unique(vocabulary):
    assert vocabulary.pieces[:5] == ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    assert len(set(vocabulary.pieces)) == len(vocabulary.pieces)
    assert 0 < vocabulary.n_new <= 40
