"""Cross-entropy of linear scores, with its gradients: what logistic and softmax regression minimise."""

import numpy as np

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_array, check_matrix, check_same_length, check_vector
from mlref.linear_model.penalties import l2_penalty
from mlref.losses import bce_with_logits, softmax_cross_entropy

__all__ = [
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
    X, y = _checked(W, b, X), check_array(y, "y")
    check_same_length(X=X, y=y)
    loss, dW, db = scores_loss(softmax_cross_entropy, W, b, X, y)
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
    check_same_length(X=X, y=y)
    loss, dw, db = scores_loss(bce_with_logits, w, b, X, y)
    penalty, slope = l2_penalty(w)
    return float(loss + l2 / 2 * penalty), dw + l2 / 2 * slope, float(db)


def scores_loss(loss_function, W, b, X, y):
    """Loss of the scores ``X W + b``, and its gradients by W and b; W may be a vector."""
    # As transposes, so that the classes are rows in memory.
    scores = (W.T @ X.T).T + b if W.ndim == 2 else X @ W + b
    loss, gradient = loss_function(scores, y)
    return loss, X.T @ gradient, namespace(gradient).sum(gradient, axis=0)


def _checked(W, b, X):
    X, W = check_matrix(X, "X"), check_array(W, "W")
    if W.ndim == 0 or W.shape[0] != X.shape[1]:
        raise ShapeError(
            f"W has shape {tuple(W.shape)}; it needs one row for each of the {X.shape[1]} columns of X"
        )
    check_array(b, "b")
    if np.shape(b) != tuple(W.shape[1:]):
        raise ShapeError(
            f"b has shape {np.shape(b)}; it must be {tuple(W.shape[1:])}, one number for each column of W"
        )
    return X
