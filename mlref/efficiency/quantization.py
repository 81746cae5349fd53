"""Weights in eight bits."""

from mlref.arrays import namespace
from mlref.errors import NotFiniteError

__all__ = ["dequantize", "quantize_int8"]


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
    xp = namespace(W)
    if not bool(xp.all(xp.isfinite(W))):
        raise NotFiniteError(
            "W contains NaN or infinity, which no scale can hold; look at the training first"
        )
    largest = xp.max(xp.abs(W), axis=axis, keepdims=axis is not None)
    scale = xp.where(largest > 0, largest / 127, xp.ones_like(largest))
    # The division may round to a hair above 127.
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
    return namespace(q, scale).astype(q, scale.dtype) * scale
