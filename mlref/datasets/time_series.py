"""Generators of time series."""

import math

import numpy as np

from mlref.errors import check_count

__all__ = [
    "make_arima",
    "make_seasonal",
]

# Steps that are thrown away, so that the start is forgotten.
WARM_UP = 500


def make_arima(n, rng, *, ar=(), d=0, ma=(), std=1.0):
    """A series that depends on its own past and on past shocks, summed up d times.

    Parameters
    ----------
    n : int
        Number of steps.
    rng : numpy.random.Generator
    ar : sequence of float
        Factors of the last value, the one before, and so on; the series must not explode.
    d : int
        How often the series is summed up: 1 makes a random walk of what was stationary.
    ma : sequence of float
        Factors of the last shock, the one before, and so on.
    std : float
        Standard deviation of the normal shocks.

    Returns
    -------
    y : array of shape (n,)

    Raises
    ------
    ValueError
        If n is not a whole number of at least 1, d is not one of at least 0, or ar is not stationary.

    Notes
    -----
    ``y_t = sum_i ar_i y_{t-i} + e_t + sum_j ma_j e_{t-j}``. It is stationary where every root of
    ``1 - ar_1 z - ar_2 z^2 - ...`` lies outside the unit circle.

    References
    ----------
    Box and Jenkins (1970), *Time Series Analysis: Forecasting and Control*.

    Examples
    --------
    >>> y = make_arima(2000, np.random.default_rng(0), ar=(0.8,))
    >>> bool(abs(np.corrcoef(y[1:], y[:-1])[0, 1] - 0.8) < 0.05)
    True
    """
    check_count(n, "n")
    if isinstance(d, bool) or not hasattr(d, "__index__") or d < 0:
        raise ValueError(f"d is {d!r}; it must be a whole number of at least 0")
    # Imported here: only those who need it pay for scipy.
    from scipy.signal import lfilter

    of_values = np.concatenate([[1.0], -np.asarray(ar, dtype=np.float64)])
    if np.any(np.abs(np.roots(of_values)) >= 1):
        raise ValueError(f"ar is {tuple(ar)}; this series explodes or never forgets: choose smaller factors")
    shocks = std * rng.normal(size=WARM_UP + n)
    y = lfilter(np.concatenate([[1.0], ma]), of_values, shocks)[WARM_UP:]
    for _ in range(d):
        y = np.cumsum(y)
    return y


def make_seasonal(n, rng, *, period=12, level=10.0, trend=0.05, amplitude=2.0, noise=0.3):
    """A level, a straight trend, a season that repeats, and noise.

    Parameters
    ----------
    n : int
        Number of steps.
    rng : numpy.random.Generator
    period : int
        Steps after which the season repeats.
    level : float
        Value at the start.
    trend : float
        What is added in every step.
    amplitude : float
        Largest deviation of the season, a sine.
    noise : float
        Standard deviation of the normal errors.

    Returns
    -------
    y : array of shape (n,)

    Raises
    ------
    ValueError
        If n or period is not a whole number of at least 1.

    Examples
    --------
    >>> y = make_seasonal(24, np.random.default_rng(0), trend=0.0, noise=0.0)
    >>> bool(np.allclose(y[:12], y[12:]))
    True
    """
    check_count(n, "n")
    check_count(period, "period")
    t = np.arange(n)
    season = amplitude * np.sin(2 * math.pi * t / period)
    return level + trend * t + season + noise * rng.normal(size=n)
