"""Only negative bases that are floats are looked at: -2 to the power 0.5 becomes complex."""

CAUGHT_BY = "test_powers_without_a_real_value"
MAX_SHARE = 0.97

import math


def constant(number):
    return number if isinstance(number, Dual) else Dual(number, 0.0)


def apply(name, number):
    if isinstance(number, Dual):
        return getattr(number, name)()
    return getattr(math, name)(number)


def power(base, exponent):
    if isinstance(base, float) and base < 0 and exponent != int(exponent):
        raise ValueError("a fractional power of a negative number")
    return base**exponent


class Dual:
    def __init__(self, value, derivative):
        self.value = value
        self.derivative = derivative

    def __repr__(self):
        return f"Dual({self.value}, {self.derivative})"

    def __add__(self, other):
        other = constant(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    def __sub__(self, other):
        other = constant(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __mul__(self, other):
        other = constant(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    def __truediv__(self, other):
        other = constant(other)
        change = self.derivative * other.value - self.value * other.derivative
        return Dual(self.value / other.value, change / (other.value * other.value))

    def __pow__(self, exponent):
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        if exponent == 0:
            return Dual(1.0, 0.0)
        slope = exponent * power(self.value, exponent - 1)
        return Dual(power(self.value, exponent), slope * self.derivative)

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return constant(other) - self

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return constant(other) / self

    def __rpow__(self, base):
        return constant(base) ** self

    def exp(self):
        result = apply("exp", self.value)
        return Dual(result, result * self.derivative)

    def log(self):
        return Dual(apply("log", self.value), self.derivative / self.value)
{% if variant.sqrt %}

    def sqrt(self):
        root = apply("sqrt", self.value)
        return Dual(root, self.derivative / (2 * root))
{% endif %}
{% if variant.trigonometric %}

    def sin(self):
        return Dual(apply("sin", self.value), apply("cos", self.value) * self.derivative)

    def cos(self):
        return Dual(apply("cos", self.value), -apply("sin", self.value) * self.derivative)
{% endif %}
{% if variant.tanh %}

    def tanh(self):
        result = apply("tanh", self.value)
        return Dual(result, (1 - result * result) * self.derivative)
{% endif %}


def derivative(f, x):
    return constant(f(Dual(x, 1.0))).derivative
