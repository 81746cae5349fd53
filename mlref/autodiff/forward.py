"""Forward-mode differentiation: numbers that carry their derivative along."""

import math

__all__ = ["Dual", "derivative"]


class Dual:
    """A number together with its derivative with respect to one input.

    Parameters
    ----------
    value : float or Dual
        The number.
    derivative : float or Dual
        Its derivative: 1.0 for the input itself, 0.0 for a constant.

    Attributes
    ----------
    value, derivative : float or Dual

    Notes
    -----
    ``value + derivative * e`` with ``e**2 = 0``: all rules of calculus follow from this arithmetic.
    Value and derivative may be dual numbers themselves, which gives second derivatives.

    References
    ----------
    A. Griewank, A. Walther (2008), *Evaluating Derivatives*, section 3.1.

    Examples
    --------
    >>> x = Dual(5.0, 1.0)
    >>> y = 3 * x**2 + 2 * x
    >>> y.value, y.derivative
    (85.0, 32.0)
    """

    def __init__(self, value, derivative):
        """Pair a value with its derivative.

        Parameters
        ----------
        value : float or Dual
        derivative : float or Dual
        """
        self.value = value
        self.derivative = derivative

    def __repr__(self):
        """Text that shows both parts."""
        return f"Dual({self.value}, {self.derivative})"

    def __add__(self, other):
        """The sum of this and another dual or plain number."""
        other = _as_dual(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    def __sub__(self, other):
        """The difference from another dual or plain number."""
        other = _as_dual(other)
        return Dual(self.value - other.value, self.derivative - other.derivative)

    def __mul__(self, other):
        """The product of this and another dual or plain number."""
        other = _as_dual(other)
        return Dual(self.value * other.value, self.derivative * other.value + self.value * other.derivative)

    def __truediv__(self, other):
        """The quotient by another dual or plain number."""
        other = _as_dual(other)
        quotient = self.value / other.value
        return Dual(quotient, (self.derivative - quotient * other.derivative) / other.value)

    def __pow__(self, exponent):
        """The power with a constant or dual exponent.

        Parameters
        ----------
        exponent : int, float or Dual
            With a dual exponent the base must be positive.

        Returns
        -------
        power : Dual

        Raises
        ------
        ValueError
            If the power is not a real number: a negative base with a fractional or dual exponent.
        """
        if isinstance(exponent, Dual):
            return (exponent * self.log()).exp()
        if exponent == 0:
            return Dual(1.0, 0.0 * self.derivative)
        slope = exponent * _power(self.value, exponent - 1)
        return Dual(_power(self.value, exponent), slope * self.derivative)

    def __neg__(self):
        """The number with the opposite sign."""
        return Dual(-self.value, -self.derivative)

    def __radd__(self, other):
        """A plain number plus this one."""
        return self + other

    def __rsub__(self, other):
        """A plain number minus this one."""
        return _as_dual(other) - self

    def __rmul__(self, other):
        """A plain number times this one."""
        return self * other

    def __rtruediv__(self, other):
        """A plain number divided by this one."""
        return _as_dual(other) / self

    def __rpow__(self, base):
        """A positive plain number to the power of this one."""
        return _as_dual(base) ** self

    def exp(self):
        """The exponential function.

        Returns
        -------
        result : Dual
        """
        result = _elementary("exp", self.value)
        return Dual(result, result * self.derivative)

    def log(self):
        """The natural logarithm.

        Returns
        -------
        result : Dual

        Raises
        ------
        ValueError
            If the value is not positive.
        """
        return Dual(_elementary("log", self.value), self.derivative / self.value)

    def sqrt(self):
        """The square root.

        Returns
        -------
        result : Dual

        Raises
        ------
        ValueError
            If the value is negative.
        ZeroDivisionError
            If the value is 0, where the slope is infinite.
        """
        result = _elementary("sqrt", self.value)
        return Dual(result, self.derivative / (2.0 * result))

    def sin(self):
        """The sine of this number in radians.

        Returns
        -------
        result : Dual
        """
        return Dual(_elementary("sin", self.value), _elementary("cos", self.value) * self.derivative)

    def cos(self):
        """The cosine of this number in radians.

        Returns
        -------
        result : Dual
        """
        return Dual(_elementary("cos", self.value), -_elementary("sin", self.value) * self.derivative)

    def tanh(self):
        """The hyperbolic tangent.

        Returns
        -------
        result : Dual
        """
        result = _elementary("tanh", self.value)
        return Dual(result, (1.0 - result * result) * self.derivative)


def derivative(f, x):
    """The derivative of a function of one number at a point.

    Parameters
    ----------
    f : callable
        Takes a `Dual` and returns a `Dual`, or a plain number if it does not depend on its argument.
    x : float or Dual
        The point. A dual number gives the derivative of the derivative, so that calls can be nested.

    Returns
    -------
    slope : float or Dual

    Notes
    -----
    Nest calls through the argument, as in the example. A function that takes the variable of an outer
    call from its surroundings (``derivative(lambda x: x * derivative(lambda y: x + y, 1.0), 1.0)``)
    mixes the two variables up: these dual numbers do not know to which call they belong. This is
    called perturbation confusion (Siskind and Pearlmutter, 2005).

    Examples
    --------
    >>> derivative(lambda x: x**3, 2.0)
    12.0
    >>> derivative(lambda x: derivative(lambda t: t**3, x), 2.0)
    12.0
    """
    return _as_dual(f(Dual(x, 1.0))).derivative


def _as_dual(number):
    """The dual number itself, or a plain number as a constant."""
    return number if isinstance(number, Dual) else Dual(number, 0.0)


def _elementary(name, x):
    """The function called `name` of a plain number (from `math`) or of a dual number (its method)."""
    return getattr(x, name)() if isinstance(x, Dual) else getattr(math, name)(x)


def _power(base, exponent):
    """A power that is a real number or an error, never complex."""
    return base**exponent if isinstance(base, Dual) else math.pow(base, exponent)
