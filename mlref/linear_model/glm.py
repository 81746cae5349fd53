"""Generalised linear models: one algorithm for every loss whose slope is prediction minus target."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.special

from mlref.arrays import namespace
from mlref.errors import (
    ConvergenceWarning,
    ShapeError,
    check_array,
    check_count,
    check_matrix,
    check_not_negative,
    check_positive,
    check_same_length,
    check_vector,
)
from mlref.linear_model.least_squares import LinearModel
from mlref.linear_model.penalties import l2_penalty
from mlref.linear_model.solvers import solve_least_squares
from mlref.losses import bce_with_logits

__all__ = [
    "BERNOULLI",
    "POISSON",
    "Family",
    "PoissonRegressor",
    "irls",
    "poisson_loss",
]


def poisson_loss(log_rate, y):
    """Mean negative log-likelihood of counts, without the part that no model changes, and its gradient.

    Parameters
    ----------
    log_rate : array of shape (n_samples,)
        Logarithm of the expected counts.
    y : array of shape (n_samples,)
        Counts, not negative.

    Returns
    -------
    loss : float or array of shape ()
    gradient : array of shape (n_samples,)

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    ``mean(exp(z) - y z)``: the probability of the count y at rate r is ``r^y exp(-r) / y!``. The gradient is
    ``(exp(z) - y) / n``.

    References
    ----------
    McCullagh and Nelder (1989), *Generalized Linear Models*, chapter 6.

    Examples
    --------
    >>> loss, gradient = poisson_loss(np.array([0.0, 0.0]), np.array([1.0, 3.0]))
    >>> float(loss), gradient
    (1.0, array([ 0., -1.]))
    """
    xp = namespace(log_rate, y)
    log_rate, y = check_array(log_rate, "log_rate"), check_array(y, "y")
    if tuple(log_rate.shape) != tuple(y.shape):
        raise ShapeError(
            f"log_rate has shape {tuple(log_rate.shape)} but y has {tuple(y.shape)}; the two must agree"
        )
    rate = xp.exp(log_rate)
    return xp.mean(rate - y * log_rate), (rate - y) / y.shape[0]


# 2^-30 of a Newton step is no step.
MAX_HALVINGS = 30


@dataclass(frozen=True)
class Family:
    """A distribution of y whose natural parameter is the linear score.

    Attributes
    ----------
    name : str
    loss : callable
        Mean negative log-likelihood of (scores, y) and its gradient, which is (mean of y - y) / n.
    variance : callable
        Variance of y, from its mean.
    link : callable
        The score, from the mean of y.
    """

    name: str
    loss: Callable
    variance: Callable
    link: Callable


BERNOULLI = Family("Bernoulli", bce_with_logits, lambda p: p * (1 - p), scipy.special.logit)
POISSON = Family("Poisson", poisson_loss, lambda rate: rate, np.log)


def irls(X, y, family, *, alpha=0.0, fit_intercept=True, max_iter=100, tol=1e-4):
    """Fit a generalised linear model by iteratively reweighted least squares, which are Newton's steps.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    family : Family
        `BERNOULLI` (logistic regression) or `POISSON`.
    alpha : float
        Price of half the squares of the coefficients, against the sum of the losses.
    fit_intercept : bool
        Whether there is an intercept, which costs nothing.
    max_iter : int
        The most steps.
    tol : float
        Stop where no entry of the gradient of the mean loss is larger.

    Returns
    -------
    coef : array of shape (n_features,)
    intercept : array of shape ()
    n_iter : int
        Steps that it took.

    Raises
    ------
    ShapeError
        If X is not 2-D, y is not 1-D, or their lengths differ.
    NotFiniteError
        If X or y holds NaN or infinity.
    ValueError
        If the mean of y lies at the end of its range, so that the best intercept is infinite.

    Warns
    -----
    ConvergenceWarning
        If max_iter steps were not enough, or no step makes the loss smaller.

    Notes
    -----
    Near the scores z, with means m and variances v of y, the loss is that of a least squares problem with the
    targets ``z - (m - y) / v`` and the weights v: solving it is Newton's step. A step that makes the loss
    larger is halved until it does not.

    References
    ----------
    Nelder and Wedderburn (1972), Generalized linear models, *Journal of the Royal Statistical Society A*
    135(3).

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1.0, 3.0, 4.0, 8.0])
    >>> coef, intercept, n_iter = irls(X, y, POISSON, tol=1e-9)
    >>> np.exp(intercept).round(6), np.exp(coef).round(6)
    (np.float64(2.0), array([3.]))
    """
    X, y = check_matrix(X, "X"), check_vector(y, "y")
    check_same_length(X=X, y=y)
    xp = namespace(X, y)
    y = xp.astype(y, X.dtype, copy=False)
    w = _start(X, y, family, fit_intercept)
    n_iter, halvings = 0, 0
    # A step may be so long that exp overflows; then it is halved.
    with np.errstate(over="ignore", invalid="ignore"):
        loss, steepest, scores, surplus = _state(w, X, y, family, alpha, fit_intercept)
        while steepest > tol and n_iter < max_iter and halvings < MAX_HALVINGS:
            n_iter += 1
            variance = family.variance(y + surplus)
            # Where the model is certain, a tiny variance keeps the division finite.
            variance = xp.maximum(variance, xp.full_like(variance, xp.finfo(X.dtype).eps))
            target = scores - surplus / variance
            coef, intercept = solve_least_squares(
                X, target, alpha=alpha, sample_weight=variance, fit_intercept=fit_intercept, solver="cholesky"
            )
            step = xp.concat([coef, intercept[None]]) - w
            for halvings in range(MAX_HALVINGS + 1):
                trial = _state(w + step / 2**halvings, X, y, family, alpha, fit_intercept)
                if trial[0] <= loss:
                    w = w + step / 2**halvings
                    loss, steepest, scores, surplus = trial
                    break
    if steepest > tol:
        warnings.warn(
            f"{family.name} regression: the largest entry of the gradient is {steepest:.1e} after {n_iter} "
            f"steps, where {tol:.1e} was asked for; increase max_iter or alpha, or standardise X",
            ConvergenceWarning,
            stacklevel=3,
        )
    return w[:-1], w[-1], max(n_iter, 1)


class PoissonRegressor(LinearModel):
    """Linear function of the logarithm of expected counts.

    Parameters
    ----------
    alpha : float
        Price of half the squares of the coefficients, against the mean loss; 0 for none.
    fit_intercept : bool
        Whether the expected count need not be 1 at the origin.
    max_iter : int
        The most steps.
    tol : float
        Stop where no entry of the gradient of the mean loss is larger.

    Attributes
    ----------
    coef_ : array of shape (n_features,)
        A feature that grows by one multiplies the expected count by exp of its coefficient.
    intercept_ : float
    n_iter_ : int
        Steps that it took.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Notes
    -----
    Minimises ``mean_i (exp(z_i) - y_i z_i) + alpha/2 |w|^2`` with ``z = X w + b`` by `irls`.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1, 3, 4, 8])
    >>> PoissonRegressor(alpha=0, tol=1e-9).fit(X, y).predict(X).round(6)
    array([2., 2., 6., 6.])
    """

    def __init__(self, alpha=1.0, *, fit_intercept=True, max_iter=100, tol=1e-4):
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
            Counts, or rates: not negative, and not all zero.

        Returns
        -------
        self : PoissonRegressor

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X or y holds NaN or infinity.
        ValueError
            If a parameter is not allowed, or y is negative somewhere or zero everywhere.

        Warns
        -----
        ConvergenceWarning
            If max_iter steps were not enough.
        """
        X, y = check_matrix(X, "X"), check_vector(y, "y")
        check_same_length(X=X, y=y)
        check_not_negative(self.alpha, "alpha")
        check_positive(self.tol, "tol")
        check_count(self.max_iter, "max_iter")
        xp = namespace(X, y)
        if bool(xp.any(y < 0)) or not bool(xp.any(y > 0)):
            raise ValueError("y must hold counts: no negative number, and one positive number at least")
        coef, intercept, self.n_iter_ = irls(
            X,
            y,
            POISSON,
            alpha=self.alpha * X.shape[0],
            fit_intercept=self.fit_intercept,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        return self._learn(coef, intercept)

    def predict(self, X):
        """Expected count of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        predictions : array of shape (n_samples,)
            Positive.
        """
        log_rate = super().predict(X)
        return namespace(log_rate).exp(log_rate)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        return tags


def _start(X, y, family, fit_intercept):
    """No coefficients, and the intercept that goes with the mean of y."""
    xp = namespace(X)
    w = xp.zeros(X.shape[1] + 1, dtype=X.dtype, device=X.device)
    if fit_intercept:
        mean = float(xp.mean(y))
        with np.errstate(divide="ignore", invalid="ignore"):
            intercept = float(family.link(mean))
        if not abs(intercept) < float("inf"):
            raise ValueError(
                f"the mean of y is {mean:.4g}, for which a {family.name} model has no finite intercept; "
                "y needs other values as well"
            )
        w[-1] = intercept
    return w


def _state(w, X, y, family, alpha, fit_intercept):
    """Loss at w, the largest entry of its gradient, the scores, and the means of y less y."""
    xp, n = namespace(X), y.shape[0]
    scores = X @ w[:-1] + w[-1]
    loss, gradient = family.loss(scores, y)
    penalty, slope = l2_penalty(w[:-1])
    entries = xp.abs(X.T @ gradient + alpha / (2 * n) * slope)
    steepest = float(xp.max(entries))
    if fit_intercept:
        steepest = max(steepest, abs(float(xp.sum(gradient))))
    return float(loss + alpha / (2 * n) * penalty), steepest, scores, n * gradient
