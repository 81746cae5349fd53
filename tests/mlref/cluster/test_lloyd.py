"""Lloyd's iteration."""

import numpy as np
import pytest

from mlref.cluster import lloyd_step, nearest_centroid
from mlref.datasets import make_blobs
from mlref.errors import NotFiniteError, ShapeError
from mlref.metrics.pairwise import pairwise_distances


def lloyd_step_simple(X, centroids):
    """One step, sample by sample."""
    nearest = [min(range(len(centroids)), key=lambda k: np.sum((x - centroids[k]) ** 2)) for x in X]
    return np.stack([X[np.array(nearest) == k].mean(axis=0) for k in range(len(centroids))])


def test_a_step_equals_the_loop(xp_backend):
    X, _ = make_blobs(200, np.random.default_rng(0), centers=4, n_features=3)
    centroids = X[:4]
    moved = lloyd_step(xp_backend.asarray(X), xp_backend.asarray(centroids))
    xp_backend.check(moved, lloyd_step_simple(X, centroids))


def test_samples_in_several_blocks_give_the_same_step():
    X = np.random.default_rng(1).normal(size=(2**16, 10))
    moved = lloyd_step(X, X[:3])
    nearest = np.argmin(pairwise_distances(X, X[:3]), axis=1)
    np.testing.assert_allclose(moved, [X[nearest == k].mean(axis=0) for k in range(3)], rtol=1e-9)


def test_a_tie_goes_to_the_smaller_number(xp_backend):
    X, centroids = np.array([[0.0], [1.0], [2.0]]), np.array([[0.0], [2.0]])
    xp_backend.check(lloyd_step(xp_backend.asarray(X), xp_backend.asarray(centroids)), [[0.5], [2.0]])
    labels, inertia = nearest_centroid(xp_backend.asarray(X), xp_backend.asarray(centroids))
    xp_backend.check(labels, [0, 0, 1])
    assert inertia == 1.0


def test_empty_clusters_move_to_the_farthest_samples(xp_backend):
    X = np.array([[0.0], [1.0], [5.0], [7.0]])
    centroids = np.array([[50.0], [0.0], [60.0]])
    moved = lloyd_step(xp_backend.asarray(X), xp_backend.asarray(centroids))
    xp_backend.check(moved, [[7.0], [3.25], [5.0]])


def test_the_inertia_never_rises():
    X, _ = make_blobs(200, np.random.default_rng(2), centers=6, std=3.0)
    centroids, before = X[:6], np.inf
    for _ in range(20):
        _, inertia = nearest_centroid(X, centroids)
        assert inertia <= before * (1 + 1e-12)
        centroids, before = lloyd_step(X, centroids), inertia


def test_bad_arguments_raise():
    with pytest.raises(NotFiniteError, match="X contains NaN"):
        nearest_centroid(np.array([[np.nan]]), np.ones((1, 1)))
    with pytest.raises(ShapeError, match="X has 2 features but centroids has 1"):
        lloyd_step(np.ones((3, 2)), np.ones((1, 1)))
