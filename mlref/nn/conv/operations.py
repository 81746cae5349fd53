"""Convolution of tensors."""

from mlref.autodiff.tensor import Tensor
from mlref.nn.conv import functions, transposed
from mlref.nn.joint import data_of, record_joint

__all__ = ["conv1d", "conv2d", "conv_transpose2d"]


def conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of sequences; see `mlref.nn.conv.functions.conv1d`.

    Parameters
    ----------
    x : Tensor or array of shape (n_sequences, in_channels, length)
    weight : Tensor or array of shape (out_channels, in_channels / groups, kernel_length)
    bias : Tensor or array of shape (out_channels,), optional
    stride, padding, dilation : int
    groups : int

    Returns
    -------
    y : Tensor of shape (n_sequences, out_channels, out_length)
    """
    how = (stride, padding, dilation, groups)
    return _record(functions.conv1d, functions.conv1d_backward, (x, weight, bias), how)


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of images; see `mlref.nn.conv.functions.conv2d`.

    Parameters
    ----------
    x : Tensor or array of shape (n_images, in_channels, height, width)
    weight : Tensor or array of shape (out_channels, in_channels / groups, kernel_height, kernel_width)
    bias : Tensor or array of shape (out_channels,), optional
    stride, padding, dilation : int or pair of ints
    groups : int

    Returns
    -------
    y : Tensor of shape (n_images, out_channels, out_height, out_width)
    """
    how = (stride, padding, dilation, groups)
    return _record(functions.conv2d, functions.conv2d_backward, (x, weight, bias), how)


def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0):
    """The transpose of a convolution; see `mlref.nn.conv.transposed.conv_transpose2d`.

    Parameters
    ----------
    x : Tensor or array of shape (n_images, in_channels, height, width)
    weight : Tensor or array of shape (in_channels, out_channels, kernel_height, kernel_width)
    bias : Tensor or array of shape (out_channels,), optional
    stride, padding, output_padding : int or pair of ints

    Returns
    -------
    y : Tensor of shape (n_images, out_channels, out_height, out_width)
    """

    def forward(images, kernels, biases, *how):
        return transposed.conv_transpose2d(images, kernels, biases, *how, output_padding)

    return _record(forward, transposed.conv_transpose2d_backward, (x, weight, bias), (stride, padding))


def _record(forward, backward, operands, how):
    """The result of a convolution as a tensor; for operands that are no tensors nothing is computed."""
    wanted = tuple([isinstance(operand, Tensor) for operand in operands])
    x, weight, bias = operands
    x, w, b = data_of(x, "x"), data_of(weight, "weight"), None if bias is None else data_of(bias, "bias")
    return record_joint(
        forward(x, w, b, *how),
        operands,
        lambda gradient: backward(gradient, x, w, *how, wanted=wanted),
        fresh=True,
    )
