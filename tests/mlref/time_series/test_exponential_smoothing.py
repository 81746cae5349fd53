"""Exponential smoothing."""

import numpy as np
import pytest
from statsmodels.tsa.holtwinters import ExponentialSmoothing as StatsmodelsSmoothing

from mlref.datasets import make_seasonal
from mlref.errors import NotFittedError, ShapeError
from mlref.time_series import ExponentialSmoothing, holt_winters, smoothing_errors

KINDS = [(False, 1), (True, 1), (False, 4), (True, 4), (True, 12)]
every_kind = pytest.mark.parametrize(("trend", "period"), KINDS)


def shares(trend, period):
    return 0.4, 0.2 * trend, 0.3 * (period > 1)


def sse(y, trend, period, start):
    level = start[trend:].mean()
    errors, *_ = holt_winters(
        y, *shares(trend, period), level, start[0] if trend else 0.0, start[trend:] - level
    )
    return errors @ errors


@every_kind
def test_the_filter_gives_the_errors_of_the_recursion(trend, period):
    y = np.random.default_rng(0).normal(size=50) + 5
    errors, start = smoothing_errors(y, *shares(trend, period), trend=trend, period=period)
    level = start[trend:].mean()
    expected, *_ = holt_winters(
        y, *shares(trend, period), level, start[0] if trend else 0.0, start[trend:] - level
    )
    np.testing.assert_allclose(errors, expected, atol=1e-10)


@every_kind
def test_no_other_start_has_smaller_errors(trend, period):
    y = np.random.default_rng(1).normal(size=50) + 5
    _, start = smoothing_errors(y, *shares(trend, period), trend=trend, period=period)
    best = sse(y, trend, period, start)
    for seed in range(10):
        assert (
            sse(y, trend, period, start + 0.01 * np.random.default_rng(seed).normal(size=start.size)) > best
        )


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("trend", "seasonal"), [(None, None), ("add", None), ("add", "add")])
def test_errors_are_no_larger_than_statsmodels(trend, seasonal, seed):
    rng = np.random.default_rng(seed)
    y = make_seasonal(96, rng, period=6) + np.cumsum(0.1 * rng.normal(size=96))
    period = 6 if seasonal else None
    ours = ExponentialSmoothing(trend=trend, seasonal=seasonal, seasonal_periods=period).fit(y)
    theirs = StatsmodelsSmoothing(y, trend=trend, seasonal=seasonal, seasonal_periods=period).fit()
    assert ours.sse_ <= theirs.sse * (1 + 1e-6)
    if ours.sse_ > 0.9999 * theirs.sse:
        np.testing.assert_allclose(ours.forecast(12), theirs.forecast(12), atol=0.01)


def test_statsmodels_with_our_shares_and_start_makes_the_same_forecasts():
    y = make_seasonal(96, np.random.default_rng(3), period=6)
    model = ExponentialSmoothing(trend="add", seasonal="add", seasonal_periods=6).fit(y)
    theirs = StatsmodelsSmoothing(
        y,
        trend="add",
        seasonal="add",
        seasonal_periods=6,
        initialization_method="known",
        initial_level=model.initial_level_,
        initial_trend=model.initial_trend_,
        initial_seasonal=model.initial_seasons_,
    ).fit(
        smoothing_level=model.smoothing_level_,
        smoothing_trend=model.smoothing_trend_,
        smoothing_seasonal=model.smoothing_seasonal_,
        optimized=False,
    )
    assert theirs.sse == pytest.approx(model.sse_)
    np.testing.assert_allclose(model.residuals_, theirs.resid, atol=1e-9)
    np.testing.assert_allclose(model.forecast(15), theirs.forecast(15))


def test_a_line_with_a_season_is_continued_without_error():
    t = np.arange(30.0)
    season = np.array([1.0, -2.0, 4.0])
    model = ExponentialSmoothing(trend="add", seasonal="add", seasonal_periods=3).fit(
        2 + 0.5 * t + season[t.astype(int) % 3]
    )
    later = np.arange(30.0, 37.0)
    np.testing.assert_allclose(model.forecast(7), 2 + 0.5 * later + season[later.astype(int) % 3], atol=1e-6)
    assert model.initial_trend_ == pytest.approx(0.5)
    assert model.initial_seasons_.sum() == pytest.approx(0)


@every_kind
def test_intervals_have_the_width_of_simulated_futures(trend, period):
    y = make_seasonal(80, np.random.default_rng(4), period=max(period, 2))
    model = ExponentialSmoothing(
        trend="add" if trend else None,
        seasonal="add" if period > 1 else None,
        seasonal_periods=period if period > 1 else None,
    ).fit(y)
    rng, steps, n = np.random.default_rng(5), period + 2, 4000
    e = np.sqrt(model.sse_ / y.size) * rng.normal(size=(n, steps))
    level, slope, season = (
        np.full(n, model.level_),
        np.full(n, model.trend_),
        np.tile(model.seasons_, (n, 1)).T,
    )
    for h in range(steps):
        value = level + slope + season[h % period] + e[:, h]
        level = level + slope + model.smoothing_level_ * e[:, h]
        slope = slope + model.smoothing_level_ * model.smoothing_trend_ * e[:, h]
        season[h % period] += model.smoothing_seasonal_ * e[:, h]
    lower, upper = model.forecast_interval(steps, level=0.95)
    assert value.std() == pytest.approx((upper - lower)[-1] / (2 * 1.96), rel=0.05)


def test_simple_smoothing_of_a_constant():
    model = ExponentialSmoothing().fit(np.full(10, 3.0))
    np.testing.assert_allclose(model.forecast(2), [3.0, 3.0])
    assert model.sse_ == pytest.approx(0)


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="trend is 'mul'"):
        ExponentialSmoothing(trend="mul").fit(np.ones(10))
    with pytest.raises(ValueError, match="seasonal_periods is None; it must be a whole number"):
        ExponentialSmoothing(seasonal="add").fit(np.ones(10))
    with pytest.raises(ValueError, match="seasonal_periods is 1"):
        ExponentialSmoothing(seasonal="add", seasonal_periods=1).fit(np.ones(10))
    with pytest.raises(ShapeError, match="y has 11 values; seasons of 4 need at least 12"):
        ExponentialSmoothing(seasonal="add", seasonal_periods=4).fit(np.arange(11.0))
    with pytest.raises(NotFittedError, match="ExponentialSmoothing is not fitted"):
        ExponentialSmoothing().forecast(1)
    with pytest.raises(ValueError, match="level is 95"):
        ExponentialSmoothing().fit(np.arange(10.0)).forecast_interval(1, level=95)
