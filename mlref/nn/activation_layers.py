"""Activation functions as layers, with torch's names."""

from mlref.autodiff.tensor import Tensor
from mlref.errors import check_choice
from mlref.nn.activations import ACTIVATIONS, activate, relu
from mlref.nn.module import Module

__all__ = ["GELU", "Activation", "LeakyReLU", "ReLU", "SiLU", "Sigmoid", "Softplus", "Tanh"]


class Activation(Module):
    """An activation function as a layer.

    Parameters
    ----------
    name : str
        As for `activation`.
    **constants : float
        As for `activation`.
    """

    def __init__(self, name, **constants):
        check_choice(name, ACTIVATIONS, "name")
        self.name = name
        self.constants = constants

    def forward(self, x):
        """The function of every element.

        Parameters
        ----------
        x : Tensor

        Returns
        -------
        y : Tensor
        """
        return activate(x, self.name, **self.constants)


class ReLU(Module):
    """Every element if it is positive, else 0."""

    def forward(self, x):
        """`relu` of `x`, a Tensor."""
        return relu(x)


class Tanh(Module):
    """The hyperbolic tangent of every element."""

    def forward(self, x):
        """`Tensor.tanh` of `x`, a Tensor."""
        return x.tanh()


class Sigmoid(Module):
    """The logistic function of every element."""

    def forward(self, x):
        """`Tensor.sigmoid` of `x`, a Tensor."""
        return x.sigmoid()


class LeakyReLU(Activation):
    """Every element if it is positive, else `negative_slope` times it.

    Parameters
    ----------
    negative_slope : float
    """

    def __init__(self, negative_slope=0.01):
        super().__init__("leaky_relu", negative_slope=negative_slope)


class Softplus(Activation):
    """The smooth relu ``log(1 + exp(x))`` of every element."""

    def __init__(self):
        super().__init__("softplus")


class SiLU(Activation):
    """Every element times its logistic function."""

    def __init__(self):
        super().__init__("silu")


class GELU(Activation):
    """Gaussian error linear unit of every element, in the form with tanh."""

    def __init__(self):
        super().__init__("gelu")


def as_function(chosen):
    """A function of a tensor, from the name of an activation or from the function itself."""
    if callable(chosen):
        return chosen
    methods = {"relu": relu, "tanh": Tensor.tanh, "logistic": Tensor.sigmoid}
    return methods.get(chosen) or Activation(chosen)
