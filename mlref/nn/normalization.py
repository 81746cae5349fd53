"""Normalisation: batch norm and layer norm are one formula over different axes."""

import math

import numpy as np

from mlref.arrays import namespace
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import ShapeError, check_array
from mlref.nn.joint import data_of
from mlref.nn.module import Module

__all__ = [
    "BatchNorm1d",
    "LayerNorm",
    "batch_norm",
    "layer_norm",
    "standardize",
    "standardize_backward",
]


def standardize(x, axis, eps=1e-5):
    """Shift and scale to mean 0 and variance 1 over some axes.

    Parameters
    ----------
    x : array of any shape
    axis : int or tuple of ints
        Over which mean and variance are taken.
    eps : float
        Added to the variance, so that a constant becomes 0.

    Returns
    -------
    normalized : array of the same shape
    mean : array of the shape of `x` with length 1 on the axes
    variance : array of the shape of `mean`
        Divided by n, not n - 1.

    Examples
    --------
    >>> standardize(np.array([[1.0, 3.0]]), axis=1, eps=0.0)[0]
    array([[-1.,  1.]])
    """
    xp, x = namespace(x), check_array(x, "x")
    mean = xp.mean(x, axis=axis, keepdims=True)
    centered = x - mean
    variance = xp.mean(centered * centered, axis=axis, keepdims=True)
    return centered * (variance + eps) ** -0.5, mean, variance


def standardize_backward(gradient, normalized, variance, axis, eps=1e-5):
    """The gradient of `standardize`: with respect to its argument, from that of its result.

    Parameters
    ----------
    gradient : array of any shape
        With respect to the normalised array.
    normalized : array of the same shape
        What `standardize` returned.
    variance : array of the shape that `standardize` returned
    axis : int or tuple of ints
    eps : float

    Returns
    -------
    dx : array of the same shape

    Notes
    -----
    With hats for the normalised x and means over the axes: ``dx = (g - mean(g) - x^ mean(g x^)) /
    sqrt(variance + eps)``. The two means are what flows through the mean and the variance of x.

    References
    ----------
    S. Ioffe, C. Szegedy (2015), *Batch normalization*, section 3.
    """
    xp = namespace(gradient)
    mean = xp.mean(gradient, axis=axis, keepdims=True)
    projection = xp.mean(gradient * normalized, axis=axis, keepdims=True)
    return (gradient - mean - normalized * projection) * (variance + eps) ** -0.5


def layer_norm(x, weight, bias, eps=1e-5):
    """Standardise each row of a tensor by itself, then scale and shift each feature.

    Parameters
    ----------
    x : Tensor of shape (..., n_features)
    weight : Tensor of shape (n_features,)
    bias : Tensor of shape (n_features,)
    eps : float

    Returns
    -------
    y : Tensor of the shape of `x`

    References
    ----------
    J. L. Ba, J. R. Kiros, G. E. Hinton (2016), *Layer normalization*.
    """
    _check_features(x, -1, weight, bias)
    normalized, _, _ = _standardized(x, -1, eps)
    return normalized * weight + bias


def batch_norm(x, weight, bias, eps=1e-5):
    """Standardise each feature of a tensor over the batch, then scale and shift it.

    Parameters
    ----------
    x : Tensor of shape (n_samples, n_features, ...)
        Axes after the second belong to the batch, as the pixels of an image.
    weight : Tensor of shape (n_features,)
    bias : Tensor of shape (n_features,)
    eps : float

    Returns
    -------
    y : Tensor of the shape of `x`
    mean : array of shape (1, n_features, ...)
        With length 1 on the axes of the batch.
    variance : array of shape (1, n_features, ...)
        Divided by n.
    """
    _check_features(x, 1, weight, bias)
    shape = _feature_shape(x)
    normalized, mean, variance = _standardized(x, (0, *range(2, len(shape))), eps)
    return normalized * weight.reshape(shape) + bias.reshape(shape), mean, variance


