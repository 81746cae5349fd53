"""The size of a vector of whole numbers is taken before the vector becomes float64."""

CAUGHT_BY = "test_whole_numbers"
MAX_SHARE = 0.96

import numpy as np


def tensor_of(x):
    return Tensor(np.array(x, dtype=np.float64))


def checked(y):
    if not isinstance(y, Tensor):
        raise TypeError("the function has to return a Tensor")
    return y


def collected(x):
    if x.grad is None:
        return np.zeros(x.data.shape)
    return np.array(x.grad)


def both(f, argnum, args):
    inputs = list(args)
    inputs[argnum] = tensor_of(args[argnum])
    y = checked(f(*inputs))
    if y.data.size != 1:
        raise ShapeError("the function has to return one element")
    y.backward()
    return float(np.sum(y.data)), collected(inputs[argnum])


def {{ variant.pair }}(f, argnum=0):
    def transformed(*args):
        value, gradient = both(f, argnum, args)
        return {{ "value, gradient" if variant.pair == "value_and_grad" else "gradient, value" }}

    return transformed


def grad(f, argnum=0):
    def transformed(*args):
        return both(f, argnum, args)[1]

    return transformed


def jacobian(f):
    def transformed(x):
        x = tensor_of(x)
        y = checked(f(x))
        rows = []
        for i in range(y.data.size):
            above = np.zeros(y.data.size)
            above[i] = 1.0
            x.grad = None
            y.backward(above.reshape(y.data.shape))
            rows.append(collected(x))
        return np.array(rows).reshape(y.data.shape + x.data.shape)

    return transformed


def hvp(f, x, v):
    length = np.max(np.abs(v), initial=0)
    x = np.array(x, dtype=np.float64)
    v = np.array(v, dtype=np.float64)
    if x.shape != v.shape:
        raise ShapeError("x and v differ in shape")
    if length == 0:
        return np.zeros(x.shape)
    h = 1e-5 * max(1.0, np.max(np.abs(x)))
    ahead = grad(f)(x + h * v / length)
    behind = grad(f)(x - h * v / length)
    return (ahead - behind) / (2 * h) * length
