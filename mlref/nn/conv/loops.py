"""Convolution as its definition says, one number at a time: slow, and the oracle of the fast ones."""

import numpy as np

from mlref.nn.conv.shapes import conv_output_shape, pair

__all__ = ["conv2d_backward_loops", "conv2d_loops"]


def conv2d_loops(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """The same as `conv2d`, from four nested loops. Numpy only.

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
    >>> conv2d_loops(np.ones((1, 1, 2, 3)), np.ones((1, 1, 2, 2)))
    array([[[[4., 4.]]]])
    """
    (p, q), per_group = pair(padding, "padding"), w.shape[0] // groups
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
    out_height, out_width = conv_output_shape(x.shape[2:], w.shape[2:], stride, padding, dilation)
    y = np.zeros((x.shape[0], w.shape[0], out_height, out_width))
    for n, o, row, column in np.ndindex(y.shape):
        window = padded[n][_window(w, o // per_group, row, column, stride, dilation)]
        y[n, o, row, column] = np.sum(window * w[o]) + (0.0 if b is None else b[o])
    return y


def conv2d_backward_loops(gradient, x, w, stride=1, padding=0, dilation=1, groups=1):
    """The same as `conv2d_backward`, from four nested loops. Numpy only.

    Parameters
    ----------
    gradient : array of shape (n_images, out_channels, out_height, out_width)
    x : array of shape (n_images, in_channels, height, width)
    w : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    dx : array of shape (n_images, in_channels, height, width)
    dw : array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    db : array of shape (out_channels,)

    Examples
    --------
    >>> x, w = np.array([[[[1.0, 2.0]]]]), np.array([[[[3.0]]]])
    >>> dx, dw, db = conv2d_backward_loops(np.ones((1, 1, 1, 2)), x, w)
    >>> dx, dw, db
    (array([[[[3., 3.]]]]), array([[[[3.]]]]), array([2.]))
    """
    (p, q), per_group = pair(padding, "padding"), w.shape[0] // groups
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
    d_padded, dw, db = np.zeros(padded.shape), np.zeros(w.shape), np.zeros(w.shape[0])
    for n, o, row, column in np.ndindex(gradient.shape):
        window = _window(w, o // per_group, row, column, stride, dilation)
        upstream = gradient[n, o, row, column]
        d_padded[n][window] += upstream * w[o]
        dw[o] += upstream * padded[n][window]
        db[o] += upstream
    return d_padded[:, :, p : p + x.shape[2], q : q + x.shape[3]], dw, db


def _window(w, group, row, column, stride, dilation):
    """The part of a padded image under a kernel: the channels of its group, the rows, the columns."""
    channels, height, width = w.shape[1:]
    (s, t), (d, e) = pair(stride, "stride"), pair(dilation, "dilation")
    return (
        slice(group * channels, (group + 1) * channels),
        slice(row * s, row * s + d * (height - 1) + 1, d),
        slice(column * t, column * t + e * (width - 1) + 1, e),
    )
