import os

import numpy as np
import pytest
import torch

from metier.nn import runtime
from metier.nn.runtime import TokenEncoder


def sequences(n, *, seed=0):
    """Random sequences of 3 to 40 pieces with their casing types."""
    draw = np.random.default_rng(seed)
    pieces, types = [], []
    for _ in range(n):
        length = int(draw.integers(1, 39))
        pieces.append((2, *draw.integers(5, 60, length).tolist(), 3))
        types.append((0, *draw.integers(0, 2, length).tolist(), 0))
    return pieces, types


@pytest.fixture(scope="module")
def encoder(tiny_runtime):
    return TokenEncoder(tiny_runtime / "encoder", threads=1)


def test_every_piece_gets_a_vector(encoder):
    pieces, types = sequences(20)
    vectors = encoder.encode(pieces, types)
    assert [vector.shape for vector in vectors] == [(len(sequence), 32) for sequence in pieces]
    assert all(vector.dtype == np.float32 for vector in vectors)


def test_no_sequences_give_no_vectors(encoder):
    assert encoder.encode([], []) == []


def test_a_sequence_alone_gives_the_bits_it_gives_in_a_batch(encoder):
    pieces, types = sequences(80)
    together = encoder.encode(pieces, types)
    for i in range(0, 80, 7):
        alone = encoder.encode(pieces[i : i + 1], types[i : i + 1])[0]
        assert np.array_equal(alone, together[i])


def test_order_follows_the_input(encoder):
    pieces, types = sequences(30)
    forth, back = encoder.encode(pieces, types), encoder.encode(pieces[::-1], types[::-1])
    assert all(np.array_equal(one, other) for one, other in zip(forth, back[::-1], strict=True))


def test_two_threads_give_the_bits_of_one(encoder, tiny_runtime):
    pieces, types = sequences(200)
    both = TokenEncoder(tiny_runtime / "encoder", threads=2).encode(pieces, types)
    assert all(np.array_equal(one, two) for one, two in zip(encoder.encode(pieces, types), both, strict=True))


def test_loading_leaves_the_threads_of_torch_alone(tiny_runtime):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        TokenEncoder(tiny_runtime / "encoder", threads=2)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_the_type_of_a_piece_tells(encoder):
    plain, typed = encoder.encode([(2, 9, 3), (2, 9, 3)], [(0, 0, 0), (0, 1, 0)])
    assert not np.allclose(plain, typed)


@pytest.mark.parametrize(
    ("flags", "asked", "expected"),
    [
        ("avx2 avx512f avx512_vnni", None, "AVX512"),
        ("avx2 avx512f avx512_vnni", "AVX2", "AVX2"),  # the user's word counts
        ("avx2 avx512f", None, None),
    ],
)
def test_wide_vectors_are_used_where_they_cost_no_clock(flags, asked, expected, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    monkeypatch.setattr(runtime, "_CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setenv("CT2_FORCE_CPU_ISA", "to be put back afterwards")
    monkeypatch.delenv("CT2_FORCE_CPU_ISA")
    if asked:
        monkeypatch.setenv("CT2_FORCE_CPU_ISA", asked)
    runtime._allow_wide_vectors()
    assert os.environ.get("CT2_FORCE_CPU_ISA") == expected


def test_a_system_without_the_list_of_flags_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "_CPU_INFO", tmp_path / "nowhere")
    monkeypatch.setenv("CT2_FORCE_CPU_ISA", "to be put back afterwards")
    monkeypatch.delenv("CT2_FORCE_CPU_ISA")
    runtime._allow_wide_vectors()
    assert "CT2_FORCE_CPU_ISA" not in os.environ
