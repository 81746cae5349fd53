"""Baselines, and the comparison of forecasts."""

import numpy as np
import pytest

from mlref.datasets import make_arima, make_seasonal
from mlref.errors import ShapeError
from mlref.model_selection import time_series_split
from mlref.time_series import (
    AutoReg,
    drift_forecast,
    evaluate_forecasts,
    mean_forecast,
    naive_forecast,
    seasonal_naive_forecast,
)


def test_baselines(xp_backend):
    y = xp_backend.asarray([1.0, 2.0, 6.0, 3.0, 5.0])
    xp_backend.check(naive_forecast(y, 3), [5, 5, 5])
    xp_backend.check(seasonal_naive_forecast(y, 5, 3), [6, 3, 5, 6, 3])
    xp_backend.check(mean_forecast(y, 2), [3.4, 3.4])
    xp_backend.check(drift_forecast(y, 3), [6, 7, 8])


def growing(n, first, steps):
    return [(np.arange(k), np.arange(k, k + steps)) for k in range(first, n - steps + 1, steps)]


def test_the_report_is_the_error_over_all_folds():
    y = make_seasonal(60, np.random.default_rng(0), period=6)
    folds = growing(60, 24, 6)
    report = evaluate_forecasts(
        y, {"seasonal": lambda past, steps: seasonal_naive_forecast(past, steps, 6)}, folds
    )
    errors = np.array([y[k : k + 6] - y[k - 6 : k] for k in range(24, 55, 6)])
    rmse, standard_error = report["seasonal"]
    assert rmse == pytest.approx(np.sqrt(np.mean(errors**2)))
    by_fold = np.mean(errors**2, axis=1)
    assert standard_error == pytest.approx(by_fold.std(ddof=1) / np.sqrt(6) / (2 * rmse))


def test_a_model_that_knows_the_process_beats_the_baselines():
    y = make_arima(400, np.random.default_rng(1), ar=(0.7,)) + 10
    forecasters = {
        "naive": naive_forecast,
        "mean": mean_forecast,
        "model": lambda past, steps: AutoReg(1).fit(past).forecast(steps),
    }
    report = evaluate_forecasts(y, forecasters, growing(400, 100, 2))
    assert report["model"][0] < min(report["naive"][0], report["mean"][0])


def test_a_gap_after_the_history_is_forecast_and_left_out():
    y = np.arange(10.0)
    report = evaluate_forecasts(
        y, {"naive": naive_forecast, "drift": drift_forecast}, [(np.arange(5), np.array([7, 8]))]
    )
    assert report["naive"][0] == pytest.approx(np.sqrt((9 + 16) / 2))
    assert report["drift"][0] == pytest.approx(0)
    assert np.isnan(report["naive"][1])


def test_folds_of_model_selection_can_be_used():
    y = np.random.default_rng(2).normal(size=40)
    folds = list(time_series_split(40, 4, gap=2, max_train_size=15))
    rmse, _ = evaluate_forecasts(y, {"naive": naive_forecast}, folds)["naive"]
    errors = np.concatenate([y[future] - y[history[-1]] for history, future in folds])
    assert rmse == pytest.approx(np.sqrt(np.mean(errors**2)))


def test_forecasters_see_nothing_of_the_future():
    y = np.arange(10.0)
    seen = []
    evaluate_forecasts(
        y, {"spy": lambda past, steps: seen.append(past) or naive_forecast(past, steps)}, growing(10, 4, 3)
    )
    assert [past.tolist() for past in seen] == [list(range(4)), list(range(7))]


def test_bad_arguments_raise():
    y = np.arange(6.0)
    with pytest.raises(ValueError, match="forecasts time 2 from a history that ends at 3"):
        evaluate_forecasts(y, {}, [(np.arange(4), np.array([2, 4]))])
    with pytest.raises(ValueError, match="folds is empty"):
        evaluate_forecasts(y, {}, [])
    with pytest.raises(ShapeError, match=r"short returned shape \(1,\); it must be \(2,\)"):
        evaluate_forecasts(y, {"short": lambda past, steps: past[:1]}, [(np.arange(4), np.arange(4, 6))])
    with pytest.raises(ShapeError, match="y has 1 values; this forecast needs at least 2"):
        drift_forecast(np.ones(1), 1)
    with pytest.raises(ShapeError, match="needs at least 4"):
        seasonal_naive_forecast(np.ones(3), 1, 4)
