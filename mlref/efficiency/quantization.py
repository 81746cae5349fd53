"""Weights in eight bits."""

from mlref.arrays import namespace
from mlref.efficiency.replacing import replace_layers
from mlref.errors import NotFiniteError, ShapeError, check_array
from mlref.nn.linear import Linear
from mlref.nn.module import Module

__all__ = ["QuantizedLinear", "dequantize", "quantize_int8", "quantize_layers"]


def quantize_int8(W, axis=None):
    """Round weights to 255 whole numbers that lie symmetrically about zero.

    Parameters
    ----------
    W : array of any shape
    axis : int or tuple of ints, optional
        The axes that share one scale; None means one scale for all. For a weight of shape (out, in),
        ``axis=1`` gives every output its own.

    Returns
    -------
    q : array of the same shape as `W`
        Of int8, from -127 to 127; -128 is left out, so that ``-q`` is as good as q.
    scale : array of any shape
        Positive; broadcasts against q. Of the dtype of `W`.

    Raises
    ------
    NotFiniteError
        If `W` holds NaN or infinity.

    Notes
    -----
    ``scale = max|W| / 127`` and ``q = round(W / scale)``: zero stays zero, and no weight moves by more than
    half a scale. Where all weights are zero the scale is 1.

    References
    ----------
    B. Jacob et al. (2018), *Quantization and training of neural networks for efficient
    integer-arithmetic-only inference*.

    Examples
    --------
    >>> import numpy as np
    >>> q, scale = quantize_int8(np.array([-2.54, 0.0, 1.0]))
    >>> q, float(scale)
    (array([-127,    0,   50], dtype=int8), 0.02)
    """
    xp, W = namespace(W), check_array(W, "W")
    if 0 in W.shape:
        raise ShapeError(f"W is empty, of shape {tuple(W.shape)}; there is nothing to quantise")
    if not bool(xp.all(xp.isfinite(W))):
        raise NotFiniteError(
            "W contains NaN or infinity, which no scale can hold; look at the training first"
        )
    largest = xp.max(xp.abs(W), axis=axis, keepdims=axis is not None)
    scale = xp.where(largest / 127 > 0, largest / 127, xp.ones_like(largest))
    # At the smallest numbers that there are, the scale is rounded so coarsely that W / scale exceeds 127.
    q = xp.clip(xp.round(W / scale), -127, 127)
    return xp.astype(q, xp.int8), scale


def dequantize(q, scale):
    """The weights that the whole numbers stand for.

    Parameters
    ----------
    q : array of any shape
    scale : array of any shape
        As `quantize_int8` returned them.

    Returns
    -------
    W : array of the same shape as `q`

    Examples
    --------
    >>> import numpy as np
    >>> dequantize(np.array([-127, 50], dtype=np.int8), np.array(0.02))
    array([-2.54,  1.  ])
    """
    q, scale = check_array(q, "q"), check_array(scale, "scale")
    return namespace(q, scale).astype(q, scale.dtype) * scale


class QuantizedLinear(Module):
    """A linear layer that keeps its weights in eight bits, for use after training.

    Parameters
    ----------
    layer : Linear

    Attributes
    ----------
    q : array of shape (out_features, in_features)
        Whole numbers of int8, a quarter of the memory of float32.
    scale : array of shape (out_features, 1)
        One for each output.
    bias : array of shape (out_features,)
        Zeros if the layer has none.

    Notes
    -----
    The input stays in floats, and the weights become floats for the product: memory is saved, not time.

    Examples
    --------
    >>> import numpy as np
    >>> layer = QuantizedLinear(Linear(3, 2, rng=np.random.default_rng(0)))
    >>> layer.q.nbytes
    6
    """

    buffers = ("q", "scale", "bias")

    def __init__(self, layer):
        self.q, self.scale = quantize_int8(layer.weight.data, axis=1)
        self.bias = 0 * self.scale[:, 0] if layer.bias is None else layer.bias.data

    def forward(self, x):
        """About what the layer computed.

        Parameters
        ----------
        x : Tensor or array of shape (..., in_features)

        Returns
        -------
        y : Tensor or array of shape (..., out_features)
        """
        return x @ dequantize(self.q, self.scale).T + self.bias


def quantize_layers(module):
    """Put a `QuantizedLinear` in the place of every `Linear` in a module.

    Parameters
    ----------
    module : Module
        Changed in place.

    Returns
    -------
    module : Module
    """
    replace_layers(module, Linear, QuantizedLinear)
    return module
