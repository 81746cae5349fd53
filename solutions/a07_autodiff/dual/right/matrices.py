"""The number a + b e as the matrix [[a, b], [0, a]]: arithmetic is matrix arithmetic."""

import math

import numpy as np


class Dual:
    def __init__(self, value, derivative):
        self.matrix = np.empty((2, 2), dtype=object)
        self.matrix[0, 0] = self.matrix[1, 1] = value
        self.matrix[0, 1] = derivative
        self.matrix[1, 0] = 0

    @property
    def value(self):
        return self.matrix[0, 0]

    @property
    def derivative(self):
        return self.matrix[0, 1]

    def __repr__(self):
        return f"Dual({self.value}, {self.derivative})"

    @staticmethod
    def of(matrix):
        return Dual(matrix[0, 0], matrix[0, 1])

    @staticmethod
    def lift(other):
        return other if isinstance(other, Dual) else Dual(other, 0)

    def __add__(self, other):
        return Dual.of(self.matrix + Dual.lift(other).matrix)

    __radd__ = __add__

    def __neg__(self):
        return Dual.of(-self.matrix)

    def __sub__(self, other):
        return self + -Dual.lift(other)

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        return Dual.of(self.matrix @ Dual.lift(other).matrix)

    __rmul__ = __mul__

    def inverse(self):
        one = 1 / self.value
        return Dual(one, -(one * one) * self.derivative)

    def __truediv__(self, other):
        return self * Dual.lift(other).inverse()

    def __rtruediv__(self, other):
        return self.inverse() * other

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (self.log() * exponent).exp()
        if exponent == int(exponent):
            result = Dual(1.0, 0.0)
            for _ in range(abs(int(exponent))):
                result = result * self
            return result if exponent >= 0 else result.inverse()
        return self.extended(
            lambda x: real_power(x, exponent), lambda x: exponent * real_power(x, exponent - 1)
        )

    def __rpow__(self, base):
        return Dual.lift(base) ** self

    def extended(self, f, slope):
        """f of the matrix: f on the diagonal and f' times b above it."""
        return Dual(f(self.value), slope(self.value) * self.derivative)

    def exp(self):
        return self.extended(exp, exp)

    def log(self):
        return self.extended(log, lambda x: 1 / x)
{% if variant.sqrt %}

    def sqrt(self):
        return self.extended(sqrt, lambda x: 1 / (2 * sqrt(x)))
{% endif %}
{% if variant.trigonometric %}

    def sin(self):
        return self.extended(sin, cos)

    def cos(self):
        return self.extended(cos, lambda x: -sin(x))
{% endif %}
{% if variant.tanh %}

    def tanh(self):
        return self.extended(tanh, lambda x: 1 - tanh(x) ** 2)
{% endif %}


def exp(x):
    return x.exp() if isinstance(x, Dual) else math.exp(x)


def log(x):
    return x.log() if isinstance(x, Dual) else math.log(x)


def sqrt(x):
    return x.sqrt() if isinstance(x, Dual) else math.sqrt(x)


def sin(x):
    return x.sin() if isinstance(x, Dual) else math.sin(x)


def cos(x):
    return x.cos() if isinstance(x, Dual) else math.cos(x)


def tanh(x):
    return x.tanh() if isinstance(x, Dual) else math.tanh(x)


def real_power(x, exponent):
    return x**exponent if isinstance(x, Dual) else math.pow(x, exponent)


def derivative(f, x):
    return Dual.lift(f(Dual(x, 1))).derivative
