"""Support vector machines beside scikit-learn's (libsvm, liblinear)."""

from __future__ import annotations

import numpy as np

from benchmarks.mlref.timing import Row


def two_classes(n, d, informative):
    """Two overlapping classes, a few labels wrong."""
    from sklearn.datasets import make_classification

    return make_classification(n, d, n_informative=informative, flip_y=0.05, random_state=0)


def kernel_classifier():
    """Fit with the default parameters; the dual objective must be the same."""
    from sklearn import svm as peers

    from mlref.svm import SVC, kernel_matrix

    X, y = two_classes(2000, 20, 10)

    def objective(model):
        beta = model.dual_coef_[0]
        gamma = 1 / (X.shape[1] * np.var(X))
        K = kernel_matrix(X[model.support_], X[model.support_], gamma=gamma)
        return np.sum(np.abs(beta)) - beta @ K @ beta / 2

    def check(ours, theirs):
        np.testing.assert_allclose(objective(ours), objective(theirs), rtol=1e-6)
        np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-3)

    return lambda: SVC().fit(X, y), lambda: peers.SVC().fit(X, y), check


def decision_function():
    """The sum over the support vectors, for as many queries as there are training samples."""
    from sklearn import svm as peers

    from mlref.svm import SVC

    X, y = two_classes(2000, 20, 10)
    ours, theirs = SVC(tol=1e-6).fit(X, y), peers.SVC(tol=1e-6).fit(X, y)

    def check(a, b):
        np.testing.assert_allclose(a, b, atol=1e-4)

    return lambda: ours.decision_function(X), lambda: theirs.decision_function(X), check


def regression():
    """Support vector regression with the default parameters."""
    from sklearn import svm as peers

    from mlref.svm import SVR

    X, _ = two_classes(1000, 20, 10)
    y = np.sin(X[:, 0]) + 0.3 * X[:, 1] + 0.1 * np.random.default_rng(0).normal(size=1000)

    def check(ours, theirs):
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=5e-3)

    return lambda: SVR().fit(X, y), lambda: peers.SVR().fit(X, y), check


def linear_classifier():
    """Squared hinge loss, to the gradient tolerance of each; the weights must agree."""
    from sklearn import svm as peers

    from mlref.svm import LinearSVC

    X, y = two_classes(20_000, 50, 20)

    def check(ours, theirs):
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)

    return lambda: LinearSVC().fit(X, y), lambda: peers.LinearSVC(dual=False).fit(X, y), check


ROWS = [
    Row("SVC, RBF, SMO", "2000 x 20", "scikit-learn SVC", 2.5, kernel_classifier),
    Row(
        "SVC, decision function", "2000 x 20, all support vectors", "scikit-learn SVC", 0.2, decision_function
    ),
    Row("SVR, RBF, SMO", "1000 x 20", "scikit-learn SVR", 2.5, regression),
    Row("LinearSVC, Newton", "20k x 50", "scikit-learn LinearSVC, primal", 0.5, linear_classifier),
]
