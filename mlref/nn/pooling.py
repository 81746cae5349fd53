"""Pooling: one number for each window of an image, its maximum or its mean."""

import math
from functools import reduce
from itertools import product
from operator import add

from mlref.arrays import is_torch, namespace
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import ShapeError
from mlref.nn.conv.shapes import conv_output_shape, pair
from mlref.nn.conv.windows import pad_images, window_slices
from mlref.nn.joint import data_of
from mlref.nn.module import Module

__all__ = [
    "AvgPool2d",
    "Flatten",
    "GlobalAvgPool2d",
    "MaxPool2d",
    "avg_pool2d",
    "avg_pool2d_backward",
    "global_avg_pool2d",
    "global_avg_pool2d_backward",
    "max_pool2d",
    "max_pool2d_backward",
]


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """The largest number of every window.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    kernel_size : int or pair of ints
        Height and width of the windows.
    stride : int or pair of ints, optional
        From one window to the next; by default the windows lie side by side.
    padding : int or pair of ints
        Rows and columns around the image; they hold minus infinity and are never the largest.

    Returns
    -------
    y : array of shape (n_images, channels, out_height, out_width)

    Raises
    ------
    ShapeError
        If the windows are larger than the padded image.
    ValueError
        If stride or padding is out of range; more padding than half a window is refused, as some windows
        would hold nothing else.

    Examples
    --------
    >>> import numpy as np
    >>> max_pool2d(np.array([[[[1.0, 2.0, 0.0, 3.0], [4.0, 1.0, 1.0, 1.0]]]]), 2)
    array([[[[4., 3.]]]])
    """
    size, stride, padding, output = _geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        return _torch().nn.functional.max_pool2d(x, size, stride, padding)
    xp = namespace(x)
    padded = pad_images(x, padding, -math.inf)
    rows, columns = window_slices(size, output, stride)
    strips = reduce(xp.maximum, [padded[:, :, :, at] for at in columns])
    y = reduce(xp.maximum, [strips[:, :, at, :] for at in rows])
    return xp.asarray(y, copy=True) if math.prod(size) == 1 else y


def max_pool2d_backward(gradient, x, y, kernel_size, stride=None, padding=0):
    """The gradient of `max_pool2d`: each window hands its own to its largest number.

    Parameters
    ----------
    gradient : array of shape (n_images, channels, out_height, out_width)
    x : array of shape (n_images, channels, height, width)
    y : array of shape (n_images, channels, out_height, out_width)
        What `max_pool2d` returned.
    kernel_size : int or pair of ints
    stride : int or pair of ints, optional
    padding : int or pair of ints

    Returns
    -------
    dx : array of shape (n_images, channels, height, width)

    Notes
    -----
    Of several equal numbers the first, row by row, gets all of it, as in torch: then the gradients of a
    window keep their sum. A number that is the largest of several windows gets the sum.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[2.0, 2.0], [0.0, 1.0]]]])
    >>> max_pool2d_backward(np.array([[[[5.0]]]]), x, max_pool2d(x, 2), 2)
    array([[[[5., 0.],
             [0., 0.]]]])
    """
    size, stride, padding, output = _geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        places = _torch().nn.functional.max_pool2d(x, size, stride, padding, return_indices=True)[1]
        return _max_pool2d_backward_torch(gradient, x, size, stride, padding, places)
    xp = namespace(x)
    padded = pad_images(x, padding, -math.inf)
    rows, columns = window_slices(size, output, stride)
    strips = reduce(xp.maximum, [padded[:, :, :, at] for at in columns])
    # The first row that holds the maximum, and in this row the first column.
    d_strips = _to_the_first(gradient, strips, y, [(..., at, slice(None)) for at in rows])
    d_padded = _to_the_first(d_strips, padded, strips, [(..., at) for at in columns])
    return _crop(d_padded, padding, x.shape)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    """The mean of every window.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    kernel_size : int or pair of ints
        Height and width of the windows.
    stride : int or pair of ints, optional
        From one window to the next; by default the windows lie side by side.
    padding : int or pair of ints
        Rows and columns around the image; they hold zeros, which count.

    Returns
    -------
    y : array of shape (n_images, channels, out_height, out_width)

    Raises
    ------
    ShapeError
        If the windows are larger than the padded image.
    ValueError
        If stride or padding is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> avg_pool2d(np.array([[[[1.0, 2.0, 0.0, 3.0], [4.0, 1.0, 1.0, 1.0]]]]), 2)
    array([[[[2.  , 1.25]]]])
    """
    size, stride, padding, output = _geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        return _torch().nn.functional.avg_pool2d(x, size, stride, padding)
    padded = pad_images(x, padding)
    rows, columns = window_slices(size, output, stride)
    strips = reduce(add, [padded[:, :, :, at] for at in columns])
    return reduce(add, [strips[:, :, at, :] for at in rows]) / math.prod(size)


