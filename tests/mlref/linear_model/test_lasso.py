"""Lasso by coordinate descent, and its conditions of optimality."""

import numpy as np
import pytest
import sklearn.linear_model

from mlref.errors import ConvergenceWarning, NotFiniteError, ShapeError
from mlref.linear_model import (
    Lasso,
    l1_penalty,
    lasso_coordinate_descent,
    lasso_simple,
    lasso_violation,
    soft_threshold,
)


def problem(seed=0, n=60, p=8):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * rng.uniform(0.5, 2, size=p) + rng.normal(size=p)
    return X, X @ np.where(np.arange(p) % 3 == 0, rng.normal(size=p), 0) + 0.3 * rng.normal(size=n) + 1


@pytest.mark.parametrize("alpha", [0.02, 0.2, 1.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("shape", [(60, 8), (10, 25)])
def test_estimator_equals_scikit_learn(alpha, fit_intercept, shape):
    X, y = problem(1, *shape)
    ours = Lasso(alpha, fit_intercept=fit_intercept, tol=1e-10, max_iter=20_000).fit(X, y)
    theirs = sklearn.linear_model.Lasso(alpha, fit_intercept=fit_intercept, tol=1e-12, max_iter=100_000)
    theirs.fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-7)
    np.testing.assert_array_equal(ours.coef_ == 0, theirs.coef_ == 0)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=1e-6)


@pytest.mark.parametrize("n_rounds", [1, 3])
def test_gram_form_makes_the_steps_of_the_simple_one(n_rounds):
    X, y = problem(2)
    with pytest.warns(ConvergenceWarning, match="rounds left a violation"):
        coef = lasso_coordinate_descent(X, y, 0.1, max_iter=n_rounds, tol=1e-14)
    np.testing.assert_allclose(coef, lasso_simple(X, y, 0.1, n_rounds), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("alpha", [1e-3, 0.1, 1.0])
def test_conditions_of_the_minimum_hold(alpha):
    X, y = problem(3)
    coef = lasso_coordinate_descent(X, y, alpha, tol=1e-9, max_iter=10_000)
    assert lasso_violation(X, y, coef, alpha) <= 1e-9 * np.max(np.abs(X.T @ y)) / len(y)
    correlation = X.T @ (y - X @ coef) / len(y)
    np.testing.assert_allclose(correlation[coef != 0], alpha * np.sign(coef[coef != 0]), atol=1e-8)
    assert np.all(np.abs(correlation[coef == 0]) <= alpha + 1e-8)


def test_no_other_point_is_better():
    X, y = problem(4)
    coef = lasso_coordinate_descent(X, y, 0.3, tol=1e-10)

    def objective(w):
        return np.sum((y - X @ w) ** 2) / (2 * len(y)) + 0.3 * l1_penalty(w)[0]

    rng = np.random.default_rng(4)
    assert all(objective(coef) < objective(coef + 1e-3 * rng.normal(size=8)) for _ in range(50))


def test_orthonormal_columns_are_thresholded():
    X = np.linalg.qr(np.random.default_rng(5).normal(size=(20, 4)))[0]
    y = np.random.default_rng(6).normal(size=20)
    coef = lasso_coordinate_descent(X, y, 0.01)
    np.testing.assert_allclose(coef, soft_threshold(X.T @ y, 20 * 0.01), atol=1e-12)


def test_a_high_price_leaves_nothing_and_the_mean():
    X, y = problem(7)
    highest = np.max(np.abs((X - X.mean(axis=0)).T @ (y - y.mean()))) / len(y)
    model = Lasso(highest * 1.0001).fit(X, y)
    assert np.all(model.coef_ == 0)
    assert model.intercept_ == pytest.approx(y.mean())
    assert np.any(Lasso(highest * 0.999).fit(X, y).coef_ != 0)


def test_constant_columns_and_targets():
    X, y = problem(8, p=3)
    X[:, 1] = 4.0
    assert Lasso(0.01).fit(X, y).coef_[1] == 0
    assert np.all(Lasso(0.01).fit(X, np.full(60, 7.0)).coef_ == 0)


def test_l1_takes_one_of_two_equal_columns_or_both_and_l2_halves():
    X, y = problem(9, p=1)
    twice = np.column_stack([X, X])
    one, two = Lasso(0.1).fit(X, y), Lasso(0.1).fit(twice, y)
    assert np.sum(two.coef_) == pytest.approx(one.coef_[0])
    halves = sklearn.linear_model.Ridge(1.0).fit(twice, y).coef_
    assert halves[0] == pytest.approx(halves[1])


def test_rounds_do_not_depend_on_the_units():
    X, y = problem(11)
    one, million = Lasso(0.1).fit(X, y), Lasso(1e5).fit(X, 1e6 * y)
    assert one.n_iter_ == million.n_iter_ > 2
    np.testing.assert_allclose(million.coef_, 1e6 * one.coef_, rtol=1e-9)


def test_not_converged_warns():
    X, y = problem(10)
    with pytest.warns(ConvergenceWarning, match="increase max_iter or alpha"):
        assert Lasso(1e-4, max_iter=1, tol=1e-12).fit(X, y).n_iter_ == 1


def test_violation_away_from_the_minimum():
    X, y = np.eye(2), np.array([4.0, 1.0])
    assert lasso_violation(X, y, np.zeros(2), alpha=0.5) == 1.5
    assert lasso_violation(X, y, np.array([-1.0, 0.0]), alpha=0.5) == 3.0


def test_bad_arguments_raise():
    X, y = problem()
    with pytest.raises(ValueError, match="alpha is 0"):
        lasso_coordinate_descent(X, y, 0)
    with pytest.raises(ValueError, match="max_iter is 0"):
        Lasso(max_iter=0).fit(X, y)
    with pytest.raises(ValueError, match="tol is -1"):
        Lasso(tol=-1).fit(X, y)
    with pytest.raises(ShapeError, match="y has shape"):
        Lasso().fit(X, np.ones((60, 2)))
    with pytest.raises(NotFiniteError, match="y contains"):
        Lasso().fit(X, np.full(60, np.nan))
