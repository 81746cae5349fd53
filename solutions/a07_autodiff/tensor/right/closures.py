"""Every result has a function that adds to its operands' shares; depth first order with a stack of iterators."""

import numpy as np


class Tensor:
    __array_ufunc__ = None

    def __init__(self, data, operands=()):
        data = np.asarray(data)
        if data.dtype != np.float64:
            raise TypeError("expected float64")
        self.data = data
        self.grad = None
        self.operands = operands
        self.pull = None
        self.share = None

    def __repr__(self):
        return f"Tensor({self.data!r})"

    @property
    def shape(self):
        return self.data.shape

    def receive(self, gradient):
        shape = self.data.shape
        gradient = np.asarray(gradient)
        if gradient.shape != shape:
            padded = (1,) * (gradient.ndim - len(shape)) + shape
            axes = tuple(i for i, n in enumerate(padded) if n == 1)
            gradient = gradient.sum(axis=axes, keepdims=True).reshape(shape)
        self.share = self.share + gradient

    def elementwise(self, other, function, own_slope, other_slope):
        if not isinstance(other, Tensor):
            other = Tensor(np.array(other, dtype=np.float64))
        out = Tensor(function(self.data, other.data), (self, other))

        def pull():
            self.receive(out.share * own_slope(self.data, other.data))
            other.receive(out.share * other_slope(self.data, other.data))

        out.pull = pull
        return out

    def simple(self, data, rule):
        out = Tensor(data, (self,))
        out.pull = lambda: self.receive(rule(out.share))
        return out

    def __add__(self, other):
        return self.elementwise(other, np.add, lambda a, b: 1.0, lambda a, b: 1.0)

    def __sub__(self, other):
        return self.elementwise(other, np.subtract, lambda a, b: 1.0, lambda a, b: -1.0)

    def __mul__(self, other):
        return self.elementwise(other, np.multiply, lambda a, b: b, lambda a, b: a)

    def __truediv__(self, other):
        return self.elementwise(other, np.divide, lambda a, b: 1 / b, lambda a, b: -a / b**2)

    def __pow__(self, exponent):
        if isinstance(exponent, Tensor):
            return self.elementwise(exponent, np.power, lambda a, b: b * a ** (b - 1), lambda a, b: a**b * np.log(a))

        def slope(a, b):
            return b * np.where(b == 0, 1.0, a) ** np.where(b == 0, 0.0, b - 1)

        return self.elementwise(exponent, np.power, slope, lambda a, b: 0.0)

    def __neg__(self):
        return 0.0 - self

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return Tensor(np.array(other, dtype=np.float64)) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return Tensor(np.array(other, dtype=np.float64)) / self

    def __matmul__(self, other):
        if not isinstance(other, Tensor):
            other = Tensor(np.array(other, dtype=np.float64))
        left = "k" if self.data.ndim == 1 else "...nk"
        right = "k" if other.data.ndim == 1 else "...km"
        both = "..." + ("" if self.data.ndim == 1 else "n") + ("" if other.data.ndim == 1 else "m")
        out = Tensor(self.data @ other.data, (self, other))

        def pull():
            # The ellipsis of a factor without leading axes is summed by adding the stack up first.
            g = out.share
            lead_left, lead_right = self.data.shape[:-2], other.data.shape[:-2]
            lead = np.broadcast_shapes(lead_left, lead_right)
            a = np.broadcast_to(self.data, lead + self.data.shape[-2:]) if lead else self.data
            b = np.broadcast_to(other.data, lead + other.data.shape[-2:]) if lead else other.data
            a_text = left if not lead else "..." + left.removeprefix("...")
            b_text = right if not lead else "..." + right.removeprefix("...")
            to_self = np.einsum(f"{both},{b_text}->{'...' if lead else ''}{left.removeprefix('...')}", g, b)
            to_other = np.einsum(f"{both},{a_text}->{'...' if lead else ''}{right.removeprefix('...')}", g, a)
            self.receive(to_self)
            other.receive(to_other)

        out.pull = pull
        return out

    def __rmatmul__(self, other):
        return Tensor(np.array(other, dtype=np.float64)) @ self

    def spread(self, gradient, axis):
        axes = range(self.data.ndim) if axis is None else np.atleast_1d(axis)
        axes = {int(i) % self.data.ndim for i in axes} if self.data.ndim else set()
        kept = [1 if i in axes else n for i, n in enumerate(self.data.shape)]
        return np.broadcast_to(np.reshape(gradient, kept), self.data.shape)

    def sum(self, axis=None, keepdims=False):
        return self.simple(np.sum(self.data, axis=axis, keepdims=keepdims), lambda g: self.spread(g, axis))
{% if "mean" in variant.reductions %}

    def mean(self, axis=None, keepdims=False):
        value = np.mean(self.data, axis=axis, keepdims=keepdims)
        return self.simple(value, lambda g: self.spread(g, axis) * np.size(value) / self.data.size)
{% endif %}
{% if "max" in variant.reductions %}

    def max(self, axis=None, keepdims=False, ties="share"):
        if ties not in {"share", "first"}:
            raise ValueError(ties)
        value = np.amax(self.data, axis=axis, keepdims=keepdims)
        hits = self.data == self.spread(value, axis)
        if ties == "share":
            weight = hits / np.sum(hits, axis=axis, keepdims=True)
        else:
            flat = hits.ravel() if axis is None else hits
            first = np.argmax(flat, axis=axis or 0)
            weight = np.zeros(flat.shape)
            np.put_along_axis(weight, np.expand_dims(first, axis or 0), 1.0, axis=axis or 0)
            weight = weight.reshape(self.data.shape)
        return self.simple(value, lambda g: self.spread(g, axis) * weight)
{% endif %}

    def reshape(self, *shape):
        return self.simple(np.reshape(self.data, shape[0] if len(shape) == 1 else shape), lambda g: g.reshape(self.shape))

    def transpose(self, axes=None):
        if axes is None:
            return self.simple(self.data.T, lambda g: g.T)
        ends = list(range(len(axes)))
        return self.simple(np.moveaxis(self.data, axes, ends), lambda g: np.moveaxis(g, ends, axes))

    T = property(transpose)

    def __getitem__(self, index):
        def rule(g):
            total = np.zeros(self.data.size)
            where = np.arange(self.data.size).reshape(self.data.shape)[index]
            for position, part in zip(np.ravel(where), np.ravel(g)):
                total[position] += part
            return total.reshape(self.data.shape)

        return self.simple(self.data[index], rule)

    def exp(self):
        return self.simple(np.exp(self.data), lambda g: g * np.exp(self.data))
{% if "log" in variant.functions %}

    def log(self):
        return self.simple(np.log(self.data), lambda g: g / self.data)
{% endif %}
{% if "tanh" in variant.functions %}

    def tanh(self):
        return self.simple(np.tanh(self.data), lambda g: g * (1 - np.tanh(self.data) ** 2))
{% endif %}
{% if "sigmoid" in variant.functions %}

    def sigmoid(self):
        def logistic(x):
            return np.exp(np.minimum(x, 0.0)) / (1.0 + np.exp(-np.abs(x)))

        return self.simple(logistic(self.data), lambda g: g * logistic(self.data) * logistic(-self.data))
{% endif %}
{% if "relu" in variant.functions %}

    def relu(self):
        return self.simple(np.where(self.data > 0, self.data, 0.0), lambda g: np.where(self.data > 0, g, 0.0))
{% endif %}

    def backward(self, gradient=None):
        if gradient is None:
            if self.data.shape not in {(1,) * n for n in range(self.data.ndim + 1)}:
                raise ShapeError(f"shape {self.data.shape} needs a gradient")
            gradient = np.ones(self.data.shape)
        if gradient.shape != self.data.shape:
            raise ShapeError(f"{gradient.shape} is not {self.data.shape}")
        order, seen = [], {id(self)}
        stack = [(self, iter(self.operands))]
        while stack:
            node, rest = stack[-1]
            operand = next((one for one in rest if id(one) not in seen), None)
            if operand is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(id(operand))
                stack.append((operand, iter(operand.operands)))
        for node in order:
            node.share = np.zeros(node.data.shape)
        self.share = np.array(gradient)
        for node in reversed(order):
            if node.pull is None:
                node.grad = node.share.copy() if node.grad is None else node.grad + node.share
            else:
                node.pull()
