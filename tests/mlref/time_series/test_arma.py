"""ARMA models by conditional least squares."""

import numpy as np
import pytest
from statsmodels.tsa.arima_process import arma2ma

from mlref.autodiff import check_gradient
from mlref.datasets import make_arima
from mlref.errors import ShapeError
from mlref.time_series import arma_css, arma_residuals, fit_ar, fit_arma_css, ma_residuals, psi_weights


def residuals_simple(y, ar, ma, intercept):
    """Time by time."""
    e = np.zeros(len(y))
    for t in range(len(ar), len(y)):
        past = sum(ar[i] * y[t - 1 - i] for i in range(len(ar)))
        moved = sum(ma[j] * e[t - 1 - j] for j in range(len(ma)) if t - 1 - j >= 0)
        e[t] = y[t] - intercept - past - moved
    return e[len(ar) :]


@pytest.mark.parametrize(("ar", "ma"), [([], [0.5]), ([0.5], []), ([0.6, -0.2], [0.4, 0.1, -0.3]), ([], [])])
def test_residuals_equal_the_recursion(ar, ma):
    y = np.random.default_rng(0).normal(size=30)
    np.testing.assert_allclose(arma_residuals(y, ar, ma, 0.7), residuals_simple(y, ar, ma, 0.7))


def test_a_moving_average_of_its_residuals_is_the_series():
    rng = np.random.default_rng(1)
    e = rng.normal(size=50)
    y = 2 + e + 0.5 * np.append(0, e[:-1])
    np.testing.assert_allclose(ma_residuals(y, [0.5], 2.0), e)


@pytest.mark.parametrize(("p", "q"), [(0, 0), (2, 0), (0, 2), (2, 1)])
def test_the_gradient_is_right(p, q):
    rng = np.random.default_rng(2)
    y, parameters = rng.normal(size=40), 0.3 * rng.normal(size=1 + p + q)
    loss, gradient = arma_css(parameters, y, p, q)
    assert loss == pytest.approx(
        np.sum(residuals_simple(y, parameters[1 : 1 + p], parameters[1 + p :], parameters[0]) ** 2)
    )
    report = check_gradient(
        lambda values: arma_css(values["parameters"], y, p, q)[0],
        {"parameters": parameters},
        {"parameters": gradient},
    )
    assert report.verdict == "ok"


def test_without_a_moving_average_it_is_the_autoregression():
    y = make_arima(200, np.random.default_rng(3), ar=(0.5, 0.2))
    intercept, ar, ma, variance = fit_arma_css(y, 2, 0)
    expected = fit_ar(y, 2)
    assert intercept == pytest.approx(expected[0])
    np.testing.assert_allclose(ar, expected[1])
    assert ma.size == 0
    assert variance == pytest.approx(expected[2])


@pytest.mark.parametrize(("ar", "ma"), [((), (0.7,)), ((0.6, -0.2), (0.4,)), ((0.5,), (0.3, 0.2))])
def test_a_simulated_series_is_recovered_at_a_minimum(ar, ma):
    y = make_arima(20_000, np.random.default_rng(4), ar=ar, ma=ma) + 3
    intercept, *weights, variance = fit_arma_css(y, len(ar), len(ma))
    np.testing.assert_allclose(np.concatenate(weights), ar + ma, atol=0.04)
    assert variance == pytest.approx(1, abs=0.05)
    loss, gradient = arma_css(np.concatenate([[intercept], *weights]), y, len(ar), len(ma))
    assert np.max(np.abs(gradient)) < 1e-3 * loss


def test_without_an_intercept_there_is_none():
    y = make_arima(300, np.random.default_rng(5), ar=(0.5,), ma=(0.3,))
    for p, q in [(0, 0), (1, 0), (0, 1), (1, 1)]:
        assert fit_arma_css(y, p, q, fit_intercept=False)[0] == 0


def test_psi_weights_equal_statsmodels():
    expected = arma2ma([1, -0.5, 0.2], [1, 0.4, 0.1], lags=10)
    np.testing.assert_allclose(psi_weights([0.5, -0.2], [0.4, 0.1], 10), expected)


def test_bad_arguments_raise():
    with pytest.raises(ShapeError, match="y has 2 values; 2 past values need at least 3"):
        arma_residuals(np.ones(2), [0.1, 0.1], [])
    with pytest.raises(ShapeError, match="parameters has 2 values; p = 1 and q = 1 take 3"):
        arma_css(np.zeros(2), np.ones(5), 1, 1)
    with pytest.raises(ShapeError, match="y has 8 values; p = 1 and q = 1 need at least 9"):
        fit_arma_css(np.arange(8.0), 1, 1)
