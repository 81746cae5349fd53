"""Checks that the student can run: derivatives that one knows by heart."""

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
}


def arithmetic(answers):
    """Driver: operations on 6 + 1 e and 2 + 3 e."""
    a, b = answers.Dual(6.0, 1.0), answers.Dual(2.0, 3.0)
    results = [a + b, a - b, a * b, a / b, 3 * a**2 + 2 * a]
    return [[float(result.value), float(result.derivative)] for result in results]


def function(answers, name, point):
    """Driver: one function at one point."""
    result = getattr(answers.Dual(point, 1.0), name)()
    return [float(result.value), float(result.derivative)]


def cube(answers, point):
    """Driver: first and second derivative of the third power."""
    first = answers.derivative(lambda x: x**3, point)
    second = answers.derivative(lambda x: answers.derivative(lambda t: t**3, x), point)
    return [float(first), float(second)]


@weight(1)
@hint("Write the sum, product and quotient rule down for 6 + 1 e and 2 + 3 e.")
def test_small_computations(student):
    """sum, difference, product, quotient and a polynomial of small numbers"""
    expected = np.array([[8.0, 4.0], [4.0, -2.0], [12.0, 20.0], [3.0, -4.0], [120.0, 38.0]])
    assert_close(np.array(student.run(arithmetic)), expected)


@weight(1)
@hint("Compare with the table of derivatives from calculus.")
def test_known_functions(student, variant):
    """each function of this term at one point, and its derivative"""
    for name in variant["functions"]:
        point, value, slope = KNOWN[name]
        assert_close(np.array(student.run(function, name, point)), np.array([value, slope]), what=name)


@weight(1)
@hint("The input of the inner call is a Dual already. The second derivative of x^3 is 6 x.")
def test_derivatives_of_a_cube(student):
    """first and second derivative of x^3 at 2"""
    assert_close(np.array(student.run(cube, 2.0)), np.array([12.0, 12.0]))
