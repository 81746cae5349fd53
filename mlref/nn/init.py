"""How weights are drawn before learning, so that signals neither die out nor explode."""

import math

from mlref.errors import check_choice

__all__ = ["fans", "init", "initial_weights"]

# The variance of a weight, from the inputs of a unit and the units that an input goes to.
VARIANCES = {
    "xavier": lambda fan_in, fan_out: 2.0 / (fan_in + fan_out),
    "he": lambda fan_in, fan_out: 2.0 / fan_in,
    "torch": lambda fan_in, fan_out: 1.0 / (3.0 * fan_in),
}
SCHEMES = ("xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "torch_uniform")


def init(fan_in, fan_out, scheme, rng):
    """Weights of a fully connected layer that computes ``X @ W + b``.

    Parameters
    ----------
    fan_in : int
        Inputs of a unit.
    fan_out : int
        Units that an input goes to.
    scheme : str
        "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", or "torch_uniform", torch's default.
    rng : numpy.random.Generator

    Returns
    -------
    W : array of shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If there is no such scheme.

    Notes
    -----
    The variance is ``2 / (fan_in + fan_out)`` for Xavier, a compromise that keeps the variance of both
    values and gradients, and ``2 / fan_in`` for He, because relu lets only half of the signal pass. A
    uniform distribution on (-b, b) has the variance ``b**2 / 3``; torch's has ``b = 1 / sqrt(fan_in)``.

    References
    ----------
    X. Glorot, Y. Bengio (2010), *Understanding the difficulty of training deep feedforward neural networks*;
    K. He et al. (2015), *Delving deep into rectifiers*.

    Examples
    --------
    >>> import numpy as np
    >>> W = init(300, 100, "xavier_uniform", np.random.default_rng(0))
    >>> W.shape, bool(abs(W).max() < np.sqrt(6 / 400))
    ((300, 100), True)
    """
    return _draw((fan_in, fan_out), fan_in, fan_out, scheme, rng)


def initial_weights(shape, scheme, rng):
    """Weights of a fully connected or convolutional layer, in torch's layout; see `init`.

    Parameters
    ----------
    shape : tuple of ints
        (out, in, kernel sizes).
    scheme : str
        As for `init`.
    rng : numpy.random.Generator

    Returns
    -------
    weights : array of shape `shape`

    Raises
    ------
    ValueError
        If there is no such scheme.
    """
    return _draw(shape, *fans(shape), scheme, rng)


def fans(shape):
    """Inputs of a unit and units that an input goes to, for weights in torch's layout.

    Parameters
    ----------
    shape : tuple of ints
        (out, in) or, for convolutions, (out, in, kernel sizes).

    Returns
    -------
    fan_in, fan_out : int

    Examples
    --------
    >>> fans((32, 3, 5, 5))
    (75, 800)
    """
    n_out, n_in, *kernel = shape
    return n_in * math.prod(kernel), n_out * math.prod(kernel)


def _draw(shape, fan_in, fan_out, scheme, rng):
    """Random numbers around zero with the variance of a scheme."""
    check_choice(scheme, SCHEMES, "scheme")
    name, _, distribution = scheme.partition("_")
    deviation = math.sqrt(VARIANCES[name](fan_in, fan_out))
    if distribution == "normal":
        return rng.normal(0.0, deviation, size=shape)
    bound = math.sqrt(3.0) * deviation
    return rng.uniform(-bound, bound, size=shape)
