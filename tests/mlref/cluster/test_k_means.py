"""k-means: seeding, Lloyd's iteration, restarts."""

import numpy as np
import pytest
import sklearn.cluster

from mlref.arrays import to_numpy
from mlref.cluster import KMeans, k_means, k_means_plus_plus, lloyd_step, nearest_centroid
from mlref.datasets import load_iris, make_blobs
from mlref.errors import ConvergenceWarning, NotFittedError, ShapeError


def blobs(seed, n=200, centers=4, **settings):
    return make_blobs(n, np.random.default_rng(seed), centers=centers, **settings)


def same_partition(a, b):
    """Equal up to the numbers of the clusters."""
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len(set(a.tolist())) == len(set(b.tolist()))


def test_the_result_is_a_fixed_point():
    X, _ = blobs(3, std=2.0)
    centroids, labels, inertia, _ = k_means(X, 4, np.random.default_rng(0), tol=0)
    np.testing.assert_allclose(lloyd_step(X, centroids), centroids, rtol=1e-9)
    np.testing.assert_allclose(inertia, sum(np.sum((X[labels == k] - centroids[k]) ** 2) for k in range(4)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equals_scikit_learn_from_the_same_start(dtype):
    X = np.random.default_rng(4).normal(size=(500, 5)).astype(dtype) + 100
    ours = KMeans(6, init=X[:6], tol=0).fit(X)
    theirs = sklearn.cluster.KMeans(6, init=X[:6], n_init=1, tol=0).fit(X)
    tolerance = 1e-10 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=tolerance)
    assert ours.cluster_centers_.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-4)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.predict(X + 0.1), theirs.predict(X + 0.1))
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), rtol=1e-3)
    assert ours.score(X) == pytest.approx(theirs.score(X), rel=1e-4)


def test_every_library_finds_the_same_clusters(xp_backend):
    X, _ = blobs(5)
    expected = KMeans(4, random_state=0).fit(X)
    model = KMeans(4, random_state=0).fit(xp_backend.asarray(X))
    xp_backend.check(model.cluster_centers_, expected.cluster_centers_)
    xp_backend.check(model.labels_, expected.labels_)


def test_seeding_finds_all_blobs_where_uniform_draws_do_not():
    X, y = blobs(6, n=400, centers=np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 40.0], [40.0, 40.0]]))
    seeds = [k_means_plus_plus(X, 4, np.random.default_rng(seed)) for seed in range(20)]
    assert all(len(set(y[chosen])) == 4 for chosen in seeds)


def test_seeding_is_as_good_as_scikit_learns():
    X, _ = blobs(7, n=500, centers=20)
    ours = np.mean(
        [nearest_centroid(X, X[k_means_plus_plus(X, 20, np.random.default_rng(s))])[1] for s in range(30)]
    )
    theirs = np.mean(
        [nearest_centroid(X, sklearn.cluster.kmeans_plusplus(X, 20, random_state=s)[0])[1] for s in range(30)]
    )
    assert ours == pytest.approx(theirs, rel=0.1)


def test_seeding_works_with_fewer_distinct_samples_than_clusters():
    chosen = k_means_plus_plus(np.ones((4, 2)), 3, np.random.default_rng(0))
    assert chosen.shape == (3,)
    assert np.all((chosen >= 0) & (chosen < 4))


def test_the_best_of_several_starts_is_kept():
    X, _ = blobs(8, centers=8)
    runs = []
    rng = np.random.default_rng(1)
    for _ in range(5):
        runs.append(k_means(X, 8, rng, init="random")[2])
    best = k_means(X, 8, np.random.default_rng(1), init="random", n_init=5)[2]
    assert best == min(runs)
    assert min(runs) < max(runs)


def test_moving_and_scaling_the_samples_moves_and_scales_the_centroids():
    X, _ = blobs(9)
    centroids, labels, inertia, _ = k_means(X, 4, np.random.default_rng(0))
    moved, same, larger, _ = k_means(3 * X + 100, 4, np.random.default_rng(0))
    np.testing.assert_allclose(moved, 3 * centroids + 100)
    assert same_partition(labels, same)
    assert larger == pytest.approx(9 * inertia)


def test_one_cluster_is_the_mean_and_as_many_as_samples_have_no_inertia():
    X = np.random.default_rng(10).normal(size=(7, 2))
    np.testing.assert_allclose(k_means(X, 1, np.random.default_rng(0))[0][0], X.mean(axis=0))
    assert k_means(X, 7, np.random.default_rng(0))[2] == pytest.approx(0)


def test_iris():
    X, _ = load_iris()
    model = KMeans(3, n_init=5, random_state=0).fit(X)
    assert model.inertia_ == pytest.approx(78.8514, abs=1e-3)


def test_the_same_seed_gives_the_same_bytes():
    X, _ = blobs(11)
    runs = [k_means(X, 4, np.random.default_rng(3), init="random")[0].tobytes() for _ in range(2)]
    assert runs[0] == runs[1]


def test_it_warns_where_it_did_not_converge():
    X, _ = blobs(12, centers=8, std=4.0)
    with pytest.warns(ConvergenceWarning, match="max_iter = 1 steps; raise max_iter or tol"):
        k_means(X, 8, np.random.default_rng(0), max_iter=1)


def test_bad_arguments_raise():
    X = np.ones((3, 2))
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="n_clusters is 4 but the number of samples is n_samples = 3"):
        k_means(X, 4, rng)
    with pytest.raises(ShapeError, match=r"init has shape \(2, 3\); it must be"):
        k_means(X, 2, rng, init=np.ones((2, 3)))
    with pytest.raises(ValueError, match="init is 'best'; it must be one of 'k-means"):
        k_means(X, 2, rng, init="best")
    with pytest.raises(NotFittedError):
        KMeans().predict(X)


def test_the_distances_of_transform_are_to_the_centroids(xp_backend):
    X, _ = blobs(13)
    model = KMeans(4, random_state=0).fit(xp_backend.asarray(X))
    expected = np.linalg.norm(X[:, None] - to_numpy(model.cluster_centers_)[None], axis=2)
    xp_backend.check(model.transform(xp_backend.asarray(X)), expected, rtol=1e-6)
