"""Of several axes that were stretched only the first is summed."""

CAUGHT_BY = "test_broadcasting"
MAX_SHARE = 0.97

import itertools

import numpy as np


def raw(operand):
    return operand.data if isinstance(operand, Tensor) else np.asarray(operand)


def reduced(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            return gradient.sum(axis=axis, keepdims=True)
    return gradient


def times(a, b):
    x, y = raw(a), raw(b)
    rows = x[None, :] if x.ndim == 1 else x
    columns = y[:, None] if y.ndim == 1 else y
    full = (rows @ columns).shape

    def to_left(gradient):
        part = gradient.reshape(full) @ np.swapaxes(columns, -1, -2)
        return reduced(part, rows.shape).reshape(x.shape)

    def to_right(gradient):
        part = np.swapaxes(rows, -1, -2) @ gradient.reshape(full)
        return reduced(part, columns.shape).reshape(y.shape)

    return Tensor.make(x @ y, (a, to_left), (b, to_right))


class Tensor:
    __array_ufunc__ = None
    numbers = itertools.count()

    def __init__(self, data):
        self.data = np.asarray(data)
        if self.data.dtype.kind != "f":
            raise TypeError("a tensor holds floats")
        self.grad = None
        self.edges = []
        self.is_leaf = True
        self.number = next(Tensor.numbers)

    def __repr__(self):
        return f"Tensor({self.data!r})"

    @property
    def shape(self):
        return self.data.shape

    @staticmethod
    def make(data, *edges):
        node = Tensor(data)
        node.is_leaf = False
        node.edges = [(parent, rule) for parent, rule in edges if isinstance(parent, Tensor)]
        return node

    def __add__(self, other):
        a, b = self.data, raw(other)
        return Tensor.make(a + b, (self, lambda g: reduced(g, a.shape)), (other, lambda g: reduced(g, b.shape)))

    def __sub__(self, other):
        a, b = self.data, raw(other)
        return Tensor.make(a - b, (self, lambda g: reduced(g, a.shape)), (other, lambda g: reduced(-g, b.shape)))

    def __mul__(self, other):
        a, b = self.data, raw(other)
        return Tensor.make(a * b, (self, lambda g: reduced(g * b, a.shape)), (other, lambda g: reduced(g * a, b.shape)))

    def __truediv__(self, other):
        a, b = self.data, raw(other)
        return Tensor.make(
            a / b,
            (self, lambda g: reduced(g / b, a.shape)),
            (other, lambda g: reduced(-g * a / b**2, b.shape)),
        )

    def __pow__(self, exponent):
        a, b = self.data, raw(exponent).astype(float)
        power = a**b
        lower = np.where(b == 0, 1.0, b) - 1
        return Tensor.make(
            power,
            (self, lambda g: reduced(g * b * a**lower, a.shape)),
            (exponent, lambda g: reduced(g * power * np.log(a), b.shape)),
        )

    def __neg__(self):
        return Tensor.make(-self.data, (self, lambda g: -g))

    def __matmul__(self, other):
        return times(self, other)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return -self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        a, b = raw(other), self.data
        return Tensor.make(a / b, (self, lambda g: reduced(-g * a / b**2, b.shape)))

    def __rmatmul__(self, other):
        return times(other, self)

    def sum(self, axis=None, keepdims=False):
        a = self.data
        kept = a.sum(axis=axis, keepdims=True)

        def spread(gradient):
            return np.ones(a.shape) * gradient.reshape(kept.shape)

        return Tensor.make(a.sum(axis=axis, keepdims=keepdims), (self, spread))
{% if "mean" in variant.reductions %}

    def mean(self, axis=None, keepdims=False):
        total = self.sum(axis, keepdims)
        count = self.data.size // max(1, total.data.size)
        return total * (1 / count)
{% endif %}
{% if "max" in variant.reductions %}

    def max(self, axis=None, keepdims=False, ties="share"):
        if ties not in ("share", "first"):
            raise ValueError("ties is 'share' or 'first'")
        a = self.data
        largest = a.max(axis=axis, keepdims=True)
        mask = (a == largest).astype(float)
        if ties == "share":
            mask /= mask.sum(axis=axis, keepdims=True)
        elif axis is None:
            first = np.zeros(a.size)
            first[np.argmax(a)] = 1.0
            mask = first.reshape(a.shape)
        else:
            mask *= np.cumsum(mask, axis=axis) == 1
        result = a.max(axis=axis, keepdims=keepdims)
        return Tensor.make(result, (self, lambda g: g.reshape(largest.shape) * mask))
{% endif %}

    def reshape(self, *shape):
        a = self.data
        return Tensor.make(a.reshape(*shape), (self, lambda g: g.reshape(a.shape)))

    def transpose(self, axes=None):
        a = self.data
        order = list(range(a.ndim))[::-1] if axes is None else [axis % a.ndim for axis in axes]
        back = list(np.argsort(order)) if order else []
        return Tensor.make(a.transpose(order), (self, lambda g: g.transpose(back)))

    T = property(transpose)

    def __getitem__(self, index):
        a = self.data

        def put_back(gradient):
            total = np.zeros(a.shape)
            np.add.at(total, index, gradient)
            return total

        return Tensor.make(a[index], (self, put_back))

    def exp(self):
        result = np.exp(self.data)
        return Tensor.make(result, (self, lambda g: g * result))
{% if "log" in variant.functions %}

    def log(self):
        a = self.data
        return Tensor.make(np.log(a), (self, lambda g: g / a))
{% endif %}
{% if "tanh" in variant.functions %}

    def tanh(self):
        result = np.tanh(self.data)
        return Tensor.make(result, (self, lambda g: g * (1 - result**2)))
{% endif %}
{% if "sigmoid" in variant.functions %}

    def sigmoid(self):
        result = 0.5 + 0.5 * np.tanh(0.5 * self.data)
        small = np.exp(-np.abs(self.data))
        slope = small / (1 + small) ** 2
        result = np.where(self.data < 0, small / (1 + small), result)
        return Tensor.make(result, (self, lambda g: g * slope))
{% endif %}
{% if "relu" in variant.functions %}

    def relu(self):
        a = self.data
        return Tensor.make(np.maximum(a, 0.0), (self, lambda g: g * (a > 0)))
{% endif %}

    def backward(self, gradient=None):
        if gradient is None:
            if self.data.size != 1:
                raise ShapeError("several elements need a gradient")
            gradient = np.ones(self.data.shape)
        if np.shape(gradient) != self.data.shape:
            raise ShapeError("the gradient has another shape")
        nodes = {self.number: self}
        waiting = [self]
        while waiting:
            for parent, _ in waiting.pop().edges:
                if parent.number not in nodes:
                    nodes[parent.number] = parent
                    waiting.append(parent)
        arrived = {self.number: gradient}
        for number in sorted(nodes, reverse=True):
            node = nodes[number]
            above = np.asarray(arrived.pop(number))
            if node.is_leaf:
                node.grad = above.copy() if node.grad is None else node.grad + above
            for parent, rule in node.edges:
                part = rule(above)
                arrived[parent.number] = arrived[parent.number] + part if parent.number in arrived else part
