"""Neural networks on the package's own `Tensor`.

Table of contents
-----------------
module
    `Module` (parameters, buffers, training and evaluation, state), `Sequential`, parameter counting.
linear
    The fully connected layer `Linear`, and the multi-layer perceptron `MLP`.
activations
    Activation functions on arrays with their derivatives, on tensors, and as layers.
init
    How weights are drawn: Xavier, He.
dropout, normalization
    `Dropout`, `BatchNorm1d`, `LayerNorm`.
functional
    All operations on tensors on one page.
"""

from mlref.nn.activations import GELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from mlref.nn.dropout import Dropout
from mlref.nn.linear import MLP, Linear
from mlref.nn.module import Module, Sequential, count_parameters
from mlref.nn.normalization import BatchNorm1d, LayerNorm

__all__ = [
    "GELU",
    "MLP",
    "Activation",
    "BatchNorm1d",
    "Dropout",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Module",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "count_parameters",
]
