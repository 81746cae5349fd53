"""A Jacobian is taken by inner products with unit arrays; hvp extrapolates two central differences."""

import numpy as np


def pull_back(f, args, argnum, above=None):
    x = Tensor(np.asarray(args[argnum]).astype(np.float64, copy=True))
    y = f(*[x if i == argnum else arg for i, arg in enumerate(args)])
    if type(y) is not Tensor:
        raise TypeError("the result is no Tensor")
    return x, y


def scalar(f, args, argnum):
    x, y = pull_back(f, args, argnum)
    if y.data.size > 1 or y.data.size == 0:
        raise ShapeError("the result is not one number")
    y.backward(np.ones(y.data.shape))
    return y.data.ravel()[0], x.grad if x.grad is not None else 0 * x.data


def grad(f, argnum=0):
    def gradient(*args):
        return scalar(f, args, argnum)[1]

    return gradient


def {{ variant.pair }}(f, argnum=0):
    def pair(*args):
        value, gradient = scalar(f, args, argnum)
{% if variant.pair == "value_and_grad" %}
        return float(value), gradient
{% else %}
        return gradient, float(value)
{% endif %}

    return pair


def jacobian(f):
    def derivative(point):
        x, y = pull_back(f, [point], 0)
        rows = {}
        for place, unit in enumerate(np.eye(y.data.size)):
            (y * unit.reshape(y.data.shape)).sum().backward()
            rows[place] = x.grad if x.grad is not None else np.zeros_like(x.data)
            x.grad = None
        return np.stack(list(rows.values())).reshape((*y.data.shape, *x.data.shape))

    return derivative


def hvp(f, x, v):
    if np.shape(x) != np.shape(v):
        raise ShapeError("the shapes differ")
    x, v = np.asarray(x, dtype=np.float64), np.asarray(v, dtype=np.float64)
    size = np.max(np.abs(v), initial=0.0)
    if size == 0.0:
        return np.zeros_like(x)
    direction = v / size
    gradient = grad(f)
    h = 1e-3 * max(1.0, 0.01 * np.max(np.abs(x)))

    def quotient(step):
        return (gradient(x + step * direction) - gradient(x - step * direction)) / (2 * step)

    return size * (4 * quotient(h / 2) - quotient(h)) / 3
