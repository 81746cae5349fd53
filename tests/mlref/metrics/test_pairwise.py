"""Distances between all rows of two matrices."""

import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mlref.errors import NotFiniteError, ShapeError
from mlref.metrics import pairwise_distances

SCIPYS_NAMES = {"euclidean": "euclidean", "manhattan": "cityblock", "chebyshev": "chebyshev"}
every_metric = pytest.mark.parametrize("metric", SCIPYS_NAMES)


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def test_cosine_equals_scipy(xp_backend):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    found = pairwise_distances(xp_backend.asarray(A), xp_backend.asarray(B), "cosine")
    xp_backend.check(found, cdist(A, B, "cosine"))


def test_cosine_looks_at_directions_only():
    A = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])
    np.testing.assert_allclose(pairwise_distances(7 * A, A, "cosine"), pairwise_distances(A, A, "cosine"))
    assert np.all(np.diag(pairwise_distances(A, 1e-9 * A, "cosine")) < 1e-15)
    np.testing.assert_allclose(np.diag(pairwise_distances(A, -A, "cosine")), 2)


def test_cosine_is_never_negative_and_a_row_of_zeros_is_at_distance_one():
    A = np.random.default_rng(1).normal(size=(50, 3))
    assert np.min(pairwise_distances(A, 3 * A, "cosine")) >= 0
    assert pairwise_distances(np.zeros((1, 3)), np.eye(3), "cosine").tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine"])
def test_memory_does_not_grow_with_the_number_of_features(metric):
    rng = np.random.default_rng(2)
    A, B = rng.normal(size=(100, 40)), rng.normal(size=(1000, 40))
    tracemalloc.start()
    try:
        result = pairwise_distances(A, B, metric)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Four arrays of the result's size, and the copies of A and B.
    assert peak < 4.2 * result.nbytes + 4 * (A.nbytes + B.nbytes)


@every_metric
def test_distances_equal_scipy(metric, xp_backend):
    A, B = normal(0, 7, 4), normal(1, 5, 4)
    distances = pairwise_distances(xp_backend.asarray(A), xp_backend.asarray(B), metric)
    xp_backend.check(distances, cdist(A, B, SCIPYS_NAMES[metric]))


@every_metric
def test_distance_is_a_metric(metric):
    A = normal(2, 9, 3)
    distances = pairwise_distances(A, A, metric)
    assert np.all(distances >= 0)
    np.testing.assert_allclose(np.diag(distances), 0, atol=1e-7)
    np.testing.assert_allclose(distances, distances.T, atol=1e-12)
    assert np.all(distances[:, None, :] <= distances[:, :, None] + distances[None, :, :] + 1e-7)


@every_metric
def test_moving_everything_changes_no_distance(metric):
    A, B = normal(3, 6, 2), normal(4, 5, 2)
    far = pairwise_distances(A + 1e6, B + 1e6, metric)
    np.testing.assert_allclose(far, pairwise_distances(A, B, metric), rtol=1e-6)


def test_small_unsigned_integers_do_not_wrap():
    A, B = np.array([[0, 200]], dtype=np.uint8), np.array([[250, 0]], dtype=np.uint8)
    assert pairwise_distances(A, B, "manhattan").tolist() == [[450.0]]


def test_float32_stays_float32_and_mixes_with_float64(xp_backend):
    A, B = xp_backend.asarray(np.ones((2, 3), np.float32)), xp_backend.asarray(np.zeros((4, 3), np.float32))
    assert pairwise_distances(A, B).dtype == xp_backend.xp.float32
    assert pairwise_distances(A, xp_backend.asarray(np.zeros((4, 3)))).dtype == xp_backend.xp.float64


def test_bad_distance_arguments_raise():
    with pytest.raises(ShapeError, match="A has 3 features but B has 2"):
        pairwise_distances(np.ones((1, 3)), np.ones((1, 2)))
    with pytest.raises(NotFiniteError, match="B contains"):
        pairwise_distances(np.ones((1, 2)), np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="metric is 'hamming'; it must be one of 'euclidean'"):
        pairwise_distances(np.ones((1, 2)), np.ones((1, 2)), "hamming")
