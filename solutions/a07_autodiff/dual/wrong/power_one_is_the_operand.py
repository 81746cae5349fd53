"""The power 1 returns its operand instead of a new number."""

CAUGHT_BY = "test_operands_are_left_alone"
MAX_SHARE = 0.97

import math


class Dual:
    def __init__(self, value, derivative):
        self.value, self.derivative = value, derivative

    def __repr__(self):
        return f"Dual({self.value}, {self.derivative})"

    def __add__(self, other):
        return combine(ADD, self, other)

    def __radd__(self, other):
        return combine(ADD, other, self)

    def __sub__(self, other):
        return combine(SUBTRACT, self, other)

    def __rsub__(self, other):
        return combine(SUBTRACT, other, self)

    def __mul__(self, other):
        return combine(MULTIPLY, self, other)

    def __rmul__(self, other):
        return combine(MULTIPLY, other, self)

    def __truediv__(self, other):
        return combine(DIVIDE, self, other)

    def __rtruediv__(self, other):
        return combine(DIVIDE, other, self)

    def __neg__(self):
        return combine(MULTIPLY, -1, self)

    def __pow__(self, exponent):
        if not isinstance(exponent, Dual) and exponent == 1:
            return self
        if isinstance(exponent, Dual):
            return combine(GENERAL_POWER, self, exponent)
        return Dual(
            constant_power(self.value, exponent),
            (exponent * constant_power(self.value, exponent - 1) if exponent else 0) * self.derivative,
        )

    def __rpow__(self, base):
        return combine(GENERAL_POWER, base, self)

    def exp(self):
        return chain("exp", self)

    def log(self):
        return chain("log", self)
{% if variant.sqrt %}

    def sqrt(self):
        return chain("sqrt", self)
{% endif %}
{% if variant.trigonometric %}

    def sin(self):
        return chain("sin", self)

    def cos(self):
        return chain("cos", self)
{% endif %}
{% if variant.tanh %}

    def tanh(self):
        return chain("tanh", self)
{% endif %}


def function(name, x):
    return chain(name, x) if isinstance(x, Dual) else getattr(math, name)(x)


# The slope of each function, as a formula in its argument and its result.
SLOPES = {
    "exp": lambda x, y: y,
    "log": lambda x, y: 1 / x,
    "sqrt": lambda x, y: 0.5 / y,
    "sin": lambda x, y: function("cos", x),
    "cos": lambda x, y: -function("sin", x),
    "tanh": lambda x, y: 1 - y * y,
}


def chain(name, x):
    y = function(name, x.value)
    return Dual(y, SLOPES[name](x.value, y) * x.derivative)


def constant_power(u, n):
    if isinstance(u, Dual):
        return u**n
    if u < 0 and n != int(n):
        raise ValueError("a negative number has no fractional power")
    return u**n


def general_power(u, v):
    return function("exp", v * function("log", u))


# Each operation: its result, and its derivatives with respect to the left and the right operand.
ADD = (lambda u, v: u + v, lambda u, v: 1, lambda u, v: 1)
SUBTRACT = (lambda u, v: u - v, lambda u, v: 1, lambda u, v: -1)
MULTIPLY = (lambda u, v: u * v, lambda u, v: v, lambda u, v: u)
DIVIDE = (lambda u, v: u / v, lambda u, v: 1 / v, lambda u, v: -u / (v * v))
GENERAL_POWER = (
    general_power,
    lambda u, v: v * general_power(u, v) / u,
    lambda u, v: function("log", u) * general_power(u, v),
)


def combine(operation, left, right):
    result, by_left, by_right = operation
    u, du = (left.value, left.derivative) if isinstance(left, Dual) else (left, 0)
    v, dv = (right.value, right.derivative) if isinstance(right, Dual) else (right, 0)
    return Dual(result(u, v), by_left(u, v) * du + by_right(u, v) * dv)


def derivative(f, x):
    result = f(Dual(x, 1))
    return result.derivative if isinstance(result, Dual) else 0
