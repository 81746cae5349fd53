"""ARIMA: an ARMA model of the differences, and forecasts of the series with their uncertainty. Numpy only."""

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtri

from mlref.arrays import to_numpy
from mlref.errors import NotFittedError, ShapeError, check_array, check_choice, check_count, check_vector
from mlref.time_series.arma import arma_residuals, fit_arma_css
from mlref.time_series.lags import difference, undifference
from mlref.time_series.likelihood import arma_log_likelihood, fit_arma_ml, innovations

__all__ = ["ARIMA", "arima_forecast", "arma_forecast"]


def arma_forecast(y, intercept, ar, ma, steps):
    """Best forecasts of a stationary ARMA series, and how their errors are made. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    intercept : float
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    steps : int

    Returns
    -------
    forecast : array of shape (steps,)
    errors : array of shape (steps, steps)
        Lower triangle: the error of forecast h is row h times independent errors, in units of the standard
        deviation of the residuals. The sum of squares of the row is its variance.

    Raises
    ------
    ShapeError
        If y is not 1-D or has fewer values than there are weights.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If steps is not a whole number of at least 1.

    Notes
    -----
    `innovations` writes the series as a mixture of independent errors. Those of the past are known, those of
    the future have mean zero: a forecast is the known part of the mixture.

    References
    ----------
    Brockwell and Davis (1991), *Time Series: Theory and Methods*, section 5.3.

    Examples
    --------
    >>> forecast, errors = arma_forecast(np.array([2.0, 4.0]), 1.0, np.array([0.5]), np.array([]), 2)
    >>> forecast, errors
    (array([3. , 2.5]), array([[1. , 0. ],
           [0.5, 1. ]]))
    """
    y = to_numpy(check_vector(y, "y"))
    ar, ma = check_array(ar, "ar", ndim=1), check_array(ma, "ma", ndim=1)
    check_count(steps, "steps")
    if y.size < max(len(ar), len(ma)):
        raise ShapeError(f"y has {y.size} values, fewer than the {max(len(ar), len(ma))} weights; pass more")
    mean = intercept / (1 - np.sum(ar))
    z, n = y - mean, y.size
    scores, band = innovations(z, ar, ma, steps=steps)
    width = band.shape[0] - 1
    known, future = np.zeros(steps), np.zeros((steps, steps))
    for h in range(steps):
        for k in range(min(width, n + h) + 1):
            t = n + h - k  # the error of time t enters with weight band[k, t]
            if t < n:
                known[h] += band[k, t] * scores[t]
            else:
                future[h, t - n] = band[k, t]
    # From w back to z: w_t = z_t - sum phi_i z_{t-i}, with the end of z as the past.
    denominator = np.append(1.0, -ar)
    z = np.append(z, np.zeros(steps))
    for h in range(steps):
        z[n + h] = known[h] - sum(denominator[i] * z[n + h - i] for i in range(1, len(ar) + 1))
    return mean + z[n:], lfilter([1.0], denominator, future, axis=0)


def arima_forecast(y, order, steps, *, seasonal_lag=None, method="ml"):
    """Forecasts by an ARIMA model fitted to the series. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    order : tuple of three int
        p past values and q past residuals of the series after d differences.
    steps : int
    seasonal_lag : int, optional
        Length of a season; the series is first differenced once at this lag.
    method : {"ml", "css"}
        Exact likelihood, or conditional sum of squares.

    Returns
    -------
    forecast : array of shape (steps,)

    Raises
    ------
    ShapeError
        If y is not 1-D or too short.
    NotFiniteError
        If y holds NaN or infinity.
    ValueError
        If an order is negative, steps is not a whole number of at least 1, or the method is unknown.

    Examples
    --------
    >>> arima_forecast(np.array([1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0]), (0, 1, 0), 3, seasonal_lag=3)
    array([4., 5., 6.])
    """
    return ARIMA(order, seasonal_lag=seasonal_lag, method=method).fit(y).forecast(steps)


