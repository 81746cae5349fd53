"""Convolution as one matrix product: every window of the image becomes a column.

For a block of images at a time, so that the columns, which are ``kernel_height * kernel_width`` times as
large as the images, stay in the processor's cache. The backward pass makes the columns again and keeps none.
"""

import math

from mlref.arrays import device, namespace
from mlref.errors import check_array
from mlref.nn.conv.shapes import conv_output_shape, pair
from mlref.nn.conv.windows import pad_images, window_slices

__all__ = ["col2im", "conv2d_im2col", "conv2d_input_im2col", "conv2d_weight_im2col", "im2col"]

# Elements in the columns of a block: 2 MB in float32.
BLOCK = 2**19


def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """The windows over which a kernel moves, as columns.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    kernel_size, stride, padding, dilation : int or pair of ints

    Returns
    -------
    columns : array of shape (n_images, channels * kernel_height * kernel_width, out_height * out_width)
        Column number ``row * out_width + column`` is the window there, flattened.

    Notes
    -----
    The elements that one entry of the kernel meets lie at equal distances: they are one slice of the image.
    First the columns of all windows are copied, then of these the rows, which are long pieces of memory by
    then: ``kernel_height + kernel_width`` copies.

    References
    ----------
    K. Chellapilla, S. Puri and P. Simard (2006), *High performance convolutional neural networks for document
    processing*.

    Examples
    --------
    >>> import numpy as np
    >>> im2col(np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]), kernel_size=2)
    array([[[1., 2.],
            [2., 3.],
            [4., 5.],
            [5., 6.]]])
    """
    xp, x = namespace(x), check_array(x, "x", ndim=4)
    n, channels = x.shape[:2]
    kernel_size = pair(kernel_size, "kernel_size")
    output = conv_output_shape(x.shape[2:], kernel_size, stride, padding, dilation)
    padded = pad_images(x, pair(padding, "padding"))
    rows, columns = window_slices(kernel_size, output, stride, dilation)
    kernel_width, (height, width) = kernel_size[1], (padded.shape[2], output[1])
    strips = xp.empty((n, channels, kernel_width, height, width), dtype=x.dtype, device=device(x))
    for j, at in enumerate(columns):
        strips[:, :, j, :, :] = padded[:, :, :, at]
    windows = xp.empty((n, channels, *kernel_size, *output), dtype=x.dtype, device=device(x))
    for i, at in enumerate(rows):
        windows[:, :, i, :, :, :] = strips[:, :, :, at, :]
    return xp.reshape(windows, (n, channels * math.prod(kernel_size), math.prod(output)))


