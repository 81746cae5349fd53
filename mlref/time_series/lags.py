"""A series as a table of its own past, and as its differences."""

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_count, check_matrix, check_same_length, check_vector

__all__ = ["difference", "lag_matrix", "undifference"]


def lag_matrix(y, n_lags, X=None, *, horizon=1):
    """Features from the past of a series: one row for each time that has enough of it.

    Parameters
    ----------
    y : array of shape (n_times,)
    n_lags : int
        How many past values are in a row.
    X : array of shape (n_times, n_features), optional
        Known beforehand for every time, such as the day of the week; row t goes to the features of time t.
    horizon : int
        How far ahead the target is: the newest value in a row is so many times before it.

    Returns
    -------
    A : array of shape (n_times - horizon - n_lags + 1, n_lags + n_features)
        The row of time t holds y[t - horizon], y[t - horizon - 1], ... and then X[t].
    targets : array of shape (n_times - horizon - n_lags + 1,)
        y[t] for each row.

    Raises
    ------
    ShapeError
        If y is not 1-D or too short, X is not 2-D, or their lengths differ.
    NotFiniteError
        If y or X holds NaN or infinity.
    ValueError
        If n_lags or horizon is not a whole number of at least 1.

    Notes
    -----
    Every regression of the targets on A is a model ``f(y_t | past)``; nothing in a row is from its target's
    time or later, but X.

    Examples
    --------
    >>> A, targets = lag_matrix(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    >>> A, targets
    (array([[2., 1.],
           [3., 2.]]), array([3., 4.]))
    """
    y = check_vector(y, "y")
    check_count(n_lags, "n_lags")
    check_count(horizon, "horizon")
    first = horizon + n_lags - 1
    if y.shape[0] <= first:
        raise ShapeError(
            f"y has {y.shape[0]} values but n_lags = {n_lags} and horizon = {horizon} need at least "
            f"{first + 1}; use fewer lags or a longer series"
        )
    xp, n = namespace(y, X), y.shape[0] - first
    columns = [y[n_lags - 1 - lag : n_lags - 1 - lag + n] for lag in range(n_lags)]
    A = xp.stack(columns, axis=1)
    if X is not None:
        X = check_matrix(X, "X")
        check_same_length(y=y, X=X)
        A = xp.concat([A, xp.astype(X[first:, :], A.dtype)], axis=1)
    return A, y[first:]


def difference(y, d=1, *, lag=1):
    """Changes of a series from one time to the next, d times over.

    Parameters
    ----------
    y : array of shape (n_times,)
    d : int
        How often; 0 returns the series.
    lag : int
        1 for ``y[t] - y[t - 1]``; the length of a season for ``y[t] - y[t - lag]``.

    Returns
    -------
    changes : array of shape (n_times - d * lag,)

    Raises
    ------
    ShapeError
        If y is not 1-D or has no more than d * lag values.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If d is not a whole number of at least 0, or lag one of at least 1.

    Notes
    -----
    Removes a polynomial trend of degree d - 1; with the lag of a season it removes what repeats.

    Examples
    --------
    >>> difference(np.array([1.0, 4.0, 9.0, 16.0]), 2)
    array([2., 2.])
    """
    y = check_vector(y, "y")
    _check_difference(d, lag)
    if y.shape[0] <= d * lag:
        raise ShapeError(
            f"y has {y.shape[0]} values but {d} differences at lag {lag} use up {d * lag}; pass more values"
        )
    for _ in range(d):
        y = y[lag:] - y[:-lag]
    return y


def undifference(changes, start, *, lag=1):
    """The series that begins with the given values and has these differences.

    Parameters
    ----------
    changes : array of shape (n_changes,)
    start : array of shape (d * lag,)
        The first values of the series; from their number follows how often was differenced.
    lag : int

    Returns
    -------
    y : array of shape (d * lag + n_changes,)
        ``difference(y, d, lag=lag)`` gives the changes, and y begins with start.

    Raises
    ------
    ShapeError
        If an array is not 1-D, or the length of start is not a multiple of the lag.
    NotFiniteError
        If an array holds NaN or infinity.
    ValueError
        If the lag is not a whole number of at least 1.

    Notes
    -----
    One level is ``y[t] = y[t - lag] + changes[t]``: a cumulative sum for each phase of the season. With the
    last values of a history as start, this turns forecasts of changes into forecasts of the series.

    Examples
    --------
    >>> undifference(np.array([2.0, 2.0]), np.array([1.0, 4.0]))
    array([ 1.,  4.,  9., 16.])
    """
    changes, start = check_vector(changes, "changes"), check_vector(start, "start")
    _check_difference(0, lag)
    if start.shape[0] % lag:
        raise ShapeError(
            f"start has {start.shape[0]} values; it must have d * lag of them, a multiple of lag = {lag}"
        )
    xp = namespace(changes, start)
    d = start.shape[0] // lag
    for level in reversed(range(d)):
        # The first values of the series that was differenced `level` times.
        first = difference(start, level, lag=lag)[:lag]
        values = xp.concat([first, changes])
        padding = xp.zeros_like(values[: -values.shape[0] % lag])
        by_phase = xp.reshape(xp.concat([values, padding]), (-1, lag))
        summed = xp.reshape(xp.cumulative_sum(by_phase, axis=0), (-1,))
        changes = summed[: values.shape[0]]
    return changes


def _check_difference(d, lag):
    if isinstance(d, bool) or not hasattr(d, "__index__") or d < 0:
        raise ValueError(f"d is {d!r}; it must be a whole number of at least 0")
    check_count(lag, "lag")