class ARIMA:
    """Autoregression and moving average of the differences of a series. Numpy only.

    Without differences the series has an intercept to fit; with them the differences have mean zero.

    Parameters
    ----------
    order : tuple of three int
        p past values and q past residuals of the series after d differences.
    seasonal_lag : int, optional
        Length of a season; the series is first differenced once at this lag.
    method : {"ml", "css"}
        Exact likelihood, or conditional sum of squares, which is faster.

    Attributes
    ----------
    intercept_ : float
    ar_ : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma_ : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    sigma2_ : float
        Variance of the residuals.
    log_likelihood_ : float
        Of the differences.
    residuals_ : array of shape (n_differences - p,)

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2016), *Time Series Analysis*, chapters 4 to 7.

    Examples
    --------
    >>> y = np.cumsum(np.random.default_rng(0).normal(size=200))
    >>> model = ARIMA((0, 1, 0)).fit(y)
    >>> bool(np.all(model.forecast(3) == y[-1]))
    True
    >>> (model.forecast_interval(4)[1] - y[-1]).round(2)
    array([1.89, 2.67, 3.27, 3.78])
    """

    def __init__(self, order=(1, 0, 0), *, seasonal_lag=None, method="ml"):
        self.order = order
        self.seasonal_lag = seasonal_lag
        self.method = method

    def fit(self, y):
        """Difference, and fit the weights.

        Parameters
        ----------
        y : array of shape (n_times,)

        Returns
        -------
        self : ARIMA

        Raises
        ------
        ShapeError
            If y is not 1-D or too short.
        NotFiniteError
            If y holds NaN or infinity.
        ValueError
            If a parameter is not allowed.

        Warns
        -----
        ConvergenceWarning
            If the least squares did not converge.
        """
        check_choice(self.method, ("ml", "css"), "method")
        p, d, q = _checked_order(self.order)
        y = to_numpy(check_vector(y, "y")).astype(np.float64)
        self.y_, z = y, y
        if self.seasonal_lag is not None:
            z = difference(z, 1, lag=self.seasonal_lag)
        self.seasonal_changes_ = z
        self.changes_ = z = difference(z, d)
        fit = fit_arma_ml if self.method == "ml" else fit_arma_css
        fit_intercept = d == 0 and self.seasonal_lag is None
        self.intercept_, self.ar_, self.ma_, self.sigma2_ = fit(z, p, q, fit_intercept=fit_intercept)
        mean = self.intercept_ / (1 - np.sum(self.ar_))
        self.log_likelihood_ = arma_log_likelihood(z, self.ar_, self.ma_, mean=mean)[0]
        self.residuals_ = arma_residuals(z, self.ar_, self.ma_, self.intercept_)
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
        return self._forecast(steps)[0]

    def forecast_interval(self, steps, level=0.95):
        """Where each future value lies with the given probability, if the model and its weights are right.

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
        """
        if not 0 < level < 1:
            raise ValueError(f"level is {level!r}; it must be between 0 and 1, such as 0.95")
        forecast, errors = self._forecast(steps)
        half = ndtri(0.5 + level / 2) * np.sqrt(self.sigma2_ * np.sum(errors**2, axis=1))
        return forecast - half, forecast + half

    def __repr__(self):
        return f"ARIMA(order={self.order}, seasonal_lag={self.seasonal_lag}, method={self.method!r})"

    def _forecast(self, steps):
        if not hasattr(self, "ar_"):
            raise NotFittedError("this ARIMA is not fitted yet; call fit(y) before you use it")
        forecast, errors = arma_forecast(self.changes_, self.intercept_, self.ar_, self.ma_, steps)
        undo = [(self.seasonal_changes_, self.order[1], 1)]
        if self.seasonal_lag is not None:
            undo.append((self.y_, 1, self.seasonal_lag))
        for history, d, lag in undo:
            if d > 0:
                forecast = undifference(forecast, history[history.size - d * lag :], lag=lag)[d * lag :]
                # Errors add up as the changes do, from a past without error.
                zeros = np.zeros(d * lag)
                errors = np.stack([undifference(e, zeros, lag=lag)[d * lag :] for e in errors.T], axis=1)
        return forecast, errors


def _checked_order(order):
    if len(order) != 3 or any(isinstance(n, bool) or not hasattr(n, "__index__") or n < 0 for n in order):
        raise ValueError(f"order is {order!r}; it must be (p, d, q), three whole numbers of at least 0")
    return order
