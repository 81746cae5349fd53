"""Autoregression with moving averages: residuals, conditional sum of squares, fit. Numpy only."""

import warnings

import numpy as np
from scipy.signal import lfilter

from mlref.arrays import to_numpy
from mlref.errors import ConvergenceWarning, ShapeError, check_array, check_vector
from mlref.linear_model.solvers import solve_least_squares
from mlref.time_series.autoregression import fit_ar

__all__ = ["arma_css", "arma_residuals", "fit_arma_css", "ma_residuals", "psi_weights"]


def ma_residuals(y, ma, mean=0.0):
    """Residuals of a moving average: each value less the weighted residuals before it. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    mean : float
        Of the series.

    Returns
    -------
    residuals : array of shape (n_times,)

    Notes
    -----
    ``y_t = mean + e_t + theta_1 e_{t-1} + ... + theta_q e_{t-q}``, solved for e_t one time after the other,
    with ``e_t = 0`` before the first. That is a recursive filter with the denominator (1, theta).

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2016), *Time Series Analysis*, section 7.1.

    Examples
    --------
    >>> ma_residuals(np.array([1.0, 1.0, 1.0]), np.array([0.5]))
    array([1.  , 0.5 , 0.75])
    """
    ma = check_array(ma, "ma", ndim=1)
    return lfilter([1.0], np.append(1.0, ma), to_numpy(check_vector(y, "y")) - mean)


def arma_residuals(y, ar, ma, intercept=0.0):
    """Residuals of an ARMA model, given the first values. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    intercept : float

    Returns
    -------
    residuals : array of shape (n_times - p,)
        Of y[p], y[p + 1], ...

    Raises
    ------
    ShapeError
        If y is not 1-D or has no more than p values.
    NotFiniteError
        If y holds NaN or infinity.

    Notes
    -----
    ``y_t = c + sum phi_i y_{t-i} + e_t + sum theta_j e_{t-j}`` for ``t >= p``, and ``e_t = 0`` before. What
    the autoregression leaves is a moving average of the residuals.

    Examples
    --------
    >>> arma_residuals(np.array([8.0, 4.0, 3.0]), np.array([0.5]), np.array([0.5]))
    array([0., 1.])
    """
    y, ar = to_numpy(check_vector(y, "y")), check_array(ar, "ar", ndim=1)
    if y.size <= len(ar):
        raise ShapeError(f"y has {y.size} values; {len(ar)} past values need at least {len(ar) + 1}")
    return ma_residuals(np.convolve(y, np.append(1.0, -ar), mode="valid"), ma, intercept)


def arma_css(parameters, y, p, q):
    """Conditional sum of squared residuals of an ARMA model, and its gradient. Numpy only.

    Parameters
    ----------
    parameters : array of shape (1 + p + q,)
        Intercept, p weights of past values, q weights of past residuals.
    y : array of shape (n_times,)
    p : int
    q : int

    Returns
    -------
    loss : float
    gradient : array of shape (1 + p + q,)

    Raises
    ------
    ShapeError
        If y is not 1-D or too short, or there are not 1 + p + q parameters.
    NotFiniteError
        If y holds NaN or infinity.

    Notes
    -----
    Differentiate ``e_t = y_t - c - sum phi_i y_{t-i} - sum theta_j e_{t-j}``: every derivative of e obeys the
    recursion of e itself, driven by -1, by ``-y_{t-i}`` or by ``-e_{t-j}``.

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2016), *Time Series Analysis*, section 7.2.

    Examples
    --------
    >>> arma_css(np.array([0.0, 0.5, 0.5]), np.array([8.0, 5.0, 4.0]), 1, 1)
    (2.0, array([ -3., -18.,  -2.]))
    """
    residuals, jacobian = _residuals_and_jacobian(parameters, y, p, q)
    return float(residuals @ residuals), 2 * residuals @ jacobian


def fit_arma_css(y, p, q, *, fit_intercept=True):
    """Intercept and weights with the smallest conditional sum of squares. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    p : int
    q : int
    fit_intercept : bool
        Whether there is an intercept; if not it is zero.

    Returns
    -------
    intercept : float
    ar : array of shape (p,)
    ma : array of shape (q,)
    variance : float
        Mean of the squared residuals.

    Raises
    ------
    ShapeError
        If y is not 1-D or too short.
    NotFiniteError
        If y holds NaN or infinity.

    Warns
    -----
    ConvergenceWarning
        If the least squares did not converge.

    Notes
    -----
    Start: a long autoregression estimates the residuals, and least squares on past values and past residuals
    then gives all weights (Hannan and Rissanen). From there Levenberg and Marquardt's steps on the residuals
    with their exact derivatives. Without a moving average the start is the answer.

    References
    ----------
    Hannan and Rissanen (1982), Recursive estimation of mixed autoregressive-moving average order,
    *Biometrika* 69(1).

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=2001)
    >>> intercept, ar, ma, variance = fit_arma_css(noise[1:] + 0.5 * noise[:-1], 0, 1)
    >>> bool(abs(ma[0] - 0.5) < 0.05)
    True
    """
    y = to_numpy(check_vector(y, "y"))
    if y.size < 3 * (p + q + 1):
        raise ShapeError(f"y has {y.size} values; p = {p} and q = {q} need at least {3 * (p + q + 1)}")
    parameters = _hannan_rissanen(y, p, q, fit_intercept)
    if q > 0:
        free = slice(0 if fit_intercept else 1, None)
        parameters = _levenberg_marquardt(
            lambda values: _residuals_and_jacobian(values, y, p, q), parameters, free, max_iter=200, tol=1e-10
        )
    intercept, ar, ma = parameters[0], parameters[1 : 1 + p], parameters[1 + p :]
    residuals = arma_residuals(y, ar, ma, intercept)
    return float(intercept), ar, ma, float(residuals @ residuals) / residuals.size


