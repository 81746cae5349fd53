"""Lagged features and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlref.errors import NotFiniteError, ShapeError
from mlref.time_series import difference, lag_matrix, undifference

series = hnp.arrays(np.float64, st.integers(12, 30), elements=st.integers(-100, 100))


def lag_matrix_simple(y, n_lags, horizon):
    """Row by row."""
    times = range(horizon + n_lags - 1, len(y))
    return np.array([[y[t - horizon - lag] for lag in range(n_lags)] for t in times])


@pytest.mark.parametrize(("n_lags", "horizon"), [(1, 1), (3, 1), (2, 4)])
def test_rows_hold_the_past_newest_first(n_lags, horizon, xp_backend):
    y = np.random.default_rng(0).normal(size=12)
    A, targets = lag_matrix(xp_backend.asarray(y), n_lags, horizon=horizon)
    xp_backend.check(A, lag_matrix_simple(y, n_lags, horizon))
    xp_backend.check(targets, y[horizon + n_lags - 1 :])


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_future_never_leaks_into_a_row(horizon):
    y = np.random.default_rng(1).normal(size=20)
    A, _ = lag_matrix(y, 4, horizon=horizon)
    for t in range(1, 20):
        changed = y.copy()
        changed[t:] = 1e6
        B, _ = lag_matrix(changed, 4, horizon=horizon)
        # The first row is that of time 3 + horizon.
        rows = max(0, t - 3)
        np.testing.assert_array_equal(A[:rows], B[:rows])


def test_features_known_beforehand_come_from_the_time_of_the_target(xp_backend):
    y, X = np.arange(5.0), np.arange(10.0).reshape(5, 2)
    A, targets = lag_matrix(xp_backend.asarray(y), 2, xp_backend.asarray(X))
    xp_backend.check(A, [[1, 0, 4, 5], [2, 1, 6, 7], [3, 2, 8, 9]])
    xp_backend.check(targets, [2, 3, 4])


@settings(max_examples=40)
@given(y=series, d=st.integers(0, 2), lag=st.sampled_from([1, 3, 4]))
def test_undifference_is_the_inverse(y, d, lag):
    if d == 0:
        np.testing.assert_array_equal(difference(y, 0, lag=lag), y)
        return
    changes = difference(y, d, lag=lag)
    np.testing.assert_array_equal(undifference(changes, y[: d * lag], lag=lag), y)


def test_differences_equal_numpys(xp_backend):
    y = np.random.default_rng(2).normal(size=15)
    xp_backend.check(difference(xp_backend.asarray(y), 2), np.diff(y, n=2))
    xp_backend.check(difference(xp_backend.asarray(y), lag=4), y[4:] - y[:-4])


def test_the_round_trip_works_on_every_library(xp_backend):
    y = np.random.default_rng(3).normal(size=14)
    changes = difference(xp_backend.asarray(y), 2, lag=3)
    xp_backend.check(undifference(changes, xp_backend.asarray(y[:6]), lag=3), y)


def test_a_polynomial_and_a_season_vanish():
    t = np.arange(30.0)
    np.testing.assert_allclose(difference(3 + 2 * t + t**2, 3), 0, atol=1e-9)
    np.testing.assert_allclose(difference(np.tile([1.0, 5.0, 2.0], 10), lag=3), 0)


def test_the_end_of_a_history_continues_forecasts():
    y = np.arange(10.0) ** 2
    assert undifference(np.array([2.0, 2.0]), y[-2:])[2:].tolist() == [100.0, 121.0]


def test_bad_arguments_raise():
    with pytest.raises(ShapeError, match="y has 3 values but n_lags = 3 and horizon = 1 need at least 4"):
        lag_matrix(np.ones(3), 3)
    with pytest.raises(ShapeError, match="y has 4 rows but X has 3"):
        lag_matrix(np.ones(4), 1, np.ones((3, 1)))
    with pytest.raises(ValueError, match="horizon is 0"):
        lag_matrix(np.ones(4), 1, horizon=0)
    with pytest.raises(ShapeError, match="2 differences at lag 3 use up 6"):
        difference(np.ones(6), 2, lag=3)
    with pytest.raises(ValueError, match="d is -1"):
        difference(np.ones(6), -1)
    with pytest.raises(ShapeError, match="start has 3 values; it must have d \\* lag"):
        undifference(np.ones(4), np.ones(3), lag=2)
    with pytest.raises(NotFiniteError, match="y contains NaN"):
        difference(np.array([1.0, np.nan]))
