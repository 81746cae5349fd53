"""Losses of tensors, named as in torch: the functions of `mlref.losses.gradients`, recorded."""

from mlref.arrays import is_torch, namespace
from mlref.autodiff.tensor import Tensor, record
from mlref.losses.gradients import (
    _check_labels,
    bce_with_logits,
    mae,
    mse,
    multiclass_hinge,
    softmax_cross_entropy,
)
from mlref.losses.probability import entropy

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "kl_loss",
    "l1_loss",
    "mse_loss",
    "multiclass_hinge_loss",
]


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
    _check_tensor(scores, "scores")
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
    _check_tensor(logits, "logits")
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
    _check_tensor(logits, "logits")
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
    loss = cross_entropy(logits, target)
    return loss - namespace(loss.data).mean(entropy(target))


def _torch_cross_entropy(logits, target):
    """`softmax_cross_entropy` with right classes, by torch's kernels: two in each direction."""
    import torch

    aten = torch.ops.aten
    _check_labels(logits.data, target, "logits", "target")
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


def _check_tensor(operand, name):
    # Of a plain array the loss would be a constant, and backward() would do nothing without a word.
    if not isinstance(operand, Tensor):
        raise TypeError(
            f"{name} is of type {type(operand).__name__}; it must be a Tensor, or nothing is learned: "
            f"pass what the model computes, or Tensor({name})"
        )


def _difference_loss(function, prediction, target):
    """A loss of ``prediction - target`` as a tensor; a target that is a tensor is differentiated too."""
    _check_tensor(prediction, "prediction")
    loss, gradient = function(prediction.data, target.data if isinstance(target, Tensor) else target)
    return record(
        loss,
        (prediction, lambda upstream: upstream * gradient),
        (target, lambda upstream: -upstream * gradient),
        fresh=True,
    )
