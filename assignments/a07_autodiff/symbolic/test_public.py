"""Checks that the student can run: formulas that one differentiates in the head."""

import math

import numpy as np

from autograder.testing import assert_close, assert_equal, hint, weight

# Class -> slope at 0.5.
SLOPES = {"Exp": math.exp(0.5), "Log": 2.0, "Sin": math.cos(0.5), "Cos": -math.sin(0.5)}


def polynomial(answers):
    """Driver: the derivative of 3 x^2 + 2 x with respect to x at 5."""
    x = answers.Variable("x")
    square = answers.Power(x, answers.Constant(2))
    expression = answers.Add(
        answers.Multiply(answers.Constant(3), square), answers.Multiply(answers.Constant(2), x)
    )
    return float(answers.differentiate(expression, "x").evaluate(x=5.0))


def quotient(answers, variable):
    """Driver: the derivative of x / (x + y) at x = 1, y = 3."""
    x, y = answers.Variable("x"), answers.Variable("y")
    expression = answers.Divide(x, answers.Add(x, y))
    return float(answers.differentiate(expression, variable).evaluate(x=1.0, y=3.0))


def function(answers, name, point):
    """Driver: the derivative of one function of x."""
    expression = getattr(answers, name)(answers.Variable("x"))
    return float(answers.differentiate(expression, "x").evaluate(x=point))


def simpler(answers):
    """Driver: 1 * x + 0 * y and 2 + 3 * 4, both simplified."""
    x, y = answers.Variable("x"), answers.Variable("y")
    one, zero = answers.Constant(1), answers.Constant(0)
    first = answers.simplify(answers.Add(answers.Multiply(one, x), answers.Multiply(zero, y)))
    product = answers.Multiply(answers.Constant(3), answers.Constant(4))
    second = answers.simplify(answers.Add(answers.Constant(2), product))
    return [str(first), type(second).__name__, float(second.evaluate())]


@weight(1)
@hint("The derivative is 6 x + 2.")
def test_a_polynomial(student):
    """the derivative of 3 x^2 + 2 x at 5"""
    assert_close(student.run(polynomial), 32.0, rtol=1e-9)


@weight(1)
@hint("With respect to x the derivative is y / (x + y)^2, with respect to y it is -x / (x + y)^2.")
def test_a_quotient(student):
    """the derivatives of x / (x + y) at (1, 3)"""
    slopes = [student.run(quotient, variable) for variable in ("x", "y")]
    assert_close(np.array(slopes), np.array([3 / 16, -1 / 16]), rtol=1e-9)


@weight(1)
@hint("Compare with the table of derivatives from calculus.")
def test_each_function(student, variant):
    """the derivative of each function of this term at 0.5"""
    for name in variant["functions"]:
        assert_close(student.run(function, name, 0.5), SLOPES[name], rtol=1e-9, what=name)


@weight(1)
@hint("Simplify the parts first, then look at the node that they make.")
def test_simple_forms(student):
    """1 * x + 0 * y becomes x, and 2 + 3 * 4 becomes a constant"""
    first, kind, number = student.run(simpler)
    assert_equal([first, kind], ["x", "Constant"])
    assert_close(number, 14.0)
