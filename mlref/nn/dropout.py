"""Dropout: leave units out at random while training, so that none relies on another."""

import math

import numpy as np

from mlref.arrays import device, namespace
from mlref.autodiff.tensor import record
from mlref.nn.joint import data_of
from mlref.nn.module import Module

__all__ = ["Dropout", "dropout", "dropout_weights"]


def dropout_weights(x, p, rng):
    """What dropout multiplies the elements of an array with: 0 or ``1 / (1 - p)``.

    Parameters
    ----------
    x : array of any shape
    p : float
        The probability of 0, from 0 up to but not including 1.
    rng : numpy.random.Generator or torch.Generator
        Numpy's gives the same weights in every library; torch's draws on the accelerator that it belongs to.

    Returns
    -------
    weights : array of the same shape
        Of the library, device and dtype of `x`. Their mean is 1, so that nothing needs scaling later.

    Raises
    ------
    ValueError
        If `p` is no probability below 1.

    References
    ----------
    N. Srivastava et al. (2014), *Dropout: a simple way to prevent neural networks from overfitting*.

    Examples
    --------
    >>> dropout_weights(np.ones(6), 0.5, np.random.default_rng(0))
    array([2., 2., 2., 0., 0., 0.])
    """
    if not 0.0 <= p < 1.0:
        raise ValueError(f"p is {p!r}; it is the probability to drop, from 0 up to but not including 1")
    xp = namespace(x)
    if isinstance(rng, np.random.Generator):
        draws = rng.random(math.prod(x.shape), dtype=np.float32).reshape(x.shape)
        kept = xp.asarray(draws >= p, device=device(x))
    else:
        import torch

        kept = torch.rand(x.shape, generator=rng, device=rng.device) >= p
    return xp.astype(kept, x.dtype) / (1.0 - p)


def dropout(x, p, rng, training=True):
    """Set elements of a tensor to zero at random, and enlarge the others so that the mean stays.

    Parameters
    ----------
    x : Tensor
    p : float
        The share that is dropped.
    rng : numpy.random.Generator or torch.Generator
        As for `dropout_weights`.
    training : bool
        False returns `x` as it is.

    Returns
    -------
    y : Tensor
    """
    if not training or p == 0.0:
        return x
    a = data_of(x, "x")
    weights = dropout_weights(a, p, rng)
    return record(a * weights, (x, lambda gradient: gradient * weights), fresh=True)


class Dropout(Module):
    """Dropout as a layer: active in training, absent in evaluation.

    Parameters
    ----------
    p : float
        The share of elements that is dropped.
    rng : numpy.random.Generator or torch.Generator
        As for `dropout_weights`.
    """

    def __init__(self, p=0.5, *, rng):
        self.p = p
        self.rng = rng

    def forward(self, x):
        """`x` with elements dropped; see `dropout`.

        Parameters
        ----------
        x : Tensor

        Returns
        -------
        y : Tensor
        """
        return dropout(x, self.p, self.rng, self.training)
