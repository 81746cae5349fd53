"""How the cross-entropy of linear scores is minimised: by a quasi-Newton method, or step by step downhill."""

import math
import warnings

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.sparse

from mlref.arrays import from_numpy, namespace, to_numpy
from mlref.errors import ConvergenceWarning
from mlref.linear_model.classifier import append_ones
from mlref.linear_model.logistic_losses import scores_loss
from mlref.linear_model.penalties import l2_penalty
from mlref.linear_model.solvers import centered_blocks, column_means, normal_matrix
from mlref.losses import bce_with_logits, softmax_cross_entropy
from mlref.optim import SGD

__all__ = [
    "minimize_cross_entropy",
    "sphering",
]


def minimize_cross_entropy(X, target, solver, *, l2, fit_intercept, max_iter, tol):
    """W and b with the smallest mean cross-entropy of the scores ``X W + b``, plus ``l2/2 |W|^2``.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    target : array of shape (n_samples,) or (n_samples, n_classes)
        Of the dtype of X: 0 and 1 for a logistic function, or one-hot rows for a softmax.
    solver : {"lbfgs", "gradient-descent"}
    l2 : float
    fit_intercept : bool
        If not, b is zero.
    max_iter : int
        The most steps.
    tol : float
        Stop where no entry of the gradient is larger; see `LogisticRegression`.

    Returns
    -------
    W : array of shape (n_features,) or (n_features, n_classes)
    b : array of shape () or (n_classes,)
    n_iter : int
        Steps that it took.

    Warns
    -----
    ConvergenceWarning
        If max_iter steps were not enough.

    Examples
    --------
    >>> X, target = np.array([[-1.0], [1.0], [2.0]]), np.array([0.0, 1.0, 0.0])
    >>> options = {"l2": 1.0, "fit_intercept": True, "max_iter": 100, "tol": 1e-8}
    >>> W, b, n_iter = minimize_cross_entropy(X, target, "lbfgs", **options)
    >>> W.round(4), round(float(b), 4)
    (array([0.0827]), -0.7501)
    """
    loss_and_gradient = _objective(X, target, l2, fit_intercept)
    n_scores = math.prod(target.shape[1:])
    start = np.zeros((X.shape[1] + 1, n_scores))
    if solver == "lbfgs":
        # At zero the loss has this curvature by a score: p (1 - p).
        curvature = 0.25 if target.ndim == 1 else 1 / n_scores
        T = sphering(X, l2 / curvature, fit_intercept=fit_intercept)
        best, steepest, n_iter = _by_lbfgs(loss_and_gradient, start, T, max_iter, tol)
    else:
        best, steepest, n_iter = _by_descent(loss_and_gradient, start, _learning_rate(X, l2), max_iter, tol)
    if n_iter >= max_iter and steepest > tol:
        warnings.warn(
            f"logistic regression: the largest entry of the gradient is {steepest:.1e} after {n_iter} steps, "
            f"where {tol:.1e} was asked for; standardise X or increase max_iter",
            ConvergenceWarning,
            stacklevel=3,
        )
    return *_unpack(best, X, target), max(1, int(n_iter))


