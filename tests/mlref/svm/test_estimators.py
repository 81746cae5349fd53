"""Kernel classifier and kernel regression."""

import numpy as np
import pytest
import sklearn.svm

from mlref.datasets import load_iris, make_moons, make_sine
from mlref.errors import ConvergenceWarning, NotFittedError
from mlref.svm import SVC, SVR

KERNELS = [
    {"kernel": "linear"},
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": "auto"},
    {"kernel": "poly", "degree": 2, "gamma": 0.7, "coef0": 1.0},
    {"kernel": "sigmoid", "gamma": 0.1},
]
every_kernel = pytest.mark.parametrize("kernel", KERNELS, ids=str)


def moons(seed, n=120):
    return make_moons(n, np.random.default_rng(seed), noise=0.25)


@every_kernel
def test_two_classes_equal_scikit_learns(kernel):
    (X, y), (queries, _) = moons(0), moons(1)
    ours = SVC(C=2.0, tol=1e-6, **kernel).fit(X, y)
    theirs = sklearn.svm.SVC(C=2.0, tol=1e-6, **kernel).fit(X, y)
    np.testing.assert_allclose(ours.decision_function(queries), theirs.decision_function(queries), atol=1e-4)
    order = np.argsort(theirs.support_)
    np.testing.assert_array_equal(ours.support_, theirs.support_[order])
    np.testing.assert_allclose(ours.dual_coef_, theirs.dual_coef_[:, order], atol=1e-3)


@every_kernel
def test_three_classes_equal_scikit_learns(kernel):
    X, y = load_iris()[:2]
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    ours = SVC(tol=1e-6, **kernel).fit(X, names)
    theirs = sklearn.svm.SVC(tol=1e-6, break_ties=True, **kernel).fit(X, names)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-3)
    assert ours.predict(X).tolist() == theirs.predict(X).tolist()


@every_kernel
def test_regression_equals_scikit_learns(kernel):
    X, y = make_sine(60, np.random.default_rng(2))
    ours = SVR(C=2.0, tol=1e-6, **kernel).fit(X, y)
    theirs = sklearn.svm.SVR(C=2.0, tol=1e-6, **kernel).fit(X, y)
    grid = np.linspace(0, 1, 50)[:, None]
    np.testing.assert_allclose(ours.predict(grid), theirs.predict(grid), atol=1e-3)


def test_only_the_support_vectors_matter():
    X, y = moons(3)
    full = SVC(tol=1e-8).fit(X, y)
    alone = SVC(tol=1e-8, gamma=full.gamma_).fit(X[full.support_], y[full.support_])
    np.testing.assert_allclose(alone.decision_function(X), full.decision_function(X), atol=1e-5)


def test_errors_within_the_tube_need_no_support():
    X = np.arange(6.0)[:, None]
    y = 2 * X[:, 0] + 1 + np.array([0.05, -0.05, 0.02, 0.0, -0.04, 0.03])
    model = SVR(kernel="linear", C=100.0, epsilon=0.5).fit(X, y)
    assert np.all(np.abs(model.predict(X) - y) <= 0.5 + 1e-3)
    assert model.support_.size < 6
    flat = SVR(epsilon=20.0).fit(X, y)
    assert flat.support_.size == 0
    assert flat.predict(X[:2]) == pytest.approx([(y.max() + y.min()) / 2] * 2)


def test_the_model_does_not_care_where_the_origin_is():
    X, y = moons(4)
    near, far = SVC(tol=1e-6).fit(X, y), SVC(tol=1e-6).fit(X + 1e4, y)
    np.testing.assert_allclose(far.decision_function(X + 1e4), near.decision_function(X), atol=1e-4)


def test_rows_are_forgotten_when_the_cache_is_full(monkeypatch):
    X, y = moons(5)
    expected = SVC().fit(X, y).decision_function(X)
    monkeypatch.setattr("mlref.svm.estimators.CACHE", 0)
    np.testing.assert_array_equal(SVC().fit(X, y).decision_function(X), expected)


def test_constant_features_are_no_trouble():
    assert SVC().fit(np.ones((4, 2)), [0, 0, 0, 1]).predict(np.ones((1, 2))).tolist() == [0]


def test_stopping_early_warns():
    X, y = moons(6)
    with pytest.warns(ConvergenceWarning, match="smo stopped after max_iter = 2 steps"):
        SVC(max_iter=2).fit(X, y)


def test_bad_arguments_raise():
    X, y = moons(7)
    for name, value in (("C", 0), ("gamma", -1), ("degree", 0), ("tol", 0), ("max_iter", 0)):
        with pytest.raises(ValueError, match=f"{name} is {value}"):
            SVC(**{name: value}).fit(X, y)
    with pytest.raises(ValueError, match="kernel is 'gauss'"):
        SVR(kernel="gauss").fit(X, y)
    with pytest.raises(ValueError, match="epsilon is -1; it must not be negative"):
        SVR(epsilon=-1).fit(X, y)
    with pytest.raises(ValueError, match="y holds 1 class"):
        SVC().fit(X, np.zeros_like(y))
    with pytest.raises(NotFittedError, match="this SVR is not fitted yet"):
        SVR().predict(X)
