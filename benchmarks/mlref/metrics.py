"""Metrics beside scikit-learn's."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row

N = 1_000_000


def prepare(name, make):
    """The function of this name, ours and the peer's, on the same arguments."""

    def both():
        from sklearn import metrics as theirs

        from mlref import metrics as ours

        arguments, settings = make(np.random.default_rng(0))

        def call(module):
            return lambda: getattr(module, name)(*arguments, **settings)

        return call(ours), call(theirs), lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9)

    return both


def scores(rng):
    """Labels and noisy scores, rounded so that some tie."""
    y_true = rng.integers(0, 2, size=N)
    return (y_true, np.round(y_true + rng.normal(size=N), 4)), {}


def labels(rng):
    """True and predicted labels of ten classes."""
    return (rng.integers(0, 10, size=N), rng.integers(0, 10, size=N)), {}


def clusters(rng):
    """Ten clusters of 8000 points."""
    chosen = rng.integers(0, 10, size=8000)
    return (rng.normal(size=(8000, 32)) + 3 * rng.normal(size=(10, 32))[chosen], chosen), {}


ROWS = [
    Row("area under the ROC curve", "1M", "scikit-learn", 0.3, prepare("roc_auc_score", scores)),
    Row("confusion matrix", "1M, 10 classes", "scikit-learn", 0.1, prepare("confusion_matrix", labels)),
    Row(
        *("silhouette", "8k x 32, 10 clusters", "scikit-learn", 1.0, prepare("silhouette_score", clusters)),
        flops=2 * 8e3**2 * 32,
    ),
]
