"""Checks that the student can run: graphs small enough to differentiate by hand."""

import math

import numpy as np

from autograder.testing import assert_close, hint, weight

# Name -> (point, value, derivative).
KNOWN = {
    "exp": (0.5, math.exp(0.5), math.exp(0.5)),
    "log": (0.5, math.log(0.5), 2.0),
    "sqrt": (0.25, 0.5, 1.0),
    "sin": (0.5, math.sin(0.5), math.cos(0.5)),
    "cos": (0.5, math.cos(0.5), -math.sin(0.5)),
    "tanh": (0.5, math.tanh(0.5), 1 - math.tanh(0.5) ** 2),
    "sigmoid": (0.0, 0.5, 0.25),
    "relu": (0.5, 0.5, 1.0),
}


def polynomial(answers):
    """Driver: 3 x^2 + 2 x at 5."""
    x = answers.Value(5)
    y = 3 * x**2 + 2 * x
    y.backward()
    return [y.data, x.grad]


def two_inputs(answers):
    """Driver: (a + b) * b / 4 - a at a = 2, b = 6."""
    a, b = answers.Value(2.0), answers.Value(6.0)
    y = (a + b) * b / 4 - a
    y.backward()
    return [y.data, a.grad, b.grad]


def function(answers, name, point):
    """Driver: one function at one point."""
    x = answers.Value(point)
    y = getattr(x, name)()
    y.backward()
    return [y.data, x.grad]


@weight(1)
@hint("The derivative of 3 x^2 + 2 x is 6 x + 2.")
def test_a_polynomial(student):
    """3 x^2 + 2 x at 5, and its derivative"""
    assert_close(np.array(student.run(polynomial)), np.array([85.0, 32.0]))


@weight(1)
@hint("With respect to a the derivative is b / 4 - 1, with respect to b it is (a + 2 b) / 4.")
def test_two_inputs(student):
    """(a + b) * b / 4 - a, and both derivatives"""
    assert_close(np.array(student.run(two_inputs)), np.array([10.0, 0.5, 3.5]))


@weight(1)
@hint("Compare with the table of derivatives from calculus.")
def test_each_function(student, variant):
    """each function of this term at one point, and its derivative"""
    for name in variant["functions"]:
        point, value, slope = KNOWN[name]
        result = np.array(student.run(function, name, point))
        assert_close(result, np.array([value, slope]), what=name)
