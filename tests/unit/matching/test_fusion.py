from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metier.matching.fusion import reciprocal_ranks, weighted_sum

MERGES = [reciprocal_ranks, weighted_sum, partial(weighted_sum, share=0.3)]
_rows = arrays(np.float32, st.tuples(st.integers(1, 3), st.integers(1, 7)), elements=st.integers(-20, 20))


def _falls(by, row):
    """Whether `row` never rises where the profiles are put in the order of `by`."""
    return (np.diff(row[np.argsort(-by, kind="stable")]) <= 0).all()


def test_reciprocal_ranks_by_hand():
    first = np.array([[0.9, 0.5, 0.7]], dtype=np.float32)  # ranks 1, 3, 2
    second = np.array([[0.0, 8.0, 8.0]], dtype=np.float32)  # ranks 3, 1, 1: equal values have the best rank of theirs
    expected = [[1 / 61 + 1 / 63, 1 / 63 + 1 / 61, 1 / 62 + 1 / 61]]
    np.testing.assert_allclose(reciprocal_ranks(first, second), expected, rtol=1e-6)


def test_weighted_sum_by_hand():
    first = np.array([[1.0, 3.0]], dtype=np.float32)  # mean 2, deviation 1: -1, 1
    second = np.array([[30.0, 10.0]], dtype=np.float32)  # 1, -1
    np.testing.assert_allclose(weighted_sum(first, second, share=0.75), [[-0.5, 0.5]])
    np.testing.assert_allclose(weighted_sum(first, second), [[0, 0]])


@pytest.mark.parametrize("merge", MERGES)
@given(rows=_rows, constant=st.floats(-1e6, 1e6, width=32))
def test_a_side_that_says_nothing_leaves_the_order_to_the_other(merge, rows, constant):
    nothing = np.full_like(rows, constant)
    for merged in (merge(rows, nothing), merge(nothing, rows)):
        assert np.isfinite(merged).all()
        assert all(_falls(by, row) and _falls(row, by) for by, row in zip(rows, merged, strict=True))


@pytest.mark.parametrize("merge", MERGES)
@given(rows=_rows)
def test_what_both_sides_agree_on_stands(merge, rows):
    merged = merge(rows, rows * 7 + 3)
    assert all(_falls(by, row) for by, row in zip(rows, merged, strict=True))


@given(rows=_rows)
def test_the_scale_of_a_side_changes_nothing(rows):
    other = rows[:, ::-1]
    np.testing.assert_allclose(weighted_sum(rows, other), weighted_sum(rows * 8 + 1, other), atol=1e-4)
    np.testing.assert_array_equal(reciprocal_ranks(rows, other), reciprocal_ranks(rows * 8 + 1, other))


@pytest.mark.parametrize("merge", MERGES)
@pytest.mark.parametrize("shape", [(0, 0), (2, 0), (0, 3), (1, 1)])
def test_nobody_and_nothing_are_no_error(merge, shape):
    merged = merge(np.zeros(shape, dtype=np.float32), np.ones(shape, dtype=np.float32))
    assert merged.shape == shape
    assert merged.dtype == np.float32
    assert not merged.any()


def test_a_side_without_weight_counts_for_nothing():
    draw = np.random.default_rng(1)
    first, second = draw.normal(size=(2, 4, 50)).astype(np.float32)
    for share, by in ((1.0, first), (0.0, second)):
        merged = weighted_sum(first, second, share=share)
        assert (np.argsort(merged, axis=1) == np.argsort(by, axis=1)).all()
