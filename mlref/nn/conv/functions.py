"""Convolution of arrays and its gradients, in the implementation that suits the array."""

from mlref.arrays import is_torch, namespace
from mlref.errors import ShapeError, check_array
from mlref.nn.conv.columns import conv2d_im2col, conv2d_input_im2col, conv2d_weight_im2col
from mlref.nn.conv.primitive import conv2d_backward_torch, conv2d_torch
from mlref.nn.conv.shapes import check_convolution

__all__ = ["conv1d", "conv1d_backward", "conv2d", "conv2d_backward"]


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of images with kernels, as networks mean it: the kernels are not flipped.

    Parameters
    ----------
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    b : array of shape (out_channels,), optional
    stride, padding, dilation : int or pair of ints
        As in `conv_output_shape`; a pair is (rows, columns).
    groups : int
        Input and output channels are split into so many groups, each with kernels of its own.

    Returns
    -------
    y : array of shape (n_images, out_channels, out_height, out_width)

    Raises
    ------
    ShapeError
        If the arrays do not belong together, or the kernel is larger than the padded image.
    ValueError
        If stride, padding, dilation or groups is out of range.

    Notes
    -----
    ``y[n, o, r, c] = b[o] + sum over channels k, rows i, columns j of
    w[o, k, i, j] * x[n, k, r s + i d - p, c s + j d - p]``, where x is 0 outside the image.

    torch arrays take torch's own kernels, all others one matrix product for each block of images
    (`conv2d_im2col`); the columns of a block take about 2 MB in float32, or what one image needs.
    `conv2d_loops` computes the same, number by number.

    References
    ----------
    Y. LeCun et al. (1998), *Gradient-based learning applied to document recognition*.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[[[1.0, 2.0, 4.0], [0.0, 1.0, 3.0]]]])
    >>> difference = np.array([[[[-1.0, 1.0]]]])
    >>> conv2d(image, difference)
    array([[[[1., 2.],
             [1., 2.]]]])
    """
    check_convolution(x, w, b, stride, padding, dilation, groups)
    convolution = conv2d_torch if is_torch(x) else conv2d_im2col
    return convolution(x, w, b, stride, padding, dilation, groups)


def conv2d_backward(gradient, x, w, stride=1, padding=0, dilation=1, groups=1, *, wanted=(True, True, True)):
    """The gradients of a convolution with respect to images, kernels and biases.

    Parameters
    ----------
    gradient : array of shape (n_images, out_channels, out_height, out_width)
        The gradient with respect to what `conv2d` returned.
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    stride, padding, dilation : int or pair of ints
    groups : int
    wanted : tuple of three bools
        Which of the three gradients are computed; the others are None. The first layer of a network needs
        none with respect to the images.

    Returns
    -------
    dx : array of shape (n_images, in_channels, height, width), or None
    dw : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width), or None
    db : array of shape (out_channels,), or None

    Raises
    ------
    ShapeError
        If the gradient has not the shape of the result, or x and w do not belong together.

    Notes
    -----
    The convolution is linear in x and in w. With columns X of windows and kernels W as rows, ``Y = W X``:
    so ``dW = dY X'`` and ``dX = W' dY``, and the columns of dX are added up where the windows overlap.
    A bias is added to every place of its channel: its gradient is the sum over all of them and all images.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.array([[[[1.0, 2.0, 4.0]]]]), np.array([[[[-1.0, 1.0]]]])
    >>> dx, dw, db = conv2d_backward(np.array([[[[1.0, 10.0]]]]), x, w)
    >>> dx, dw, db
    (array([[[[-1., -9., 10.]]]]), array([[[[21., 42.]]]]), array([11.]))
    """
    expected = check_convolution(x, w, None, stride, padding, dilation, groups)
    if tuple(gradient.shape) != expected:
        raise ShapeError(f"gradient has shape {tuple(gradient.shape)}; conv2d returns {expected} here")
    if is_torch(x):
        return conv2d_backward_torch(gradient, x, w, stride, padding, dilation, groups, wanted=wanted)
    how = (stride, padding, dilation, groups)
    dx = conv2d_input_im2col(gradient, w, x.shape, *how) if wanted[0] else None
    dw = conv2d_weight_im2col(gradient, x, w.shape, *how) if wanted[1] else None
    db = namespace(x).sum(gradient, axis=(0, 2, 3)) if wanted[2] else None
    return dx, dw, db


def conv1d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of sequences with kernels; the kernels are not flipped.

    Parameters
    ----------
    x : array of shape (n_sequences, in_channels, length)
    w : array of shape (out_channels, in_channels / groups, kernel_length)
    b : array of shape (out_channels,), optional
    stride, padding, dilation : int
    groups : int

    Returns
    -------
    y : array of shape (n_sequences, out_channels, out_length)

    Raises
    ------
    ShapeError
        If the arrays do not belong together, or the kernel is longer than the padded sequence.

    Notes
    -----
    A sequence is an image of height one.

    Examples
    --------
    >>> import numpy as np
    >>> conv1d(np.array([[[2.0, 5.0, 0.0, 1.0, 3.0]]]), np.array([[[1.0, 0.0, -1.0]]]))
    array([[[ 2.,  4., -3.]]])
    """
    _check_sequences(x, w)
    how = _height_one(stride, padding, dilation)
    return conv2d(x[:, :, None, :], w[:, :, None, :], b, *how, groups)[:, :, 0, :]


def conv1d_backward(gradient, x, w, stride=1, padding=0, dilation=1, groups=1, *, wanted=(True, True, True)):
    """The gradients of `conv1d` with respect to sequences, kernels and biases.

    Parameters
    ----------
    gradient : array of shape (n_sequences, out_channels, out_length)
    x : array of shape (n_sequences, in_channels, length)
    w : array of shape (out_channels, in_channels / groups, kernel_length)
    stride, padding, dilation : int
    groups : int
    wanted : tuple of three bools
        Which of the three gradients are computed; the others are None.

    Returns
    -------
    dx : array of shape (n_sequences, in_channels, length), or None
    dw : array of shape (out_channels, in_channels / groups, kernel_length), or None
    db : array of shape (out_channels,), or None

    Examples
    --------
    >>> import numpy as np
    >>> dx, dw, db = conv1d_backward(np.ones((1, 1, 2)), np.array([[[1.0, 2.0, 4.0]]]), np.ones((1, 1, 2)))
    >>> dx, dw, db
    (array([[[1., 2., 1.]]]), array([[[3., 6.]]]), array([2.]))
    """
    _check_sequences(x, w)
    how = _height_one(stride, padding, dilation)
    dx, dw, db = conv2d_backward(
        gradient[:, :, None, :], x[:, :, None, :], w[:, :, None, :], *how, groups, wanted=wanted
    )
    return dx if dx is None else dx[:, :, 0, :], dw if dw is None else dw[:, :, 0, :], db


def _check_sequences(x, w):
    if check_array(x, "x").ndim != 3 or check_array(w, "w").ndim != 3:
        raise ShapeError(
            f"x has shape {tuple(x.shape)} and w {tuple(w.shape)}; they must be (n_sequences, in_channels, "
            "length) and (out_channels, in_channels / groups, length)"
        )


def _height_one(stride, padding, dilation):
    """What these settings of sequences are for images of height one."""
    return (1, stride), (0, padding), (1, dilation)
