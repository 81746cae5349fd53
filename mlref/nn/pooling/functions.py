"""Pooling of arrays and its gradients: one number for each window of an image, its maximum or its mean."""

import math
from functools import reduce
from itertools import product
from operator import add

from mlref.arrays import is_torch, namespace
from mlref.errors import ShapeError, check_array
from mlref.nn.conv.shapes import conv_output_shape, pair
from mlref.nn.conv.windows import pad_images, window_slices
from mlref.nn.pooling.primitive import (
    avg_pool2d_backward_torch,
    avg_pool2d_torch,
    max_pool2d_backward_torch,
    max_pool2d_torch,
)

__all__ = [
    "avg_pool2d",
    "avg_pool2d_backward",
    "global_avg_pool2d",
    "global_avg_pool2d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "window_geometry",
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
    size, stride, padding, output = window_geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        return max_pool2d_torch(x, size, stride, padding)[0]
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
    size, stride, padding, output = window_geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        places = max_pool2d_torch(x, size, stride, padding)[1]
        return max_pool2d_backward_torch(gradient, x, places, size, stride, padding)
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
    size, stride, padding, output = window_geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        return avg_pool2d_torch(x, size, stride, padding)
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
    size, stride, padding, output = window_geometry(x, kernel_size, stride, padding)
    if is_torch(x):
        return avg_pool2d_backward_torch(gradient, x, size, stride, padding)
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
    return namespace(x).mean(check_array(x, "x", ndim=4), axis=(2, 3))


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
    xp = namespace(gradient)
    share = xp.reshape(gradient / math.prod(shape[2:]), (*shape[:2], 1, 1))
    return xp.broadcast_to(share, shape)


def window_geometry(x, kernel_size, stride, padding):
    """Size, stride and padding of the windows as pairs, and how many there are.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    kernel_size : int or pair of ints
    stride : int, pair of ints or None
        None is `kernel_size`: side by side.
    padding : int or pair of ints

    Returns
    -------
    kernel_size, stride, padding, output_shape : pairs of ints

    Raises
    ------
    ShapeError
        If x has not four axes, or the windows are larger than the padded image.
    ValueError
        If a setting is out of range.
    """
    if check_array(x, "x").ndim != 4:
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
    *others, last = entries
    for at in others:
        # A product: choosing element by element is much slower in numpy.
        taken = gradient * xp.astype(x[at] == largest, gradient.dtype)
        dx[at] += taken
        gradient = gradient - taken
    # What nobody before has taken belongs to the last.
    dx[last] += gradient
    return dx


def _crop(padded, padding, shape):
    """The images without the rows and columns around them."""
    (p, q), (height, width) = padding, shape[2:]
    return padded[:, :, p : p + height, q : q + width]
