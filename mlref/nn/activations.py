"""Activation functions, each beside its derivative: on arrays and on tensors.

`Tensor` has tanh, relu and the logistic function of its own: the chapter on differentiation needs no other.
"""

import math

from mlref.arrays import is_torch, namespace
from mlref.autodiff.tensor import Tensor, record
from mlref.errors import check_array, check_choice
from mlref.losses.probability import sigmoid
from mlref.nn.joint import data_of

__all__ = [
    "ACTIVATIONS",
    "activate",
    "activation",
    "activation_grad",
    "gelu",
    "leaky_relu",
    "relu",
    "silu",
    "smht",
    "softplus",
    "square",
    "step",
]


# Each function below takes the namespace and z, and returns the value and a function of no argument that
# computes the slope there, from what the value has already cost.


def _identity(xp, z):
    return z, lambda: xp.ones_like(z)


def _step(xp, z):
    return xp.astype(z >= 0, z.dtype), lambda: xp.zeros_like(z)


def _logistic(xp, z):
    a = sigmoid(z)
    # 1 - a rounds to 0 far out, where the slope is still there.
    return a, lambda: a * sigmoid(-z)


def _tanh(xp, z):
    a = xp.tanh(z)
    return a, lambda: 1.0 - a * a


def _smht(xp, z, a=1.0, b=1.0, c=1.0, d=1.0):
    # Numerator and denominator are divided by the larger exponential below the line.
    largest = xp.where(z >= 0, c * z, -d * z)
    ea, eb, ec, ed = (xp.exp(k * z - largest) for k in (a, -b, c, -d))
    value = (ea - eb) / (ec + ed)
    return value, lambda: (a * ea + b * eb - value * (c * ec - d * ed)) / (ec + ed)


def _relu(xp, z):
    return xp.maximum(z, xp.zeros_like(z)), lambda: xp.astype(z > 0, z.dtype)


def _leaky_relu(xp, z, negative_slope=0.01):
    slope = xp.where(z > 0, xp.ones_like(z), negative_slope * xp.ones_like(z))
    return slope * z, lambda: slope


def _square(xp, z):
    return z * z, lambda: 2.0 * z


def _softplus(xp, z):
    y = xp.maximum(z, xp.zeros_like(z)) + xp.log1p(xp.exp(-xp.abs(z)))
    return y, lambda: sigmoid(z)


def _silu(xp, z):
    a, slope = _logistic(xp, z)
    return z * a, lambda: a + z * slope()


def _gelu(xp, z):
    scale = math.sqrt(2.0 / math.pi)
    t, slope = _tanh(xp, scale * (z + 0.044715 * z**3))
    inner = scale * (1.0 + 3 * 0.044715 * z**2)
    return 0.5 * z * (1.0 + t), lambda: 0.5 * (1.0 + t) + 0.5 * z * slope() * inner


ACTIVATIONS = {
    "identity": _identity,
    "step": _step,
    "logistic": _logistic,
    "tanh": _tanh,
    "smht": _smht,
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "square": _square,
    "softplus": _softplus,
    "silu": _silu,
    "gelu": _gelu,
}


# Arrays ------------------------------------------------------------------------------------------------


def activation(z, name, **constants):
    """An activation function, element by element.

    Parameters
    ----------
    z : array of any shape
        Floats.
    name : str
        "identity", "step" (1 from 0 on, else 0), "logistic", "tanh", "smht", "relu", "leaky_relu", "square",
        "softplus", "silu" or "gelu".
    **constants : float
        Of smht ``a, b, c, d`` (1), of leaky_relu ``negative_slope`` (0.01).

    Returns
    -------
    a : array of the same shape

    Raises
    ------
    ValueError
        If there is no such function.

    Notes
    -----
    logistic: ``1 / (1 + exp(-z))``; smht: ``(exp(a z) - exp(-b z)) / (exp(c z) + exp(-d z))``, which is tanh
    for a = b = c = d = 1; softplus: ``log(1 + exp(z))``; silu: ``z logistic(z)``;
    gelu: ``z / 2 (1 + tanh(sqrt(2 / pi) (z + 0.044715 z**3)))``. None overflows where its value does not.

    References
    ----------
    D. Hendrycks, K. Gimpel (2016), *Gaussian error linear units*, arXiv 1606.08415, on gelu and silu.

    Examples
    --------
    >>> import numpy as np
    >>> activation(np.array([-2.0, 0.0, 3.0]), "leaky_relu", negative_slope=0.1)
    array([-0.2,  0. ,  3. ])
    """
    return _value_and_slope(check_array(z, "z"), name, constants)[0]


