"""Leverage, standardised residuals, Cook's distance, quantile plots, deviance."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import statsmodels.api as sm

from mlref.errors import ShapeError
from mlref.linear_model import (
    cooks_distance,
    deviance_residuals,
    leverage,
    lstsq,
    poisson_deviance,
    qq_points,
    standardized_residuals,
)


def problem(seed=0, n=20, p=3):
    rng = np.random.default_rng(seed)
    return np.column_stack([np.ones(n), rng.normal(size=(n, p))]), rng.normal(size=n)


def test_influence_equals_statsmodels(xp_backend):
    X, y = problem()
    expected = sm.OLS(y, X).fit().get_influence()
    given = xp_backend.asarray(X), xp_backend.asarray(y)
    xp_backend.check(leverage(given[0]), expected.hat_matrix_diag)
    xp_backend.check(standardized_residuals(*given), expected.resid_studentized_internal)
    xp_backend.check(cooks_distance(*given), expected.cooks_distance[0])


def test_leverage_is_the_diagonal_of_the_hat_matrix_and_sums_to_the_rank():
    X, _ = problem(1)
    np.testing.assert_allclose(leverage(X), np.diag(X @ np.linalg.pinv(X)))
    repeated = np.column_stack([X, X[:, 1] - 3 * X[:, 2]])
    np.testing.assert_allclose(leverage(repeated), leverage(X))
    assert np.sum(leverage(X)) == pytest.approx(4)


def test_leverage_does_not_change_with_the_units():
    X, _ = problem(2)
    np.testing.assert_allclose(leverage(X * np.array([1, 1e3, 1e-3, -7])), leverage(X))


def test_cooks_distance_is_what_leaving_a_sample_out_does():
    X, y = problem(3)
    w = lstsq(X, y)
    variance = np.sum((y - X @ w) ** 2) / (20 - 4)
    for i in range(20):
        without = lstsq(np.delete(X, i, axis=0), np.delete(y, i))
        moved = np.sum((X @ (w - without)) ** 2) / (4 * variance)
        assert cooks_distance(X, y)[i] == pytest.approx(moved)


def test_an_outlier_stands_out():
    X, y = problem(4)
    y[7] += 15
    assert np.argmax(np.abs(standardized_residuals(X, y))) == np.argmax(cooks_distance(X, y)) == 7


def test_a_sample_that_fits_itself_says_nothing():
    X, y = problem(5)
    X = np.column_stack([X, np.arange(20) == 3])
    residuals, distances = standardized_residuals(X, y), cooks_distance(X, y)
    assert np.isnan(residuals).tolist() == np.isnan(distances).tolist() == [i == 3 for i in range(20)]


def test_quantile_points(xp_backend):
    values = np.random.default_rng(6).normal(size=30)
    theoretical, ordered = qq_points(xp_backend.asarray(values))
    xp_backend.check(theoretical, scipy.stats.norm.ppf((np.arange(30) + 0.5) / 30))
    xp_backend.check(ordered, np.sort(values))


def test_quantile_points_of_normal_values_lie_on_their_line():
    theoretical, ordered = qq_points(5 + 2 * np.random.default_rng(7).normal(size=4000))
    slope, intercept = np.polyfit(theoretical[40:-40], ordered[40:-40], 1)
    assert slope == pytest.approx(2, abs=0.1)
    assert intercept == pytest.approx(5, abs=0.1)


def test_deviance_equals_scikit_learn_and_statsmodels(xp_backend):
    rng = np.random.default_rng(8)
    mean = rng.uniform(0.2, 5, size=40)
    y = rng.poisson(mean).astype(float)
    assert np.any(y == 0)
    given = xp_backend.asarray(y), xp_backend.asarray(mean)
    xp_backend.check(deviance_residuals(*given), sm.families.Poisson().resid_dev(y, mean))
    assert poisson_deviance(*given) == pytest.approx(40 * sklearn.metrics.mean_poisson_deviance(y, mean))


def test_exact_predictions_have_no_deviance():
    y = np.array([1.0, 3.0, 0.1])
    assert poisson_deviance(y, y) == 0


def test_bad_data_raise():
    X, y = problem()
    with pytest.raises(ShapeError, match="4 rows and 4 independent columns"):
        standardized_residuals(X[:4], y[:4])
    with pytest.raises(ShapeError, match="X has 20 rows but y has 19"):
        cooks_distance(X, y[1:])
    with pytest.raises(ValueError, match="y_true must not be negative and y_pred must be positive"):
        deviance_residuals(np.array([1.0]), np.array([0.0]))
