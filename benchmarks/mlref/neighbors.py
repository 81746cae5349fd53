"""Nearest neighbours beside scikit-learn's, with ten neighbours each."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row

K = 10


def brute_force(n, d, dtype, n_queries=2000):
    """Every query with every point; scikit-learn with algorithm="brute"."""

    def prepare():
        from sklearn.neighbors import NearestNeighbors

        from mlref.neighbors import nearest_neighbors

        rng = np.random.default_rng(0)
        points, queries = (rng.normal(size=(m, d)).astype(dtype) for m in (n, n_queries))
        peer = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(points)

        def check(ours, theirs):
            tolerance = 1e-10 if dtype == "float64" else 1e-3
            np.testing.assert_allclose(ours[0], theirs[0], rtol=tolerance, atol=tolerance)
            # In float32 the peer's rounding swaps a few near ties.
            assert np.mean(ours[1] == theirs[1]) > (0.999999 if dtype == "float64" else 0.999)

        return lambda: nearest_neighbors(queries, points, K), lambda: peer.kneighbors(queries), check

    return prepare


def tree(n, d):
    """Build and query; scikit-learn with algorithm="kd_tree"."""

    def prepare():
        from sklearn.neighbors import NearestNeighbors

        from mlref.neighbors import nearest_neighbors_tree

        rng = np.random.default_rng(0)
        points, queries = rng.normal(size=(n, d)), rng.normal(size=(2000, d))

        def check(ours, theirs):
            np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-12)
            np.testing.assert_array_equal(ours[1], theirs[1])

        return (
            lambda: nearest_neighbors_tree(queries, points, K),
            lambda: NearestNeighbors(n_neighbors=K, algorithm="kd_tree").fit(points).kneighbors(queries),
            check,
        )

    return prepare


def weighted(estimator, n, d, dtype):
    """Prediction with weights in proportion to one over the distance, fit included."""

    def prepare():
        from sklearn import neighbors as theirs

        from mlref import neighbors as ours

        rng = np.random.default_rng(0)
        X, queries = (rng.normal(size=(m, d)).astype(dtype) for m in (n, 2000))
        y = rng.integers(0, 5, size=n) if estimator == "KNeighborsClassifier" else rng.normal(size=n)

        def predict(module, **settings):
            model = getattr(module, estimator)(n_neighbors=K, weights="distance", **settings)
            return lambda: model.fit(X, y).predict(queries)

        return predict(ours), predict(theirs, algorithm="brute"), np.testing.assert_allclose

    return prepare


ROWS = [
    Row(
        "k-NN", "20k x 16, 2k queries, float32", "scikit-learn brute", 0.6, brute_force(20_000, 16, "float32")
    ),
    Row(
        "k-NN", "20k x 16, 2k queries, float64", "scikit-learn brute", 0.6, brute_force(20_000, 16, "float64")
    ),
    Row(
        *(
            "k-NN",
            "20k x 784, 2k queries, float32",
            "scikit-learn brute",
            0.8,
            brute_force(20_000, 784, "float32"),
        ),
        flops=2 * 20e3 * 2e3 * 784,
    ),
    Row(
        "k-NN", "200k x 3, 2k queries, float32", "scikit-learn brute", 0.5, brute_force(200_000, 3, "float32")
    ),
    Row(
        "k-NN", "200k x 3, 2k queries, float64", "scikit-learn brute", 0.5, brute_force(200_000, 3, "float64")
    ),
    Row("k-NN, tree", "200k x 3, 2k queries, float64", "scikit-learn kd_tree", 1.0, tree(200_000, 3)),
    Row(
        *("k-NN regression, weights=distance", "20k x 16, 2k queries, float64", "scikit-learn brute", 0.6),
        weighted("KNeighborsRegressor", 20_000, 16, "float64"),
    ),
    Row(
        *(
            "k-NN classification, weights=distance",
            "20k x 16, 2k queries, float64",
            "scikit-learn brute",
            0.6,
        ),
        weighted("KNeighborsClassifier", 20_000, 16, "float64"),
    ),
]
