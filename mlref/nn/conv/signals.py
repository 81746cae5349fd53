"""Correlation and convolution of one signal, in one or two dimensions."""

from mlref.arrays import namespace
from mlref.errors import ShapeError, check_array, check_choice
from mlref.nn.conv.functions import conv2d

__all__ = ["convolve", "correlate"]


def correlate(x, kernel, mode="valid"):
    """Sliding scalar product of one sequence or one image with a kernel.

    Parameters
    ----------
    x : array of shape (length,) or (height, width)
    kernel : array of shape (kernel_length,) or (kernel_height, kernel_width)
    mode : {"valid", "full"}
        Whether the kernel must lie inside the array, or only overlap with it; outside the array is 0.

    Returns
    -------
    result : array of shape (length -+ (kernel_length - 1),), or the same along each axis
        Shorter for "valid", longer for "full".

    Raises
    ------
    ShapeError
        If the two differ in their number of axes, it is not 1 or 2, or the kernel is larger than x.
    ValueError
        If the mode is unknown.

    Notes
    -----
    ``result[t] = sum over i of kernel[i] * x[t + i]``. This is what networks call a convolution.

    Examples
    --------
    >>> import numpy as np
    >>> correlate(np.array([2.0, 5.0, 0.0, 1.0, 3.0]), np.array([1.0, 0.0, -1.0]))
    array([ 2.,  4., -3.])
    """
    check_choice(mode, ("valid", "full"), "mode")
    x, kernel = check_array(x, "x"), check_array(kernel, "kernel")
    if x.ndim != kernel.ndim or x.ndim not in (1, 2):
        raise ShapeError(
            f"x has shape {tuple(x.shape)} and kernel {tuple(kernel.shape)}; both must be 1-D or both 2-D"
        )
    if x.ndim == 1:
        return correlate(x[None, :], kernel[None, :], mode)[0, :]
    padding = tuple(k - 1 if mode == "full" else 0 for k in kernel.shape)
    return conv2d(x[None, None, :, :], kernel[None, None, :, :], padding=padding)[0, 0, :, :]


def convolve(x, kernel, mode="valid"):
    """Convolution of one sequence or one image, as mathematics means it: the kernel is flipped.

    Parameters
    ----------
    x : array of shape (length,) or (height, width)
    kernel : array of shape (kernel_length,) or (kernel_height, kernel_width)
    mode : {"valid", "full"}
        Whether the kernel must lie inside the array, or only overlap with it; outside the array is 0.

    Returns
    -------
    result : array of shape (length -+ (kernel_length - 1),), or the same along each axis
        Shorter for "valid", longer for "full".

    Raises
    ------
    ShapeError
        If the two differ in their number of axes, it is not 1 or 2, or the kernel is larger than x.
    ValueError
        If the mode is unknown.

    Notes
    -----
    ``result[t] = sum over i of kernel[i] * x[t - i]``: the coefficients of a product of polynomials, and the
    distribution of a sum of two independent numbers.

    Examples
    --------
    ``(1 + 2 z) (3 + 4 z) = 3 + 10 z + 8 z^2``:

    >>> import numpy as np
    >>> convolve(np.array([1.0, 2.0]), np.array([3.0, 4.0]), mode="full")
    array([ 3., 10.,  8.])
    """
    return correlate(x, namespace(kernel).flip(check_array(kernel, "kernel")), mode)
