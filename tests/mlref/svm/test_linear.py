"""Linear support vector machine by Newton's method."""

import numpy as np
import pytest
import sklearn.svm

from mlref.arrays import to_numpy
from mlref.datasets import load_iris
from mlref.errors import ConvergenceWarning, NotFittedError
from mlref.svm import LinearSVC, fit_squared_hinge


def blobs(seed, n=150, d=5):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return rng.normal(size=(n, d)) + 0.7 * y[:, None], 2.0 * y - 1


def objective(w, X, y, C):
    return w @ w / 2 + C * np.sum(np.maximum(1 - y * (X @ w), 0) ** 2)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_classifier_equals_scikit_learns(C):
    X, y = blobs(0)
    ours = LinearSVC(C=C, tol=1e-8).fit(X, y)
    theirs = sklearn.svm.LinearSVC(C=C, tol=1e-10, dual=False, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-4)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_three_classes_equal_scikit_learns(fit_intercept):
    X, y = load_iris()[:2]
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    ours = LinearSVC(fit_intercept=fit_intercept, tol=1e-8).fit(X, names)
    theirs = sklearn.svm.LinearSVC(fit_intercept=fit_intercept, tol=1e-10, dual=False).fit(X, names)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-5, atol=1e-7)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


def test_no_direction_leads_down_from_the_minimum():
    X, y = blobs(1)
    w, _ = fit_squared_hinge(X, y, C=3.0, tol=1e-10)
    best = objective(w, X, y, 3.0)
    for direction in np.random.default_rng(2).normal(size=(50, 5)):
        assert objective(w + 1e-3 * direction, X, y, 3.0) > best


def test_newton_needs_few_steps():
    X, y = blobs(3, n=2000)
    assert fit_squared_hinge(X, y)[1] <= 8


def test_it_runs_on_every_library(xp_backend):
    X, y = blobs(4)
    expected, _ = fit_squared_hinge(X, y, tol=1e-10)
    w, _ = fit_squared_hinge(xp_backend.asarray(X), xp_backend.asarray(y), tol=1e-10)
    xp_backend.check(w, expected, rtol=1e-8)
    labels = (y > 0).astype(np.int64)
    fitted = LinearSVC().fit(xp_backend.asarray(X), xp_backend.asarray(labels))
    predicted = fitted.predict(xp_backend.asarray(X))
    np.testing.assert_array_equal(to_numpy(predicted), LinearSVC().fit(X, labels).predict(X))


def test_stopping_early_warns():
    X, y = blobs(5)
    with pytest.warns(ConvergenceWarning, match="Newton's method stopped after max_iter = 1 steps"):
        LinearSVC(max_iter=1, tol=1e-12).fit(X, y)


def test_bad_arguments_raise():
    X, y = blobs(6)
    for name, value in (("C", 0), ("tol", -1), ("max_iter", 0)):
        with pytest.raises(ValueError, match=f"{name} is {value}"):
            LinearSVC(**{name: value}).fit(X, y)
    with pytest.raises(ValueError, match="y holds 1 class"):
        LinearSVC().fit(X, np.ones_like(y))
    with pytest.raises(NotFittedError, match="this LinearSVC is not fitted yet"):
        LinearSVC().predict(X)
