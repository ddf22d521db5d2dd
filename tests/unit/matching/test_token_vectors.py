import numpy as np
import pytest

from metier.artifacts import write_artifact
from metier.errors import ModelError
from metier.matching.token_cache import TokenCache
from metier.matching.token_vectors import TokenBackbone


def encoder_folder(runtime, folder, **settings):
    names = [f"encoder/{path.name}" for path in (runtime / "encoder").iterdir()] + ["tokenizer.json"]
    files = {name: (runtime / name).read_bytes() for name in names}
    write_artifact(folder, kind="encoder", settings={"encoder_sha256": "0" * 64, **settings}, files=files)
    return folder


@pytest.fixture(scope="module")
def backbone(tiny_runtime, tmp_path_factory):
    return TokenBackbone.load(encoder_folder(tiny_runtime, tmp_path_factory.mktemp("encoders") / "tiny"))


class Counting:
    """A backbone that says what it was asked to read."""

    def __init__(self, backbone, sha256=None):
        self.dim, self.sha256 = backbone.dim, sha256 or backbone.sha256
        self.read = []
        self._backbone = backbone

    def encode(self, texts, *, limit):
        self.read += texts
        return self._backbone.encode(texts, limit=limit)


def test_an_empty_text_has_its_start_and_its_end(backbone):
    assert [rows.shape for rows in backbone.encode(["", "  "], limit=16)] == [(2, 32), (2, 32)]


def test_a_text_is_cut_at_the_limit(backbone):
    # the tiny vocabulary has letters only: [CLS] a b c [SEP] are 5 pieces
    short, long = backbone.encode(["a b c", "a b c d e f g"], limit=5)
    assert (len(short), len(long)) == (5, 5)
    assert np.array_equal(short, long)


def test_a_word_may_be_cut_in_the_middle(backbone):
    assert len(backbone.encode(["abcdefghij"], limit=6)[0]) == 6


def test_equal_texts_and_accents_and_emoji_keep_their_order(backbone):
    texts = ["élève", "b", "élève", "🙂"]
    found = backbone.encode(texts, limit=8)
    assert np.array_equal(found[0], found[2])
    assert all(
        np.array_equal(rows, backbone.encode([text], limit=8)[0]) for rows, text in zip(found, texts, strict=True)
    )
    assert backbone.encode([], limit=8) == []


def test_a_book_is_read_no_longer_than_its_beginning(backbone):
    assert len(backbone.encode(["word " * 200_000], limit=64)[0]) == 64


def test_a_model_of_another_kind_is_refused(tiny_runtime, tmp_path):
    write_artifact(tmp_path / "other", kind="tagger", settings={}, files={})
    with pytest.raises(ModelError, match="encoder was expected"):
        TokenBackbone.load(tmp_path / "other")


def test_the_cache_gives_what_the_backbone_gives_in_half_precision(backbone, tmp_path):
    texts = ["data engineer", "", "baker", "data engineer"]
    found = TokenCache(tmp_path, backbone).vectors(texts, limit=8)
    expected = backbone.encode(texts, limit=8)
    assert all(rows.dtype == np.float16 for rows in found)
    assert all(np.array_equal(a, b.astype(np.float16)) for a, b in zip(found, expected, strict=True))


def test_every_text_is_read_once_by_all_runs(backbone, tmp_path):
    first, second = Counting(backbone), Counting(backbone)
    cache = TokenCache(tmp_path, first)
    cache.vectors(["a", "b"], limit=8)
    cache.vectors(["b", "c"], limit=8)
    assert first.read == ["a", "b", "c"]
    again = TokenCache(tmp_path, second).vectors(["c", "a", "d"], limit=8)
    assert second.read == ["d"]
    assert np.array_equal(again[1], backbone.encode(["a"], limit=8)[0].astype(np.float16))


def test_another_limit_and_another_encoder_are_other_vectors(backbone, tmp_path):
    TokenCache(tmp_path, backbone).vectors(["a b c d"], limit=8)
    for counting, limit in ((Counting(backbone), 4), (Counting(backbone, sha256="f" * 64), 8)):
        TokenCache(tmp_path, counting).vectors(["a b c d"], limit=limit)
        assert counting.read == ["a b c d"]


@pytest.mark.parametrize(("ending", "kept"), [(".keys", 1), (".vectors", 1)])
def test_what_a_stopped_run_left_half_written_is_read_again(backbone, tmp_path, ending, kept):
    TokenCache(tmp_path, backbone).vectors(["a", "b c"], limit=8)
    [path] = tmp_path.glob(f"*/*{ending}")
    path.write_bytes(path.read_bytes()[:-3])
    counting = Counting(backbone)
    found = TokenCache(tmp_path, counting).vectors(["a", "b c"], limit=8)
    assert counting.read == ["b c"]
    assert len(found[0]) == 3
    assert np.array_equal(found[1], backbone.encode(["b c"], limit=8)[0].astype(np.float16))


def test_keys_without_vectors_are_passed_over(backbone, tmp_path):
    TokenCache(tmp_path, backbone).vectors(["a"], limit=8)
    [path] = tmp_path.glob("*/*.vectors")
    path.write_bytes(b"")
    counting = Counting(backbone)
    TokenCache(tmp_path, counting).vectors(["a"], limit=8)
    assert counting.read == ["a"]


def test_two_runs_write_at_the_same_time(backbone, tmp_path):
    one, other = TokenCache(tmp_path, backbone), TokenCache(tmp_path, backbone)
    one.vectors(["a"], limit=8)
    other.vectors(["b"], limit=8)
    one.vectors(["c"], limit=8)
    counting = Counting(backbone)
    TokenCache(tmp_path, counting).vectors(["a", "b", "c"], limit=8)
    assert counting.read == []


def test_a_folder_that_cannot_be_made_is_told(backbone, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelError, match="give another folder"):
        TokenCache(tmp_path / "file", backbone).vectors(["a"], limit=8)
