"""The fully connected layer, and the network made of nothing else."""

from itertools import pairwise

from mlref.arrays import namespace
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import ShapeError
from mlref.nn.activation_layers import as_function
from mlref.nn.dropout import Dropout
from mlref.nn.init import initial_weights
from mlref.nn.joint import data_of
from mlref.nn.module import Module, Sequential

__all__ = ["MLP", "Linear", "linear"]


def linear(x, weight, bias=None):
    """Weighted sums of the last axis: ``x @ weight.T + bias``.

    Parameters
    ----------
    x : Tensor or array of shape (..., in_features)
    weight : Tensor of shape (out_features, in_features)
    bias : Tensor of shape (out_features,), or None

    Returns
    -------
    y : Tensor of shape (..., out_features)

    Raises
    ------
    ShapeError
        If `x` has another number of features.

    Notes
    -----
    With G the gradient of y as rows: ``dx = G W``, ``dW = G^T x``, ``db`` is the sum of the rows of G.
    """
    a, W = data_of(x, "x"), data_of(weight, "weight", ndim=2)
    n_out, n_in = W.shape
    if a.ndim == 0 or a.shape[-1] != n_in:
        raise ShapeError(f"x has shape {tuple(a.shape)}; its last axis must have in_features = {n_in}")
    xp = namespace(W)
    # One matrix product for all leading axes together, not one for each.
    rows = a if a.ndim == 2 else xp.reshape(a, (-1, n_in))
    y = rows @ W.T
    if bias is not None:
        y += bias.data

    def upstream(gradient):
        return gradient if a.ndim == 2 else xp.reshape(gradient, (-1, n_out))

    def dx(gradient):
        return gradient @ W if a.ndim == 2 else xp.reshape(upstream(gradient) @ W, a.shape)

    return record(
        y if a.ndim == 2 else xp.reshape(y, (*a.shape[:-1], n_out)),
        (x, dx),
        (weight, lambda gradient: upstream(gradient).T @ rows),
        (bias, lambda gradient: xp.sum(upstream(gradient), axis=0)),
        fresh=True,
    )


class Linear(Module):
    """A fully connected layer.

    Parameters
    ----------
    in_features : int
    out_features : int
    bias : bool
        Whether a learned number is added to each output.
    rng : numpy.random.Generator

    Attributes
    ----------
    weight : Tensor of shape (out_features, in_features)
        Drawn as torch draws it: uniform between -1 and 1 over the root of `in_features`.
    bias : Tensor of shape (out_features,), or None
        Drawn from the same interval.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, bias=True, *, rng):
        self.weight = Tensor(initial_weights((out_features, in_features), "torch_uniform", rng))
        bound = in_features**-0.5
        self.bias = Tensor(rng.uniform(-bound, bound, size=out_features)) if bias else None

    def forward(self, x):
        """Weighted sums of the last axis of `x`; see `linear`.

        Parameters
        ----------
        x : Tensor or array of shape (..., in_features)

        Returns
        -------
        y : Tensor of shape (..., out_features)
        """
        return linear(x, self.weight, self.bias)

    def _settings(self):
        n_out, n_in = self.weight.shape
        return f"in_features={n_in}, out_features={n_out}, bias={self.bias is not None}"


class MLP(Sequential):
    """Multi-layer perceptron: fully connected layers with an activation between them.

    Parameters
    ----------
    sizes : sequence of ints
        Inputs, units of each hidden layer, outputs.
    activation : str or function of a Tensor
        After each layer but the last; names as in `activation`.
    dropout : float
        The share of hidden units that is left out while training.
    rng : numpy.random.Generator
        For the initial weights, and later for dropout.

    Examples
    --------
    >>> import numpy as np
    >>> from mlref.nn import count_parameters
    >>> count_parameters(MLP([784, 10, 10], rng=np.random.default_rng(0)))
    7960
    """

    def __init__(self, sizes, activation="relu", dropout=0.0, *, rng):
        layers = []
        for n_in, n_out in pairwise(sizes):
            if layers:
                layers.append(as_function(activation))
                if dropout:
                    layers.append(Dropout(dropout, rng=rng))
            layers.append(Linear(n_in, n_out, rng=rng))
        super().__init__(*layers)
