"""The line and the normal noise around it: least squares as maximum likelihood."""

import math

from mlref.arrays import namespace
from mlref.errors import check_matrix, check_positive, check_same_length, check_vector
from mlref.linear_model.least_squares import lstsq

__all__ = [
    "fit_gaussian",
    "gaussian_log_likelihood",
]


def gaussian_log_likelihood(w, beta, X, y):
    """Log-likelihood of a linear model with normal noise.

    Parameters
    ----------
    w : array of shape (n_features,)
        Coefficients.
    beta : float
        Precision of the noise, one over its variance; positive.
    X : array of shape (n_samples, n_features)
        As it is: a column of ones makes an intercept.
    y : array of shape (n_samples,)

    Returns
    -------
    log_likelihood : float
        Natural logarithm of the density of y; it may be positive.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If an array holds NaN or infinity.
    ValueError
        If beta is not positive.

    Notes
    -----
    ``n/2 log(beta / 2 pi) - beta/2 |y - X w|^2``: by w it is largest where the sum of squares is smallest,
    whatever beta is.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equations 1.62 and 3.11.

    Examples
    --------
    >>> round(gaussian_log_likelihood(np.array([1.0]), 1.0, np.array([[1.0]]), np.array([1.0])), 6)
    -0.918939
    """
    check_positive(beta, "beta")
    n = check_matrix(X, "X").shape[0]
    return n / 2 * math.log(beta / (2 * math.pi)) - beta / 2 * _squared_residuals(w, X, y)


def fit_gaussian(X, y):
    """Coefficients and precision of the noise that make the data most likely.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: a column of ones makes an intercept.
    y : array of shape (n_samples,)

    Returns
    -------
    w : array of shape (n_features,)
        Those of least squares.
    beta : float
        One over the mean squared residual.

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, or their lengths differ.
    NotFiniteError
        If X or y holds NaN or infinity.
    ValueError
        If the model goes through every point, up to rounding: then the likelihood grows without limit.

    Notes
    -----
    The derivative of the log-likelihood by beta, ``n / (2 beta) - |y - X w|^2 / 2``, is zero at
    ``1 / beta = |y - X w|^2 / n``. That divides by n, not by the degrees of freedom: it is biased.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, equation 3.21.

    Examples
    --------
    >>> w, beta = fit_gaussian(np.ones((2, 1)), np.array([1.0, 3.0]))
    >>> w.round(12), round(beta, 12)
    (array([2.]), 1.0)
    """
    y = check_vector(y, "y")
    w = lstsq(X, y)
    squares = _squared_residuals(w, X, y)
    xp, n = namespace(w), y.shape[0]
    rounding = n * float(xp.finfo(w.dtype).eps)
    if squares <= rounding**2 * float(xp.sum(check_matrix(X, "X") ** 2) * xp.sum(w**2)):
        raise ValueError(
            "the model goes through every point, so no precision is the best; use fewer features or more "
            "samples"
        )
    return w, n / squares


def _squared_residuals(w, X, y):
    X, y, w = check_matrix(X, "X"), check_vector(y, "y"), check_vector(w, "w")
    check_same_length(X=X, y=y)
    return float(namespace(X, y).sum((y - X @ w) ** 2))
