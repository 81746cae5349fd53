"""Naive Bayes beside scikit-learn's."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def gaussian():
    """Fit and predict."""
    from sklearn.naive_bayes import GaussianNB as Peer

    from mlref.naive_bayes import GaussianNB

    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 20_000)
    X = rng.normal(size=(20_000, 100)) + 0.3 * rng.normal(size=(10, 100))[y]

    def check(ours, theirs):
        np.testing.assert_array_equal(ours, theirs)

    return lambda: GaussianNB().fit(X, y).predict(X), lambda: Peer().fit(X, y).predict(X), check


def multinomial():
    """Fit and predict."""
    from sklearn.naive_bayes import MultinomialNB as Peer

    from mlref.naive_bayes import MultinomialNB

    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 5000)
    X = rng.poisson(200 * rng.dirichlet(np.full(500, 0.3), size=10)[y]).astype(np.float64)

    def check(ours, theirs):
        np.testing.assert_array_equal(ours, theirs)

    return lambda: MultinomialNB().fit(X, y).predict(X), lambda: Peer().fit(X, y).predict(X), check


ROWS = [
    # The two products with one-hot labels, two of the prediction and one for the mean of each sample.
    Row(
        "GaussianNB, fit and predict",
        "20k x 100, K=10",
        "scikit-learn",
        0.5,
        gaussian,
        5 * 2 * 20_000 * 1000.0,
    ),
    Row("MultinomialNB, fit and predict", "5k x 500, K=10", "scikit-learn", 1.0, multinomial),
]
