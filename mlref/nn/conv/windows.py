"""What all windows of an image have in common: the same entry of each of them lies in one slice."""

from mlref.arrays import device, namespace
from mlref.nn.conv.shapes import pair

__all__ = ["pad_images", "window_slices"]


def window_slices(kernel_size, output_shape, stride=1, dilation=1):
    """For each entry of a window the rows and columns of the image where it lies, for all windows at once.

    Parameters
    ----------
    kernel_size : pair of ints
    output_shape : pair of ints
        How many windows there are below and beside each other.
    stride, dilation : int or pair of ints

    Yields
    ------
    i, j : int
        The entry of the window, row by row.
    rows, columns : slice
        Of the padded image.

    Examples
    --------
    >>> for i, j, rows, columns in window_slices((1, 2), (3, 3), stride=2):
    ...     print(i, j, rows, columns)
    0 0 slice(0, 5, 2) slice(0, 5, 2)
    0 1 slice(0, 5, 2) slice(1, 6, 2)
    """
    (s, t), (d, e) = pair(stride, "stride"), pair(dilation, "dilation")
    for i in range(kernel_size[0]):
        rows = slice(i * d, i * d + s * (output_shape[0] - 1) + 1, s)
        for j in range(kernel_size[1]):
            yield i, j, rows, slice(j * e, j * e + t * (output_shape[1] - 1) + 1, t)


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
