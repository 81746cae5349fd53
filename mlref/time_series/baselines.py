"""Forecasts that cost nothing, which every model has to beat, and the report that shows whether it does."""

import math

import numpy as np

from mlref.arrays import namespace, to_numpy
from mlref.errors import ShapeError, check_count, check_vector

__all__ = [
    "drift_forecast",
    "evaluate_forecasts",
    "mean_forecast",
    "naive_forecast",
    "seasonal_naive_forecast",
]


def naive_forecast(y, steps):
    """The last value, again and again: right for a random walk.

    Parameters
    ----------
    y : array of shape (n_times,)
    steps : int

    Returns
    -------
    forecast : array of shape (steps,)

    Raises
    ------
    ShapeError
        If y is not 1-D.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If steps is not a whole number of at least 1.

    Examples
    --------
    >>> naive_forecast(np.array([1.0, 2.0, 4.0]), 2)
    array([4., 4.])
    """
    return seasonal_naive_forecast(y, steps, 1)


def seasonal_naive_forecast(y, steps, period):
    """The last season, again and again.

    Parameters
    ----------
    y : array of shape (n_times,)
        At least one season.
    steps : int
    period : int
        Length of a season.

    Returns
    -------
    forecast : array of shape (steps,)

    Raises
    ------
    ShapeError
        If y is not 1-D or shorter than a season.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If steps or period is not a whole number of at least 1.

    Examples
    --------
    >>> seasonal_naive_forecast(np.array([9.0, 1.0, 2.0, 3.0]), 4, 3)
    array([1., 2., 3., 1.])
    """
    y = _checked(y, steps, at_least=period)
    check_count(period, "period")
    return namespace(y).tile(y[-period:], (-(-steps // period),))[:steps]


def mean_forecast(y, steps):
    """The mean of all values: right for independent noise.

    Parameters
    ----------
    y : array of shape (n_times,)
    steps : int

    Returns
    -------
    forecast : array of shape (steps,)

    Raises
    ------
    ShapeError
        If y is not 1-D.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If steps is not a whole number of at least 1.

    Examples
    --------
    >>> mean_forecast(np.array([1.0, 2.0, 6.0]), 2)
    array([3., 3.])
    """
    y = _checked(y, steps)
    xp = namespace(y)
    return xp.tile(xp.mean(y, keepdims=True), (steps,))


def drift_forecast(y, steps):
    """The line through the first and the last value, continued: right for a random walk with a drift.

    Parameters
    ----------
    y : array of shape (n_times,)
        At least two values.
    steps : int

    Returns
    -------
    forecast : array of shape (steps,)

    Raises
    ------
    ShapeError
        If y is not 1-D or has only one value.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If steps is not a whole number of at least 1.

    Examples
    --------
    >>> drift_forecast(np.array([1.0, 0.0, 5.0]), 2)
    array([7., 9.])
    """
    y = _checked(y, steps, at_least=2)
    xp = namespace(y)
    slope = (y[-1:] - y[:1]) / (y.shape[0] - 1)
    return y[-1:] + slope * xp.cumulative_sum(xp.tile(xp.ones_like(slope), (steps,)))


def evaluate_forecasts(y, forecasters, folds):
    """Errors of several ways to forecast, on the same stretches of a series. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    forecasters : dict of str to callable
        Each takes (history, steps) and returns an array of the steps next values.
    folds : iterable of pairs of arrays of int
        Times of the history and later times to forecast, as from
        `mlref.model_selection.time_series_split`.

    Returns
    -------
    report : dict of str to tuple of two float
        Root of the mean squared error over all forecasts, and its standard error, as the folds differ.

    Raises
    ------
    ShapeError
        If y is not 1-D, or a forecaster returns another number of values than asked for.
    ValueError
        If there is no fold, or a time to forecast is not after its history.

    Notes
    -----
    The standard error is that of the mean of the squared errors over the folds, carried through the root:
    ``se(rmse) = se(mse) / (2 rmse)``. Folds of one series are not independent, so it is a rough guide.

    Examples
    --------
    >>> y = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    >>> folds = [(np.arange(k), np.arange(k, k + 1)) for k in (3, 4, 5)]
    >>> evaluate_forecasts(y, {"naive": naive_forecast, "drift": drift_forecast}, folds)
    {'naive': (1.0, 0.0), 'drift': (0.0, 0.0)}
    """
    y = to_numpy(check_vector(y, "y"))
    folds = [(np.asarray(history), np.asarray(future)) for history, future in folds]
    if not folds:
        raise ValueError("folds is empty; pass at least one pair of history and future")
    for history, future in folds:
        if future.min() <= history.max():
            raise ValueError(
                f"a fold forecasts time {future.min()} from a history that ends at {history.max()}; that is "
                "no forecast: pass histories that end before"
            )
    report = {}
    for name, forecast in forecasters.items():
        squared = []
        for history, future in folds:
            ahead = future - history.max()
            predicted = np.asarray(forecast(y[history], int(ahead.max())))
            if predicted.shape != (ahead.max(),):
                raise ShapeError(
                    f"{name} returned shape {predicted.shape}; it must be ({ahead.max()},), a value per step"
                )
            squared.append((predicted[ahead - 1] - y[future]) ** 2)
        rmse = math.sqrt(np.mean(np.concatenate(squared)))
        by_fold = np.array([np.mean(errors) for errors in squared])
        spread = np.std(by_fold, ddof=1) / math.sqrt(by_fold.size) if by_fold.size > 1 else math.nan
        report[name] = rmse, float(spread / (2 * rmse)) if rmse > 0 else 0.0
    return report


def _checked(y, steps, at_least=1):
    y = check_vector(y, "y")
    check_count(steps, "steps")
    if y.shape[0] < at_least:
        raise ShapeError(f"y has {y.shape[0]} values; this forecast needs at least {at_least}")
    return y
