"""Losses of arrays, each with its gradient: what is recorded for tensors, and what linear models use.

Large arrays are changed in place where they are our own: a new one costs more than the arithmetic on it.
"""

import numpy as np

from mlref.arrays import add_at, device, namespace
from mlref.errors import ShapeError, check_array
from mlref.losses.probability import _decay, _exponentials, _sigmoid, _softplus

__all__ = ["bce_with_logits", "mae", "mse", "multiclass_hinge", "softmax_cross_entropy"]


def mse(prediction, target):
    """Mean squared error and its gradient.

    Parameters
    ----------
    prediction : array of any shape
    target : array of the same shape as `prediction`

    Returns
    -------
    loss : float or array of shape ()
    gradient : array of the same shape as `prediction`

    Raises
    ------
    ShapeError
        If the shapes differ: (n,) against (n, 1) would broadcast to (n, n) without a word.

    Notes
    -----
    ``mean((prediction - target)**2)``, over all elements.

    Examples
    --------
    >>> loss, gradient = mse(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    >>> float(loss), gradient
    (2.0, array([0., 2.]))
    """
    xp = namespace(prediction, target)
    prediction, target = _fitting(prediction, target, "prediction")
    difference = prediction - target
    flat = xp.reshape(difference, (-1,))
    loss = xp.vecdot(flat, flat) / _size(prediction)
    difference *= 2 / _size(prediction)
    return loss, difference


def mae(prediction, target):
    """Mean absolute error and its gradient.

    Parameters
    ----------
    prediction : array of any shape
    target : array of the same shape as `prediction`

    Returns
    -------
    loss : float or array of shape ()
    gradient : array of the same shape as `prediction`
        0 where prediction and target are equal.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> loss, gradient = mae(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    >>> float(loss), gradient
    (1.0, array([0. , 0.5]))
    """
    xp = namespace(prediction, target)
    prediction, target = _fitting(prediction, target, "prediction")
    difference = prediction - target
    return xp.mean(xp.abs(difference)), xp.sign(difference) / _size(prediction)


def multiclass_hinge(scores, y, margin=1.0, squared=False):
    """Multi-class hinge loss (support vector machine) and its gradient, as means over the rows.

    Parameters
    ----------
    scores : array of shape (n_samples, n_classes)
    y : array of ints, of shape (n_samples,)
        The right class of each row.
    margin : float
        By how much the right score must exceed each of the others.
    squared : bool
        Whether each shortfall is squared before they are summed.

    Returns
    -------
    loss : float or array of shape ()
    gradient : array of the same shape as `scores`

    Raises
    ------
    ShapeError
        If `y` has not one entry for each row.
    ValueError
        If `y` holds something else than classes (checked for numpy arrays).

    Notes
    -----
    ``sum over j != y of max(0, s_j - s_y + margin)`` for each row: the form of Weston and Watkins. The right
    class itself is left out; with equal scores the loss is ``margin * (n_classes - 1)``.

    References
    ----------
    J. Weston, C. Watkins (1999), *Support vector machines for multi-class pattern recognition*.

    Examples
    --------
    >>> loss, gradient = multiclass_hinge(np.array([[3.2, 5.1, -1.7]]), np.array([0]))
    >>> round(float(loss), 6), gradient
    (2.9, array([[-1.,  1.,  0.]]))
    """
    xp = namespace(scores, y)
    scores, y = check_array(scores, "scores", ndim=2), check_array(y, "y")
    n = _check_labels(scores, y, "scores", "y")
    right = scores[xp.arange(n, device=device(scores)), y]
    shortfall = scores - right[:, None]
    shortfall += margin
    add_at(shortfall, y, -margin)
    shortfall = xp.maximum(shortfall, xp.zeros_like(shortfall))
    if squared:
        loss = xp.sum(xp.vecdot(shortfall, shortfall)) / n
        gradient = shortfall
        gradient *= 2.0
    else:
        loss = xp.sum(shortfall) / n
        gradient = xp.astype(shortfall > 0, scores.dtype)
    add_at(gradient, y, -xp.sum(gradient, axis=1))
    gradient /= n
    return loss, gradient


