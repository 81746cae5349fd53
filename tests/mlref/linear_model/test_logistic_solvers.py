"""Coordinates in which the loss curves alike in all directions, and the minimum found in them."""

import numpy as np
import pytest
import sklearn.linear_model

from mlref.datasets import load_breast_cancer, load_wine
from mlref.linear_model import LogisticRegression
from mlref.linear_model.logistic_solvers import sphering


def correlated(seed=0, n=300, p=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) * 10.0 ** np.arange(p) + 7


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_sphered_features_are_uncorrelated_with_variance_one(fit_intercept, xp_backend):
    X = correlated()
    T = sphering(xp_backend.asarray(X), 0.0, fit_intercept=fit_intercept)
    assert type(T) is np.ndarray
    Z = np.column_stack([X, np.ones(300)]) @ T
    assert np.allclose(np.mean(Z[:, :-1], axis=0), 0, atol=1e-6) == fit_intercept
    np.testing.assert_allclose(Z[:, :-1].T @ Z[:, :-1] / 300, np.eye(4), atol=1e-4)
    np.testing.assert_array_equal(Z[:, -1], 1)


def test_a_part_of_the_rows_is_enough():
    X = correlated(1, n=20_000)
    Z = np.column_stack([X, np.ones(20_000)]) @ sphering(X, 0.0)
    np.testing.assert_allclose(np.cov(Z[:, :-1].T), np.eye(4), atol=0.15)


def test_fewer_samples_than_features_are_scaled_only():
    X = correlated(2, n=3)
    T = sphering(X, 0.0).toarray()
    np.testing.assert_allclose(np.diag(T)[:-1], 1 / np.sqrt(np.mean(X**2, axis=0)), rtol=1e-6)
    np.testing.assert_array_equal(T, np.diag(np.diag(T)))


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_raw_measures_converge_in_few_steps(load):
    X, y = load()
    model = LogisticRegression(tol=1e-6).fit(X, y)
    assert model.n_iter_ < 80
    expected = sklearn.linear_model.LogisticRegression(solver="newton-cholesky", tol=1e-9).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_without_a_penalty_units_change_nothing(scale):
    X, y = load_breast_cancer()
    X, other = X[:, :3], X[:, :3] * np.array([scale, 1, 1])
    one, two = (LogisticRegression(C=np.inf, tol=1e-8).fit(features, y) for features in (X, other))
    assert abs(two.n_iter_ - one.n_iter_) <= 2
    np.testing.assert_allclose(two.predict_proba(other), one.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("column", [0.0, 0.1, 1e8])
@pytest.mark.parametrize("C", [1.0, np.inf])
def test_a_constant_column_does_no_harm(column, C):
    X, y = load_breast_cancer()
    X = X[:, :3]
    extended = np.column_stack([X, np.full(len(y), column)])
    one, two = (LogisticRegression(C, tol=1e-8).fit(features, y) for features in (X, extended))
    np.testing.assert_allclose(two.predict_proba(extended), one.predict_proba(X), atol=1e-5)


def test_repeated_columns_do_no_harm_either():
    X, y = load_breast_cancer()
    X = X[:, :3]
    twice = np.column_stack([X, X])
    one, two = (LogisticRegression(C=np.inf, tol=1e-8).fit(features, y) for features in (X, twice))
    np.testing.assert_allclose(two.predict_proba(twice), one.predict_proba(X), atol=1e-5)


def test_fewer_samples_than_features_equal_scikit_learn():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(20, 50)), rng.integers(3, size=20)
    ours = LogisticRegression(tol=1e-8).fit(X, y)
    theirs = sklearn.linear_model.LogisticRegression(tol=1e-8).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)


def test_sums_of_columns_in_single_precision_do_no_harm():
    X, y = load_breast_cancer()
    X = np.column_stack([X[:, :5], X[:, :5] @ np.arange(10).reshape(5, 2)]).astype(np.float32)
    for C in (1.0, np.inf):
        model = LogisticRegression(C).fit(X, y)
        assert model.coef_.dtype == np.float32
        assert model.score(X, y) > 0.9