def psi_weights(ar, ma, n_weights):
    """Weights of the model written as a moving average without end. Numpy only.

    Parameters
    ----------
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    n_weights : int

    Returns
    -------
    psi : array of shape (n_weights,)
        ``y_t = mean + e_t + psi[1] e_{t-1} + psi[2] e_{t-2} + ...``; the first is one.

    Notes
    -----
    A forecast h steps ahead does not know h residuals, so its error has variance
    ``sigma^2 (psi[0]^2 + ... + psi[h-1]^2)``.

    References
    ----------
    Box, Jenkins, Reinsel and Ljung (2016), *Time Series Analysis*, section 5.1.

    Examples
    --------
    >>> psi_weights(np.array([0.5]), np.array([0.25]), 4)
    array([1.    , 0.75  , 0.375 , 0.1875])
    """
    ar, ma = check_array(ar, "ar", ndim=1), check_array(ma, "ma", ndim=1)
    return lfilter(np.append(1.0, ma), np.append(1.0, -ar), np.eye(1, n_weights)[0])


def _residuals_and_jacobian(parameters, y, p, q):
    y, parameters = to_numpy(check_vector(y, "y")), to_numpy(check_vector(parameters, "parameters"))
    if parameters.size != 1 + p + q:
        raise ShapeError(f"parameters has {parameters.size} values; p = {p} and q = {q} take {1 + p + q}")
    intercept, ar, ma = parameters[0], parameters[1 : 1 + p], parameters[1 + p :]
    residuals = arma_residuals(y, ar, ma, intercept)
    n = residuals.size
    drivers = np.zeros((n, 1 + p + q))
    drivers[:, 0] = -1
    for i in range(1, p + 1):
        drivers[:, i] = -y[p - i : p - i + n]
    for j in range(1, q + 1):
        drivers[j:, p + j] = -residuals[:-j]
    return residuals, lfilter([1.0], np.append(1.0, ma), drivers, axis=0)


def _hannan_rissanen(y, p, q, fit_intercept):
    """Intercept and weights by least squares on past values and past residuals of a long autoregression."""
    residuals, skip = None, 0
    if q > 0:
        skip = min(max(10, 2 * (p + q)), y.size // 4)
        intercept, ar, _ = fit_ar(y, skip)
        residuals = arma_residuals(y, ar, [], intercept)
    columns, first = [], skip + max(p, q)
    columns += [y[first - i : y.size - i] for i in range(1, p + 1)]
    columns += [residuals[first - skip - j : residuals.size - j] for j in range(1, q + 1)]
    if not columns:
        return np.array([y.mean() if fit_intercept else 0.0])
    weights, intercept = solve_least_squares(
        np.stack(columns, axis=1), y[first:], fit_intercept=fit_intercept
    )
    if np.any(np.abs(np.roots(np.append(1.0, weights[p:]))) >= 1):
        weights[p:] = 0.0  # residuals of such a moving average explode
    return np.append(intercept, weights)


def _levenberg_marquardt(residuals_and_jacobian, x, free, *, max_iter, tol):
    """Least squares of the free entries of x: Gauss-Newton steps, shortened until they help."""
    damping, (e, J) = 1e-3, residuals_and_jacobian(x)
    for _ in range(max_iter):
        J = J[:, free]
        gradient, curvature = J.T @ e, J.T @ J
        step = np.zeros_like(x)
        step[free] = -np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), gradient)
        # A long step may leave the region where the residuals stay finite: then it is no better either.
        with np.errstate(over="ignore", invalid="ignore"):
            new_e, new_J = residuals_and_jacobian(x + step)
            gain = e @ e - new_e @ new_e
        if gain >= 0:
            x, damping = x + step, damping / 10
            converged = gain <= tol * (e @ e)
            e, J = new_e, new_J
            if converged:
                return x
        else:
            damping *= 10
            if damping > 1e12:
                return x
    warnings.warn(
        f"no convergence in {max_iter} steps; try lower orders",
        ConvergenceWarning,
        stacklevel=3,
    )
    return x
