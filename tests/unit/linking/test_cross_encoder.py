import numpy as np
import pytest

from metier.domain import Skill
from metier.linking.cross_encoder import CrossEncoder, Head, PairReader
from metier.nn.runtime import TokenEncoder
from metier.nn.wordpieces import WordPieces

SKILL = Skill("s", "use sql (base)", ("sql work", "query"))


@pytest.fixture
def reader(tiny_tokenizer):
    return PairReader(WordPieces(tiny_tokenizer), text_size=12, concept_size=40)


def letters(wordpieces, pieces):
    """The tiny vocabulary has one piece per letter, so pieces are read back by number."""
    names = {number: piece for piece, number in wordpieces._vocabulary.items()}
    return "".join(names[piece].removeprefix("##") for piece in pieces)


def test_a_pair_is_start_text_end_concept_end_with_two_types(reader):
    pair = reader.pair([7, 8], [9])
    assert pair.ids == (2, 7, 8, 3, 9, 3)  # [CLS] is 2, [SEP] is 3
    assert pair.types == (0, 0, 0, 0, 1, 1)
    assert pair.ids[pair.border :] == (9, 3)


def test_a_concept_is_its_label_and_the_other_names_there_is_room_for(reader, tiny_tokenizer):
    wordpieces = WordPieces(tiny_tokenizer)
    assert letters(wordpieces, reader.concept(SKILL)).startswith("usesql")
    assert "sqlwork" in letters(wordpieces, reader.concept(SKILL))
    short = PairReader(wordpieces, text_size=12, concept_size=6)
    assert letters(wordpieces, short.concept(SKILL)) == "usesql"  # six letters: the label is cut, no other name fits


def test_the_name_that_stands_on_the_other_side_is_hidden_whatever_its_case(reader, tiny_tokenizer):
    wordpieces = WordPieces(tiny_tokenizer)
    assert "query" in letters(wordpieces, reader.concept(SKILL))
    assert "query" not in letters(wordpieces, reader.concept(SKILL, hidden="QUERY"))


def test_a_long_text_is_read_through_windows_and_none_is_too_long(reader):
    found = reader.text("abcdefgh ijklmnop qrstuvwx")  # 24 letters, and 12 fit
    assert len(found) > 1
    assert all(len(window) <= 12 for window in found)
    assert reader.text("") == reader.text("  \n") == []


@pytest.fixture(scope="module")
def network(tiny_encoder):
    import torch

    from metier.linking.cross_encoder_network import CrossEncoderNetwork

    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = CrossEncoderNetwork(str(tiny_encoder)).eval()
        torch.nn.init.normal_(network.start)
        torch.nn.init.normal_(network.product)
    return network


@pytest.fixture(scope="module")
def folder(network, tiny_encoder, tmp_path_factory):
    from metier.nn.export import export_encoder

    folder = tmp_path_factory.mktemp("cross")
    network.encoder.save_pretrained(folder / "weights")
    (folder / "weights" / "tokenizer.json").write_bytes((tiny_encoder / "tokenizer.json").read_bytes())
    for name, content in export_encoder(folder / "weights", quantization="float32").items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def cross_encoder(network, folder):
    head = Head(network.start.detach().numpy(), network.product.detach().numpy())
    reader = PairReader(WordPieces(folder / "tokenizer.json"), text_size=12, concept_size=40)
    return CrossEncoder(TokenEncoder(folder / "encoder", threads=1), reader, head)


CONCEPTS = [SKILL, Skill("t", "bake bread"), Skill("u", "…")]


def test_scores_are_those_of_the_torch_network(cross_encoder, network, reader):
    import torch

    from metier.training.reranker import pair_tensors

    (window,) = reader.text("we query")
    with torch.inference_mode():
        expected = network(pair_tensors([reader.pair(window, reader.concept(skill)) for skill in CONCEPTS]))
    (scores,) = cross_encoder.scores(["we query"], [CONCEPTS])
    assert scores == pytest.approx(expected.numpy(), abs=1e-3)


def test_a_long_text_has_the_score_of_its_best_window(cross_encoder, reader):
    long = "abcdefgh ijklmnop"
    parts = [cross_encoder.scores([part], [CONCEPTS])[0] for part in ("abcdefgh", "ijklmnop")]
    assert len(reader.text(long)) == 2
    assert cross_encoder.scores([long], [CONCEPTS])[0] == pytest.approx(np.maximum(*parts), abs=1e-5)


def test_nothing_to_read_gives_zeros_and_no_candidates_give_none(cross_encoder):
    scores = cross_encoder.scores(["", "sql 👍 naïve"], [CONCEPTS, []])
    assert scores[0].tolist() == [0, 0, 0]
    assert scores[1].shape == (0,)
    assert cross_encoder.scores([], []) == []


def test_a_concept_without_a_word_has_a_score_too(cross_encoder):
    assert np.isfinite(cross_encoder.scores(["sql"], [[Skill("e", "")]])[0]).all()
