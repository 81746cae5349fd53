"""Jacobians walk back from one picked element after the other; Hessians are built column by column."""

import numpy as np


class Differentiated:
    def __init__(self, f, argnum):
        self.f, self.argnum = f, argnum

    def walk(self, args):
        before, at, after = args[: self.argnum], args[self.argnum], args[self.argnum + 1 :]
        x = Tensor(np.array(at) + 0.0)
        y = self.f(*before, x, *after)
        if not isinstance(y, Tensor):
            raise TypeError(f"expected a Tensor, got {type(y).__name__}")
        return x, y

    def __call__(self, *args):
        x, y = self.walk(args)
        if np.prod(y.shape) != 1:
            raise ShapeError(f"expected one element, got shape {y.shape}")
        y.reshape(()).backward()
        return y.data.item(), np.zeros(x.shape) if x.grad is None else x.grad


def {{ variant.pair }}(f, argnum=0):
    function = Differentiated(f, argnum)
{% if variant.pair == "value_and_grad" %}
    return function
{% else %}
    return lambda *args: function(*args)[::-1]
{% endif %}


def grad(f, argnum=0):
    return lambda *args: Differentiated(f, argnum)(*args)[1]


def jacobian(f):
    def at(point):
        x, y = Differentiated(f, 0).walk((point,))
        result = np.zeros(y.shape + x.shape)
        for index in np.ndindex(y.shape):
            x.grad = None
            y[index].backward()
            if x.grad is not None:
                result[index] = x.grad
        return result

    return at


def hvp(f, x, v):
    x, v = np.array(x) + 0.0, np.array(v) + 0.0
    if x.shape != v.shape:
        raise ShapeError(f"{x.shape} and {v.shape} differ")
    n = x.size
    gradient = grad(f)
    hessian = np.empty((n, n))
    for i, unit in enumerate(np.eye(n)):
        h = 6e-6 * max(1.0, abs(x.flat[i]))
        step = (h * unit).reshape(x.shape)
        hessian[:, i] = (gradient(x + step) - gradient(x - step)).ravel() / (2 * h)
    return ((hessian + hessian.T) / 2 @ v.ravel()).reshape(x.shape)
