"""Losses: what a model pays for its predictions, with gradients.

Each loss stands here once, as a function of arrays that returns the loss and its gradient; the function
of the same formula on a `Tensor`, named as in torch, records that gradient. Logarithms are natural.
"""

import numpy as np

from mlref.arrays import is_torch, namespace
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import ShapeError

__all__ = [
    "bce_with_logits",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "entropy",
    "kl",
    "kl_loss",
    "l1_loss",
    "log_softmax",
    "mae",
    "mse",
    "mse_loss",
    "multiclass_hinge",
    "multiclass_hinge_loss",
    "softmax",
    "softmax_cross_entropy",
]


# Probabilities -------------------------------------------------------------------------------------


def softmax(z, axis=-1):
    """Positive numbers that sum to one, in the proportions of exp(z).

    Parameters
    ----------
    z : array of any shape
    axis : int
        The axis of the classes.

    Returns
    -------
    probabilities : array of the same shape

    Notes
    -----
    ``exp(z_c) / sum_k exp(z_k)``. The largest z is subtracted first, which changes nothing but keeps
    exp from overflowing (from z = 710 on in float64, 89 in float32).

    References
    ----------
    C. M. Bishop (2006), *Pattern Recognition and Machine Learning*, section 4.3.4.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1001.0])).round(6)
    array([0.268941, 0.731059])
    """
    _, exponentials, total = _exponentials(z, axis)
    return exponentials / total


def log_softmax(z, axis=-1):
    """The logarithm of `softmax`, finite where the probability itself rounds to zero.

    Parameters
    ----------
    z : array of any shape
    axis : int
        The axis of the classes.

    Returns
    -------
    log_probabilities : array of the same shape

    Notes
    -----
    ``z_c - log sum_k exp(z_k)``, after the largest z is subtracted.

    Examples
    --------
    >>> log_softmax(np.array([-1000.0, 0.0]))
    array([-1000.,     0.])
    """
    shifted, _, total = _exponentials(z, axis)
    return shifted - namespace(z).log(total)


def entropy(p, axis=-1):
    """How uncertain a distribution is, in nats: the mean of -log p.

    Parameters
    ----------
    p : array of any shape
        Probabilities that sum to one along the axis.
    axis : int
        The axis of the classes.

    Returns
    -------
    entropy : array of any shape
        Of the shape of `p` without the axis. ``0 log 0`` counts as 0.

    Examples
    --------
    >>> bool(np.isclose(entropy(np.array([0.5, 0.5])), np.log(2)))
    True
    """
    xp = namespace(p)
    return -xp.sum(p * _safe_log(xp, p), axis=axis)


def kl(p, q, axis=-1):
    """Kullback-Leibler divergence: how much worse q describes draws from p than p itself, in nats.

    Parameters
    ----------
    p : array of any shape
        Probabilities that sum to one along the axis.
    q : array of the same shape as `p`
        Probabilities likewise.
    axis : int
        The axis of the classes.

    Returns
    -------
    divergence : array of any shape
        Of the shape of `p` without the axis. Infinite if q is 0 where p is not; else at least 0, up to
        rounding.

    Notes
    -----
    ``sum_c p_c log(p_c / q_c)``: cross-entropy minus entropy. Not symmetric. ``0 log 0`` counts as 0.

    References
    ----------
    T. M. Cover, J. A. Thomas (2006), *Elements of Information Theory*, section 2.3.

    Examples
    --------
    >>> kl(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])).round(6)
    array([0.693147])
    """
    xp = namespace(p, q)
    impossible = (q == 0) & (p > 0)
    ratio = _safe_log(xp, p) - _safe_log(xp, q)
    return xp.sum(xp.where(impossible, xp.full_like(p, xp.inf), p * ratio), axis=axis)


