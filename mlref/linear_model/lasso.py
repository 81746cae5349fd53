"""Least squares with a price on the sizes of the coefficients, one coefficient at a time; numpy only."""

import warnings

import numpy as np

from mlref.errors import ConvergenceWarning, ShapeError, check_count, check_positive, check_vector
from mlref.linear_model.least_squares import LinearModel, check_regression
from mlref.linear_model.penalties import l1_penalty, soft_threshold
from mlref.linear_model.solvers import centered_blocks, column_means, normal_matrix

__all__ = [
    "Lasso",
    "lasso_coordinate_descent",
    "lasso_simple",
    "lasso_violation",
]


def lasso_coordinate_descent(X, y, alpha, *, max_iter=1000, tol=1e-4):
    """Coefficients with the smallest mean squared error plus a price on their absolute values; numpy only.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        As it is: there is no intercept. Centre X and y to have one that costs nothing.
    y : array of shape (n_samples,)
    alpha : float
        Price of the sum of the absolute values; positive.
    max_iter : int
        The most rounds over all coefficients.
    tol : float
        `lasso_violation` allowed at the end, as a share of the smallest alpha that makes everything zero.

    Returns
    -------
    coef : array of shape (n_features,)
        Zeros are exactly zero.

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, or their lengths differ.
    NotFiniteError
        If X or y holds NaN or infinity.
    ValueError
        If alpha or tol is not positive, or max_iter is no count.

    Warns
    -----
    ConvergenceWarning
        If max_iter rounds were not enough.

    Notes
    -----
    Minimises ``1/(2n) |y - X w|^2 + alpha |w|_1``. With the other coefficients fixed, the best w_j is
    ``soft_threshold(x_j.r + |x_j|^2 w_j, n alpha) / |x_j|^2`` for the residual r. Only the products x_j.r are
    needed, and a step from w_j changes them by a column of ``X^T X``: after one matrix product no round
    looks at the data again. ``X^T X`` is all that is held beside the data.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), Regularization paths for generalized linear models via coordinate
    descent, *Journal of Statistical Software* 33(1).

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> lasso_coordinate_descent(X, np.array([3.0, 0.5]), alpha=0.5)
    array([2., 0.])
    """
    X, y, _ = check_regression(X, check_vector(y, "y"))
    return _lasso(X, y, alpha, max_iter=max_iter, tol=tol, fit_intercept=False)[0]


def lasso_simple(X, y, alpha, n_rounds):
    """The same as `lasso_coordinate_descent` with the residual in full, for a given number of rounds.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    alpha : float
        Price of the sum of the absolute values; positive.
    n_rounds : int

    Returns
    -------
    coef : array of shape (n_features,)

    Examples
    --------
    >>> lasso_simple(np.eye(2), np.array([3.0, 0.5]), alpha=0.5, n_rounds=1)
    array([2., 0.])
    """
    X, y, _ = check_regression(X, check_vector(y, "y"))
    n, n_features = X.shape
    w = np.zeros(n_features)
    for _ in range(n_rounds):
        for j in range(n_features):
            column = X[:, j]
            others = y - X @ w + column * w[j]
            w[j] = soft_threshold(column @ others, n * alpha) / (column @ column)
    return w


def lasso_violation(X, y, w, alpha):
    """By how much coefficients miss the conditions of the minimum (Karush, Kuhn and Tucker).

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    w : array of shape (n_features,)
    alpha : float
        Price of the sum of the absolute values.

    Returns
    -------
    violation : float
        The largest over the features; 0 at the minimum.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    At the minimum the correlation ``x_j.(y - X w) / n`` is ``alpha sign(w_j)`` where w_j is not zero, and not
    larger than alpha where it is.

    Examples
    --------
    >>> lasso_violation(np.eye(2), np.array([3.0, 0.5]), np.array([2.0, 0.0]), alpha=0.5)
    0.0
    """
    X, y, _ = check_regression(X, check_vector(y, "y"))
    w = check_vector(w, "w")
    if w.shape[0] != X.shape[1]:
        raise ShapeError(
            f"w has {w.shape[0]} entries; it must have one for each of the {X.shape[1]} columns of X"
        )
    return _violation(X.T @ (y - X @ w) / X.shape[0], w, alpha)


class Lasso(LinearModel):
    """Linear function with a small mean squared error and few coefficients that are not zero; numpy only.

    Parameters
    ----------
    alpha : float
        Price of the sum of the absolute values; positive. The intercept costs nothing.
    fit_intercept : bool
        Whether the function need not go through the origin.
    max_iter : int
        The most rounds over all coefficients.
    tol : float
        How far from the minimum to stop; see `lasso_coordinate_descent`.

    Attributes
    ----------
    coef_ : array of shape (n_features,)
        Zeros are exactly zero.
    intercept_ : float
    n_iter_ : int
        Rounds that it took.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Examples
    --------
    >>> X, y = np.array([[-1.0], [0.0], [1.0]]), np.array([1.0, 3.0, 5.0])
    >>> Lasso(alpha=1.0).fit(X, y).coef_.round(12)
    array([0.5])
    """

    def __init__(self, alpha=1.0, *, fit_intercept=True, max_iter=1000, tol=1e-4):
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X, y):
        """Find the coefficients.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)

        Returns
        -------
        self : Lasso

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or the lengths differ.
        NotFiniteError
            If X or y holds NaN or infinity.
        ValueError
            If alpha or tol is not positive, or max_iter is no count.

        Warns
        -----
        ConvergenceWarning
            If max_iter rounds were not enough.
        """
        X, y, _ = check_regression(X, check_vector(y, "y"))
        coef, intercept, self.n_iter_ = _lasso(
            X, y, self.alpha, max_iter=self.max_iter, tol=self.tol, fit_intercept=self.fit_intercept
        )
        return self._learn(coef, intercept)


def _lasso(X, y, alpha, *, max_iter, tol, fit_intercept):
    """Coefficients, intercept and number of rounds."""
    check_positive(alpha, "alpha")
    check_positive(tol, "tol")
    check_count(max_iter, "max_iter")
    x_mean, y_mean = column_means(X, y, fit_intercept=fit_intercept)
    gram, cross = normal_matrix(centered_blocks(X, y, x_mean, y_mean))
    n, n_features = X.shape
    gram, correlation = gram / n, cross[:, 0] / n
    scale = np.diagonal(gram).tolist()
    tolerance = tol * float(np.max(np.abs(correlation)))
    w = np.zeros_like(correlation)
    n_iter, violation = 0, np.inf
    while violation > tolerance and n_iter < max_iter:
        n_iter += 1
        for j in range(n_features):
            if scale[j] > 0:
                old, z = w[j], correlation[j] + scale[j] * w[j]
                # soft_threshold of a number; as an array it would take ten times as long.
                new = (z - min(max(z, -alpha), alpha)) / scale[j]
                if new != old:
                    w[j] = new
                    correlation -= gram[j] * (new - old)
        violation = _violation(correlation, w, alpha)
    if violation > tolerance:
        warnings.warn(
            f"lasso: {n_iter} rounds left a violation of {violation:.1e} where {tolerance:.1e} is allowed; "
            "increase max_iter or alpha, or standardise the columns of X",
            ConvergenceWarning,
            stacklevel=3,
        )
    return w, y_mean - x_mean @ w, n_iter


def _violation(correlation, w, alpha):
    excess = np.abs(correlation - alpha * l1_penalty(w)[1]) - alpha * (w == 0)
    return float(np.max(np.maximum(excess, 0)))
