"""The exact likelihood of an ARMA model: by a banded Cholesky factor or the Kalman filter. Numpy only."""

import math

import numpy as np
from scipy.linalg import cholesky_banded, solve_discrete_lyapunov
from scipy.linalg.lapack import dtbtrs
from scipy.optimize import minimize
from scipy.signal import lfilter

from mlref.arrays import to_numpy
from mlref.errors import ShapeError, check_array, check_vector
from mlref.time_series.arma import fit_arma_css, psi_weights
from mlref.time_series.correlation import ar_to_partial, partial_to_ar

__all__ = [
    "arma_autocovariance",
    "arma_log_likelihood",
    "fit_arma_ml",
    "innovations",
    "kalman_log_likelihood",
]


def arma_autocovariance(ar, ma, n_lags):
    """Autocovariances of a stationary ARMA process whose residuals have variance one. Numpy only.

    Parameters
    ----------
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    n_lags : int

    Returns
    -------
    covariances : array of shape (n_lags + 1,)
        At lags 0, 1, ...

    Notes
    -----
    Multiply the model with ``y_{t-k}`` and take the mean:
    ``g_k - sum_i phi_i g_{|k-i|} = sum_{j>=k} theta_j psi_{j-k}`` with ``theta_0 = 1``. The equations of
    ``k = 0, ..., p`` determine the first values, the others follow one by one.

    References
    ----------
    Brockwell and Davis (1991), *Time Series: Theory and Methods*, section 3.3.

    Examples
    --------
    >>> arma_autocovariance(np.array([0.5]), np.array([]), 2).round(4)
    array([1.3333, 0.6667, 0.3333])
    """
    ar, ma = check_array(ar, "ar", ndim=1), check_array(ma, "ma", ndim=1)
    p, q = len(ar), len(ma)
    n = max(n_lags, p) + 1
    psi, theta = psi_weights(ar, ma, q + 1), np.append(1.0, ma)
    right = np.zeros(n)
    for k in range(min(q + 1, n)):
        right[k] = theta[k:] @ psi[: q + 1 - k]
    left = np.eye(n)
    for k in range(n):
        for i in range(1, p + 1):
            left[k, abs(k - i)] -= ar[i - 1]
    return np.linalg.solve(left, right)[: n_lags + 1]


def innovations(z, ar, ma, *, steps=0):
    """Independent errors that make up a stationary series, and the matrix that mixes them. Numpy only.

    Parameters
    ----------
    z : array of shape (n_times,)
        With mean zero.
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    steps : int
        Rows of the matrix beyond the series.

    Returns
    -------
    scores : array of shape (n_times,)
        Errors of predicting each value from all before it, in units of their standard deviation.
    band : array of shape (bandwidth + 1, n_times + steps)
        Cholesky factor L of the covariance of w, with ``band[k, t] = L[t + k, t]``: its first row has the
        standard deviations of the errors. The residuals of the model have variance one.

    Notes
    -----
    With ``m = max(p, q)``, ``w_t = z_t`` for ``t < m`` and ``w_t = z_t - sum phi_i z_{t-i}`` after, a moving
    average. The map from z to w has determinant one, and the covariance of w is a band of m diagonals or so:
    its Cholesky factor takes n m^2 steps. From ``w = L u`` follow independent u.

    References
    ----------
    Ansley (1979), An algorithm for the exact likelihood of a mixed autoregressive-moving average process,
    *Biometrika* 66(1).

    Examples
    --------
    >>> scores, band = innovations(np.array([1.0, 2.0]), np.array([]), np.array([1.0]))
    >>> (band[0] ** 2).round(4)
    array([2. , 1.5])
    """
    z, ar, ma = to_numpy(check_array(z, "z")), check_array(ar, "ar", ndim=1), check_array(ma, "ma", ndim=1)
    if not z.shape or z.size == 0:
        raise ShapeError("z is empty; it needs at least one value")
    m, n = max(len(ar), len(ma)), z.shape[0]
    covariance = _banded_covariance(ar, ma, n + steps)
    band = cholesky_banded(covariance, lower=True, check_finite=False)
    w = lfilter(np.append(1.0, -ar), [1.0], z, axis=0)
    w[:m] = z[:m]
    scores, _ = dtbtrs(band[:, :n], w, uplo="L")
    return scores, band


def arma_log_likelihood(y, ar, ma, *, mean=None):
    """Exact Gaussian log-likelihood of a stationary ARMA model, at its best mean and variance. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    mean : float, optional
        Of the series; by default the one with the largest likelihood.

    Returns
    -------
    log_likelihood : float
        Infinite where the model leaves no residual.
    mean : float
    variance : float
        Of the residuals, the one with the largest likelihood.

    Raises
    ------
    ShapeError
        If y is not 1-D.
    NotFiniteError
        If y holds NaN or infinity.

    Notes
    -----
    With the scores u and standard deviations d of `innovations`, both for residuals of variance one:
    ``variance = mean(u^2)`` and ``log L = -n/2 (log(2 pi variance) + 1) - sum log d``. The scores are linear
    in y, so the best mean is a least-squares fit of the scores of y by the scores of a series of ones.

    References
    ----------
    Brockwell and Davis (1991), *Time Series: Theory and Methods*, section 8.7.

    Examples
    --------
    >>> log_likelihood, mean, variance = arma_log_likelihood(np.array([1.0, 3.0]), [], [])
    >>> round(log_likelihood, 4), mean, variance
    (-2.8379, 2.0, 1.0)
    """
    y = to_numpy(check_vector(y, "y"))
    scores, band = innovations(np.stack([y, np.ones_like(y)], axis=1), ar, ma)
    of_y, of_one = scores.T
    if mean is None:
        mean = float(of_y @ of_one) / float(of_one @ of_one)
    errors = of_y - mean * of_one
    variance = float(errors @ errors) / y.size
    log_scale = float(np.sum(np.log(band[0])))
    if variance == 0:
        return math.inf, mean, variance
    return -0.5 * y.size * (math.log(2 * math.pi * variance) + 1) - log_scale, mean, variance


