"""Clusters beside scikit-learn's and scipy's: the same start, so the same result."""

from __future__ import annotations

import warnings

import numpy as np

from benchmarks.mlref.timing import Row


def lloyd(n, d, k, max_iter=20):
    """So many steps of Lloyd's iteration from the first samples, and the labels."""

    def prepare():
        from sklearn.cluster import KMeans as Theirs

        from mlref.cluster import KMeans

        X = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)
        ours = KMeans(k, init=X[:k], max_iter=max_iter, tol=0)
        theirs = Theirs(k, init=X[:k], n_init=1, max_iter=max_iter, tol=0, algorithm="lloyd")

        def check(a, b):
            assert abs(a.inertia_ / b.inertia_ - 1) < 1e-4
            # In float32 a few samples lie too close to a border.
            assert np.mean(a.labels_ == b.labels_) > 0.998

        return _quietly(lambda: ours.fit(X)), _quietly(lambda: theirs.fit(X)), check

    return prepare


def seeding(n, d, k):
    """Greedy k-means++; equally good in the mean, because the draws differ."""

    def prepare():
        from sklearn.cluster import kmeans_plusplus

        from mlref.cluster import k_means_plus_plus, nearest_centroid

        X = np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)

        def check(a, b):
            assert abs(nearest_centroid(X, X[a])[1] / nearest_centroid(X, b[0])[1] - 1) < 0.05

        def ours():
            return k_means_plus_plus(X, k, np.random.default_rng(0))

        return ours, lambda: kmeans_plusplus(X, k, random_state=0), check

    return prepare


def dbscan():
    """Dense blobs and much noise."""

    def prepare():
        from sklearn import cluster as theirs

        from mlref.cluster import DBSCAN
        from mlref.datasets import make_blobs

        X, _ = make_blobs(20_000, np.random.default_rng(0), centers=30, std=0.5)
        settings = {"eps": 0.1, "min_samples": 10}

        def check(a, b):
            np.testing.assert_array_equal(a.labels_, b.labels_)

        return lambda: DBSCAN(**settings).fit(X), lambda: theirs.DBSCAN(**settings).fit(X), check

    return prepare


def mixture(covariance_type, max_iter=20):
    """So many steps of EM from the same responsibilities."""

    def prepare():
        from sklearn.mixture import GaussianMixture as Theirs

        from mlref.cluster import gaussian_mixture_em, m_step
        from mlref.datasets import make_blobs

        rng = np.random.default_rng(0)
        X, _ = make_blobs(20_000, rng, centers=8, n_features=16, std=4.0)
        start = rng.dirichlet(np.ones(8), size=20_000)
        weights, means, covariances = m_step(X, start, covariance_type)
        inverse = np.linalg.inv if covariance_type == "full" else np.reciprocal
        theirs = Theirs(
            8,
            covariance_type=covariance_type,
            weights_init=weights,
            means_init=means,
            precisions_init=inverse(covariances),
            max_iter=max_iter,
            tol=0,
        )

        def ours():
            return gaussian_mixture_em(
                *(X, 8, rng),
                covariance_type=covariance_type,
                responsibilities=start,
                max_iter=max_iter,
                tol=0,
            )

        def check(a, b):
            assert abs(a[3][-1] - b.lower_bound_) < 1e-9
            np.testing.assert_allclose(a[2], b.covariances_, rtol=1e-6, atol=1e-8)

        return _quietly(ours), _quietly(lambda: theirs.fit(X)), check

    return prepare


def hierarchy(linkage, peer):
    """From the samples to the whole tree."""

    def prepare():
        from scipy.cluster import hierarchy as scipys
        from sklearn.cluster import AgglomerativeClustering as Theirs

        from mlref.cluster import AgglomerativeClustering

        X = np.random.default_rng(0).normal(size=(2000, 8))
        ours = AgglomerativeClustering(2, linkage=linkage)
        theirs = Theirs(2, linkage=linkage, compute_full_tree=True, compute_distances=True)

        def check(a, b):
            merges = b if peer == "scipy" else np.column_stack([np.sort(b.children_), b.distances_])
            np.testing.assert_allclose(a.merges_[:, : merges.shape[1]], merges, rtol=1e-9)

        def peers():
            return scipys.linkage(X, linkage) if peer == "scipy" else theirs.fit(X)

        return lambda: ours.fit(X), peers, check

    return prepare


def _quietly(fit):
    """Both warn that so few steps do not converge, which is meant."""

    def run():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fit()

    return run


ROWS = [
    Row(
        *("k-means, 20 steps", "50k x 32, k 20, float32", "scikit-learn", 1.4),
        lloyd(50_000, 32, 20),
        20 * 4 * 50e3 * 33 * 20,
    ),
    Row(
        *("k-means, 20 steps", "10k x 784, k 10, float32", "scikit-learn", 1.4),
        lloyd(10_000, 784, 10),
        20 * 4 * 10e3 * 785 * 10,
    ),
    Row(*("k-means, 20 steps", "100k x 2, k 8, float32", "scikit-learn", 1.4), lloyd(100_000, 2, 8)),
    Row(*("k-means++, greedy", "50k x 32, k 20, float32", "scikit-learn", 0.6), seeding(50_000, 32, 20)),
    Row(*("k-means++, greedy", "10k x 784, k 10, float32", "scikit-learn", 0.6), seeding(10_000, 784, 10)),
    Row("DBSCAN", "20k x 2", "scikit-learn", 0.6, dbscan()),
    Row("Gaussian mixture, full, 20 steps", "20k x 16, k 8", "scikit-learn", 1.0, mixture("full")),
    Row("hierarchical, average", "2000 x 8", "scipy", 2.0, hierarchy("average", "scipy")),
    Row("hierarchical, average", "2000 x 8", "scikit-learn", 2.0, hierarchy("average", "scikit-learn")),
    Row("hierarchical, ward", "2000 x 8", "scipy", 2.0, hierarchy("ward", "scipy")),
]
