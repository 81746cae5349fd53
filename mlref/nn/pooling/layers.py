"""Layers that pool, on tensors."""

from mlref.nn.module import Module
from mlref.nn.pooling import operations

__all__ = ["AvgPool2d", "Flatten", "GlobalAvgPool2d", "MaxPool2d"]


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
        return operations.max_pool2d(x, self.kernel_size, self.stride, self.padding)


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
        return operations.avg_pool2d(x, self.kernel_size, self.stride, self.padding)


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
        return operations.global_avg_pool2d(x)


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
        return operations.flatten(x)
