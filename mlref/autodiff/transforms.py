"""Functions that turn a function into its derivative: gradient, Jacobian, Hessian times a vector."""

import numpy as np

from mlref.autodiff.tensor import Tensor
from mlref.errors import ShapeError

__all__ = ["grad", "grad_and_value", "hvp", "jacobian", "value_and_grad"]


def value_and_grad(f, argnum=0):
    """Turn a scalar function into one that returns its value and its gradient.

    Parameters
    ----------
    f : callable
        Computes with `Tensor` operations and returns a `Tensor` with one element.
    argnum : int
        Which positional argument to differentiate; `f` receives this one as a `Tensor` and the others
        as they are.

    Returns
    -------
    value_and_gradient : callable
        Takes the arguments of `f` as numpy arrays or numbers; returns ``(value, gradient)``, a float
        and a new array with the shape of the differentiated argument.

    Raises
    ------
    ShapeError
        When called, if the result of `f` has more than one element.
    TypeError
        When called, if `f` does not return a `Tensor`.

    Examples
    --------
    >>> value_and_grad(lambda x: (x * x).sum())([1.0, 2.0])
    (5.0, array([2., 4.]))
    """

    def value_and_gradient(*args):
        x = _variable(args[argnum])
        replaced = list(args)
        replaced[argnum] = x
        y = _tensor_result(f(*replaced))
        if y.data.size != 1:
            raise ShapeError(
                f"f returned shape {y.data.shape}; grad needs one element (jacobian takes any shape)"
            )
        y.backward()
        return float(y.data.reshape(())), _gradient_of(x)

    return value_and_gradient


def grad_and_value(f, argnum=0):
    """Turn a scalar function into one that returns its gradient and its value, in this order.

    Parameters
    ----------
    f : callable
        Computes with `Tensor` operations and returns a `Tensor` with one element.
    argnum : int
        Which positional argument to differentiate; `f` receives this one as a `Tensor` and the others
        as they are.

    Returns
    -------
    gradient_and_value : callable
        Takes the arguments of `f` as numpy arrays or numbers; returns ``(gradient, value)``, a new array
        with the shape of the differentiated argument and a float.

    Raises
    ------
    ShapeError
        When called, if the result of `f` has more than one element.
    TypeError
        When called, if `f` does not return a `Tensor`.

    Notes
    -----
    `value_and_grad` has the order of jax, this one that of ``torch.func``.

    Examples
    --------
    >>> grad_and_value(lambda x: (x * x).sum())([1.0, 2.0])
    (array([2., 4.]), 5.0)
    """
    value_and_gradient = value_and_grad(f, argnum)

    def gradient_and_value(*args):
        value, gradient = value_and_gradient(*args)
        return gradient, value

    return gradient_and_value


def grad(f, argnum=0):
    """Turn a scalar function into its gradient.

    Parameters
    ----------
    f : callable
        Computes with `Tensor` operations and returns a `Tensor` with one element.
    argnum : int
        Which positional argument to differentiate; `f` receives this one as a `Tensor` and the others
        as they are.

    Returns
    -------
    gradient : callable
        Takes the arguments of `f` as numpy arrays or numbers; returns a new array with the shape of
        the differentiated argument.

    Raises
    ------
    ShapeError
        When called, if the result of `f` has more than one element.
    TypeError
        When called, if `f` does not return a `Tensor`.

    Examples
    --------
    >>> grad(lambda x, y: 3 * x**2 + 2 * y - 7)(3.0, 5.0)
    array(18.)
    """
    value_and_gradient = value_and_grad(f, argnum)

    def gradient(*args):
        return value_and_gradient(*args)[1]

    return gradient


def jacobian(f):
    """Turn a function of an array into its Jacobian: the derivative of every output by every input.

    Parameters
    ----------
    f : callable
        Takes one `Tensor`, computes with `Tensor` operations and returns a `Tensor` of any shape.

    Returns
    -------
    jacobian_at : callable
        Takes a numpy array x; returns an array of shape ``f(x).shape + x.shape``.

    Raises
    ------
    TypeError
        When called, if `f` does not return a `Tensor`.

    Notes
    -----
    One backward pass for each element of the output, with an upstream gradient that is 1 there and 0
    elsewhere; `f` itself runs once.

    Examples
    --------
    >>> jacobian(lambda x: x * x)([1.0, 2.0])
    array([[2., 0.],
           [0., 4.]])
    """

    def jacobian_at(x):
        x = _variable(x)
        y = _tensor_result(f(x))
        rows = np.empty((y.data.size, *x.data.shape), dtype=x.data.dtype)
        for i in range(y.data.size):
            upstream = np.zeros(y.data.size, dtype=y.data.dtype)
            upstream[i] = 1.0
            x.grad = None
            y.backward(upstream.reshape(y.data.shape))
            rows[i] = _gradient_of(x)
        return rows.reshape(y.data.shape + x.data.shape)

    return jacobian_at


def hvp(f, x, v):
    """The Hessian of a scalar function times a vector, without building the Hessian.

    Parameters
    ----------
    f : callable
        Takes one `Tensor`, computes with `Tensor` operations and returns a `Tensor` with one element.
    x : array of any shape
        The point.
    v : array of the shape of `x`
        The vector that the Hessian is multiplied with.

    Returns
    -------
    product : array of the shape of `x`
        Correct to about 1e-9 of its size in float64 where `f` is smooth.

    Raises
    ------
    ShapeError
        If `v` and `x` differ in shape, or the result of `f` has more than one element.

    Notes
    -----
    The central difference of two gradients, ``(g(x + h u) - g(x - h u)) / 2h`` times the length of v,
    where u is v scaled to length 1 and ``h = eps**(1/3) * max(1, root mean square of x)``: large
    enough for rounding, small enough for the third derivative.

    Examples
    --------
    >>> product = hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    >>> np.round(product, 6)
    array([ 6., 12.])
    """
    x = np.asarray(x, dtype=np.float64)
    v = np.asarray(v, dtype=np.float64)
    if v.shape != x.shape:
        raise ShapeError(f"v has shape {v.shape} but x has shape {x.shape}; the two must agree")
    length = np.sqrt(np.sum(v * v))
    if length == 0:
        return np.zeros_like(x)
    h = np.cbrt(np.finfo(np.float64).eps) * max(1.0, np.sqrt(np.mean(x * x)))
    gradient = grad(f)
    step = h / length * v
    return (gradient(x + step) - gradient(x - step)) * (length / (2 * h))


def _variable(x):
    """A new `Tensor` of a copy of x; whole numbers become float64."""
    x = np.array(x)
    return Tensor(x if x.dtype.kind == "f" else x.astype(np.float64))


def _tensor_result(y):
    """The result of a user's function, if it is a `Tensor`."""
    if not isinstance(y, Tensor):
        raise TypeError(f"f returned {type(y).__name__}; it must return a Tensor, computed from its argument")
    return y


def _gradient_of(x):
    """The gradient that reached x; zeros if the result did not depend on it."""
    return np.zeros_like(x.data) if x.grad is None else x.grad
