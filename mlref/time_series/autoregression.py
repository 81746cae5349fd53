"""Autoregression: a series predicted from its own past by least squares. Numpy only."""

import numpy as np

from mlref.arrays import to_numpy
from mlref.errors import NotFittedError, ShapeError, check_count, check_vector
from mlref.linear_model.solvers import solve_least_squares
from mlref.time_series.lags import lag_matrix

__all__ = ["AutoReg", "fit_ar", "forecast_ar"]


def fit_ar(y, n_lags):
    """Least squares of y[t] on its n_lags past values and an intercept. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
        At least ``2 n_lags + 2`` values.
    n_lags : int

    Returns
    -------
    intercept : float
    coefficients : array of shape (n_lags,)
        Of y[t - 1], y[t - 2], ...
    variance : float
        Mean of the squared residuals.

    Raises
    ------
    ShapeError
        If y is not 1-D or too short.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If n_lags is not a whole number of at least 1.

    Notes
    -----
    ``y_t = c + phi_1 y_{t-1} + ... + phi_p y_{t-p} + e_t``, given the first p values. The mean of a
    stationary series is ``c / (1 - sum phi)``.

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2016), *Time Series Analysis*, section 7.3.

    Examples
    --------
    >>> intercept, coefficients, _ = fit_ar(np.array([8.0, 4.0, 2.0, 1.0, 0.5]), 1)
    >>> round(intercept, 9) + 0.0, coefficients.round(9)
    (0.0, array([0.5]))
    """
    y = to_numpy(check_vector(y, "y"))
    check_count(n_lags, "n_lags")
    if y.size < 2 * n_lags + 2:
        raise ShapeError(
            f"y has {y.size} values; n_lags = {n_lags} needs at least {2 * n_lags + 2}: use fewer lags"
        )
    A, targets = lag_matrix(y, n_lags)
    coefficients, intercept = solve_least_squares(A, targets, solver="cholesky")
    residuals = targets - intercept - A @ coefficients
    return float(intercept), coefficients, float(residuals @ residuals) / residuals.size


def forecast_ar(history, intercept, coefficients, steps):
    """The next values, each predicted from those before it, predicted ones among them. Numpy only.

    Parameters
    ----------
    history : array of shape (n_times,)
        At least as many values as there are coefficients.
    intercept : float
    coefficients : array of shape (n_lags,)
        Of y[t - 1], y[t - 2], ...
    steps : int
        How many to forecast.

    Returns
    -------
    forecast : array of shape (steps,)

    Raises
    ------
    ShapeError
        If history has fewer values than coefficients.
    ValueError
        If steps is not a whole number of at least 1.

    Notes
    -----
    ``y_t = intercept + sum phi_i y_{t-i}``, one value after the other: the error of each step feeds the next.

    Examples
    --------
    >>> forecast_ar(np.array([8.0, 4.0]), 0.0, np.array([0.5]), 3)
    array([2. , 1. , 0.5])
    """
    history, coefficients = check_vector(history, "history"), check_vector(coefficients, "coefficients")
    check_count(steps, "steps")
    p = coefficients.shape[0]
    if history.shape[0] < p:
        raise ShapeError(f"history has {history.shape[0]} values; a forecast needs the last {p} of them")
    values = list(to_numpy(history)[-p:])
    for _ in range(steps):
        values.append(intercept + coefficients @ values[: -p - 1 : -1])
    return np.array(values[p:])


class AutoReg:
    """Autoregression of a series. Numpy only.

    Parameters
    ----------
    lags : int
        How many past values predict the next.

    Attributes
    ----------
    intercept_ : float
    coef_ : array of shape (lags,)
        Of y[t - 1], y[t - 2], ...
    sigma2_ : float
        Mean of the squared residuals.

    Examples
    --------
    >>> model = AutoReg(1).fit(np.array([8.0, 4.0, 2.0, 1.0, 0.5]))
    >>> model.forecast(2).round(9)
    array([0.25 , 0.125])
    """

    def __init__(self, lags=1):
        self.lags = lags

    def fit(self, y):
        """Fit by least squares.

        Parameters
        ----------
        y : array of shape (n_times,)

        Returns
        -------
        self : AutoReg

        Raises
        ------
        ShapeError
            If y is not 1-D or too short.
        NotFiniteError
            If y holds NaN or infinity.
        ValueError
            If lags is not a whole number of at least 1.
        """
        self.intercept_, self.coef_, self.sigma2_ = fit_ar(y, self.lags)
        self.y_ = to_numpy(check_vector(y, "y"))
        return self

    def predict(self, y):
        """One-step predictions, each from the true values before it.

        Parameters
        ----------
        y : array of shape (n_times,)
            The series of ``fit`` or another one.

        Returns
        -------
        predictions : array of shape (n_times - lags,)
            Of y[lags], y[lags + 1], ...

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If y is not 1-D or too short.
        """
        self._check_fitted()
        A, _ = lag_matrix(y, self.lags)
        return to_numpy(A) @ self.coef_ + self.intercept_

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
        return forecast_ar(self.y_, self.intercept_, self.coef_, steps)

    def __repr__(self):
        return f"AutoReg(lags={self.lags})"

    def _check_fitted(self):
        if not hasattr(self, "coef_"):
            raise NotFittedError("this AutoReg is not fitted yet; call fit(y) before you use it")
