"""Everything is made of a few operations: stretch, add, multiply, sum, pick, and functions of one element."""

import numpy as np


def stretch(t, shape):
    if t.data.shape == tuple(shape):
        return t
    added = len(shape) - t.data.ndim
    grown = [i for i in range(len(shape)) if i < added or t.data.shape[i - added] != shape[i]]

    def back(g):
        return np.add.reduce(g, axis=tuple(grown)).reshape(t.data.shape)

    return Tensor.result(np.broadcast_to(t.data, shape), t, back)


def together(a, b):
    a, b = Tensor.lift(a), Tensor.lift(b)
    shape = np.broadcast_shapes(a.data.shape, b.data.shape)
    return stretch(a, shape), stretch(b, shape)


def pick(t, positions):
    size, shape = t.data.size, t.data.shape

    def back(g):
        return np.bincount(positions.ravel(), weights=g.ravel(), minlength=size).reshape(shape)

    return Tensor.result(t.data.ravel()[positions], t, back)


def places(t):
    return np.arange(t.data.size).reshape(t.data.shape)


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data):
        data = np.array(data)
        if not np.issubdtype(data.dtype, np.floating):
            raise TypeError(f"{data.dtype} has no derivatives")
        self.data = data
        self.grad = None
        self.parents = None

    @classmethod
    def lift(cls, value):
        return value if isinstance(value, cls) else cls(np.asarray(value, dtype=float))

    @classmethod
    def result(cls, data, *parents_and_rules):
        node = cls(data)
        node.parents = list(zip(parents_and_rules[::2], parents_and_rules[1::2]))
        return node

    def __repr__(self):
        return f"Tensor({self.data!r})"

    @property
    def shape(self):
        return self.data.shape

    def __add__(self, other):
        a, b = together(self, other)
        return Tensor.result(a.data + b.data, a, lambda g: g, b, lambda g: g)

    def __mul__(self, other):
        a, b = together(self, other)
        return Tensor.result(a.data * b.data, a, lambda g: g * b.data, b, lambda g: g * a.data)

    def __pow__(self, exponent):
        if isinstance(exponent, Tensor):
            logarithm = self.function(np.log(self.data), 1 / self.data)
            power = exponent * logarithm
            value = np.exp(power.data)
            return power.function(value, value)
        constant = np.asarray(exponent, dtype=float)
        a = stretch(self, np.broadcast_shapes(self.data.shape, constant.shape))
        slope = np.where(constant == 0, 0.0, constant * a.data ** np.where(constant == 0, 0.0, constant - 1.0))
        return a.function(a.data**constant, slope)

    def function(self, value, slope):
        return Tensor.result(value, self, lambda g: g * slope)

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + Tensor.lift(other) * -1.0

    def __truediv__(self, other):
        return self * Tensor.lift(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return Tensor.lift(other) - self

    def __rtruediv__(self, other):
        return Tensor.lift(other) / self

    def __matmul__(self, other):
        a, b = self, Tensor.lift(other)
        drop = []
        if a.data.ndim == 1:
            a = a.reshape(1, a.data.size)
            drop.append(-2)
        if b.data.ndim == 1:
            b = b.reshape(b.data.size, 1)
            drop.append(-1)
        terms = a.reshape((*a.data.shape, 1)) * b.reshape((*b.data.shape[:-2], 1, *b.data.shape[-2:]))
        product = terms.sum(axis=-2)
        kept = list(product.data.shape)
        for axis in drop:
            del kept[axis]
        return product.reshape(tuple(kept))

    def __rmatmul__(self, other):
        return Tensor.lift(other) @ self

    def sum(self, axis=None, keepdims=False):
        shape = self.data.shape
        kept = np.add.reduce(self.data, axis=axis, keepdims=True).shape
        value = np.add.reduce(self.data, axis=axis, keepdims=keepdims)
        return Tensor.result(value, self, lambda g: np.broadcast_to(g.reshape(kept), shape))
{% if "mean" in variant.reductions %}

    def mean(self, axis=None, keepdims=False):
        share = np.full(self.data.shape, 1.0)
        return (self * (share / share.sum(axis=axis, keepdims=True))).sum(axis, keepdims)
{% endif %}
{% if "max" in variant.reductions %}

    def max(self, axis=None, keepdims=False, ties="share"):
        if ties != "{{ variant.ties }}":
            raise ValueError(f"only '{{ variant.ties }}' is known")
{% if variant.ties == "share" %}
        is_largest = self.data == np.max(self.data, axis=axis, keepdims=True)
        parts = is_largest / np.count_nonzero(is_largest, axis=axis, keepdims=True)
        return (self * parts).sum(axis, keepdims)
{% else %}
        if axis is None:
            place = np.unravel_index(np.argmax(self.data), self.data.shape)
            largest = self[place]
            return largest.reshape((1,) * self.data.ndim) if keepdims else largest
        where = np.expand_dims(np.argmax(self.data, axis=axis), axis)
        largest = pick(self, np.take_along_axis(places(self), where, axis=axis))
        return largest if keepdims else largest.sum(axis)
{% endif %}
{% endif %}

    def reshape(self, *shape):
        return pick(self, places(self).reshape(*shape))

    def transpose(self, axes=None):
        return pick(self, np.transpose(places(self), axes))

    T = property(transpose)

    def __getitem__(self, index):
        return pick(self, np.asarray(places(self)[index]))

    def exp(self):
        value = np.exp(self.data)
        return self.function(value, value)
{% if "log" in variant.functions %}

    def log(self):
        return self.function(np.log(self.data), 1 / self.data)
{% endif %}
{% if "tanh" in variant.functions %}

    def tanh(self):
        return self.function(np.tanh(self.data), np.cosh(self.data) ** -2)
{% endif %}
{% if "sigmoid" in variant.functions %}

    def sigmoid(self):
        logarithm = -np.logaddexp(0.0, -self.data)
        return self.function(np.exp(logarithm), np.exp(2 * logarithm - self.data))
{% endif %}
{% if "relu" in variant.functions %}

    def relu(self):
        return self * np.heaviside(self.data, 0.0)
{% endif %}

    def backward(self, gradient=None):
        if gradient is None and self.data.size == 1:
            gradient = np.ones_like(self.data)
        if gradient is None or gradient.shape != self.data.shape:
            raise ShapeError(f"expected a gradient of shape {self.data.shape}")
        uses, stack = {self: 0}, [self]
        while stack:
            for parent, _ in stack.pop().parents or ():
                if parent not in uses:
                    uses[parent] = 0
                    stack.append(parent)
                uses[parent] += 1
        above, ready = {self: gradient}, [self]
        while ready:
            node = ready.pop()
            g = above.pop(node)
            if node.parents is None:
                node.grad = g + (0.0 if node.grad is None else node.grad)
            for parent, rule in node.parents or ():
                above[parent] = above.get(parent, 0.0) + rule(g)
                uses[parent] -= 1
                if uses[parent] == 0:
                    ready.append(parent)
