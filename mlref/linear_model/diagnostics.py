"""What the residuals of a regression tell: influence of single samples, normality, deviance."""

import numpy as np
from scipy.special import ndtri

from mlref.arrays import from_numpy, namespace
from mlref.errors import ShapeError, check_matrix, check_same_length, check_vector
from mlref.linear_model.least_squares import lstsq

__all__ = [
    "cooks_distance",
    "deviance_residuals",
    "leverage",
    "poisson_deviance",
    "qq_points",
    "standardized_residuals",
]


def leverage(X):
    """How much each sample's own target pulls its prediction: the diagonal of the hat matrix.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: with a column of ones if the model has an intercept.

    Returns
    -------
    leverage : array of shape (n_samples,)
        From 0 to 1; the sum is the number of independent columns. Twice the mean is worth a look.

    Raises
    ------
    ShapeError
        If X is not 2-D or is empty.
    NotFiniteError
        If X holds NaN or infinity.

    Notes
    -----
    Predictions are ``H y`` with ``H = U U^T`` for an orthonormal basis U of the columns of X. H has the shape
    (n_samples, n_samples) and is never built.

    References
    ----------
    Hoaglin and Welsch (1978), The hat matrix in regression and ANOVA, *The American Statistician* 32(1).

    Examples
    --------
    >>> leverage(np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 9.0]])).round(12)
    array([0.5, 0.5, 1. ])
    """
    X = check_matrix(X, "X")
    xp = namespace(X)
    U, values, _ = xp.linalg.svd(X, full_matrices=False)
    independent = values > max(X.shape) * xp.finfo(X.dtype).eps * values[0]
    return xp.sum(xp.where(independent, U, xp.zeros_like(U)) ** 2, axis=1)


def standardized_residuals(X, y):
    """Residuals of least squares in units of their own standard deviation.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: with a column of ones if the model has an intercept.
    y : array of shape (n_samples,)

    Returns
    -------
    residuals : array of shape (n_samples,)
        NaN where the leverage is 1: such a sample is met whatever its target, and says nothing.

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, their lengths differ, or no more samples than independent columns.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    ``e_i / (s sqrt(1 - h_i))`` with the leverage h and ``s^2 = |e|^2 / (n - p)``: a residual varies less, the
    more its sample pulls. Also called internally studentised.

    References
    ----------
    Cook and Weisberg (1982), *Residuals and Influence in Regression*, chapter 2.

    Examples
    --------
    >>> standardized_residuals(np.ones((3, 1)), np.array([0.0, 0.0, 3.0])).round(6)
    array([-0.707107, -0.707107,  1.414214])
    """
    return _influence(X, y)[0]


def cooks_distance(X, y):
    """How far all predictions of least squares move when a sample is left out.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: with a column of ones if the model has an intercept.
    y : array of shape (n_samples,)

    Returns
    -------
    distances : array of shape (n_samples,)
        In units of the variance of all predictions; 1 is much. NaN where the leverage is 1.

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, their lengths differ, or no more samples than independent columns.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    ``|X w - X w_(i)|^2 / (p s^2) = r_i^2 h_i / (p (1 - h_i))`` with the standardised residual r and the
    leverage h: nothing is fitted again.

    References
    ----------
    Cook (1977), Detection of influential observation in linear regression, *Technometrics* 19(1).

    Examples
    --------
    >>> cooks_distance(np.ones((3, 1)), np.array([0.0, 0.0, 3.0])).round(6)
    array([0.25, 0.25, 1.  ])
    """
    residuals, pull, n_parameters = _influence(X, y)
    return residuals**2 * pull / (n_parameters * (1 - pull))


