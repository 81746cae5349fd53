"""Autoregression."""

import numpy as np
import pytest
from statsmodels.tsa.ar_model import AutoReg as StatsmodelsAutoReg

from mlref.datasets import load_sunspots, make_arima
from mlref.errors import NotFittedError, ShapeError
from mlref.time_series import AutoReg, fit_ar, forecast_ar


@pytest.mark.parametrize("lags", [1, 2, 9])
def test_equals_statsmodels(lags):
    _, y = load_sunspots()
    theirs = StatsmodelsAutoReg(y, lags).fit()
    ours = AutoReg(lags).fit(y)
    np.testing.assert_allclose(np.append(ours.intercept_, ours.coef_), theirs.params, rtol=1e-8)
    assert ours.sigma2_ == pytest.approx(theirs.sigma2)
    np.testing.assert_allclose(ours.predict(y), theirs.fittedvalues, rtol=1e-8)
    np.testing.assert_allclose(ours.forecast(20), theirs.forecast(20), rtol=1e-7)


def test_a_simulated_series_is_recovered():
    y = make_arima(20_000, np.random.default_rng(0), ar=(0.6, -0.3)) + 5
    intercept, coefficients, variance = fit_ar(y, 2)
    np.testing.assert_allclose(coefficients, [0.6, -0.3], atol=0.02)
    assert intercept / (1 - coefficients.sum()) == pytest.approx(5, abs=0.1)
    assert variance == pytest.approx(1, abs=0.05)


def test_moving_the_series_moves_the_forecast():
    _, y = load_sunspots()
    near, far = AutoReg(3).fit(y), AutoReg(3).fit(y + 1e4)
    np.testing.assert_allclose(far.coef_, near.coef_, rtol=1e-6)
    np.testing.assert_allclose(far.forecast(5), near.forecast(5) + 1e4)


def test_a_forecast_uses_its_own_values_and_no_others():
    forecast = forecast_ar(np.array([9.0, 1.0, 2.0]), 1.0, np.array([0.5, 0.25]), 3)
    np.testing.assert_allclose(forecast, [2.25, 2.625, 2.875])


def test_a_forecast_far_ahead_is_the_mean():
    _, y = load_sunspots()
    model = AutoReg(2).fit(y)
    assert model.forecast(500)[-1] == pytest.approx(model.intercept_ / (1 - model.coef_.sum()))


def test_one_step_predictions_of_sunspots():
    """The last 62 of 309 years: nine lags have seen the cycle, one has not."""
    _, y = load_sunspots()
    rmse = {}
    for lags in (1, 9):
        errors = (AutoReg(lags).fit(y[:247]).predict(y) - y[lags:])[247 - lags :]
        rmse[lags] = np.sqrt(np.mean(errors**2))
    naive = np.sqrt(np.mean(np.diff(y)[246:] ** 2))
    assert rmse[9] < 21 < rmse[1] < naive


def test_bad_arguments_raise():
    with pytest.raises(ShapeError, match="y has 5 values; n_lags = 2 needs at least 6"):
        fit_ar(np.arange(5.0), 2)
    with pytest.raises(ShapeError, match="history has 1 values; a forecast needs the last 2"):
        forecast_ar(np.ones(1), 0.0, np.ones(2), 1)
    with pytest.raises(ValueError, match="steps is 0"):
        forecast_ar(np.ones(2), 0.0, np.ones(2), 0)
    with pytest.raises(NotFittedError, match="AutoReg is not fitted"):
        AutoReg().forecast(1)
