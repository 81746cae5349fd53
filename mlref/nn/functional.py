"""Operations on tensors, one page to find them all; each stands beside the layer that uses it."""

from mlref.autodiff.tensor import Tensor
from mlref.nn.activations import activate, gelu, leaky_relu, relu, silu, smht, softplus, square, step
from mlref.nn.attention import scaled_dot_product_attention
from mlref.nn.dropout import dropout
from mlref.nn.embedding import embedding
from mlref.nn.joint import concat
from mlref.nn.linear import linear
from mlref.nn.normalization import batch_norm, layer_norm

__all__ = [
    "activate",
    "batch_norm",
    "concat",
    "dropout",
    "embedding",
    "gelu",
    "layer_norm",
    "leaky_relu",
    "linear",
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