def col2im(columns, shape, kernel_size, stride=1, padding=0, dilation=1):
    """The transpose of `im2col`: every entry of a column is added where it came from.

    Parameters
    ----------
    columns : array of shape (n_images, channels * kernel_height * kernel_width, out_height * out_width)
    shape : tuple of two ints
        Height and width of the images.
    kernel_size, stride, padding, dilation : int or pair of ints

    Returns
    -------
    x : array of shape (n_images, channels, height, width)

    Examples
    --------
    Four windows of two by two overlap in the middle of an image of three by three:

    >>> import numpy as np
    >>> col2im(np.ones((1, 4, 4)), (3, 3), kernel_size=2)
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    xp = namespace(columns)
    kernel_size, (p, q) = pair(kernel_size, "kernel_size"), pair(padding, "padding")
    n, channels = columns.shape[0], columns.shape[1] // math.prod(kernel_size)
    output = conv_output_shape(shape, kernel_size, stride, padding, dilation)
    windows = xp.reshape(columns, (n, channels, *kernel_size, *output))
    rows, columns = window_slices(kernel_size, output, stride, dilation)
    height, width = shape[0] + 2 * p, shape[1] + 2 * q
    like = {"dtype": windows.dtype, "device": device(windows)}
    strips = xp.zeros((n, channels, kernel_size[1], height, output[1]), **like)
    for i, at in enumerate(rows):
        strips[:, :, :, at, :] += windows[:, :, i, :, :, :]
    padded = xp.zeros((n, channels, height, width), **like)
    for j, at in enumerate(columns):
        padded[:, :, :, at] += strips[:, :, j, :, :]
    return padded[:, :, p : p + shape[0], q : q + shape[1]]


def conv2d_im2col(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """The same as `conv2d`: kernels as rows times windows as columns.

    Parameters
    ----------
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    b : array of shape (out_channels,), optional
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    y : array of shape (n_images, out_channels, out_height, out_width)

    Examples
    --------
    >>> import numpy as np
    >>> conv2d_im2col(np.ones((1, 1, 2, 3)), np.ones((1, 1, 2, 2)))
    array([[[[4., 4.]]]])
    """
    xp = namespace(x, w)
    output = conv_output_shape(x.shape[2:], w.shape[2:], stride, padding, dilation)
    y = xp.empty((x.shape[0], w.shape[0], *output), dtype=xp.result_type(x, w), device=device(x))
    kernels = _by_group(w, groups)
    for block in _blocks(x, w, output):
        columns = im2col(x[block, ...], w.shape[2:], stride, padding, dilation)
        product = xp.reshape(kernels @ _split(columns, groups), (-1, *y.shape[1:]))
        if b is not None:
            product += b[:, None, None]
        y[block, ...] = product
    return y


def conv2d_input_im2col(gradient, w, shape, stride=1, padding=0, dilation=1, groups=1):
    """The same as `conv2d_input`: the transposed kernels times the gradient, added up by `col2im`.

    Parameters
    ----------
    gradient : array of shape (n_images, out_channels, out_height, out_width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    shape : tuple of four ints
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    dx : array of shape `shape`

    Examples
    --------
    >>> import numpy as np
    >>> conv2d_input_im2col(np.ones((1, 1, 1, 2)), np.ones((1, 1, 1, 2)), (1, 1, 1, 3))
    array([[[[1., 2., 1.]]]])
    """
    xp = namespace(gradient, w)
    dx = xp.empty(shape, dtype=xp.result_type(gradient, w), device=device(gradient))
    kernels = xp.matrix_transpose(_by_group(w, groups))
    for block in _blocks(dx, w, gradient.shape[2:]):
        columns = kernels @ _split(_flat(gradient[block, ...]), groups)
        columns = xp.reshape(columns, (columns.shape[0], -1, columns.shape[-1]))
        dx[block, ...] = col2im(columns, shape[2:], w.shape[2:], stride, padding, dilation)
    return dx


def conv2d_weight_im2col(gradient, x, shape, stride=1, padding=0, dilation=1, groups=1):
    """The same as `conv2d_weight`: the gradient times the transposed columns.

    Parameters
    ----------
    gradient : array of shape (n_images, out_channels, out_height, out_width)
    x : array of shape (n_images, in_channels, height, width)
    shape : tuple of four ints
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    dw : array of shape `shape`

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0, 4.0]]]])
    >>> conv2d_weight_im2col(np.ones((1, 1, 1, 2)), x, (1, 1, 1, 2))
    array([[[[3., 6.]]]])
    """
    xp = namespace(gradient, x)
    dw = xp.zeros(shape, dtype=xp.result_type(gradient, x), device=device(x))
    for block in _blocks(x, dw, gradient.shape[2:]):
        columns = im2col(x[block, ...], shape[2:], stride, padding, dilation)
        upstream = _split(_flat(gradient[block, ...]), groups)
        products = upstream @ xp.matrix_transpose(_split(columns, groups))
        dw += xp.reshape(xp.sum(products, axis=0), shape)
    return dw


def _blocks(x, w, output):
    """Slices of images whose columns fit into a block, one image at least."""
    size = x.shape[1] * math.prod(w.shape[2:]) * math.prod(output)
    step = max(1, BLOCK // max(1, size))
    return [slice(start, min(start + step, x.shape[0])) for start in range(0, x.shape[0], step)]


def _by_group(w, groups):
    """Kernels as rows: (groups, out_channels / groups, in_channels / groups * height * width)."""
    return namespace(w).reshape(w, (groups, w.shape[0] // groups, math.prod(w.shape[1:])))


def _flat(images):
    """Each channel as one row: (n_images, channels, height * width)."""
    n, channels, height, width = images.shape
    return namespace(images).reshape(images, (n, channels, height * width))


def _split(rows, groups):
    """The rows of each group by themselves: (n_images, groups, rows / groups, columns)."""
    n, n_rows, n_columns = rows.shape
    return namespace(rows).reshape(rows, (n, groups, n_rows // groups, n_columns))
