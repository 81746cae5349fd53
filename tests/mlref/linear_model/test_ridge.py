"""Ridge regression, with the intercept free or penalised."""

import numpy as np
import pytest
import sklearn.linear_model

from mlref.errors import ShapeError
from mlref.linear_model import Ridge, lstsq, ridge_regression


def problem(seed=0, n=40, p=5, k=None):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)) + 3, rng.normal(size=n if k is None else (n, k)) + 2


@pytest.mark.parametrize("solver", ["cholesky", "qr"])
@pytest.mark.parametrize("k", [None, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(40, 5), (4, 9)])
def test_estimator_equals_scikit_learn(solver, k, fit_intercept, weighted, shape):
    X, y = problem(1, *shape, k)
    weight = np.random.default_rng(2).uniform(size=shape[0]) if weighted else None
    ours = Ridge(0.7, fit_intercept=fit_intercept, solver=solver).fit(X, y, weight)
    theirs = sklearn.linear_model.Ridge(0.7, fit_intercept=fit_intercept).fit(X, y, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-9)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-9)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9)


@pytest.mark.parametrize("penalize_intercept", [False, True])
def test_function_on_every_library(penalize_intercept, xp_backend):
    X, y = problem(3, k=2)
    intercept, coef = ridge_regression(
        xp_backend.asarray(X), xp_backend.asarray(y), 2.0, penalize_intercept=penalize_intercept
    )
    X1 = np.column_stack([np.ones(len(X)), X])
    price = 2.0 * np.diag([float(penalize_intercept), *np.ones(5)])
    expected = np.linalg.solve(X1.T @ X1 + price, X1.T @ y)
    xp_backend.check(intercept, expected[0], rtol=1e-10)
    xp_backend.check(coef, expected[1:], rtol=1e-10, atol=1e-11)


def test_fewer_samples_than_features_are_solved_by_the_smaller_system(xp_backend):
    X, y = problem(10, 4, 9)
    model = Ridge(0.3).fit(xp_backend.asarray(X), xp_backend.asarray(y))
    xp_backend.check(model.coef_, Ridge(0.3, solver="qr").fit(X, y).coef_, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("penalize_intercept", [False, True])
def test_gradient_is_zero_at_the_minimum(penalize_intercept):
    X, y = problem(4)
    intercept, coef = ridge_regression(X, y, 1.5, penalize_intercept=penalize_intercept)
    residuals = y - intercept - X @ coef
    np.testing.assert_allclose(X.T @ residuals, 1.5 * coef, atol=1e-10)
    assert np.sum(residuals) == pytest.approx(1.5 * intercept if penalize_intercept else 0, abs=1e-10)


def test_no_price_is_least_squares():
    X, y = problem(5)
    intercept, coef = ridge_regression(X, y, 0)
    expected = lstsq(np.column_stack([np.ones(len(X)), X]), y)
    np.testing.assert_allclose([intercept, *coef], expected, rtol=1e-10)


def test_no_price_and_repeated_columns_give_the_shortest():
    X, y = problem(6, p=2)
    _, coef = ridge_regression(X[:, [0, 1, 1]], y, 0)
    assert coef[1] == pytest.approx(coef[2])


def test_coefficients_get_shorter_as_the_price_grows():
    X, y = problem(7)
    lengths = [np.linalg.norm(ridge_regression(X, y, alpha)[1]) for alpha in np.logspace(-3, 6, 12)]
    assert np.all(np.diff(lengths) < 0)
    assert lengths[-1] < 1e-4


def test_free_intercept_at_an_infinite_price_is_the_mean():
    X, y = problem(8)
    assert ridge_regression(X, y, 1e12)[0] == pytest.approx(np.mean(y))
    assert ridge_regression(X, y, 1e12, penalize_intercept=True)[0] == pytest.approx(0, abs=1e-9)


def test_a_tiny_price_on_an_ill_conditioned_matrix_is_solved_by_qr():
    X = np.linspace(0, 1, 30)[:, None] ** np.arange(1, 14)
    y = np.sin(6 * X[:, 0])
    by_cholesky, by_qr = (Ridge(1e-12, solver=solver).fit(X, y) for solver in ("cholesky", "qr"))
    np.testing.assert_array_equal(by_cholesky.coef_, by_qr.coef_)


def test_float32_stays_float32(xp_backend):
    X, y = (xp_backend.asarray(a.astype(np.float32)) for a in problem(9))
    for penalize_intercept in (False, True):
        model = Ridge(penalize_intercept=penalize_intercept).fit(X, y)
        assert model.coef_.dtype == model.predict(X).dtype == xp_backend.xp.float32


@pytest.mark.parametrize("alpha", [-1.0, np.nan, np.inf])
def test_a_price_that_is_none_raises(alpha):
    with pytest.raises(ValueError, match=r"alpha is .*; it must be a finite number of at least 0"):
        ridge_regression(*problem(), alpha)


def test_bad_use_raises():
    with pytest.raises(ShapeError, match="X has 2 rows but y has 3"):
        ridge_regression(np.ones((2, 1)), np.ones(3), 1.0)
    with pytest.raises(ValueError, match="solver is 'svd'"):
        Ridge(solver="svd").fit(*problem())
