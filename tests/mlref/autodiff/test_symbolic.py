"""Expression trees, their derivatives and simpler trees."""

import dataclasses
import math

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlref.autodiff import (
    Add,
    Constant,
    Cos,
    Divide,
    Exp,
    Log,
    Multiply,
    Negate,
    Power,
    Sin,
    Subtract,
    Variable,
    differentiate,
    simplify,
)

x, y = Variable("x"), Variable("y")
ZERO, ONE, TWO = Constant(0.0), Constant(1.0), Constant(2.0)
UNDEFINED = (ValueError, ZeroDivisionError, OverflowError)

NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.5]), st.integers(-3, 3))
LEAVES = st.one_of(st.sampled_from([x, y]), NUMBERS.map(Constant))


def grow(parts):
    unary = st.sampled_from([Negate, Exp, Log, Sin, Cos])
    binary = st.sampled_from([Add, Subtract, Multiply, Divide, Power])
    return st.one_of(
        st.builds(lambda node, a: node(a), unary, parts),
        st.builds(lambda node, a, b: node(a, b), binary, parts, parts),
    )


TREES = st.recursive(LEAVES, grow, max_leaves=12)
VALUES = st.floats(0.2, 2.5)


def value_or_none(expression, **values):
    try:
        value = expression.evaluate(**values)
    except UNDEFINED:
        return None
    return value if math.isfinite(value) else None


# differentiate --------------------------------------------------------------------------------------