def _standardized(x, axis, eps):
    """`standardize` of a tensor; mean and variance are arrays."""
    normalized, mean, variance = standardize(data_of(x, "x"), axis, eps)
    y = record(
        normalized,
        (x, lambda gradient: standardize_backward(gradient, normalized, variance, axis, eps)),
        fresh=True,
    )
    return y, mean, variance


def _check_features(x, axis, weight, bias):
    """One weight and one bias for each feature: a single one would be broadcast without a word."""
    shape = tuple(data_of(x, "x").shape)
    expected = tuple(data_of(weight, "weight", ndim=1).shape)
    if tuple(data_of(bias, "bias").shape) != expected:
        raise ShapeError(f"bias has shape {tuple(bias.shape)} but weight {expected}; they must agree")
    if len(shape) < 2 or shape[axis] != expected[0]:
        place = "the second axis" if axis == 1 else "the last axis"
        raise ShapeError(f"x has shape {shape}; {place} must have n_features = {expected[0]}")


def _feature_shape(x):
    """Shape in which one number for each feature, on axis 1, broadcasts against a tensor."""
    return (1, -1, *[1] * (len(x.shape) - 2))


class LayerNorm(Module):
    """Layer normalisation over the last axis, in training and evaluation alike.

    Parameters
    ----------
    n_features : int
    eps : float

    Attributes
    ----------
    weight : Tensor of shape (n_features,)
        Starts at 1.
    bias : Tensor of shape (n_features,)
        Starts at 0.
    """

    def __init__(self, n_features, eps=1e-5):
        self.eps = eps
        self.weight = Tensor(np.ones(n_features))
        self.bias = Tensor(np.zeros(n_features))

    def forward(self, x):
        """See `layer_norm`.

        Parameters
        ----------
        x : Tensor of shape (..., n_features)

        Returns
        -------
        y : Tensor of the shape of `x`
        """
        return layer_norm(x, self.weight, self.bias, self.eps)


class BatchNorm1d(Module):
    """Batch normalisation of features: by the batch in training, by running averages in evaluation.

    Parameters
    ----------
    n_features : int
    eps : float
    momentum : float
        How much the newest batch counts in the running averages.

    Attributes
    ----------
    weight : Tensor of shape (n_features,)
        Starts at 1.
    bias : Tensor of shape (n_features,)
        Starts at 0.
    running_mean : array of shape (n_features,)
    running_var : array of shape (n_features,)
        Of variances divided by n - 1, as in torch, though the batch itself is scaled with n.

    Raises
    ------
    ShapeError
        In training, if a feature has a single value: its variance says nothing.
    """

    buffers = ("running_mean", "running_var")

    def __init__(self, n_features, eps=1e-5, momentum=0.1):
        self.eps = eps
        self.momentum = momentum
        self.weight = Tensor(np.ones(n_features))
        self.bias = Tensor(np.zeros(n_features))
        self.running_mean = np.zeros(n_features)
        self.running_var = np.ones(n_features)

    def forward(self, x):
        """See `batch_norm`.

        Parameters
        ----------
        x : Tensor of shape (n_samples, n_features) or (n_samples, n_features, length)

        Returns
        -------
        y : Tensor of the shape of `x`
        """
        _check_features(x, 1, self.weight, self.bias)
        xp = namespace(self.running_mean)
        shape = _feature_shape(x)
        if not self.training:
            mean, variance = (xp.reshape(a, shape) for a in (self.running_mean, self.running_var))
            scale = self.weight.reshape(shape) * (variance + self.eps) ** -0.5
            return (x - mean) * scale + self.bias.reshape(shape)
        n = math.prod(x.shape) // self.running_mean.shape[0]
        if n < 2:
            raise ShapeError(
                f"batch norm in training needs at least two values of each feature, x has shape {x.shape}; "
                "use a larger batch, or eval()"
            )
        y, mean, variance = batch_norm(x, self.weight, self.bias, self.eps)
        # In place: a captured graph of a training step keeps writing to the same memory.
        self.running_mean *= 1.0 - self.momentum
        self.running_mean += self.momentum * xp.reshape(mean, (-1,))
        self.running_var *= 1.0 - self.momentum
        self.running_var += self.momentum * n / (n - 1) * xp.reshape(variance, (-1,))
        return y