def kalman_log_likelihood(y, ar, ma, mean, variance):
    """Exact Gaussian log-likelihood of a stationary ARMA model by the Kalman filter. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    ar : array of shape (p,)
        Weights of the values 1, 2, ... times ago.
    ma : array of shape (q,)
        Weights of the residuals 1, 2, ... times ago.
    mean : float
        Of the series.
    variance : float
        Of the residuals.

    Returns
    -------
    log_likelihood : float
        The same as that of `arma_log_likelihood` at this mean and variance.

    Notes
    -----
    The state holds what is known of the next values: ``a' = T a + R e`` with ``T = [phi | I]`` shifted up by
    one, ``R = (1, theta)``, and ``y = mean + a[0]``. Before any value, its covariance is that of the
    stationary process. Each value is compared with its prediction (variance F), and the difference corrects
    the state.

    References
    ----------
    Durbin and Koopman (2012), *Time Series Analysis by State Space Methods*, section 4.3.

    Examples
    --------
    >>> round(kalman_log_likelihood(np.array([1.0, 3.0]), [], [], 2.0, 1.0), 4)
    -2.8379
    """
    y, ar, ma = check_vector(y, "y"), check_array(ar, "ar", ndim=1), check_array(ma, "ma", ndim=1)
    size = max(len(ar), len(ma) + 1)
    T, R = np.eye(size, k=1), np.eye(1, size)[0]
    T[: len(ar), 0], R[1 : len(ma) + 1] = ar, ma
    noise = variance * np.outer(R, R)
    state, P = np.zeros(size), solve_discrete_lyapunov(T, noise)
    log_likelihood = 0.0
    for value in y:
        F, error = P[0, 0], value - mean - state[0]
        log_likelihood -= 0.5 * (math.log(2 * math.pi * F) + error**2 / F)
        gain = P[:, 0] / F
        state = T @ (state + gain * error)
        P = T @ (P - np.outer(gain, P[0])) @ T.T + noise
    return float(log_likelihood)


def fit_arma_ml(y, p, q, *, fit_intercept=True):
    """ARMA model with the largest exact likelihood. Numpy only.

    Parameters
    ----------
    y : array of shape (n_times,)
    p : int
    q : int
    fit_intercept : bool
        Whether the series has a mean to fit; if not it is zero.

    Returns
    -------
    intercept : float
        ``mean (1 - sum ar)``.
    ar : array of shape (p,)
        Of a stationary model.
    ma : array of shape (q,)
        Of an invertible one.
    variance : float
        Of the residuals.

    Raises
    ------
    ShapeError
        If y is not 1-D or too short.
    NotFiniteError
        If y holds NaN or infinity.

    Notes
    -----
    Any p numbers between -1 and 1 are the partial autocorrelations of one stationary autoregression, and
    their inverse hyperbolic tangents are free: no bounds are needed. The same holds for the weights of an
    invertible moving average with the sign turned. Mean and variance are solved for at each step
    (`arma_log_likelihood`). Start: `fit_arma_css`.

    References
    ----------
    Monahan (1984), A note on enforcing stationarity in autoregressive-moving average models, *Biometrika*
    71(2).

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=501)
    >>> intercept, ar, ma, variance = fit_arma_ml(noise[1:] + 0.5 * noise[:-1], 0, 1)
    >>> bool(abs(ma[0] - 0.5) < 0.1)
    True
    """
    y = to_numpy(check_vector(y, "y"))
    intercept, ar, ma, variance = fit_arma_css(y, p, q, fit_intercept=fit_intercept)
    if variance == 0:  # without errors there is nothing to weigh
        return intercept, ar, ma, variance
    mean = None if fit_intercept else 0.0

    def weights(free):
        return partial_to_ar(np.tanh(free[:p])), -partial_to_ar(np.tanh(free[p:]))

    def loss(free):
        return -arma_log_likelihood(y, *weights(free), mean=mean)[0] / y.size

    partial = np.concatenate([ar_to_partial(ar), ar_to_partial(-ma)])
    # The conditional fit need not be stationary, or invertible.
    start = np.arctanh(np.clip(partial, -0.98, 0.98))
    free = minimize(loss, start, method="BFGS", options={"gtol": 1e-6}).x if p + q > 0 else start
    ar, ma = weights(free)
    _, mean, variance = arma_log_likelihood(y, ar, ma, mean=mean)
    return mean * (1 - float(np.sum(ar))), ar, ma, variance


def _banded_covariance(ar, ma, n):
    """Covariance of w in `innovations`, its diagonals as rows."""
    p, q = len(ar), len(ma)
    m, theta = max(p, q), np.append(1.0, ma)
    width = max(m - 1, q)
    diagonals = np.zeros((width + 1, n))
    for k in range(q + 1):  # two values of the moving average, k apart
        diagonals[k, m:] = theta[k:] @ theta[: q + 1 - k]
    if m > 0:
        g, psi = arma_autocovariance(ar, ma, m - 1), psi_weights(ar, ma, q + 1)
        for i in range(min(m, n)):
            diagonals[: m - i, i] = g[: m - i]  # two values of the series itself
            for k in range(m - i, q + 1):  # one of each
                diagonals[k, i] = theta[k:] @ psi[: q + 1 - k]
    return diagonals
