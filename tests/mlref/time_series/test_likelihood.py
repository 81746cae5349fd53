"""The exact likelihood of ARMA models."""

import math

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from statsmodels.tsa.arima import model as statsmodels
from statsmodels.tsa.arima_process import arma_acovf

from mlref.datasets import make_arima
from mlref.time_series import (
    arma_autocovariance,
    arma_log_likelihood,
    fit_arma_ml,
    innovations,
    kalman_log_likelihood,
)

MODELS = [
    ([], []),
    ([0.5], []),
    ([], [0.5]),
    ([], [0.5, 0.2, 0.1]),
    ([0.6, -0.2], [0.4]),
    ([0.3], [0.5, 0.2]),
    ([0.2, 0.1, 0.3], [0.5]),
    ([0.2, 0.1, 0.3], [0.5, 0.1, -0.2]),
]
every_model = pytest.mark.parametrize(("ar", "ma"), MODELS)


@every_model
def test_autocovariances_equal_statsmodels(ar, ma):
    expected = arma_acovf(np.append(1.0, -np.array(ar)), np.append(1.0, ma), nobs=12)
    np.testing.assert_allclose(arma_autocovariance(ar, ma, 11), expected, atol=1e-10)


@every_model
@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_three_ways_to_the_likelihood_agree(ar, ma, n):
    y = np.random.default_rng(0).normal(size=n) + 3
    log_likelihood, mean, variance = arma_log_likelihood(y, ar, ma, mean=2.5)
    assert mean == 2.5
    covariance = variance * scipy.linalg.toeplitz(arma_autocovariance(ar, ma, n - 1))
    density = scipy.stats.multivariate_normal(np.full(n, mean), covariance).logpdf(y)
    assert log_likelihood == pytest.approx(density)
    assert log_likelihood == pytest.approx(kalman_log_likelihood(y, ar, ma, mean, variance))


@every_model
def test_the_best_mean_and_variance_are_found(ar, ma):
    y = np.random.default_rng(1).normal(size=40) + 3
    best, mean, variance = arma_log_likelihood(y, ar, ma)
    for other_mean, other_variance in [
        (mean + 0.05, variance),
        (mean - 0.05, variance),
        (mean, 1.1 * variance),
    ]:
        assert kalman_log_likelihood(y, ar, ma, other_mean, other_variance) < best


@every_model
def test_scores_are_independent_for_the_true_model(ar, ma):
    z = make_arima(5000, np.random.default_rng(2), ar=tuple(ar), ma=tuple(ma))
    scores, band = innovations(z, ar, ma)
    assert np.std(scores) == pytest.approx(1, abs=0.03)
    assert abs(np.mean(scores[1:] * scores[:-1])) < 0.05
    assert band[0, -1] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("p", "q"), [(1, 0), (0, 1), (2, 1)])
def test_the_fit_equals_statsmodels(p, q):
    y = make_arima(300, np.random.default_rng(3), ar=(0.5, -0.2), ma=(0.4,)) + 5
    intercept, ar, ma, variance = fit_arma_ml(y, p, q)
    theirs = statsmodels.ARIMA(y, order=(p, 0, q)).fit()
    expected = theirs.params
    np.testing.assert_allclose(np.concatenate([ar, ma, [variance]]), expected[1:], atol=2e-3)
    assert intercept == pytest.approx(expected[0] * (1 - sum(ar)), abs=1e-2)
    assert arma_log_likelihood(y, ar, ma)[0] >= theirs.llf - 1e-6


def test_the_fit_stays_stationary_and_invertible():
    y = np.cumsum(np.random.default_rng(4).normal(size=100))
    _, ar, ma, _ = fit_arma_ml(y, 2, 1)
    assert np.all(np.abs(np.roots(np.append(1.0, -ar))) < 1)
    assert np.all(np.abs(np.roots(np.append(1.0, ma))) < 1)


def test_a_series_without_errors_has_no_bound_on_its_likelihood():
    assert arma_log_likelihood(np.ones(5), [], [])[0] == math.inf
    assert fit_arma_ml(np.full(20, 3.0), 0, 0) == (3.0, pytest.approx([]), pytest.approx([]), 0.0)