def activation_grad(z, name, **constants):
    """The derivative of an activation function, element by element.

    Parameters
    ----------
    z : array of any shape
        What goes into the function, not what comes out.
    name : str
        As for `activation`.
    **constants : float
        As for `activation`.

    Returns
    -------
    slope : array of the same shape
        At a kink the slope to the left: 0 for relu at 0, `negative_slope` for leaky_relu. 0 for the step.

    Raises
    ------
    ValueError
        If there is no such function.

    Examples
    --------
    >>> import numpy as np
    >>> activation_grad(np.array([-2.0, 0.0, 3.0]), "relu")
    array([0., 0., 1.])
    """
    return _value_and_slope(check_array(z, "z"), name, constants)[1]()


# Tensors -----------------------------------------------------------------------------------------------


def activate(x, name, **constants):
    """An activation function of a tensor, by name.

    Parameters
    ----------
    x : Tensor
    name : str
        As for `activation`.
    **constants : float
        As for `activation`.

    Returns
    -------
    y : Tensor
    """
    value, slope = _value_and_slope(data_of(x, "x"), name, constants)
    return record(value, (x, lambda gradient: gradient * slope()), fresh=True)


def relu(x):
    """The tensor where it is positive, else 0.

    Parameters
    ----------
    x : Tensor

    Returns
    -------
    y : Tensor

    Notes
    -----
    For arrays of torch by its own kernels, one in each direction.
    """
    a = data_of(x, "x")
    if not is_torch(a):
        return x.relu() if isinstance(x, Tensor) else activate(x, "relu")
    import torch

    y = torch.relu(a)
    return record(y, (x, lambda gradient: torch.ops.aten.threshold_backward(gradient, y, 0)), fresh=True)


def leaky_relu(x, negative_slope=0.01):
    """The tensor where it is positive, else `negative_slope` times it.

    Parameters
    ----------
    x : Tensor
    negative_slope : float

    Returns
    -------
    y : Tensor
    """
    return activate(x, "leaky_relu", negative_slope=negative_slope)


def smht(x, a=1.0, b=1.0, c=1.0, d=1.0):
    """The modified hyperbolic tangent ``(exp(a x) - exp(-b x)) / (exp(c x) + exp(-d x))``.

    Parameters
    ----------
    x : Tensor
    a, b, c, d : float

    Returns
    -------
    y : Tensor
    """
    return activate(x, "smht", a=a, b=b, c=c, d=d)


def step(x):
    """1 where the tensor is at least 0, else 0; its derivative counts as 0 everywhere.

    Parameters
    ----------
    x : Tensor

    Returns
    -------
    y : Tensor
    """
    return activate(x, "step")


def square(x):
    """The square of every element.

    Parameters
    ----------
    x : Tensor

    Returns
    -------
    y : Tensor
    """
    return activate(x, "square")


def softplus(x):
    """The smooth relu ``log(1 + exp(x))``.

    Parameters
    ----------
    x : Tensor

    Returns
    -------
    y : Tensor
    """
    return activate(x, "softplus")


def silu(x):
    """The tensor times its logistic function.

    Parameters
    ----------
    x : Tensor

    Returns
    -------
    y : Tensor
    """
    return activate(x, "silu")


def gelu(x):
    """Gaussian error linear unit, in the form with tanh (torch: ``approximate="tanh"``).

    Parameters
    ----------
    x : Tensor

    Returns
    -------
    y : Tensor
    """
    return activate(x, "gelu")


def _value_and_slope(z, name, constants):
    check_choice(name, ACTIVATIONS, "name")
    return ACTIVATIONS[name](namespace(z), z, **constants)
