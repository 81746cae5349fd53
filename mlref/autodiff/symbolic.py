"""Symbolic differentiation: expressions as trees, their derivatives, and simpler trees.

Trees are walked by recursion, which reads best and reaches some hundreds of levels.
"""

import math
from dataclasses import dataclass

__all__ = [
    "Add", "Constant", "Cos", "Divide", "Exp", "Expression", "Log", "Multiply", "Negate", "Power", "Sin",
    "Subtract", "Variable", "differentiate", "simplify",
]  # fmt: skip


class Expression:
    """Any node of a tree.

    Every kind of node is a frozen record: two trees are equal when they look the same.
    """

    def evaluate(self, **values):
        """The value of the expression.

        Parameters
        ----------
        **values : float
            The value of every variable, by name.

        Returns
        -------
        value : float

        Raises
        ------
        KeyError
            If the value of a variable is missing.
        ValueError, ZeroDivisionError, OverflowError
            Where the expression has no value that is a real number, or too large a one.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Expression):
    """A number."""

    value: float

    def evaluate(self, **values):
        """The number."""
        return self.value

    def __str__(self):
        """The number as Python writes it."""
        return str(self.value)


@dataclass(frozen=True)
class Variable(Expression):
    """A variable, known by its name."""

    name: str

    def evaluate(self, **values):
        """The value given to the variable."""
        return values[self.name]

    def __str__(self):
        """The name."""
        return self.name


@dataclass(frozen=True)
class Negate(Expression):
    """The opposite of an expression."""

    argument: Expression

    def evaluate(self, **values):
        """The value with its sign changed."""
        return -self.argument.evaluate(**values)

    def __str__(self):
        """As in ``-x``."""
        return f"-{self.argument}"


@dataclass(frozen=True)
class Add(Expression):
    """The sum of two expressions."""

    left: Expression
    right: Expression

    def evaluate(self, **values):
        """The sum of the values."""
        return self.left.evaluate(**values) + self.right.evaluate(**values)

    def __str__(self):
        """As in ``(x + 1)``."""
        return f"({self.left} + {self.right})"


@dataclass(frozen=True)
class Subtract(Expression):
    """The difference of two expressions."""

    left: Expression
    right: Expression

    def evaluate(self, **values):
        """The difference of the values."""
        return self.left.evaluate(**values) - self.right.evaluate(**values)

    def __str__(self):
        """As in ``(x - 1)``."""
        return f"({self.left} - {self.right})"


@dataclass(frozen=True)
class Multiply(Expression):
    """The product of two expressions."""

    left: Expression
    right: Expression

    def evaluate(self, **values):
        """The product of the values."""
        return self.left.evaluate(**values) * self.right.evaluate(**values)

    def __str__(self):
        """As in ``(2 * x)``."""
        return f"({self.left} * {self.right})"


@dataclass(frozen=True)
class Divide(Expression):
    """The quotient of two expressions."""

    left: Expression
    right: Expression

    def evaluate(self, **values):
        """The quotient of the values."""
        return self.left.evaluate(**values) / self.right.evaluate(**values)

    def __str__(self):
        """As in ``(1 / x)``."""
        return f"({self.left} / {self.right})"


@dataclass(frozen=True)
class Power(Expression):
    """One expression to the power of another."""

    base: Expression
    exponent: Expression

    def evaluate(self, **values):
        """The power of the values, if it is a real number."""
        return math.pow(self.base.evaluate(**values), self.exponent.evaluate(**values))

    def __str__(self):
        """As in ``(x ** 2)``."""
        return f"({self.base} ** {self.exponent})"


@dataclass(frozen=True)
class Exp(Expression):
    """e to the power of an expression."""

    argument: Expression

    def evaluate(self, **values):
        """The exponential of the value."""
        return math.exp(self.argument.evaluate(**values))

    def __str__(self):
        """As in ``exp(x)``."""
        return f"exp({self.argument})"


@dataclass(frozen=True)
class Log(Expression):
    """The natural logarithm of an expression."""

    argument: Expression

    def evaluate(self, **values):
        """The logarithm of the value."""
        return math.log(self.argument.evaluate(**values))

    def __str__(self):
        """As in ``log(x)``."""
        return f"log({self.argument})"


@dataclass(frozen=True)
class Sin(Expression):
    """The sine of an expression in radians."""

    argument: Expression

    def evaluate(self, **values):
        """The sine of the value."""
        return math.sin(self.argument.evaluate(**values))

    def __str__(self):
        """As in ``sin(x)``."""
        return f"sin({self.argument})"


@dataclass(frozen=True)
class Cos(Expression):
    """The cosine of an expression in radians."""

    argument: Expression

    def evaluate(self, **values):
        """The cosine of the value."""
        return math.cos(self.argument.evaluate(**values))

    def __str__(self):
        """As in ``cos(x)``."""
        return f"cos({self.argument})"


def differentiate(expression, variable):
    """The derivative of an expression, as an expression.

    Parameters
    ----------
    expression : Expression
    variable : str
        The name of the variable; all others count as constants.

    Returns
    -------
    derivative : Expression
        Need not be simplified. It has the right value wherever the expression is differentiable and
        the powers in it have a positive base or an exponent without the variable.

    Raises
    ------
    TypeError
        If `expression` is not an `Expression`.

    Notes
    -----
    The sum, product, quotient and chain rules. A power whose exponent holds the variable is
    ``u**v = exp(v log u)``, so that its derivative is ``u**v (v' log u + v u' / u)``; one whose exponent
    does not keeps the rule ``v u**(v - 1) u'``, which also holds where u is negative.

    Examples
    --------
    >>> str(differentiate(Multiply(Variable("x"), Sin(Variable("x"))), "x"))
    '((1.0 * sin(x)) + (x * (cos(x) * 1.0)))'
    """
    match expression:
        case Constant() | Variable():
            slope = Constant(1.0 if expression == Variable(variable) else 0.0)
        case Negate(u):
            slope = Negate(differentiate(u, variable))
        case Add(u, v) | Subtract(u, v):
            slope = type(expression)(differentiate(u, variable), differentiate(v, variable))
        case Multiply(u, v):
            slope = Add(Multiply(differentiate(u, variable), v), Multiply(u, differentiate(v, variable)))
        case Divide(u, v):
            change = Subtract(
                Multiply(differentiate(u, variable), v), Multiply(u, differentiate(v, variable))
            )
            slope = Divide(change, Power(v, Constant(2.0)))
        case Power(u, v) if not _holds(v, variable):
            outer = Multiply(v, Power(u, Subtract(v, Constant(1.0))))
            slope = Multiply(outer, differentiate(u, variable))
        case Power(u, v):
            through_exponent = Multiply(differentiate(v, variable), Log(u))
            through_base = Divide(Multiply(v, differentiate(u, variable)), u)
            slope = Multiply(expression, Add(through_exponent, through_base))
        case Exp(u):
            slope = Multiply(expression, differentiate(u, variable))
        case Log(u):
            slope = Divide(differentiate(u, variable), u)
        case Sin(u):
            slope = Multiply(Cos(u), differentiate(u, variable))
        case Cos(u):
            slope = Negate(Multiply(Sin(u), differentiate(u, variable)))
        case _:
            raise TypeError(
                f"expression must be made of the nodes of this module, got {type(expression).__name__}"
            )
    return slope


def simplify(expression):
    """A shorter expression with the same value.

    Guaranteed: wherever the expression has a value, the result has the same one (up to the sign of
    zero); simplifying the result again changes nothing; no operation on constants alone is left, unless
    it has no finite value; and with x for anything but a constant, none of these patterns is left:
    ``x + 0``, ``0 + x``, ``x - 0``, ``0 - x``, ``x * 1``, ``1 * x``, ``x * 0``, ``0 * x``, ``x / 1``,
    ``0 / x``, ``x ** 1``, ``x ** 0``, ``1 ** x``, ``--x``.

    Parameters
    ----------
    expression : Expression

    Returns
    -------
    simpler : Expression

    Raises
    ------
    TypeError
        If `expression` is not an `Expression`.

    Notes
    -----
    From the leaves to the root: first the parts, then the one rule that fits the node made of them.
    Where a part had no value, as in ``0 * log(-1)``, the result may have one.

    Examples
    --------
    >>> x = Variable("x")
    >>> str(simplify(Add(Multiply(Constant(1.0), x), Multiply(Constant(0.0), Exp(x)))))
    'x'
    """
    if not isinstance(expression, Expression):
        raise TypeError(
            f"expression must be made of the nodes of this module, got {type(expression).__name__}"
        )
    if isinstance(expression, Constant | Variable):
        return expression
    parts = [simplify(part) for part in vars(expression).values()]
    rebuilt = type(expression)(*parts)
    if all(isinstance(part, Constant) for part in parts):
        return _fold(rebuilt)
    return _apply_rule(rebuilt)


def _holds(expression, variable):
    """Whether the variable occurs in the expression."""
    if isinstance(expression, Variable):
        return expression.name == variable
    parts = vars(expression).values()
    return any(isinstance(part, Expression) and _holds(part, variable) for part in parts)


def _fold(expression):
    """The constant that an operation on constants gives, or the operation where that is no finite number."""
    try:
        value = expression.evaluate()
    except (ValueError, ZeroDivisionError, OverflowError):
        return expression
    return Constant(value) if math.isfinite(value) else expression


def _apply_rule(expression):
    """The rule of zeros and ones that fits the root, whose parts are simple already."""
    match expression:
        case Add(Constant(0), x) | Add(x, Constant(0)) | Subtract(x, Constant(0)) | Negate(Negate(x)):
            return x
        case (
            Multiply(Constant(1), x)
            | Multiply(x, Constant(1))
            | Divide(x, Constant(1))
            | Power(x, Constant(1))
        ):
            return x
        case Multiply(Constant(0), _) | Multiply(_, Constant(0)) | Divide(Constant(0), _):
            return Constant(0.0)
        case Power(_, Constant(0)) | Power(Constant(1), _):
            return Constant(1.0)
        case Subtract(Constant(0), x):
            return _apply_rule(Negate(x))
    return expression
