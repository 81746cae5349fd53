"""Losses: what a model pays for its predictions, with gradients.

Each loss stands once, as a function of arrays that returns the loss and its gradient; the function of the
same formula on a `Tensor`, named as in torch, records that gradient. Logarithms are natural.

Table of contents
-----------------
probability
    `softmax`, `log_softmax`, `sigmoid`, `softplus`; `entropy` and the divergence `kl`.
gradients
    Squared and absolute error, multi-class hinge, cross-entropies: on arrays, with gradients.
tensors
    The same on tensors.
"""

from mlref.losses.gradients import bce_with_logits, mae, mse, multiclass_hinge, softmax_cross_entropy
from mlref.losses.probability import entropy, kl, log_softmax, sigmoid, softmax, softplus
from mlref.losses.tensors import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_loss,
    l1_loss,
    mse_loss,
    multiclass_hinge_loss,
)

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
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
]