# Arrays: loss and gradient ---------------------------------------------------------------------------


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
    difference = prediction - _fitting(xp, prediction, target)
    return xp.mean(difference * difference), difference * (2 / _size(prediction))


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
    difference = prediction - _fitting(xp, prediction, target)
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
    n = _check_labels(scores, y)
    own = _one_hot(xp, y, scores)
    shortfall = scores - xp.sum(own * scores, axis=1, keepdims=True) + margin
    shortfall = xp.maximum(shortfall, xp.zeros_like(scores)) * (1 - own)
    if squared:
        losses, slope = shortfall * shortfall, 2 * shortfall
    else:
        losses, slope = shortfall, xp.astype(shortfall > 0, scores.dtype)
    gradient = slope - own * xp.sum(slope, axis=1, keepdims=True)
    return xp.sum(losses) / n, gradient / n


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
    n_classes = logits.shape[-1]
    is_soft = xp.isdtype(target.dtype, "real floating")
    if is_soft:
        target = _fitting(xp, logits, target)
    else:
        _check_labels(logits, target)
        target = _one_hot(xp, target, logits)
    if label_smoothing:
        target = (1 - label_smoothing) * target + label_smoothing / n_classes
    n = _size(logits) // n_classes
    shifted, exponentials, total = _exponentials(logits, -1)
    loss = -xp.sum(target * (shifted - xp.log(total))) / n
    p = exponentials / total
    if is_soft:
        p = p * xp.sum(target, axis=-1, keepdims=True)
    return loss, (p - target) / n


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
    target = _fitting(xp, logits, target)
    # exp of a negative number cannot overflow.
    decay = xp.exp(-xp.abs(logits))
    softplus = xp.maximum(logits, xp.zeros_like(logits)) + xp.log1p(decay)
    p = xp.where(logits >= 0, 1 / (1 + decay), decay / (1 + decay))
    weight, positive = 1 + (pos_weight - 1) * target, pos_weight * target
    return xp.mean(weight * softplus - positive * logits), (weight * p - positive) / _size(logits)


# Tensors -----------------------------------------------------------------------------------------------


def mse_loss(prediction, target):
    """Mean squared error of a tensor; see `mse`.

    Parameters
    ----------
    prediction : Tensor
    target : Tensor or array of the same shape as `prediction`

    Returns
    -------
    loss : Tensor
        Without axes.

    Examples
    --------
    >>> mse_loss(Tensor([1.0, 2.0]), np.array([1.0, 0.0])).data
    array(2.)
    """
    return _difference_loss(mse, prediction, target)


def l1_loss(prediction, target):
    """Mean absolute error of a tensor; see `mae`.

    Parameters
    ----------
    prediction : Tensor
    target : Tensor or array of the same shape as `prediction`

    Returns
    -------
    loss : Tensor
        Without axes.
    """
    return _difference_loss(mae, prediction, target)


def multiclass_hinge_loss(scores, y, *, margin=1.0, squared=False):
    """Multi-class hinge loss of a tensor; see `multiclass_hinge`.

    Parameters
    ----------
    scores : Tensor of shape (n_samples, n_classes)
    y : array of ints, of shape (n_samples,)
    margin : float
    squared : bool

    Returns
    -------
    loss : Tensor
        Without axes.
    """
    return _loss(multiclass_hinge, scores, y, margin, squared)


def cross_entropy(logits, target, *, label_smoothing=0.0):
    """Cross-entropy of the softmax of a tensor, a mean over the rows; see `softmax_cross_entropy`.

    Parameters
    ----------
    logits : Tensor of shape (..., n_classes)
        The classes are the last axis, whatever stands before it.
    target : array of ints of shape (...), or of floats of shape (..., n_classes)
        Right classes, or probabilities.
    label_smoothing : float

    Returns
    -------
    loss : Tensor
        Without axes.

    Examples
    --------
    >>> logits = Tensor([[0.0, 0.0]])
    >>> cross_entropy(logits, np.array([0])).backward()
    >>> logits.grad
    array([[-0.5,  0.5]])
    """
    if is_torch(target) and is_torch(logits.data) and not (target.is_floating_point() or label_smoothing):
        return _torch_cross_entropy(logits, target)
    return _loss(softmax_cross_entropy, logits, target, label_smoothing)


def binary_cross_entropy_with_logits(logits, target, *, pos_weight=1.0):
    """Binary cross-entropy of the logistic function of a tensor, a mean; see `bce_with_logits`.

    Parameters
    ----------
    logits : Tensor
    target : array of the same shape as `logits`
        Probabilities of the positive class.
    pos_weight : float

    Returns
    -------
    loss : Tensor
        Without axes.
    """
    return _loss(bce_with_logits, logits, target, pos_weight)


