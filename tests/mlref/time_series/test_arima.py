"""ARIMA models and their forecasts."""

import numpy as np
import pytest
import scipy.linalg
from statsmodels.tsa.arima import model as statsmodels

from mlref.datasets import make_arima, make_seasonal
from mlref.errors import NotFittedError, ShapeError
from mlref.time_series import ARIMA, arima_forecast, arma_autocovariance, arma_forecast, psi_weights


@pytest.mark.parametrize(
    ("ar", "ma"), [([], []), ([0.5], []), ([], [0.5, 0.3]), ([0.6, -0.2], [0.4]), ([0.3], [0.5, 0.2])]
)
@pytest.mark.parametrize("n", [2, 3, 25])
def test_forecasts_are_the_conditional_gaussian(ar, ma, n):
    y, steps, mean = np.random.default_rng(0).normal(size=n), 5, 2.0
    covariance = scipy.linalg.toeplitz(arma_autocovariance(ar, ma, n + steps - 1))
    past, cross = covariance[:n, :n], covariance[n:, :n]
    expected = mean + cross @ np.linalg.solve(past, y - mean)
    variance = np.diag(covariance[n:, n:] - cross @ np.linalg.solve(past, cross.T))
    forecast, errors = arma_forecast(y, mean * (1 - sum(ar)), ar, ma, steps)
    np.testing.assert_allclose(forecast, expected, atol=1e-10)
    np.testing.assert_allclose(np.sum(errors**2, axis=1), variance, atol=1e-10)


def test_the_errors_of_a_long_history_are_the_psi_weights():
    _, errors = arma_forecast(np.zeros(200), 0.0, [0.6, -0.2], [0.4], 6)
    np.testing.assert_allclose(errors[-1, ::-1], psi_weights([0.6, -0.2], [0.4], 6), atol=1e-8)


@pytest.mark.parametrize("order", [(1, 0, 1), (2, 1, 1), (0, 2, 1)])
def test_forecasts_and_intervals_equal_statsmodels(order):
    _, d, _ = order
    y = make_arima(250, np.random.default_rng(1), ar=(0.5,), d=d, ma=(0.3,)) + 10
    model = ARIMA(order).fit(y)
    theirs = statsmodels.ARIMA(y, order=order, trend="n" if d else "c")
    # Their start of a differenced series is vague instead of given: the weights are ours.
    names = [model.intercept_ / (1 - model.ar_.sum())] if d == 0 else []
    forecast = theirs.filter(np.concatenate([names, model.ar_, model.ma_, [model.sigma2_]])).get_forecast(8)
    np.testing.assert_allclose(model.forecast(8), forecast.predicted_mean, rtol=1e-4, atol=1e-4)
    lower, upper = model.forecast_interval(8, level=0.9)
    np.testing.assert_allclose(
        np.stack([lower, upper], axis=1), forecast.conf_int(alpha=0.1), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("method", ["ml", "css"])
def test_a_seasonal_series_is_forecast_with_its_season(method):
    y = make_seasonal(120, np.random.default_rng(2), period=12, noise=0.1)
    forecast = arima_forecast(y[:108], (1, 0, 0), 12, seasonal_lag=12, method=method)
    assert np.sqrt(np.mean((forecast - y[108:]) ** 2)) < 0.5 < np.std(y[108:])


def test_differences_at_both_lags_are_undone_together():
    t = np.arange(40.0)
    y = t**2 + np.tile([0.0, 3.0, 1.0, 5.0], 10)
    forecast = arima_forecast(y, (0, 2, 0), 6, seasonal_lag=4)
    np.testing.assert_allclose(forecast, np.arange(40.0, 46.0) ** 2 + [0, 3, 1, 5, 0, 3])
    lower, upper = ARIMA((0, 2, 0), seasonal_lag=4).fit(y).forecast_interval(6)
    np.testing.assert_allclose(upper - lower, 0, atol=1e-9)


def test_intervals_of_seasonal_differences_widen_by_the_season():
    y = np.random.default_rng(3).normal(size=80)
    model = ARIMA((0, 0, 0), seasonal_lag=4).fit(y)
    lower, upper = model.forecast_interval(8)
    half = 1.959964 * np.sqrt(model.sigma2_ * np.array([1, 1, 1, 1, 2, 2, 2, 2]))
    np.testing.assert_allclose((upper - lower) / 2, half, rtol=1e-6)


def test_intervals_contain_as_many_values_as_they_say():
    inside = []
    for seed in range(60):
        y = make_arima(210, np.random.default_rng(seed), ar=(0.7,))
        lower, upper = ARIMA((1, 0, 0), method="css").fit(y[:200]).forecast_interval(10, level=0.8)
        inside.append(np.mean((y[200:] > lower) & (y[200:] < upper)))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.06)


def test_what_is_learned():
    y = make_arima(300, np.random.default_rng(4), ar=(0.5,), ma=(0.3,)) + 4
    exact, conditional = (ARIMA((1, 0, 1), method=method).fit(y) for method in ("ml", "css"))
    assert exact.log_likelihood_ >= conditional.log_likelihood_
    np.testing.assert_allclose(exact.ar_, conditional.ar_, atol=0.05)
    assert exact.residuals_.shape == (299,)
    assert repr(exact) == "ARIMA(order=(1, 0, 1), seasonal_lag=None, method='ml')"


def test_bad_arguments_raise():
    y = np.arange(20.0)
    with pytest.raises(ValueError, match=r"order is \(1, -1, 0\); it must be \(p, d, q\)"):
        ARIMA((1, -1, 0)).fit(y)
    with pytest.raises(ValueError, match="method is 'exact'"):
        ARIMA(method="exact").fit(y)
    with pytest.raises(ShapeError, match="at lag 20 use up 20"):
        ARIMA(seasonal_lag=20).fit(y)
    with pytest.raises(ValueError, match="level is 95; it must be between 0 and 1"):
        ARIMA((0, 1, 0)).fit(y).forecast_interval(1, level=95)
    with pytest.raises(ShapeError, match="y has 1 values, fewer than the 2 weights"):
        arma_forecast(np.ones(1), 0.0, [0.1, 0.1], [], 1)
    with pytest.raises(NotFittedError, match="ARIMA is not fitted"):
        ARIMA().forecast(1)
