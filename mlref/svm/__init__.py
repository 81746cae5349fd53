"""Support vector machines: losses, kernels, a linear classifier by Newton, kernel machines by SMO.

``losses``
    `svm_loss` (multi-class hinge) and `svr_loss` (epsilon-insensitive) of a linear model, with gradients.
``kernels``
    `kernel_matrix`: scalar products in a space that is never built.
``linear``
    `LinearSVC`: squared hinge loss, Newton's method.
``smo``
    `smo` and `smo_simplified`: the dual problem, two variables at a time.
``estimators``
    `SVC` and `SVR`.
"""

from mlref.svm.estimators import SVC, SVR
from mlref.svm.kernels import kernel_matrix
from mlref.svm.linear import LinearSVC, fit_squared_hinge
from mlref.svm.losses import svm_loss, svr_loss
from mlref.svm.smo import smo, smo_simplified

__all__ = [
    "SVC",
    "SVR",
    "LinearSVC",
    "fit_squared_hinge",
    "kernel_matrix",
    "smo",
    "smo_simplified",
    "svm_loss",
    "svr_loss",
]