def softmax_cross_entropy(logits, target, label_smoothing=0.0):
    """Cross-entropy of the softmax of logits, and its gradient, as means over the rows.

    Parameters
    ----------
    logits : array of shape (..., n_classes)
    target : array of ints of shape (...), or of floats of shape (..., n_classes)
        The right class of each row, or a probability for each class.
    label_smoothing : float
        This share of the target is spread evenly over all classes.

    Returns
    -------
    loss : float or array of shape ()
    gradient : array of the same shape as `logits`

    Raises
    ------
    ShapeError
        If `target` does not fit `logits`.
    ValueError
        If `target` holds ints that are no classes (checked for numpy arrays).

    Notes
    -----
    ``-sum_c t_c log p_c`` with ``p = softmax(logits)``; its gradient is ``p sum_c t_c - t``, which for
    probabilities is ``p - t``. Logarithm and softmax are taken together: no probability needs clamping.
    Beside its arguments it holds two arrays of the size of the logits.

    References
    ----------
    C. Szegedy et al. (2016), *Rethinking the Inception architecture*, section 7, on label smoothing.

    Examples
    --------
    >>> loss, gradient = softmax_cross_entropy(np.zeros((1, 2)), np.array([0]))
    >>> round(float(loss), 6), gradient
    (0.693147, array([[-0.5,  0.5]]))
    """
    xp = namespace(logits, target)
    logits, target = check_array(logits, "logits"), check_array(target, "target")
    is_soft = xp.isdtype(target.dtype, "real floating")
    if is_soft:
        logits, target = _fitting(logits, target, "logits")
    else:
        _check_labels(logits, target, "logits", "target")
    n_classes = logits.shape[-1]
    n = _size(logits) // n_classes
    shifted, gradient, total = _exponentials(xp.reshape(logits, (n, n_classes)), -1)
    gradient /= total
    if is_soft:
        t = (1 - label_smoothing) * xp.reshape(target, (n, n_classes)) + label_smoothing / n_classes
        weight, agreement = xp.sum(t, axis=-1), xp.vecdot(t, shifted)
        gradient *= weight[:, None]
        gradient -= t
    else:
        # t has one large entry in each row and is not built.
        y, weight, rest = xp.reshape(target, (n,)), 1.0, label_smoothing / n_classes
        agreement = (1 - label_smoothing) * shifted[xp.arange(n, device=device(logits)), y]
        add_at(gradient, y, label_smoothing - 1)
        if label_smoothing:
            agreement += rest * xp.sum(shifted, axis=-1)
            gradient -= rest
    loss = xp.sum(weight * xp.log(total[:, 0]) - agreement) / n
    gradient /= n
    return loss, xp.reshape(gradient, logits.shape)


def bce_with_logits(logits, target, pos_weight=1.0):
    """Binary cross-entropy of the logistic function of logits, and its gradient; means over all elements.

    Parameters
    ----------
    logits : array of any shape
    target : array of the same shape as `logits`
        Probabilities of the positive class, or truth values as 0 and 1.
    pos_weight : float
        How many times a positive counts: the ratio of negatives to positives balances rare ones.

    Returns
    -------
    loss : float or array of shape ()
    gradient : array of the same shape as `logits`

    Raises
    ------
    ShapeError
        If the shapes differ.

    Notes
    -----
    ``-t log p - (1 - t) log(1 - p)`` with ``p = 1 / (1 + exp(-z))`` is ``log(1 + exp(z)) - t z``, and its
    gradient is ``p - t``. In ``log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|))`` nothing overflows and
    nothing needs clamping. With a weight w the first terms are multiplied by ``1 + (w - 1) t``, the second
    by w.

    Examples
    --------
    >>> loss, gradient = bce_with_logits(np.array([0.0, 10000.0]), np.array([1.0, 0.0]))
    >>> round(float(loss), 6), gradient
    (5000.346574, array([-0.25,  0.5 ]))
    """
    xp = namespace(logits, target)
    logits, target = _fitting(logits, target, "logits")
    decay = _decay(logits)
    weight, positive = 1 + (pos_weight - 1) * target, pos_weight * target
    losses = weight * _softplus(logits, decay) - positive * logits
    gradient = weight * _sigmoid(logits, decay) - positive
    return xp.mean(losses), gradient / _size(logits)


def _size(array):
    """The number of elements, at least one."""
    size = 1
    for length in array.shape:
        size *= length
    if size == 0:
        raise ShapeError(f"there is nothing to average: the predictions have shape {tuple(array.shape)}")
    return size


def _fitting(prediction, target, name):
    """Both as arrays, the target in the dtype of the prediction, after making sure that the shapes agree."""
    prediction, target = check_array(prediction, name), check_array(target, "target")
    if tuple(prediction.shape) != tuple(target.shape):
        raise ShapeError(
            f"{name} has shape {tuple(prediction.shape)} but the target {tuple(target.shape)}; "
            "they must agree: reshape one of them"
        )
    xp = namespace(prediction, target)
    if not xp.isdtype(prediction.dtype, "real floating"):
        raise TypeError(
            f"{name} has dtype {prediction.dtype}; a gradient needs a floating one: {name}.astype(float)"
        )
    return prediction, xp.astype(target, prediction.dtype, copy=False)


def _check_labels(scores, y, name, label_name):
    """The number of rows, after making sure that each has a class."""
    if scores.ndim == 0:
        raise ShapeError(f"{name} is a single number; it must have one score for each class")
    *rows, n_classes = scores.shape
    if list(y.shape) != rows:
        raise ShapeError(
            f"{name} has shape {tuple(scores.shape)}, so {label_name} must have shape {tuple(rows)}, one "
            f"class for each row; it has {tuple(y.shape)}"
        )
    # On an accelerator the question would stop the queue, so there an index out of range is the answer.
    if isinstance(y, np.ndarray) and y.size:
        if y.dtype.kind not in "iu":
            raise TypeError(f"{label_name} has dtype {y.dtype}; classes are whole numbers: astype(np.int64)")
        if not 0 <= y.min() <= y.max() < n_classes:
            raise ValueError(
                f"{label_name} holds {y.min()} to {y.max()}; the classes are 0 to {n_classes - 1}"
            )
    return _size(y)
