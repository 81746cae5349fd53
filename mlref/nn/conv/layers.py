"""Layers that convolve, on tensors."""

from mlref.autodiff.tensor import Tensor
from mlref.errors import check_count
from mlref.nn.conv import operations
from mlref.nn.conv.shapes import conv_parameter_count, pair
from mlref.nn.init import fans, initial_weights
from mlref.nn.module import Module

__all__ = ["Conv1d", "Conv2d", "ConvTranspose2d"]


class _Convolution(Module):
    """A layer with kernels and biases, drawn as torch draws them: uniform within 1 / sqrt(fan_in)."""

    def __init__(self, shape, out_channels, bias, rng):
        self.weight = Tensor(initial_weights(shape, "torch_uniform", rng))
        bound = fans(shape)[0] ** -0.5
        self.bias = Tensor(rng.uniform(-bound, bound, out_channels)) if bias else None

    def _settings(self):
        settings = {"kernels": tuple(self.weight.shape), "bias": self.bias is not None, **self.how}
        return ", ".join(f"{name}={value}" for name, value in settings.items())


class Conv2d(_Convolution):
    """Convolution of images with learned kernels.

    Parameters
    ----------
    in_channels : int
    out_channels : int
    kernel_size : int or pair of ints
    stride, padding, dilation : int or pair of ints
    groups : int
        Input and output channels are split into so many groups, each with kernels of its own.
    bias : bool
        Whether each output channel has one.
    rng : numpy.random.Generator
        Draws the parameters.

    Attributes
    ----------
    weight : Tensor of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    bias : Tensor of shape (out_channels,), or None

    Raises
    ------
    ValueError
        If groups does not divide both numbers of channels.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Conv2d(3, 6, kernel_size=3, rng=np.random.default_rng(0))
    >>> layer(np.zeros((10, 3, 32, 32))).shape
    (10, 6, 30, 30)
    >>> layer
    Conv2d(kernels=(6, 3, 3, 3), bias=True, stride=1, padding=0, dilation=1, groups=1)
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        *,
        rng,
    ):
        size = pair(kernel_size, "kernel_size")
        conv_parameter_count(in_channels, out_channels, size, groups)
        shape = (out_channels, in_channels // groups, *size)
        super().__init__(shape, out_channels, bias, rng)
        self.how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def forward(self, x):
        """Convolve images.

        Parameters
        ----------
        x : Tensor or array of shape (n_images, in_channels, height, width)

        Returns
        -------
        y : Tensor of shape (n_images, out_channels, out_height, out_width)
        """
        return operations.conv2d(x, self.weight, self.bias, **self.how)


class Conv1d(_Convolution):
    """Convolution of sequences with learned kernels.

    Parameters
    ----------
    in_channels : int
    out_channels : int
    kernel_size : int
    stride, padding, dilation : int
    groups : int
        Input and output channels are split into so many groups, each with kernels of its own.
    bias : bool
        Whether each output channel has one.
    rng : numpy.random.Generator
        Draws the parameters.

    Attributes
    ----------
    weight : Tensor of shape (out_channels, in_channels / groups, kernel_size)
    bias : Tensor of shape (out_channels,), or None

    Raises
    ------
    ValueError
        If groups does not divide both numbers of channels.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Conv1d(1, 4, kernel_size=3, stride=2, rng=np.random.default_rng(0))
    >>> layer(np.zeros((10, 1, 9))).shape
    (10, 4, 4)
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        *,
        rng,
    ):
        check_count(kernel_size, "kernel_size")
        conv_parameter_count(in_channels, out_channels, (kernel_size,), groups)
        shape = (out_channels, in_channels // groups, kernel_size)
        super().__init__(shape, out_channels, bias, rng)
        self.how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def forward(self, x):
        """Convolve sequences.

        Parameters
        ----------
        x : Tensor or array of shape (n_sequences, in_channels, length)

        Returns
        -------
        y : Tensor of shape (n_sequences, out_channels, out_length)
        """
        return operations.conv1d(x, self.weight, self.bias, **self.how)


class ConvTranspose2d(_Convolution):
    """The transpose of a convolution with learned kernels, which makes small images large.

    Parameters
    ----------
    in_channels : int
    out_channels : int
    kernel_size : int or pair of ints
    stride, padding, output_padding : int or pair of ints
        As in `conv_transpose2d`.
    bias : bool
        Whether each output channel has one.
    rng : numpy.random.Generator
        Draws the parameters.

    Attributes
    ----------
    weight : Tensor of shape (in_channels, out_channels, kernel_height, kernel_width)
    bias : Tensor of shape (out_channels,), or None

    Examples
    --------
    >>> import numpy as np
    >>> layer = ConvTranspose2d(8, 3, kernel_size=4, stride=2, padding=1, rng=np.random.default_rng(0))
    >>> layer(np.zeros((10, 8, 7, 7))).shape
    (10, 3, 14, 14)
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, bias=True, *, rng
    ):
        size = pair(kernel_size, "kernel_size")
        shape = (in_channels, out_channels, *size)
        super().__init__(shape, out_channels, bias, rng)
        self.how = {"stride": stride, "padding": padding, "output_padding": output_padding}

    def forward(self, x):
        """Enlarge images.

        Parameters
        ----------
        x : Tensor or array of shape (n_images, in_channels, height, width)

        Returns
        -------
        y : Tensor of shape (n_images, out_channels, out_height, out_width)
        """
        return operations.conv_transpose2d(x, self.weight, self.bias, **self.how)