def kl_loss(logits, target):
    """Kullback-Leibler divergence of the softmax of a tensor from a target, a mean over the rows.

    Parameters
    ----------
    logits : Tensor of shape (..., n_classes)
    target : array of floats, of shape (..., n_classes)
        Probabilities.

    Returns
    -------
    loss : Tensor
        Without axes. `cross_entropy` minus the `entropy` of the target: the same gradient, and 0 at best.
    """
    xp = namespace(logits.data)
    return cross_entropy(logits, target) - xp.mean(entropy(target))


def _torch_cross_entropy(logits, target):
    """`softmax_cross_entropy` with right classes, by torch's kernels: two in each direction."""
    import torch

    aten = torch.ops.aten
    _check_labels(logits.data, target)
    z, target = logits.data.reshape(-1, logits.shape[-1]), target.reshape(-1).long()
    log_p = torch.log_softmax(z, -1)
    # No weights of classes, a mean over the rows, and a label that no class has is left out.
    how = (target, None, 1, -100)
    loss, weight = aten.nll_loss_forward.default(log_p, *how)

    def rule(gradient):
        slope = aten.nll_loss_backward.default(gradient, log_p, *how, weight)
        return aten._log_softmax_backward_data.default(slope, log_p, -1, z.dtype).reshape(logits.shape)

    return record(loss, (logits, rule), fresh=True)


def _loss(function, prediction, target, *options):
    """A loss as a tensor, from a function of arrays that returns it with its gradient."""
    if isinstance(target, Tensor):
        raise TypeError("target is a Tensor, but no gradient flows into it; pass target.data")
    loss, gradient = function(prediction.data, target, *options)
    return record(loss, (prediction, lambda upstream: upstream * gradient), fresh=True)


def _difference_loss(function, prediction, target):
    """A loss of ``prediction - target`` as a tensor; a target that is a tensor is differentiated too."""
    loss, gradient = function(prediction.data, target.data if isinstance(target, Tensor) else target)
    return record(
        loss,
        (prediction, lambda upstream: upstream * gradient),
        (target, lambda upstream: -upstream * gradient),
        fresh=True,
    )


# Parts --------------------------------------------------------------------------------------------------


def _exponentials(z, axis):
    """Z minus its largest along the axis, the exponentials of that, and their sum."""
    xp = namespace(z)
    shifted = z - xp.max(z, axis=axis, keepdims=True)
    exponentials = xp.exp(shifted)
    return shifted, exponentials, xp.sum(exponentials, axis=axis, keepdims=True)


def _one_hot(xp, y, like):
    """1 in the column of the right class, else 0, with the dtype of the scores."""
    classes = xp.arange(like.shape[-1], dtype=y.dtype, device=like.device)
    return xp.astype(y[..., None] == classes, like.dtype)


def _safe_log(xp, p):
    """The logarithm; 0 where p is 0."""
    return xp.log(xp.where(p == 0, xp.ones_like(p), p))


def _size(array):
    """The number of elements, at least one."""
    size = 1
    for length in array.shape:
        size *= length
    if size == 0:
        raise ShapeError(f"there is nothing to average: the predictions have shape {tuple(array.shape)}")
    return size


def _fitting(xp, prediction, target):
    """The target, in the dtype of the predictions, after making sure that the shapes agree."""
    if tuple(prediction.shape) != tuple(target.shape):
        raise ShapeError(
            f"the prediction has shape {tuple(prediction.shape)} but the target {tuple(target.shape)}; "
            "they must agree: reshape one of them"
        )
    if not xp.isdtype(prediction.dtype, "real floating"):
        raise TypeError(f"the prediction has dtype {prediction.dtype}; a gradient needs a floating one")
    return xp.astype(target, prediction.dtype, copy=False)


def _check_labels(scores, y):
    """The number of rows, after making sure that each has a class."""
    *rows, n_classes = scores.shape
    if list(y.shape) != rows:
        raise ShapeError(
            f"scores have shape {tuple(scores.shape)}, so y must have shape {tuple(rows)}, one class for "
            f"each row; it has {tuple(y.shape)}"
        )
    # On an accelerator the question would stop the queue, so there an index out of range is the answer.
    if isinstance(y, np.ndarray) and y.size and not 0 <= y.min() <= y.max() < n_classes:
        raise ValueError(f"y holds {y.min()} to {y.max()}; the classes are 0 to {n_classes - 1}")
    return _size(y)
