"""Logistic and softmax regression: linear scores, probabilities, and the cross-entropy between them and y."""

import math
import warnings

import numpy as np
import scipy.optimize

from mlref.arrays import from_numpy, namespace, to_numpy
from mlref.base import Estimator
from mlref.errors import (
    ConvergenceWarning,
    ShapeError,
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_positive,
    check_same_length,
    check_vector,
)
from mlref.linear_model.glm import BERNOULLI, irls
from mlref.linear_model.penalties import l2_penalty
from mlref.losses import bce_with_logits, softmax, softmax_cross_entropy

__all__ = [
    "LogisticRegression",
    "logistic_regression_loss",
    "softmax_regression_loss",
]


def softmax_regression_loss(W, b, X, y, l2=0.0):
    """Mean cross-entropy of a linear classifier with a softmax, and its gradients.

    Parameters
    ----------
    W : array of shape (n_features, n_classes)
    b : array of shape (n_classes,)
    X : array of shape (n_samples, n_features)
    y : array of ints of shape (n_samples,), or of floats of shape (n_samples, n_classes)
        The right class of each sample, or a probability for each class.
    l2 : float
        Price of half the squares of W; b costs nothing.

    Returns
    -------
    loss : float
    dW : array of shape (n_features, n_classes)
    db : array of shape (n_classes,)

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If X holds NaN or infinity.
    ValueError
        If y holds ints that are no classes.

    Notes
    -----
    ``mean_i CE(softmax(x_i W + b), y_i) + l2/2 |W|^2``. With the gradient G of the mean cross-entropy by the
    scores, ``dW = X^T G + l2 W`` and ``db`` is the sum of the rows of G.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.3.4.

    Examples
    --------
    >>> X, y = np.array([[3.0]]), np.array([1])
    >>> loss, dW, db = softmax_regression_loss(np.zeros((1, 2)), np.zeros(2), X, y)
    >>> round(loss, 6), dW, db
    (0.693147, array([[ 1.5, -1.5]]), array([ 0.5, -0.5]))
    """
    X = _checked(W, b, X)
    loss, dW, db = _gradients(softmax_cross_entropy, W, b, X, y)
    penalty, slope = l2_penalty(W)
    return float(loss + l2 / 2 * penalty), dW + l2 / 2 * slope, db


def logistic_regression_loss(w, b, X, y, l2=0.0):
    """Mean binary cross-entropy of a linear classifier with a logistic function, and its gradients.

    Parameters
    ----------
    w : array of shape (n_features,)
    b : float or array of shape ()
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        1 for the positive class and 0 for the other, or the probability of the positive one.
    l2 : float
        Price of half the squares of w; b costs nothing.

    Returns
    -------
    loss : float
    dw : array of shape (n_features,)
    db : float

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    NotFiniteError
        If X or y holds NaN or infinity.

    Notes
    -----
    The score is the log of the odds: ``p = 1 / (1 + exp(-(x.w + b)))``. Softmax regression with the two
    scores 0 and x.w + b has the same probabilities.

    References
    ----------
    Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.3.2.

    Examples
    --------
    >>> loss, dw, db = logistic_regression_loss(np.zeros(1), 0.0, np.array([[3.0]]), np.array([1.0]))
    >>> round(loss, 6), dw, db
    (0.693147, array([-1.5]), -0.5)
    """
    X, y = _checked(w, b, X), check_vector(y, "y")
    loss, dw, db = _gradients(bce_with_logits, w, b, X, y)
    penalty, slope = l2_penalty(w)
    return float(loss + l2 / 2 * penalty), dw + l2 / 2 * slope, float(db)