def avg_pool2d_backward(gradient, x, kernel_size, stride=None, padding=0):
    """The gradient of `avg_pool2d`: each window shares its own out equally.

    Parameters
    ----------
    gradient : array of shape (n_images, channels, out_height, out_width)
    x : array of shape (n_images, channels, height, width)
        Only its shape is used.
    kernel_size : int or pair of ints
    stride : int or pair of ints, optional
    padding : int or pair of ints

    Returns
    -------
    dx : array of shape (n_images, channels, height, width)

    Examples
    --------
    >>> import numpy as np
    >>> avg_pool2d_backward(np.array([[[[8.0]]]]), np.zeros((1, 1, 2, 2)), 2)
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    size, stride, padding, output = _geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        backward = _torch().ops.aten.avg_pool2d_backward.default
        return backward(gradient, x, size, stride, padding, False, True, None)
    xp = namespace(x)
    d_padded = pad_images(xp.zeros_like(x), padding)
    share = gradient / math.prod(size)
    for at in product(*window_slices(size, output, stride)):
        d_padded[:, :, *at] += share
    return _crop(d_padded, padding, x.shape)


def global_avg_pool2d(x):
    """The mean of every channel of every image.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)

    Returns
    -------
    y : array of shape (n_images, channels)

    Examples
    --------
    >>> import numpy as np
    >>> global_avg_pool2d(np.array([[[[1.0, 2.0]], [[3.0, 5.0]]]]))
    array([[1.5, 4. ]])
    """
    return namespace(x).mean(x, axis=(2, 3))


def global_avg_pool2d_backward(gradient, shape):
    """The gradient of `global_avg_pool2d`: each channel shares its own out equally.

    Parameters
    ----------
    gradient : array of shape (n_images, channels)
    shape : tuple of four ints
        Of the images.

    Returns
    -------
    dx : array of shape `shape`

    Examples
    --------
    >>> import numpy as np
    >>> global_avg_pool2d_backward(np.array([[6.0]]), (1, 1, 1, 3))
    array([[[[2., 2., 2.]]]])
    """
    share = gradient / math.prod(shape[2:])
    return namespace(gradient).broadcast_to(share[:, :, None, None], shape)


class MaxPool2d(Module):
    """The largest number of every window, as `max_pool2d`.

    Parameters
    ----------
    kernel_size : int or pair of ints
    stride : int or pair of ints, optional
    padding : int or pair of ints

    Examples
    --------
    >>> import numpy as np
    >>> MaxPool2d(2)(np.zeros((10, 6, 28, 28))).shape
    (10, 6, 14, 14)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        """Pool images.

        Parameters
        ----------
        x : Tensor or array of shape (n_images, channels, height, width)

        Returns
        -------
        y : Tensor of shape (n_images, channels, out_height, out_width)
        """
        images, how = data_of(x), (self.kernel_size, self.stride, self.padding)
        if is_torch(images):
            size, stride, padding, _ = _geometry(images, *how)
            # torch finds the places of the largest on its way, once for both directions.
            y, places = _torch().nn.functional.max_pool2d(images, size, stride, padding, return_indices=True)
            return record(
                y,
                (x, lambda g: _max_pool2d_backward_torch(g, images, size, stride, padding, places)),
            )
        y = max_pool2d(images, *how)
        return record(y, (x, lambda gradient: max_pool2d_backward(gradient, images, y, *how)))


