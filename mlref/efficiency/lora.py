"""Low-rank adaptation: fine-tune a large matrix by learning two thin ones."""

import numpy as np

from mlref.arrays import device, from_numpy, namespace
from mlref.autodiff.tensor import Tensor
from mlref.efficiency.replacing import replace_layers
from mlref.errors import ShapeError, check_count
from mlref.nn.joint import data_of
from mlref.nn.linear import Linear
from mlref.nn.module import Module

__all__ = ["LoRALinear", "add_lora", "lora_forward", "lora_merge", "merge_lora"]


def lora_forward(x, W, A, B, alpha):
    """A fixed linear map, corrected by the product of two thin matrices.

    Parameters
    ----------
    x : array of shape (..., n_in)
    W : array of shape (n_out, n_in)
        Pre-trained; stays as it is.
    A : array of shape (rank, n_in)
        Drawn at random in the beginning.
    B : array of shape (n_out, rank)
        Zeros in the beginning, so that training starts from the pre-trained map.
    alpha : float
        The correction is scaled by ``alpha / rank``, so that another rank needs no other learning rate.

    Returns
    -------
    y : array of shape (..., n_out)

    Raises
    ------
    ShapeError
        If the matrices do not fit.

    Notes
    -----
    ``x W^T + alpha / rank * (x A^T) B^T``: the large product B A is never formed. To be trained are
    ``rank (n_in + n_out)`` numbers instead of ``n_in n_out``.

    References
    ----------
    E. J. Hu et al. (2021), *LoRA: low-rank adaptation of large language models*.

    Examples
    --------
    >>> import numpy as np
    >>> lora_forward(np.ones((1, 2)), np.eye(2), np.ones((1, 2)), np.array([[0.0], [1.0]]), 1.0)
    array([[1., 3.]])
    """
    scale, n_in = _scale(W, A, B, alpha), W.shape[1]
    if data_of(x, "x").ndim == 0 or x.shape[-1] != n_in:
        raise ShapeError(f"x has shape {tuple(x.shape)}; its last axis must have the {n_in} columns of W")
    return x @ W.T + (x @ A.T) @ B.T * scale


def lora_merge(W, A, B, alpha):
    """The one matrix that does what `lora_forward` does with three.

    Parameters
    ----------
    W : array of shape (n_out, n_in)
    A : array of shape (rank, n_in)
    B : array of shape (n_out, rank)
    alpha : float

    Returns
    -------
    merged : array of shape (n_out, n_in)
        A new array: W plus a matrix of at most this rank.

    Raises
    ------
    ShapeError
        If the matrices do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> lora_merge(np.eye(2), np.ones((1, 2)), np.array([[0.0], [1.0]]), 1.0)
    array([[1., 0.],
           [1., 2.]])
    """
    scale = _scale(W, A, B, alpha)
    return W + B @ A * scale


class LoRALinear(Module):
    """A linear layer whose weights are frozen, with a correction of low rank that is learned.

    Parameters
    ----------
    layer : Linear
        Its weight and bias are shared and never changed.
    rank : int
    alpha : float
    rng : numpy.random.Generator
        Draws A.

    Attributes
    ----------
    A : Tensor of shape (rank, in_features)
    B : Tensor of shape (out_features, rank)
        The parameters; frozen are the buffers ``weight`` and ``bias``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn import count_parameters
    >>> from mlref.nn.linear import Linear
    >>> rng = np.random.default_rng(0)
    >>> count_parameters(LoRALinear(Linear(1024, 1024, rng=rng), 8, 16.0, rng=rng))
    16384
    """

    buffers = ("weight", "bias")

    def __init__(self, layer, rank, alpha, *, rng):
        check_count(rank, "rank")
        self.weight = layer.weight.data
        n_out, n_in = self.weight.shape
        xp, where, dtype = namespace(self.weight), device(self.weight), self.weight.dtype
        zeros = xp.zeros((n_out, rank), dtype=dtype, device=where)
        self.bias = zeros[:, 0] if layer.bias is None else layer.bias.data
        self.alpha = alpha
        start = rng.normal(scale=n_in**-0.5, size=(rank, n_in))
        self.A = Tensor(xp.astype(from_numpy(start, self.weight), dtype))
        self.B = Tensor(zeros)

    def forward(self, x):
        """The corrected map.

        Parameters
        ----------
        x : Tensor or array of shape (..., in_features)

        Returns
        -------
        y : Tensor of shape (..., out_features)
        """
        return lora_forward(x, self.weight, self.A, self.B, self.alpha) + self.bias

    def as_linear(self):
        """The plain layer that computes the same, at no more cost than before.

        Returns
        -------
        layer : Linear
        """
        n_out, n_in = self.weight.shape
        layer = Linear(n_in, n_out, rng=np.random.default_rng(0))
        layer.weight = Tensor(lora_merge(self.weight, self.A.data, self.B.data, self.alpha))
        layer.bias = Tensor(self.bias)
        return layer


def add_lora(module, rank, alpha, *, rng):
    """Put a `LoRALinear` in the place of every `Linear` in a module.

    Parameters
    ----------
    module : Module
        Changed in place.
    rank : int
    alpha : float
    rng : numpy.random.Generator

    Returns
    -------
    parameters : list of Tensor
        The new ones: give only these to the optimiser.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn.linear import MLP
    >>> model = MLP([4, 8, 2], rng=np.random.default_rng(0))
    >>> [parameter.shape for parameter in add_lora(model, 1, 1.0, rng=np.random.default_rng(1))]
    [(1, 4), (8, 1), (1, 8), (2, 1)]
    """
    new = replace_layers(module, Linear, lambda layer: LoRALinear(layer, rank, alpha, rng=rng))
    return [parameter for layer in new for parameter in layer.parameters()]


def merge_lora(module):
    """Put a plain `Linear` that computes the same in the place of every `LoRALinear` in a module.

    Parameters
    ----------
    module : Module
        Changed in place.

    Returns
    -------
    module : Module
    """
    replace_layers(module, LoRALinear, LoRALinear.as_linear)
    return module


def _scale(W, A, B, alpha):
    """The factor of the correction, after making sure that the matrices fit."""
    for name, matrix in (("W", W), ("A", A), ("B", B)):
        data_of(matrix, name, ndim=2)
    (n_out, n_in), rank = W.shape, A.shape[0]
    if tuple(A.shape) != (rank, n_in) or tuple(B.shape) != (n_out, rank):
        raise ShapeError(
            f"A has shape {tuple(A.shape)} and B {tuple(B.shape)}; for W of shape {tuple(W.shape)} they "
            f"must be (rank, {n_in}) and ({n_out}, rank)"
        )
    return alpha / rank