@given(TREES, VALUES, VALUES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_derivatives_match_sympy(expression, a, b):
    slope = value_or_none(differentiate(expression, "x"), x=a, y=b)
    assume(slope is not None and abs(slope) < 1e6)
    exact = (
        sympy.diff(to_sympy(expression), "x").subs({"x": sympy.Rational(a), "y": sympy.Rational(b)}).evalf(30)
    )
    assert slope == pytest.approx(float(exact), rel=1e-6, abs=1e-6)


def to_sympy(expression):
    match expression:
        case Constant(value):
            return sympy.Rational(value)
        case Variable(name):
            return sympy.Symbol(name)
    parts = [to_sympy(part) for part in vars(expression).values()]
    operations = {
        Negate: lambda a: -a,
        Add: lambda a, b: a + b,
        Subtract: lambda a, b: a - b,
        Multiply: lambda a, b: a * b,
        Divide: lambda a, b: a / b,
        Power: lambda a, b: a**b,
        Exp: sympy.exp,
        Log: sympy.log,
        Sin: sympy.sin,
        Cos: sympy.cos,
    }
    return operations[type(expression)](*parts)


RULES = {
    "constant": (Constant(5.0), lambda x: 0.0),
    "the variable": (x, lambda x: 1.0),
    "another variable": (y, lambda x: 0.0),
    "negate": (Negate(Sin(x)), lambda x: -math.cos(x)),
    "sum": (Add(x, Exp(x)), lambda x: 1 + math.exp(x)),
    "difference": (Subtract(Cos(x), x), lambda x: -math.sin(x) - 1),
    "product": (Multiply(x, Sin(x)), lambda x: math.sin(x) + x * math.cos(x)),
    "quotient": (Divide(Sin(x), x), lambda x: (x * math.cos(x) - math.sin(x)) / x**2),
    "power": (Power(x, Constant(3.0)), lambda x: 3 * x**2),
    "power of another variable": (Power(x, y), lambda x: 1.5 * x**0.5),
    "exponential with a constant base": (Power(TWO, x), lambda x: 2**x * math.log(2)),
    "power with a variable exponent": (Power(x, x), lambda x: x**x * (math.log(x) + 1)),
    "chain": (Exp(Multiply(TWO, Sin(x))), lambda x: math.exp(2 * math.sin(x)) * 2 * math.cos(x)),
    "logarithm": (Log(Multiply(x, x)), lambda x: 2 / x),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("at", [0.4, 1.0, 2.3])
def test_each_rule_by_hand(name, at):
    expression, slope = RULES[name]
    assert differentiate(expression, "x").evaluate(x=at, y=1.5) == pytest.approx(
        slope(at), rel=1e-12, abs=1e-12
    )


def test_the_power_rule_holds_for_a_negative_base():
    assert differentiate(Power(x, Constant(3)), "x").evaluate(x=-2.0) == 12.0
    assert differentiate(Power(Add(x, ONE), y), "x").evaluate(x=-3.0, y=3.0) == 12.0


def test_second_derivative():
    second = differentiate(differentiate(Multiply(x, Exp(x)), "x"), "x")
    assert second.evaluate(x=0.5) == pytest.approx(2.5 * math.exp(0.5))


def test_golden_slope():
    """G24: 3x^2 + 2x at 5 has slope 32"""
    expression = Add(Multiply(Constant(3), Power(x, Constant(2))), Multiply(Constant(2), x))
    assert expression.evaluate(x=5.0) == 85.0
    assert differentiate(expression, "x").evaluate(x=5.0) == 32.0


def test_anything_else_is_refused():
    with pytest.raises(TypeError, match="got float"):
        differentiate(3.0, "x")
    with pytest.raises(TypeError, match="got str"):
        differentiate(Sin("x"), "x")
    with pytest.raises(TypeError, match="got float"):
        simplify(Add(x, 3.0))


# simplify -------------------------------------------------------------------------------------------


@given(TREES, VALUES, VALUES)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_simplify_keeps_the_value(expression, a, b):
    before = value_or_none(expression, x=a, y=b)
    if before is not None:
        assert simplify(expression).evaluate(x=a, y=b) == before


@given(TREES)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_simplify_is_idempotent_and_never_grows(expression):
    simple = simplify(expression)
    assert simplify(simple) == simple
    assert size(simple) <= size(expression)


@given(TREES)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_pattern_is_left(expression):
    assert not any(is_reducible(node) for node in nodes(simplify(expression)))


def parts_of(expression):
    return [] if isinstance(expression, Constant | Variable) else list(vars(expression).values())


def nodes(expression):
    yield expression
    for part in parts_of(expression):
        yield from nodes(part)


def size(expression):
    return sum(1 for _ in nodes(expression))


def is_reducible(node):
    """Whether the node is one of the patterns that simplify promises to remove, written without its rules."""
    parts = parts_of(node)
    constant = [part.value if isinstance(part, Constant) else None for part in parts]
    if parts and None not in constant:
        return value_or_none(node) is not None
    match node:
        case Negate(argument):
            return isinstance(argument, Negate)
        case Add():
            return 0 in constant
        case Subtract():
            return 0 in constant
        case Multiply():
            return 0 in constant or 1 in constant
        case Divide():
            return constant[0] == 0 or constant[1] == 1
        case Power():
            return constant[0] == 1 or constant[1] in (0, 1)
    return False


@pytest.mark.parametrize(
    ("expression", "simple"),
    [
        (Add(x, ZERO), x),
        (Add(ZERO, x), x),
        (Subtract(x, ZERO), x),
        (Subtract(ZERO, x), Negate(x)),
        (Subtract(ZERO, Negate(x)), x),
        (Multiply(ONE, x), x),
        (Multiply(x, ONE), x),
        (Multiply(x, ZERO), ZERO),
        (Multiply(ZERO, x), ZERO),
        (Divide(x, ONE), x),
        (Divide(ZERO, x), ZERO),
        (Power(x, ONE), x),
        (Power(x, ZERO), ONE),
        (Power(ONE, x), ONE),
        (Negate(Negate(x)), x),
        (Add(TWO, Multiply(TWO, TWO)), Constant(6.0)),
        (Exp(ZERO), ONE),
        (Add(x, Subtract(TWO, TWO)), x),
        (Multiply(Add(x, ZERO), Power(ONE, y)), x),
        (Add(x, y), Add(x, y)),
        (x, x),
        (TWO, TWO),
    ],
    ids=str,
)
def test_simplify_by_hand(expression, simple):
    assert simplify(expression) == simple


def test_what_has_no_value_is_left_alone():
    for expression in (
        Log(Constant(-1.0)),
        Divide(ONE, ZERO),
        Exp(Constant(1e6)),
        Power(Constant(-8.0), Constant(0.5)),
    ):
        assert simplify(expression) == expression


def test_the_derivative_of_a_polynomial_gets_short():
    expression = Add(Multiply(Constant(3.0), Power(x, TWO)), Multiply(TWO, x))
    assert str(simplify(differentiate(expression, "x"))) == "((3.0 * (2.0 * x)) + 2.0)"


# nodes ----------------------------------------------------------------------------------------------


def test_text_shows_the_whole_tree():
    expression = Divide(Negate(Power(x, TWO)), Subtract(Log(y), Cos(Sin(Exp(x)))))
    assert str(expression) == "(-(x ** 2.0) / (log(y) - cos(sin(exp(x)))))"


def test_nodes_compare_by_content_and_do_not_change():
    assert Add(x, ONE) == Add(Variable("x"), Constant(1.0))
    assert Add(x, ONE) != Add(ONE, x)
    assert len({Add(x, ONE), Add(x, ONE)}) == 1
    with pytest.raises(AttributeError):
        x.name = "z"


def test_evaluation_outside_the_domain_and_without_a_value():
    for expression in (
        Log(ZERO),
        Divide(ONE, ZERO),
        Power(Constant(-2.0), Constant(0.5)),
        Exp(Constant(1e6)),
    ):
        with pytest.raises(UNDEFINED):
            expression.evaluate()
    with pytest.raises(KeyError, match="y"):
        Add(x, y).evaluate(x=1.0)


EVERY_NODE = [ONE, x, Negate(x), Exp(x), Log(x), Sin(x), Cos(x)]
EVERY_NODE += [node(x, y) for node in (Add, Subtract, Multiply, Divide, Power)]


@pytest.mark.parametrize("node", EVERY_NODE, ids=lambda node: type(node).__name__)
def test_an_expression_never_changes_and_may_be_a_key(node):
    """A tree may stand in several places of another: who changed it here would change it there."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(node, dataclasses.fields(node)[0].name, TWO)
    assert {node: 1}[node] == 1
