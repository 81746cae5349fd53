"""Operations on tensors, one page to find them all; each stands beside the layer that uses it."""

from mlref.autodiff.tensor import Tensor
from mlref.nn.activations import activate, gelu, leaky_relu, relu, silu, smht, softplus, square, step
from mlref.nn.attention import scaled_dot_product_attention
from mlref.nn.conv.operations import conv1d, conv2d, conv_transpose2d
from mlref.nn.dropout import dropout
from mlref.nn.embedding import embedding
from mlref.nn.joint import concat
from mlref.nn.linear import linear
from mlref.nn.normalization import batch_norm, layer_norm
from mlref.nn.pooling.operations import avg_pool2d, flatten, global_avg_pool2d, max_pool2d

__all__ = [
    "activate",
    "avg_pool2d",
    "batch_norm",
    "concat",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "dropout",
    "embedding",
    "flatten",
    "gelu",
    "global_avg_pool2d",
    "layer_norm",
    "leaky_relu",
    "linear",
    "max_pool2d",
    "relu",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "smht",
    "softplus",
    "square",
    "step",
    "tanh",
]

sigmoid = Tensor.sigmoid
tanh = Tensor.tanh
