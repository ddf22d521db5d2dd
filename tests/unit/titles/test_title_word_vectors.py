import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from metier.errors import DamagedModel, InputError
from metier.titles.word_vectors import WordVectors, pack_lines, to_int8, unpack_lines


def test_the_largest_number_of_a_row_is_127_scales():
    rows, scales = to_int8(np.array([[1.27, -0.5], [0.0, 0.0]], dtype=np.float32))
    # 1.27 / 127 = 0.01; -0.5 / 0.01 = -50
    assert rows.tolist() == [[127, -50], [0, 0]]
    assert scales[0] == pytest.approx(0.01)


@given(hnp.arrays(np.float32, (3, 4), elements=st.floats(-100, 100, width=32)))
def test_no_number_is_off_by_more_than_half_a_scale(vectors):
    stored = WordVectors.from_floats(["a", "b", "c"], vectors)
    limit = np.abs(vectors).max(axis=1, keepdims=True) / 254 * 1.001 + 1e-30
    assert (np.abs(stored.floats() - vectors) <= limit).all()


def test_bytes_give_the_same_vectors_and_the_same_bytes():
    stored = WordVectors.from_floats(["c++", "élève", "👍"], np.arange(12, dtype=np.float32).reshape(3, 4))
    content = stored.to_bytes()
    read = WordVectors.from_bytes(content)
    assert read.words == stored.words
    assert (read.floats() == stored.floats()).all()
    assert read.to_bytes() == content


def test_unknown_words_are_left_out_and_repeated_ones_kept():
    stored = WordVectors.from_floats(["a", "b"], np.eye(2, dtype=np.float32))
    assert stored.known_rows(["b", "x", "a", "b"]) == [1, 0, 1]
    assert stored.known("x") is None
    assert stored.known_rows([]) == []
    assert stored.dim == 2
    assert stored.floats(np.array([1])).tolist() == [[0.0, 1.0]]


def test_no_words_at_all_are_allowed():
    empty = WordVectors.from_bytes(WordVectors.from_floats([], np.zeros((0, 4), dtype=np.float32)).to_bytes())
    assert empty.words == ()
    assert empty.dim == 4


def test_lines_come_back():
    assert unpack_lines(pack_lines(["a b", "", "ü"])) == ["a b", "", "ü"]
    assert unpack_lines(pack_lines([])) == []


def test_other_content_is_damage():
    with pytest.raises(DamagedModel, match="train the model again"):
        WordVectors.from_bytes(b"no such file")
    stream = io.BytesIO()
    np.savez(stream, words=pack_lines(["a"]))
    with pytest.raises(DamagedModel):
        WordVectors.from_bytes(stream.getvalue())


def test_different_lengths_are_refused():
    with pytest.raises(InputError, match="2 words, 1 rows"):
        WordVectors(["a", "b"], rows=np.zeros((1, 3), dtype=np.int8), scales=np.ones(1, dtype=np.float32))
