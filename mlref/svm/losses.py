"""Losses of linear support vector machines, with their gradients."""

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_array, check_same_length
from mlref.losses import multiclass_hinge

__all__ = [
    "svm_loss",
    "svr_loss",
]


def svm_loss(W, b, X, y, margin=1.0, squared=False):
    """Multi-class hinge loss of a linear classifier, and its gradient; means over the samples.

    A sample is at rest when the score of its class exceeds every other score by the margin; each score that
    comes closer costs by how much.

    Parameters
    ----------
    W : array of shape (n_features, n_classes)
    b : array of shape (n_classes,)
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Class of each sample, an int from 0.
    margin : float
        By how much the right score must exceed each of the others.
    squared : bool
        Whether each shortfall is squared.

    Returns
    -------
    loss : float
    dW : array of shape (n_features, n_classes)
    db : array of shape (n_classes,)

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Notes
    -----
    The scores are ``X W + b``, the loss of a sample ``sum over j != y of max(0, s_j - s_y + margin)``. By
    the chain rule ``dW = X^T ds`` and ``db`` is the sum of the rows of ``ds``.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), np.array([0, 1, 2])
    >>> loss, _, _ = svm_loss(np.eye(3), np.zeros(3), X, y)
    >>> round(loss, 6)
    5.266667
    """
    xp = namespace(W, b, X, y)
    _check_fit(W, b, X)
    scores, y = X @ W + b, check_array(y, "y", ndim=1)
    check_same_length(X=X, y=y)
    loss, slope = multiclass_hinge(scores, y, margin, squared)
    return float(loss), X.T @ slope, xp.sum(slope, axis=0)


def svr_loss(w, b, X, y, epsilon=0.1, C=1.0):
    """Objective of a linear support vector regression, and its gradient.

    Errors up to epsilon cost nothing, larger ones by how much they exceed it.

    Parameters
    ----------
    w : array of shape (n_features,)
    b : float
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
    epsilon : float
        Half the width of the tube around the line in which errors are free, in units of y; not negative.
    C : float
        Weight of the errors against the size of w.

    Returns
    -------
    loss : float
    dw : array of shape (n_features,)
    db : float

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    ValueError
        If epsilon or C is negative.

    Notes
    -----
    ``|w|^2 / 2 + C mean(max(0, |X w + b - y| - epsilon))``. At the edges of the tube the slope jumps; there
    the one of the inside, zero, is returned.

    References
    ----------
    Vapnik (1995), *The Nature of Statistical Learning Theory*, section 6.1.

    Examples
    --------
    >>> import numpy as np
    >>> svr_loss(np.array([1.0]), 0.0, np.array([[1.0], [2.0]]), np.array([1.05, 4.0]))
    (1.45, array([0.]), -0.5)
    """
    xp = namespace(w, X, y)
    _check_fit(w, b, X)
    y = check_array(y, "y", ndim=1)
    check_same_length(X=X, y=y)
    for name, value in (("epsilon", epsilon), ("C", C)):
        if not value >= 0:
            raise ValueError(f"{name} is {value!r}; it must not be negative")
    error = X @ w + b - y
    excess = xp.abs(error) - epsilon
    slope = xp.where(excess > 0, xp.sign(error), xp.zeros_like(error)) * (C / X.shape[0])
    loss = w @ w / 2 + xp.sum(slope * xp.sign(error) * excess)
    return float(loss), w + X.T @ slope, float(xp.sum(slope))


def _check_fit(W, b, X):
    check_array(X, "X")
    check_array(W, "W, the weights,")
    if W.ndim == 0 or X.ndim != 2 or X.shape[1] != W.shape[0]:
        raise ShapeError(
            f"X has shape {tuple(X.shape)} but the weights have shape {tuple(W.shape)}; "
            "X must be (n_samples, n_features), the weights have one row per feature"
        )
    if tuple(check_array(b, "b").shape) != tuple(W.shape[1:]):
        raise ShapeError(f"b has shape {tuple(b.shape)}; it must have one entry per class, {W.shape[1:]}")
