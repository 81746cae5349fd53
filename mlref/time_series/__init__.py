"""Time series: from the past of a series to its future. Estimators here take a series, ``fit(y)``.

Modules
-------
lags
    A series as a table of its past, and as differences.
correlation
    Autocorrelation and partial autocorrelation.
autoregression
    Least squares on past values.
arma
    Moving averages as well: residuals, conditional sum of squares.
likelihood
    Their exact likelihood, and its maximum.
arima
    ARMA models of differences, forecasts and their intervals.
exponential_smoothing
    Level, trend and season (Holt, Winters).
baselines
    Forecasts that cost nothing, and the comparison of forecasts.
"""

from mlref.time_series.arima import ARIMA, arima_forecast, arma_forecast
from mlref.time_series.arma import arma_css, arma_residuals, fit_arma_css, ma_residuals, psi_weights
from mlref.time_series.autoregression import AutoReg, fit_ar, forecast_ar
from mlref.time_series.baselines import (
    drift_forecast,
    evaluate_forecasts,
    mean_forecast,
    naive_forecast,
    seasonal_naive_forecast,
)
from mlref.time_series.correlation import (
    acf,
    ar_to_partial,
    autocovariance,
    levinson_durbin,
    pacf,
    partial_to_ar,
)
from mlref.time_series.exponential_smoothing import ExponentialSmoothing, holt_winters, smoothing_errors
from mlref.time_series.lags import difference, lag_matrix, undifference
from mlref.time_series.likelihood import (
    arma_autocovariance,
    arma_log_likelihood,
    fit_arma_ml,
    innovations,
    kalman_log_likelihood,
)

__all__ = [
    "ARIMA",
    "AutoReg",
    "ExponentialSmoothing",
    "acf",
    "ar_to_partial",
    "arima_forecast",
    "arma_autocovariance",
    "arma_css",
    "arma_forecast",
    "arma_log_likelihood",
    "arma_residuals",
    "autocovariance",
    "difference",
    "drift_forecast",
    "evaluate_forecasts",
    "fit_ar",
    "fit_arma_css",
    "fit_arma_ml",
    "forecast_ar",
    "holt_winters",
    "innovations",
    "kalman_log_likelihood",
    "lag_matrix",
    "levinson_durbin",
    "ma_residuals",
    "mean_forecast",
    "naive_forecast",
    "pacf",
    "partial_to_ar",
    "psi_weights",
    "seasonal_naive_forecast",
    "smoothing_errors",
    "undifference",
]
