import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.tagging.whitening import fit_whitening, unit_rows


def some_vectors(n=500, dim=12, seed=3):
    draw = np.random.default_rng(seed)
    return (draw.normal(size=(n, dim)) @ draw.normal(size=(dim, dim)) + 5).astype(np.float32)


def test_the_covariance_of_whitened_vectors_is_the_identity():
    vectors = some_vectors()
    whitening = fit_whitening(vectors, n_kept=12)
    centred = (vectors - whitening.mean) @ whitening.projection  # before the rows are cut to unit length
    assert np.cov(centred.T) == pytest.approx(np.eye(12), abs=1e-3)
    assert centred.mean(axis=0) == pytest.approx(np.zeros(12), abs=1e-4)


def test_rows_have_unit_length_and_keep_their_direction():
    vectors = some_vectors()
    whitening = fit_whitening(vectors, n_kept=12)
    whitened = whitening.apply(vectors)
    centred = (vectors - whitening.mean) @ whitening.projection
    assert np.linalg.norm(whitened, axis=1) == pytest.approx(np.ones(500), abs=1e-5)
    assert whitened == pytest.approx(centred / np.linalg.norm(centred, axis=1, keepdims=True), abs=1e-4)


def test_the_directions_of_the_largest_variance_are_kept():
    vectors = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32) * np.array([1, 9, 3], dtype=np.float32)
    projection = fit_whitening(vectors, n_kept=1).projection
    assert projection.shape == (3, 1)
    assert abs(projection[1, 0]) == pytest.approx(1 / 9, rel=0.1)  # one standard deviation becomes 1
    assert np.abs(projection[[0, 2], 0]).max() < 0.02


def test_a_direction_without_variance_is_dropped():
    vectors = some_vectors(dim=4)
    vectors[:, 2] = vectors[:, 0] + vectors[:, 1]
    assert fit_whitening(vectors, n_kept=4).projection.shape == (4, 3)


def test_the_mean_itself_becomes_zeros_and_not_nan():
    whitening = fit_whitening(some_vectors(), n_kept=5)
    assert not whitening.apply(whitening.mean[None]).any()
    assert whitening.apply(whitening.mean[None][:0]).shape == (0, 5)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(1, 80), start=st.integers(0, 400))
def test_a_row_does_not_depend_on_its_company(n, start):
    vectors = some_vectors()
    whitening = fit_whitening(vectors, n_kept=8)
    assert np.array_equal(whitening.apply(vectors[start : start + n]), whitening.apply(vectors)[start : start + n])


def test_unit_rows_by_hand():
    # |(3, 4)| = 5
    assert unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32)) == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
