"""Pooling of tensors."""

import math

from mlref.arrays import is_torch
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import ShapeError
from mlref.nn.joint import data_of
from mlref.nn.pooling import functions
from mlref.nn.pooling.primitive import max_pool2d_backward_torch, max_pool2d_torch

__all__ = ["avg_pool2d", "flatten", "global_avg_pool2d", "max_pool2d"]


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """The largest number of every window; see `mlref.nn.pooling.functions.max_pool2d`.

    Parameters
    ----------
    x : Tensor or array of shape (n_images, channels, height, width)
    kernel_size : int or pair of ints
    stride : int or pair of ints, optional
    padding : int or pair of ints

    Returns
    -------
    y : Tensor of shape (n_images, channels, out_height, out_width)
    """
    images = data_of(x, "x")
    if is_torch(images):
        how = functions.window_geometry(images, kernel_size, stride, padding)[:3]
        # torch finds the places of the largest on its way, once for both directions.
        y, places = max_pool2d_torch(images, *how)

        def rule(gradient):
            return max_pool2d_backward_torch(gradient, images, places, *how)
    else:
        how = (kernel_size, stride, padding)
        y = functions.max_pool2d(images, *how)

        def rule(gradient):
            return functions.max_pool2d_backward(gradient, images, y, *how)

    return record(y, (x, rule), fresh=True)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    """The mean of every window; see `mlref.nn.pooling.functions.avg_pool2d`.

    Parameters
    ----------
    x : Tensor or array of shape (n_images, channels, height, width)
    kernel_size : int or pair of ints
    stride : int or pair of ints, optional
    padding : int or pair of ints

    Returns
    -------
    y : Tensor of shape (n_images, channels, out_height, out_width)
    """
    images, how = data_of(x, "x"), (kernel_size, stride, padding)
    return record(
        functions.avg_pool2d(images, *how),
        (x, lambda gradient: functions.avg_pool2d_backward(gradient, images, *how)),
        fresh=True,
    )


def global_avg_pool2d(x):
    """The mean of every channel of every image.

    Parameters
    ----------
    x : Tensor or array of shape (n_images, channels, height, width)

    Returns
    -------
    y : Tensor of shape (n_images, channels)
    """
    images = data_of(x, "x")
    return record(
        functions.global_avg_pool2d(images),
        (x, lambda gradient: functions.global_avg_pool2d_backward(gradient, images.shape)),
    )


def flatten(x):
    """All numbers of an image in one row: channels, then rows, then columns.

    Parameters
    ----------
    x : Tensor or array of shape (n_images, ...)

    Returns
    -------
    y : Tensor of shape (n_images, n_features)
    """
    shape = data_of(x, "x").shape
    if not shape:
        raise ShapeError("x is a single number; flatten needs an axis of samples: x[None]")
    tensor = x if isinstance(x, Tensor) else Tensor(x)
    return tensor.reshape(shape[0], math.prod(shape[1:]))
