"""How a series correlates with its own past. Numpy only."""

import numpy as np
import scipy.fft

from mlref.arrays import to_numpy
from mlref.errors import ShapeError, check_array, check_count, check_vector

__all__ = ["acf", "ar_to_partial", "autocovariance", "levinson_durbin", "pacf", "partial_to_ar"]


def autocovariance(y, n_lags):
    """Covariance of the series with itself, shifted by 0 to n_lags. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    n_lags : int
        From 1 to n_times - 1.

    Returns
    -------
    covariances : array of shape (n_lags + 1,)

    Raises
    ------
    ShapeError
        If y is not 1-D.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If n_lags is not from 1 to n_times - 1.

    Notes
    -----
    ``c_k = 1/n sum_t (y_t - mean)(y_{t+k} - mean)``; dividing by n and not by n - k makes the matrix of
    ``c_{i-j}`` positive semi-definite. A correlation is a product of Fourier transforms: n log n steps, with
    zeros appended so that the end does not meet the start.

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2016), *Time Series Analysis*, section 2.1.

    Examples
    --------
    >>> autocovariance(np.array([1.0, 2.0, 3.0]), 2).round(4)
    array([ 0.6667,  0.    , -0.3333])
    """
    y = to_numpy(check_vector(y, "y"))
    _check_lags(n_lags, y)
    length = scipy.fft.next_fast_len(y.size + n_lags, real=True)
    spectrum = scipy.fft.rfft(y - y.mean(), length)
    power = spectrum.real**2 + spectrum.imag**2
    return scipy.fft.irfft(power, length)[: n_lags + 1] / y.size


def acf(y, n_lags=40):
    """Correlation of the series with itself, shifted by 0 to n_lags. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
        Not constant.
    n_lags : int
        From 1 to n_times - 1.

    Returns
    -------
    correlations : array of shape (n_lags + 1,)
        The first is one.

    Raises
    ------
    ShapeError
        If y is not 1-D.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If n_lags is not from 1 to n_times - 1, or y is constant.

    Notes
    -----
    Without correlation an entry lies within ``1.96 / sqrt(n_times)`` of zero 95 times in a hundred.

    Examples
    --------
    >>> acf(np.array([1.0, 2.0, 3.0]), 2)
    array([ 1. ,  0. , -0.5])
    """
    covariances = autocovariance(y, n_lags)
    if np.ptp(y) == 0:
        raise ValueError("y is constant; a series without variance has no correlation")
    return covariances / covariances[0]


def levinson_durbin(covariances):
    """Autoregressions of every order up to the last, from the autocovariances. Numpy only.

    Parameters
    ----------
    covariances : array of shape (order + 1,)
        At lags 0, 1, ...; the first positive.

    Returns
    -------
    coefficients : array of shape (order,)
        Of the last order: the best linear prediction of y[t] from y[t - 1], y[t - 2], ...
    partial : array of shape (order + 1,)
        Partial autocorrelations: one, and the last coefficient of each order.
    variance : float
        Of the error of that prediction.

    Notes
    -----
    The Yule-Walker equations of order k + 1 are those of order k with one row more. Their solution is the old
    one minus its mirror image times the partial correlation: order^2 steps in all, instead of order^3 each.

    References
    ----------
    Durbin (1960), The fitting of time-series models, *Review of the International Statistical Institute* 28.

    Examples
    --------
    >>> levinson_durbin(np.array([1.0, 0.5, 0.25]))
    (array([0.5, 0. ]), array([1. , 0.5, 0. ]), 0.75)
    """
    covariances = to_numpy(check_vector(covariances, "covariances"))
    coefficients, partial, variance = np.empty(0), [1.0], covariances[0]
    for k in range(1, covariances.size):
        last = (covariances[k] - coefficients @ covariances[k - 1 : 0 : -1]) / variance
        coefficients = _lengthened(coefficients, last)
        variance = variance * (1 - last**2)
        partial.append(last)
    return coefficients, np.array(partial), float(variance)


def pacf(y, n_lags=40):
    """Correlation with the value k times ago that the values between do not explain. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
        Not constant.
    n_lags : int
        From 1 to n_times - 1.

    Returns
    -------
    correlations : array of shape (n_lags + 1,)
        The first is one; for an autoregression of order p those beyond p are near zero.

    Raises
    ------
    ShapeError
        If y is not 1-D.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If n_lags is not from 1 to n_times - 1, or y is constant.

    Examples
    --------
    >>> pacf(np.array([1.0, 2.0, 3.0, 2.0, 1.0]), 1).round(4)
    array([1.    , 0.0571])
    """
    return levinson_durbin(acf(y, n_lags))[1]


def partial_to_ar(partial):
    """Autoregression with these partial autocorrelations. Numpy only.

    Parameters
    ----------
    partial : array of shape (p,)
        At lags 1, 2, ...; all between -1 and 1 for a stationary series.

    Returns
    -------
    coefficients : array of shape (p,)
        Of y[t - 1], y[t - 2], ...

    Examples
    --------
    >>> partial_to_ar(np.array([0.5, 0.2]))
    array([0.4, 0.2])
    """
    coefficients = np.empty(0)
    for last in check_array(partial, "partial", ndim=1):
        coefficients = _lengthened(coefficients, last)
    return coefficients


def ar_to_partial(coefficients):
    """Partial autocorrelations of an autoregression. Numpy only.

    Parameters
    ----------
    coefficients : array of shape (p,)
        Of y[t - 1], y[t - 2], ...

    Returns
    -------
    partial : array of shape (p,)
        At lags 1, 2, ...; all between -1 and 1 exactly where the autoregression is stationary.

    Notes
    -----
    The steps of `levinson_durbin` backwards. One at which a value is 1 or -1 cannot be undone; it is moved by
    a billionth.

    Examples
    --------
    >>> ar_to_partial(np.array([0.4, 0.2]))
    array([0.5, 0.2])
    """
    partial, coefficients = [], check_array(coefficients, "coefficients", ndim=1).astype(np.float64)
    while coefficients.size:
        last = coefficients[-1] if abs(coefficients[-1]) != 1 else coefficients[-1] * (1 - 1e-9)
        partial.append(last)
        coefficients = (coefficients[:-1] + last * coefficients[-2::-1]) / (1 - last**2)
    return np.array(partial[::-1])


def _lengthened(coefficients, last):
    """Coefficients of the next order, from those of this one and the next partial autocorrelation."""
    return np.append(coefficients - last * coefficients[::-1], last)


def _check_lags(n_lags, y):
    check_count(n_lags, "n_lags")
    if n_lags >= y.size:
        raise ShapeError(f"y has {y.size} values, too few for n_lags = {n_lags}; choose n_lags < {y.size}")
