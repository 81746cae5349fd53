"""Preparation of data beside scikit-learn's."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def gaps(n, d):
    """A table with a tenth of its entries missing."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    X[rng.random((n, d)) < 0.1] = np.nan
    return X


def fit_transform(name, X_of, **settings):
    """Learn from a table and transform it, by the class of this name in both libraries."""

    def prepare():
        from sklearn import impute
        from sklearn import preprocessing as theirs

        from mlref import preprocessing as ours

        X = X_of()
        mine = getattr(ours, name)(**settings)
        peer_module = impute if hasattr(impute, name) else theirs
        peer_settings = settings | ({"sparse_output": False} if name == "OneHotEncoder" else {})
        peer = getattr(peer_module, name)(**peer_settings)

        def check(found, expected):
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)

        return lambda: mine.fit(X).transform(X), lambda: peer.fit(X).transform(X), check

    return prepare


def normal(n, d):
    """Standard normal features."""
    return lambda: np.random.default_rng(0).normal(size=(n, d))


def categories(n, d):
    """Fifty categories a column."""
    return lambda: np.random.default_rng(0).integers(0, 50, size=(n, d))


SCALED = "100k x 50"
ROWS = [
    Row("StandardScaler", SCALED, "scikit-learn", 1.0, fit_transform("StandardScaler", normal(100_000, 50))),
    # Numpy's minimum along the first axis takes four times what its fmin takes, which scikit-learn uses.
    Row("MinMaxScaler", SCALED, "scikit-learn", 2.0, fit_transform("MinMaxScaler", normal(100_000, 50))),
    Row("RobustScaler", "20k x 50", "scikit-learn", 1.0, fit_transform("RobustScaler", normal(20_000, 50))),
    Row("SimpleImputer, mean", "100k x 20, 10 % gaps", "scikit-learn", 1.0,
        fit_transform("SimpleImputer", lambda: gaps(100_000, 20))),
    Row("SimpleImputer, median", "100k x 20, 10 % gaps", "scikit-learn", 1.0,
        fit_transform("SimpleImputer", lambda: gaps(100_000, 20), strategy="median")),
    Row("KNNImputer", "2k x 20, 10 % gaps", "scikit-learn", 1.0,
        fit_transform("KNNImputer", lambda: gaps(2000, 20))),
    Row("OneHotEncoder, dense", "50k x 8, 50 categories", "scikit-learn", 1.2,
        fit_transform("OneHotEncoder", categories(50_000, 8))),
    Row("PolynomialFeatures, degree 3", "20k x 9", "scikit-learn", 1.5,
        fit_transform("PolynomialFeatures", normal(20_000, 9), degree=3)),
]  # fmt: skip