def sphering(X, ridge, *, fit_intercept=True):
    """Linear map T to coefficients from those of features without correlation and with variance one.

    Steps in which the loss curves alike in all directions, whatever the units of the features: quasi-Newton
    methods then need tens of steps where they needed thousands.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        About forty rows for each feature are looked at.
    ridge : float
        Added to the variances; not negative.
    fit_intercept : bool
        Whether the features are centred too.

    Returns
    -------
    T : array of shape (n_features + 1, n_features + 1)
        ``T @ [V; c]`` is ``[W; b]``, so that ``X W + b = Z V + c`` for the sphered features Z. With fewer
        samples than features, or over 2000 features, it only divides each by its root mean square.

    Notes
    -----
    With the covariance ``S = R^T R`` and means m it is ``Z = (X - m) R^-1``: W is ``R^-1 V`` and b is
    ``c - m W``.

    Examples
    --------
    >>> X = np.array([[0.0], [20.0], [0.0], [20.0]])
    >>> sphering(X, 0.0).round(6)
    array([[ 0.1,  0. ],
           [-1. ,  1. ]])
    """
    n_samples, n_features = X.shape
    # The root of the precision: rounding of the covariance must not look like a direction.
    share = math.sqrt(namespace(X).finfo(X.dtype).eps)
    if n_features > min(n_samples, 2000):
        square = _as_numpy(namespace(X).mean(X**2, axis=0))
        return scipy.sparse.diags_array([*(1 / np.sqrt(square + _floor(square, share, ridge))), 1.0])
    sample = X[:: max(1, n_samples // max(1000, 40 * n_features)), :]
    mean, first = column_means(sample, sample[:, 0], fit_intercept=fit_intercept)
    gram, _ = normal_matrix(centered_blocks(sample, sample[:, 0], mean, first))
    covariance, mean = _as_numpy(gram) / sample.shape[0], _as_numpy(mean)
    floor = _floor(np.diag(covariance) + mean**2, share, ridge)
    R = np.linalg.cholesky(covariance + np.diag(floor), upper=True)
    inverse = scipy.linalg.solve_triangular(R, np.eye(n_features))
    T = np.eye(n_features + 1)
    T[:-1, :-1], T[-1, :-1] = inverse, -mean @ inverse
    return T


def _floor(square, share, ridge):
    """What is added to variances: a column that is constant or a sum of others must not be blown up."""
    return ridge + np.where(square > 0, share * square, 1.0)


def _as_numpy(array):
    return np.asarray(to_numpy(array), np.float64)


def _objective(X, target, l2, fit_intercept):
    """Function of [W; b] that returns the mean loss plus l2/2 |W|^2, and the gradient."""
    n_samples = X.shape[0]
    loss_function = bce_with_logits if target.ndim == 1 else softmax_cross_entropy
    # Scores of a block of rows stay in the processor's cache.
    rows = max(1, 2**15 // math.prod(target.shape[1:]))
    blocks = [slice(start, min(start + rows, n_samples)) for start in range(0, n_samples, rows)]

    def loss_and_gradient(parameters):
        W, b = _unpack(parameters, X, target)
        penalty, slope = l2_penalty(W)
        loss, dW, db = l2 / 2 * penalty, l2 / 2 * slope, 0.0
        for block in blocks:
            share = (block.stop - block.start) / n_samples
            part, dW_part, db_part = scores_loss(loss_function, W, b, X[block, :], target[block, ...])
            loss, dW, db = loss + share * part, dW + share * dW_part, db + share * db_part
        gradient = namespace(X).concat([dW, (db if fit_intercept else 0 * db)[None, ...]])
        return float(loss), _as_numpy(gradient).reshape(parameters.shape)

    return loss_and_gradient


def _by_lbfgs(loss_and_gradient, start, T, max_iter, tol):
    """The minimum, the largest entry of the gradient there and the number of steps."""

    def sphered(V):
        loss, gradient = loss_and_gradient(T @ V.reshape(start.shape))
        return loss, (T.T @ gradient).ravel()

    options = {"maxiter": max_iter, "gtol": tol, "ftol": 64 * np.finfo(float).eps, "maxls": 50}
    found = scipy.optimize.minimize(sphered, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    return T @ found.x.reshape(start.shape), np.max(np.abs(found.jac)), found.nit


def _by_descent(loss_and_gradient, start, learning_rate, max_iter, tol):
    """The same by gradient descent with momentum."""
    parameters = {"W and b": start.copy()}
    optimizer = SGD(parameters, lr=learning_rate, momentum=0.9)
    gradient = loss_and_gradient(start)[1]
    while np.max(np.abs(gradient)) > tol and optimizer.t < max_iter:
        optimizer.step({"W and b": gradient})
        gradient = loss_and_gradient(parameters["W and b"])[1]
    return parameters["W and b"], np.max(np.abs(gradient)), optimizer.t


def _learning_rate(X, l2):
    """One over a bound of the second derivatives of the mean loss; by a score they are at most a half."""
    X1 = append_ones(X)
    curvature = namespace(X).linalg.matrix_norm(X1.T @ X1, ord=2) / X.shape[0]
    return 1 / (float(curvature) / 2 + l2)


def _unpack(parameters, X, target):
    """W and b in the library, dtype and shapes that go with X and the target."""
    parameters = parameters.reshape(X.shape[1] + 1, *target.shape[1:])
    parameters = namespace(X).astype(from_numpy(parameters, like=X), X.dtype, copy=False)
    return parameters[:-1, ...], parameters[-1, ...]
