"""What all windows of an image have in common: the same entry of each of them lies in one slice."""

from mlref.arrays import device, namespace
from mlref.nn.conv.shapes import pair

__all__ = ["axis_slices", "pad_images", "window_slices"]


def axis_slices(kernel_length, n_windows, stride=1, dilation=1):
    """For each entry of a window the elements of an axis where it lies, for all windows at once.

    Parameters
    ----------
    kernel_length : int
    n_windows : int
        How many windows there are along the axis.
    stride : int
    dilation : int

    Returns
    -------
    slices : list of slice
        One for each entry of the kernel, each with `n_windows` elements of the padded axis.

    Examples
    --------
    >>> axis_slices(2, 3, stride=2)
    [slice(0, 5, 2), slice(1, 6, 2)]
    """
    reach = stride * (n_windows - 1) + 1
    return [slice(i * dilation, i * dilation + reach, stride) for i in range(kernel_length)]


def window_slices(kernel_size, output_shape, stride=1, dilation=1):
    """Of `axis_slices` those of the rows and those of the columns.

    Parameters
    ----------
    kernel_size : pair of ints
    output_shape : pair of ints
        How many windows there are below and beside each other.
    stride, dilation : int or pair of ints

    Returns
    -------
    rows : list of slice
    columns : list of slice

    Examples
    --------
    >>> window_slices((1, 2), (3, 3), stride=2)
    ([slice(0, 5, 2)], [slice(0, 5, 2), slice(1, 6, 2)])
    """
    (s, t), (d, e) = pair(stride, "stride"), pair(dilation, "dilation")
    return (
        axis_slices(kernel_size[0], output_shape[0], s, d),
        axis_slices(kernel_size[1], output_shape[1], t, e),
    )


def pad_images(x, padding, value=0.0):
    """Rows above and below images, and columns on their left and right.

    Parameters
    ----------
    x : array of shape (n_images, channels, height, width)
    padding : pair of ints
        How many rows and how many columns on each side.
    value : float
        What they hold.

    Returns
    -------
    padded : array of shape (n_images, channels, height + 2 rows, width + 2 columns)
        x itself if there is nothing to add.

    Examples
    --------
    >>> import numpy as np
    >>> pad_images(np.ones((1, 1, 1, 2)), (0, 1))
    array([[[[0., 1., 1., 0.]]]])
    """
    p, q = padding
    if p == q == 0:
        return x
    n, channels, height, width = x.shape
    shape = (n, channels, height + 2 * p, width + 2 * q)
    padded = namespace(x).full(shape, value, dtype=x.dtype, device=device(x))
    padded[:, :, p : p + height, q : q + width] = x
    return padded
