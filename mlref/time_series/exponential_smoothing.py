"""Exponential smoothing: level, trend and season, each a running mean that forgets. Numpy only."""

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter
from scipy.special import ndtri

from mlref.arrays import to_numpy
from mlref.errors import NotFittedError, ShapeError, check_choice, check_count, check_vector

__all__ = ["ExponentialSmoothing", "holt_winters", "smoothing_errors"]


def holt_winters(y, alpha, beta, gamma, level, trend, season):
    """Level, trend and season of a series, one time after the other. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    alpha : float
        Share of each error that goes into the level, from 0 to 1.
    beta : float
        Share of the change of the level that goes into the trend, from 0 to 1.
    gamma : float
        Share of each error that goes into the season, from 0 to 1.
    level : float
        Before the first value.
    trend : float
        Change of the level per time, before the first value.
    season : array of shape (period,)
        What the season adds to the first ``period`` values; a single zero for none.

    Returns
    -------
    errors : array of shape (n_times,)
        What each value differs from its prediction ``level + trend + season``.
    level : float
        After the last value.
    trend : float
    season : array of shape (period,)
        For the values to come.

    Raises
    ------
    ShapeError
        If y or season is not 1-D.
    NotFiniteError
        If y or season holds NaN or infinity.

    References
    ----------
    Winters (1960), Forecasting sales by exponentially weighted moving averages, *Management Science* 6(3).

    Examples
    --------
    >>> y, no_season = np.array([2.0, 4.0]), np.zeros(1)
    >>> errors, level, trend, _ = holt_winters(y, 0.5, 0.5, 0.0, 0.0, 1.0, no_season)
    >>> errors, level, trend
    (array([1.  , 1.25]), 3.375, 1.5625)
    """
    season, errors = list(to_numpy(check_vector(season, "season"))), []
    for value in to_numpy(check_vector(y, "y")).tolist():
        first = season.pop(0)
        error = value - (level + trend + first)
        errors.append(error)
        level += trend + alpha * error
        trend += alpha * beta * error
        season.append(first + gamma * error)
    return np.array(errors), float(level), float(trend), np.array(season)


def smoothing_errors(y, alpha, beta, gamma, *, trend, period):
    """Errors of exponential smoothing from the start that makes them smallest. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    alpha : float
        Share of each error that goes into the level.
    beta : float
        Share of the change of the level that goes into the trend; not used without a trend.
    gamma : float
        Share of each error that goes into the season; not used without a season.
    trend : bool
        Whether there is a trend.
    period : int
        Length of a season; 1 for none.

    Returns
    -------
    errors : array of shape (n_times,)
        As `holt_winters` returns them.
    start : array of shape (trend + period,)
        The trend, if there is one, and what the first ``period`` values would be without it.

    Notes
    -----
    The errors are a linear filter of the series. In powers of the lag operator B, with
    ``S = 1 + B + ... + B^(period - 1)``: ``D e = (1 - B) (1 - B) S y``, where ``D`` is
    ``(1 - B) (1 - B) S + (alpha B (1 - B) + alpha beta B) S + gamma B^period (1 - B)``; without a trend each
    term has one factor ``1 - B`` less. A start is a line and a repeated season, to be subtracted from y
    before filtering. The filter is linear, so the best start is a least-squares fit of the filtered y by the
    filtered line and seasons: no search is needed for it.

    References
    ----------
    Hyndman, Koehler, Ord and Snyder (2008), *Forecasting with Exponential Smoothing*, chapters 2 and 5.

    Examples
    --------
    >>> errors, start = smoothing_errors(np.array([1.0, 2.0, 3.0]), 0.5, 0.1, 0.0, trend=True, period=1)
    >>> bool(np.all(np.abs(errors) < 1e-12)), round(float(start[0]), 9)
    (True, 1.0)
    """
    n, S = y.size, np.ones(period)
    level = np.array([0.0, alpha * (1 + beta), -alpha]) if trend else np.array([0.0, alpha])
    one = np.array([1.0, -1.0])
    numerator = np.convolve(np.convolve(one, one) if trend else one, S)
    denominator = numerator.copy()
    denominator[: level.size + period - 1] += np.convolve(level, S)
    if period > 1:
        denominator[period:] += gamma * one[: denominator.size - period]
    columns = np.zeros((n, 1 + trend + period))
    columns[:, 0] = y
    if trend:
        columns[:, 1] = np.arange(1, n + 1)
    for phase in range(period):
        columns[phase::period, 1 + trend + phase] = 1
    filtered = lfilter(numerator, denominator, columns, axis=0)
    start, *_ = np.linalg.lstsq(filtered[:, 1:], filtered[:, 0])
    return filtered[:, 0] - filtered[:, 1:] @ start, start