class AvgPool2d(Module):
    """The mean of every window, as `avg_pool2d`.

    Parameters
    ----------
    kernel_size : int or pair of ints
    stride : int or pair of ints, optional
    padding : int or pair of ints

    Examples
    --------
    >>> import numpy as np
    >>> AvgPool2d(3, stride=2)(np.zeros((10, 6, 13, 13))).shape
    (10, 6, 6, 6)
    """

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        """Pool images.

        Parameters
        ----------
        x : Tensor or array of shape (n_images, channels, height, width)

        Returns
        -------
        y : Tensor of shape (n_images, channels, out_height, out_width)
        """
        images, how = data_of(x), (self.kernel_size, self.stride, self.padding)
        y = avg_pool2d(images, *how)
        return record(y, (x, lambda gradient: avg_pool2d_backward(gradient, images, *how)))


class GlobalAvgPool2d(Module):
    """The mean of every channel of every image: one row of numbers for each image, whatever its size.

    Examples
    --------
    >>> import numpy as np
    >>> GlobalAvgPool2d()(np.zeros((10, 64, 8, 8))).shape
    (10, 64)
    """

    def forward(self, x):
        """Pool images.

        Parameters
        ----------
        x : Tensor or array of shape (n_images, channels, height, width)

        Returns
        -------
        y : Tensor of shape (n_images, channels)
        """
        images = data_of(x)
        y = global_avg_pool2d(images)
        return record(y, (x, lambda gradient: global_avg_pool2d_backward(gradient, images.shape)))


class Flatten(Module):
    """All numbers of an image in one row: channels, then rows, then columns.

    Examples
    --------
    >>> import numpy as np
    >>> Flatten()(np.zeros((10, 16, 5, 5))).shape
    (10, 400)
    """

    def forward(self, x):
        """Flatten images.

        Parameters
        ----------
        x : Tensor or array of shape (n_images, ...)

        Returns
        -------
        y : Tensor of shape (n_images, n_features)
        """
        tensor = x if isinstance(x, Tensor) else Tensor(x)
        return tensor.reshape(x.shape[0], math.prod(x.shape[1:]))


def _geometry(x, kernel_size, stride, padding):
    """Size, stride and padding of the windows as pairs, and the shape of the result."""
    if x.ndim != 4:
        raise ShapeError(f"x has shape {tuple(x.shape)}; it must be (n_images, channels, height, width)")
    size, padding = pair(kernel_size, "kernel_size"), pair(padding, "padding")
    stride = size if stride is None else pair(stride, "stride")
    if any(2 * p > k for p, k in zip(padding, size, strict=True)):
        raise ValueError(f"padding is {padding}; it must be at most half of kernel_size, {size}")
    return size, stride, padding, conv_output_shape(x.shape[2:], size, stride, padding)


def _to_the_first(gradient, x, largest, entries):
    """Hand the gradient of the largest of several entries to the first of them that is as large."""
    xp = namespace(x)
    dx = xp.zeros_like(x)
    for at in entries:
        # A product: choosing element by element is much slower in numpy.
        taken = gradient * xp.astype(x[at] == largest, gradient.dtype)
        dx[at] += taken
        gradient = gradient - taken
    return dx


def _crop(padded, padding, shape):
    """The images without the rows and columns around them."""
    (p, q), (height, width) = padding, shape[2:]
    return padded[:, :, p : p + height, q : q + width]


def _max_pool2d_backward_torch(gradient, x, size, stride, padding, places):
    backward = _torch().ops.aten.max_pool2d_with_indices_backward.default
    return backward(gradient, x, size, stride, padding, (1, 1), False, places)


def _torch():
    import torch

    return torch
