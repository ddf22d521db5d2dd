"""A copy that keeps holes."""

import os

import pytest

from metier.index.sparse_copy import copy_sparse


@pytest.mark.parametrize("pieces", [[], [(0, b"abc")], [(0, b"a"), (5_000_000, b"b" * 9000)], [(3_000_000, b"end")]])
@pytest.mark.parametrize("size_bytes", [0, 20_000_000])
def test_the_copy_is_the_same_and_takes_no_more_room(tmp_path, pieces, size_bytes):
    with (tmp_path / "one").open("wb") as stream:
        stream.truncate(size_bytes)
        for place, content in pieces:
            os.pwrite(stream.fileno(), content, place)
    assert copy_sparse(tmp_path / "one", tmp_path / "two") == str(tmp_path / "two")
    assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()
    one, two = (tmp_path / "one").stat(), (tmp_path / "two").stat()
    assert two.st_blocks <= max(one.st_blocks, 8 * (len(pieces) + 3))