class LogisticRegression(Estimator):
    """Linear classifier that predicts probabilities: logistic for two classes, softmax for more.

    Parameters
    ----------
    C : float
        Inverse of the price of large coefficients; positive, infinite for none.
    fit_intercept : bool
        Whether scores need not be zero at the origin.
    solver : {"lbfgs", "newton-cholesky"}
        Quasi-Newton steps from gradients alone (scipy), or `irls`, for two classes only.
    max_iter : int
        The most steps.
    tol : float
        Stop where no entry of the gradient of the mean loss is larger.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        The labels seen in ``fit``, ascending.
    coef_ : array of shape (1, n_features) or (n_classes, n_features)
        One row, the scores of the second class against the first, for two classes.
    intercept_ : array of shape (1,) or (n_classes,)
    n_iter_ : int
        Steps that it took.
    n_features_in_ : int
        Number of features seen in ``fit``.

    Notes
    -----
    Minimises ``mean cross-entropy + |W|^2 / (2 C n)``. The loss is convex, so that there is one minimum;
    without a penalty and with classes that a line separates it lies at infinity. Beside X it holds the
    target, of shape (n_samples, n_classes), and the scores of a block of rows, about a megabyte.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["no", "no", "yes", "yes"])
    >>> model = LogisticRegression().fit(X, y)
    >>> model.predict(np.array([[0.4], [2.6]]))
    array(['no', 'yes'], dtype='<U3')
    >>> model.predict_proba(np.array([[1.5]])).round(3)
    array([[0.5, 0.5]])
    """

    estimator_type = "classifier"

    def __init__(self, C=1.0, *, fit_intercept=True, solver="lbfgs", max_iter=100, tol=1e-4):
        self.C = C
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X, y):
        """Find the coefficients.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Label of each sample: integers, booleans or strings.

        Returns
        -------
        self : LogisticRegression

        Raises
        ------
        ShapeError
            If X is not 2-D, y is not 1-D, or their lengths differ.
        NotFiniteError
            If X holds NaN or infinity.
        ValueError
            If a parameter is not allowed, or y holds one class only.

        Warns
        -----
        ConvergenceWarning
            If max_iter steps were not enough.
        """
        X, y = check_matrix(X, "X"), check_labels(y, "y")
        check_same_length(X=X, y=y)
        check_choice(self.solver, ("lbfgs", "newton-cholesky"), "solver")
        check_positive(self.tol, "tol")
        check_count(self.max_iter, "max_iter")
        if not self.C > 0:
            raise ValueError(f"C is {self.C!r}; it must be a positive number")
        xp = namespace(X, y)
        self.classes_, codes = xp.unique_inverse(y)
        n_classes = self.classes_.shape[0]
        if n_classes < 2:
            raise ValueError("y holds 1 class; a classifier needs samples of two classes at least")
        if n_classes == 2:
            target = xp.astype(codes, X.dtype)
        else:
            # Classes as rows in memory: sums and maxima over the few classes are then fast.
            target = xp.astype(xp.arange(n_classes, device=X.device)[:, None] == codes[None, :], X.dtype).T
        if self.solver == "lbfgs":
            W, b, self.n_iter_ = _lbfgs(X, target, self)
        elif n_classes == 2:
            W, b, self.n_iter_ = irls(
                X,
                target,
                BERNOULLI,
                alpha=1 / self.C,
                fit_intercept=self.fit_intercept,
                max_iter=self.max_iter,
                tol=self.tol,
            )
        else:
            raise ValueError("solver='newton-cholesky' is for two classes; use 'lbfgs' for more")
        self.coef_ = W[None, :] if n_classes == 2 else W.T
        self.intercept_ = xp.reshape(b, (-1,))
        self.n_features_in_ = X.shape[1]
        return self

    def decision_function(self, X):
        """Scores: the log of the odds of the second of two classes, or one score a class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        scores : array of shape (n_samples,) or (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        ShapeError
            If X is not 2-D or has another number of features than in ``fit``.
        NotFiniteError
            If X holds NaN or infinity.
        """
        self._check_fitted()
        X = check_matrix(X, "X")
        self._check_features(X)
        scores = X @ self.coef_.T + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : array of shape (n_samples, n_classes)
            Each row sums to one.
        """
        scores = self.decision_function(X)
        if scores.ndim == 1:
            xp = namespace(scores)
            scores = xp.stack([xp.zeros_like(scores), scores], axis=1)
        return softmax(scores)

    def predict(self, X):
        """The most probable class of each sample.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        labels : array of shape (n_samples,)
        """
        probabilities = self.predict_proba(X)
        return self.classes_[namespace(probabilities).argmax(probabilities, axis=1)]

    def sample(self, X, rng):
        """A class for each sample, drawn with the predicted probabilities.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)
        rng : numpy.random.Generator

        Returns
        -------
        labels : array of shape (n_samples,)

        Notes
        -----
        `predict` gives the same answer to the same question; this gives each answer as often as it is right.
        """
        probabilities = self.predict_proba(X)
        xp = namespace(probabilities)
        draws = from_numpy(rng.uniform(size=(probabilities.shape[0], 1)), like=probabilities)
        # The last bound is 1 up to rounding, and is left out.
        bounds = xp.cumulative_sum(probabilities, axis=1)[:, :-1]
        return self.classes_[xp.sum(xp.astype(draws >= bounds, xp.int64), axis=1)]


def _gradients(loss_function, W, b, X, y):
    """Loss of the scores ``X W + b``, and its gradients by W and b; W may be a vector."""
    # As transposes, so that the classes are rows in memory.
    scores = (W.T @ X.T).T + b if W.ndim == 2 else X @ W + b
    loss, gradient = loss_function(scores, y)
    return loss, X.T @ gradient, namespace(gradient).sum(gradient, axis=0)


def _lbfgs(X, target, options):
    """Minimise the mean loss and ``|W|^2 / (2 C n)`` by W and b."""
    n_samples, n_features = X.shape
    loss_function = bce_with_logits if target.ndim == 1 else softmax_cross_entropy
    shape = (n_features + 1, *target.shape[1:])
    l2 = 1 / (options.C * n_samples)
    # Scores of a block of rows stay in the processor's cache.
    rows = 2**15 // math.prod(target.shape[1:])
    blocks = [slice(start, min(start + rows, n_samples)) for start in range(0, n_samples, rows)]
    xp = namespace(X)

    def loss_and_gradient(parameters):
        parameters = xp.astype(from_numpy(parameters.reshape(shape), like=X), X.dtype, copy=False)
        W, b = parameters[:-1, ...], parameters[-1, ...]
        penalty, slope = l2_penalty(W)
        loss, dW, db = l2 / 2 * penalty, l2 / 2 * slope, 0.0
        for block in blocks:
            share = (block.stop - block.start) / n_samples
            part, dW_part, db_part = _gradients(loss_function, W, b, X[block, :], target[block, ...])
            loss, dW, db = loss + share * part, dW + share * dW_part, db + share * db_part
        gradient = xp.concat([dW, (db if options.fit_intercept else 0 * db)[None, ...]])
        return float(loss), np.asarray(to_numpy(gradient), np.float64).ravel()

    found = scipy.optimize.minimize(
        loss_and_gradient,
        np.zeros(math.prod(shape)),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": options.max_iter,
            "gtol": options.tol,
            "ftol": 64 * np.finfo(float).eps,
            "maxls": 50,
        },
    )
    if found.nit >= options.max_iter:
        warnings.warn(
            f"logistic regression: the largest entry of the gradient is {np.max(np.abs(found.jac)):.1e} "
            f"after {found.nit} steps, where {options.tol:.1e} was asked for; standardise X or increase "
            "max_iter",
            ConvergenceWarning,
            stacklevel=3,
        )
    best = xp.astype(from_numpy(found.x.reshape(shape), like=X), X.dtype, copy=False)
    return best[:-1, ...], best[-1, ...], max(1, int(found.nit))


def _checked(W, b, X):
    X = check_matrix(X, "X")
    if W.shape[0] != X.shape[1]:
        raise ShapeError(
            f"W has shape {tuple(W.shape)}; it needs one row for each of the {X.shape[1]} columns of X"
        )
    if np.shape(b) != tuple(W.shape[1:]):
        raise ShapeError(
            f"b has shape {np.shape(b)}; it must be {tuple(W.shape[1:])}, one number for each column of W"
        )
    return X
