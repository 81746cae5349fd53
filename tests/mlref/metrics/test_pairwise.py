"""Distances between all rows: the cosine, and the memory; the others are tested with the neighbours."""

import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mlref.metrics import pairwise_distances


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
