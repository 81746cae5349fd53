"""The transpose of a convolution, which is its gradient used forwards."""

from mlref.arrays import is_torch, namespace
from mlref.errors import ShapeError, check_array
from mlref.nn.conv.columns import conv2d_input_im2col
from mlref.nn.conv.functions import conv2d, conv2d_backward
from mlref.nn.conv.primitive import conv2d_backward_torch
from mlref.nn.conv.shapes import conv_output_shape, pair

__all__ = ["conv_transpose2d", "conv_transpose2d_backward"]


def conv_transpose2d(x, w, b=None, stride=1, padding=0, output_padding=0):
    """The transpose of a convolution, which makes small images large.

    Parameters
    ----------
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (in_channels, out_channels, kernel_height, kernel_width)
    b : array of shape (out_channels,), optional
    stride, padding : int or pair of ints
        Of the convolution whose transpose this is.
    output_padding : int or pair of ints
        With stride s, images of s different sizes have the same number of windows: this says which of them
        the result has; from 0 to s - 1.

    Returns
    -------
    y : array of shape (n_images, out_channels, out_height, out_width)
        ``out_height = (height - 1) * stride + kernel_height - 2 * padding + output_padding``.

    Raises
    ------
    ShapeError
        If the arrays do not belong together, or the padding leaves nothing.

    Notes
    -----
    The gradient of `conv2d` with respect to its images, used forwards: every number of x puts a copy of its
    kernel into y, and the copies are added.

    References
    ----------
    V. Dumoulin and F. Visin (2016), *A guide to convolution arithmetic for deep learning*, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose2d(np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 1.0]]]]), stride=(1, 2))
    array([[[[1., 1., 2., 2.]]]])
    """
    if check_array(x, "x").ndim != 4 or check_array(w, "w").ndim != 4 or x.shape[1] != w.shape[0]:
        raise ShapeError(
            f"x has shape {tuple(x.shape)} and w {tuple(w.shape)}; they must be "
            "(n_images, in_channels, height, width) and (in_channels, out_channels, height, width)"
        )
    strides, paddings = pair(stride, "stride"), pair(padding, "padding")
    size = [
        (n - 1) * s + k - 2 * p + extra
        for n, s, k, p, extra in zip(
            x.shape[2:], strides, w.shape[2:], paddings, pair(output_padding, "output_padding"), strict=True
        )
    ]
    shape = (x.shape[0], w.shape[1], *size)
    if min(size) < 1 or conv_output_shape(tuple(size), w.shape[2:], stride, padding) != tuple(x.shape[2:]):
        raise ShapeError(
            f"the result would have shape {shape}; lower padding, and keep output_padding below stride"
        )
    if is_torch(x):
        # Only the shape of the images is used for their gradient: one number stands for all.
        images = x[:1, :1, :1, :1].expand(shape)
        y = conv2d_backward_torch(x, images, w, stride, padding, wanted=(True, False, False))[0]
    else:
        y = conv2d_input_im2col(x, w, shape, stride, padding)
    return y if b is None else y + b[:, None, None]


def conv_transpose2d_backward(gradient, x, w, stride=1, padding=0, *, wanted=(True, True, True)):
    """The gradients of `conv_transpose2d` with respect to images, kernels and biases.

    Parameters
    ----------
    gradient : array of shape (n_images, out_channels, out_height, out_width)
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (in_channels, out_channels, kernel_height, kernel_width)
    stride, padding : int or pair of ints
    wanted : tuple of three bools
        Which of the three gradients are computed; the others are None.

    Returns
    -------
    dx : array of shape (n_images, in_channels, height, width), or None
    dw : array of shape (in_channels, out_channels, kernel_height, kernel_width), or None
    db : array of shape (out_channels,), or None

    Notes
    -----
    The transpose of the transpose is the convolution. In the kernels both are linear in the same way, with
    the image and the gradient in exchanged roles.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.array([[[[3.0]]]]), np.array([[[[1.0, 2.0]]]])
    >>> dx, dw, db = conv_transpose2d_backward(np.array([[[[1.0, 10.0]]]]), x, w)
    >>> dx, dw, db
    (array([[[[21.]]]]), array([[[[ 3., 30.]]]]), array([11.]))
    """
    dx = conv2d(gradient, w, None, stride, padding) if wanted[0] else None
    _, dw, _ = conv2d_backward(x, gradient, w, stride, padding, wanted=(False, wanted[1], False))
    db = namespace(x).sum(gradient, axis=(0, 2, 3)) if wanted[2] else None
    return dx, dw, db
