"""Convolution of sequences and images, in three implementations that give the same numbers.

Table of contents
-----------------
shapes
    How large the result is, how many parameters there are.
functions
    `conv2d`, `conv1d` and their gradients on arrays; they choose one of the implementations below.
transposed
    `conv_transpose2d`, which makes small images large.
signals
    `correlate` and `convolve`: one signal, one kernel, flipped or not.
loops
    The definition, number by number: the oracle.
columns
    One matrix product for each block of images: the readable default.
primitive
    torch's own kernels (cuDNN, oneDNN): for torch arrays.
windows
    Padding, and the slices in which the entries of all windows lie.
operations
    The same on tensors.
layers
    `Conv1d`, `Conv2d`, `ConvTranspose2d`: modules.
"""

from mlref.nn.conv.columns import (
    col2im,
    conv2d_im2col,
    conv2d_input_im2col,
    conv2d_weight_im2col,
    im2col,
)
from mlref.nn.conv.functions import (
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
)
from mlref.nn.conv.layers import Conv1d, Conv2d, ConvTranspose2d
from mlref.nn.conv.loops import conv2d_backward_loops, conv2d_loops
from mlref.nn.conv.primitive import conv2d_backward_torch, conv2d_torch
from mlref.nn.conv.shapes import check_convolution, conv_output_shape, conv_parameter_count, pair
from mlref.nn.conv.signals import convolve, correlate
from mlref.nn.conv.transposed import conv_transpose2d, conv_transpose2d_backward
from mlref.nn.conv.windows import axis_slices, pad_images, window_slices

__all__ = [
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "axis_slices",
    "check_convolution",
    "col2im",
    "conv1d",
    "conv1d_backward",
    "conv2d",
    "conv2d_backward",
    "conv2d_backward_loops",
    "conv2d_backward_torch",
    "conv2d_im2col",
    "conv2d_input_im2col",
    "conv2d_loops",
    "conv2d_torch",
    "conv2d_weight_im2col",
    "conv_output_shape",
    "conv_parameter_count",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "convolve",
    "correlate",
    "im2col",
    "pad_images",
    "pair",
    "window_slices",
]