def qq_points(values):
    """Points of a normal quantile-quantile plot: near a straight line where the values are normal.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Residuals, say.

    Returns
    -------
    theoretical : array of shape (n_samples,)
        Quantiles of the standard normal distribution at ``(i - 1/2) / n``.
    ordered : array of shape (n_samples,)
        The values, ascending.

    Raises
    ------
    ShapeError
        If values is not 1-D or is empty.
    NotFiniteError
        If values holds NaN or infinity.

    Examples
    --------
    >>> theoretical, ordered = qq_points(np.array([3.0, 1.0]))
    >>> theoretical.round(4), ordered
    (array([-0.6745,  0.6745]), array([1., 3.]))
    """
    values = check_vector(values, "values")
    n = values.shape[0]
    theoretical = ndtri((np.arange(n) + 0.5) / n)
    return from_numpy(theoretical, like=values), namespace(values).sort(values)


def deviance_residuals(y_true, y_pred):
    """Signed roots of what each count adds to the Poisson deviance.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        Counts, not negative.
    y_pred : array of shape (n_samples,)
        Expected counts, positive.

    Returns
    -------
    residuals : array of shape (n_samples,)
        Near normal with variance 1 where the model is right and the counts are not small.

    Raises
    ------
    ShapeError
        If an array is not 1-D, or their lengths differ.
    NotFiniteError
        If an array holds NaN or infinity.
    ValueError
        If a count is negative, or an expected one is not positive.

    Notes
    -----
    ``sign(y - m) sqrt(2 (y log(y / m) - y + m))``; 0 log 0 counts as 0.

    Examples
    --------
    >>> deviance_residuals(np.array([0.0, 2.0]), np.array([2.0, 2.0]))
    array([-2.,  0.])
    """
    y_true, y_pred = check_vector(y_true, "y_true"), check_vector(y_pred, "y_pred")
    check_same_length(y_true=y_true, y_pred=y_pred)
    xp = namespace(y_true, y_pred)
    if bool(xp.any(y_true < 0)) or bool(xp.any(y_pred <= 0)):
        raise ValueError(
            "y_true must not be negative and y_pred must be positive: counts and expected counts"
        )
    ratio = xp.where(y_true > 0, y_true / y_pred, xp.ones_like(y_true))
    part = 2 * (y_true * xp.log(ratio) - y_true + y_pred)
    # Rounding can push the part of an exact prediction below zero.
    return xp.sign(y_true - y_pred) * xp.sqrt(xp.maximum(part, xp.zeros_like(part)))


def poisson_deviance(y_true, y_pred):
    """Twice the log-likelihood that expected counts miss against the best possible, which are the counts.

    Parameters
    ----------
    y_true : array of shape (n_samples,)
        Counts, not negative.
    y_pred : array of shape (n_samples,)
        Expected counts, positive.

    Returns
    -------
    deviance : float
        About the number of samples less that of parameters where the model is right; never negative.

    Raises
    ------
    ShapeError
        If an array is not 1-D, or their lengths differ.
    NotFiniteError
        If an array holds NaN or infinity.
    ValueError
        If a count is negative, or an expected one is not positive.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, section 2.3.

    Examples
    --------
    >>> poisson_deviance(np.array([0.0, 2.0]), np.array([2.0, 2.0]))
    4.0
    """
    residuals = deviance_residuals(y_true, y_pred)
    return float(namespace(residuals).sum(residuals**2))


def _influence(X, y):
    """Standardised residuals, leverage and the number of independent columns."""
    X, y = check_matrix(X, "X"), check_vector(y, "y")
    check_same_length(X=X, y=y)
    xp, n = namespace(X, y), X.shape[0]
    pull = leverage(X)
    n_parameters = round(float(xp.sum(pull)))
    if n <= n_parameters:
        raise ShapeError(
            f"X has {n} rows and {n_parameters} independent columns; residuals say something only where "
            "there are more rows than columns"
        )
    residuals = y - X @ lstsq(X, y)
    variance = xp.sum(residuals**2) / (n - n_parameters)
    free = 1 - pull > n * xp.finfo(X.dtype).eps
    pull = xp.where(free, pull, xp.full_like(pull, xp.nan))
    return residuals / xp.sqrt(variance * (1 - pull)), pull, n_parameters
