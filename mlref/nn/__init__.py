"""Neural networks on the package's own `Tensor`.

Table of contents
-----------------
module
    `Module` (parameters, buffers, training and evaluation, state), `Sequential`, parameter counting.
linear
    The fully connected layer `Linear`, and the multi-layer perceptron `MLP`.
activations, activation_layers
    Activation functions on arrays with their derivatives, on tensors, and as layers.
init
    How weights are drawn: Xavier, He.
dropout, normalization
    `Dropout`, `BatchNorm1d`, `LayerNorm`.
conv
    Convolution of sequences and images, in loops, as matrix products, by torch's kernels; `Conv1d`, `Conv2d`,
    `ConvTranspose2d`.
pooling
    Maxima and means of windows: `MaxPool2d`, `AvgPool2d`, `GlobalAvgPool2d`; `Flatten`.
batch_norm2d
    `BatchNorm2d`: batch normalisation of images.
models
    `LeNet`, `ResidualBlock` and `ResNet`.
embedding
    A learned vector for every token: `Embedding`.
recurrent
    `RNN`, `GRU`, `LSTM` and their cells, with back-propagation through time and its truncation.
attention, transformer
    `MultiheadAttention`; encoder and decoder blocks, `Transformer`.
joint
    Operations with one backward pass for several operands.
backpropagation
    The multi-layer perceptron in plain arrays: forward and backward, layer by layer.
training
    The training loop `fit`: history, early stopping, progress, checkpoints.
cuda_graph
    `GraphedStep`: a training step recorded once on a GPU and replayed as one launch.
functional
    All operations on tensors on one page.
"""

from mlref.nn.activation_layers import GELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from mlref.nn.attention import MultiheadAttention
from mlref.nn.batch_norm2d import BatchNorm2d
from mlref.nn.conv import Conv1d, Conv2d, ConvTranspose2d
from mlref.nn.dropout import Dropout
from mlref.nn.embedding import Embedding
from mlref.nn.linear import MLP, Linear
from mlref.nn.models import LeNet, ResidualBlock, ResNet
from mlref.nn.module import Module, Sequential, count_parameters
from mlref.nn.normalization import BatchNorm1d, LayerNorm
from mlref.nn.pooling import AvgPool2d, Flatten, GlobalAvgPool2d, MaxPool2d
from mlref.nn.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from mlref.nn.transformer import Transformer, TransformerDecoderLayer, TransformerEncoderLayer

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "Activation",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GlobalAvgPool2d",
    "LSTMCell",
    "LayerNorm",
    "LeNet",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Module",
    "MultiheadAttention",
    "RNNCell",
    "ReLU",
    "ResNet",
    "ResidualBlock",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "Transformer",
    "TransformerDecoderLayer",
    "TransformerEncoderLayer",
    "count_parameters",
]
