"""Automatic differentiation, one idea to a file.

* `scalar`: `Value`, reverse mode on numbers.
* `forward`: `Dual` and `derivative`, forward mode.
* `tensor`: `Tensor`, reverse mode on arrays.
* `transforms`: `grad`, `value_and_grad`, `grad_and_value`, `jacobian`, `hvp`, from function to function.
* `symbolic`: `differentiate` and `simplify` on expression trees.
* `gradcheck`: `numerical_gradient`, `gradient_error`, and `check_gradient`, which judges a gradient.
"""

from mlref.autodiff.forward import Dual, derivative
from mlref.autodiff.gradcheck import (
    GradientReport,
    check_gradient,
    gradient_error,
    numerical_gradient,
    numerical_gradient_fourth_order,
)
from mlref.autodiff.scalar import Value
from mlref.autodiff.symbolic import (
    Add,
    Constant,
    Cos,
    Divide,
    Exp,
    Expression,
    Log,
    Multiply,
    Negate,
    Power,
    Sin,
    Subtract,
    Variable,
    differentiate,
    simplify,
)
from mlref.autodiff.tensor import Tensor, unbroadcast
from mlref.autodiff.transforms import grad, grad_and_value, hvp, jacobian, value_and_grad

__all__ = [
    "Add",
    "Constant",
    "Cos",
    "Divide",
    "Dual",
    "Exp",
    "Expression",
    "GradientReport",
    "Log",
    "Multiply",
    "Negate",
    "Power",
    "Sin",
    "Subtract",
    "Tensor",
    "Value",
    "Variable",
    "check_gradient",
    "derivative",
    "differentiate",
    "grad",
    "grad_and_value",
    "gradient_error",
    "hvp",
    "jacobian",
    "numerical_gradient",
    "numerical_gradient_fourth_order",
    "simplify",
    "unbroadcast",
    "value_and_grad",
]