class ExponentialSmoothing:
    """Additive exponential smoothing: simple, with a trend (Holt), with a season (Winters). Numpy only.

    Parameters
    ----------
    trend : {"add", None}
    seasonal : {"add", None}
    seasonal_periods : int, optional
        Length of a season, at least 2; needed with a season.

    Attributes
    ----------
    smoothing_level_, smoothing_trend_, smoothing_seasonal_ : float
        The shares alpha, beta and gamma of `holt_winters`; zero for what there is not.
    initial_level_, initial_trend_ : float
        Before the first value.
    initial_seasons_ : array of shape (seasonal_periods,)
        They sum to zero; a single zero without a season.
    level_, trend_ : float
        After the last value.
    seasons_ : array of shape (seasonal_periods,)
        For the values to come.
    residuals_ : array of shape (n_times,)
        Errors of the one-step predictions.
    sse_ : float
        Sum of their squares.

    References
    ----------
    Hyndman, Koehler, Ord and Snyder (2008), *Forecasting with Exponential Smoothing*, chapters 2, 5 and 6.

    Examples
    --------
    >>> y = np.array([1.0, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0, 8.0])
    >>> model = ExponentialSmoothing(trend="add", seasonal="add", seasonal_periods=2).fit(y)
    >>> model.forecast(3).round(6)
    array([5., 9., 6.])
    """

    def __init__(self, *, trend=None, seasonal=None, seasonal_periods=None):
        self.trend = trend
        self.seasonal = seasonal
        self.seasonal_periods = seasonal_periods

    def fit(self, y):
        """Find the shares and the start with the smallest sum of squared errors.

        Parameters
        ----------
        y : array of shape (n_times,)
            At least two seasons, and four values more than that.

        Returns
        -------
        self : ExponentialSmoothing

        Raises
        ------
        ShapeError
            If y is not 1-D or too short.
        NotFiniteError
            If y holds NaN or infinity.
        ValueError
            If a parameter is not allowed.

        Notes
        -----
        `smoothing_errors` solves for the start, so only the shares are searched: from the best points of a
        coarse grid by L-BFGS, with gamma at most ``1 - alpha``, where the filter is stable.
        """
        period = self._period()
        y = to_numpy(check_vector(y, "y")).astype(np.float64)
        if y.size < 2 * period + 4:
            raise ShapeError(f"y has {y.size} values; seasons of {period} need at least {2 * period + 4}")
        trend = self.trend is not None

        def shares(free):
            alpha, beta, gamma = free[0], free[1] if trend else 0.0, free[-1] if period > 1 else 0.0
            return alpha, beta, gamma * (1 - alpha)

        def loss(free):
            errors, _ = smoothing_errors(y, *shares(free), trend=trend, period=period)
            return float(errors @ errors)

        free = _minimum_in_box(loss, 1 + trend + (period > 1))
        self.smoothing_level_, self.smoothing_trend_, self.smoothing_seasonal_ = map(float, shares(free))
        _, start = smoothing_errors(y, *shares(free), trend=trend, period=period)
        self.initial_trend_ = float(start[0]) if trend else 0.0
        self.initial_level_ = float(np.mean(start[trend:]))
        self.initial_seasons_ = start[trend:] - self.initial_level_
        self.residuals_, self.level_, self.trend_, self.seasons_ = holt_winters(
            y, *shares(free), self.initial_level_, self.initial_trend_, self.initial_seasons_
        )
        self.sse_ = float(self.residuals_ @ self.residuals_)
        return self

    def forecast(self, steps):
        """The values after the end of the series of ``fit``.

        Parameters
        ----------
        steps : int

        Returns
        -------
        forecast : array of shape (steps,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ValueError
            If steps is not a whole number of at least 1.
        """
        self._check_fitted()
        check_count(steps, "steps")
        return self.level_ + self.trend_ * np.arange(1, steps + 1) + np.resize(self.seasons_, steps)

    def forecast_interval(self, steps, level=0.95):
        """Where each future value lies with the given probability, if the model and its shares are right.

        Parameters
        ----------
        steps : int
        level : float
            Between 0 and 1.

        Returns
        -------
        lower : array of shape (steps,)
        upper : array of shape (steps,)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ValueError
            If steps is not a whole number of at least 1, or level is not between 0 and 1.

        Notes
        -----
        An error moves the value j times later by ``alpha (1 + beta j)``, and by gamma more where j is whole
        seasons. An error h steps ahead is the sum of all that came before, and its own.
        """
        if not 0 < level < 1:
            raise ValueError(f"level is {level!r}; it must be between 0 and 1, such as 0.95")
        forecast, j = self.forecast(steps), np.arange(1, steps)
        moved = self.smoothing_level_ * (1 + self.smoothing_trend_ * j)
        moved = moved + self.smoothing_seasonal_ * (j % self.seasons_.size == 0)
        variance = self.sse_ / self.residuals_.size * np.cumsum(np.append(1.0, moved**2))
        half = ndtri(0.5 + level / 2) * np.sqrt(variance)
        return forecast - half, forecast + half

    def __repr__(self):
        return (
            f"ExponentialSmoothing(trend={self.trend!r}, seasonal={self.seasonal!r}, "
            f"seasonal_periods={self.seasonal_periods})"
        )

    def _period(self):
        check_choice(self.trend, ("add", None), "trend")
        check_choice(self.seasonal, ("add", None), "seasonal")
        if self.seasonal is None:
            return 1
        check_count(self.seasonal_periods, "seasonal_periods")
        if self.seasonal_periods < 2:
            raise ValueError("seasonal_periods is 1; a season has at least 2 times, or use seasonal=None")
        return self.seasonal_periods

    def _check_fitted(self):
        if not hasattr(self, "level_"):
            raise NotFittedError("this ExponentialSmoothing is not fitted yet; call fit(y) before you use it")


def _minimum_in_box(loss, n):
    """Point of the unit box with the smallest loss that is found from the best four of a coarse grid."""
    axes = [(0.02, 0.2, 0.5, 0.95)] + [(0.01, 0.1, 0.5)] * (n - 1)
    grid = np.array(np.meshgrid(*axes)).reshape(n, -1).T
    values = np.array([loss(point) for point in grid])
    # Losses of the size of one, so that the tolerances mean the same for every series.
    scale = values.min() or 1.0
    runs = [
        minimize(lambda point: loss(point) / scale, start, method="L-BFGS-B", bounds=[(0, 1)] * n)
        for start in grid[np.argsort(values)[:4]]
    ]
    return min(runs, key=lambda run: run.fun).x
