"""Checks that the student can run: functions with derivatives that one knows."""

import numpy as np

from autograder.testing import assert_close, assert_true, hint, weight


def golden(answers, pair):
    """Driver: 3 x^2 + 2 y - 7 at (3, 5), with respect to each argument."""

    def f(x, y):
        return 2 * y + 3 * x**2 - 7

    results = [getattr(answers, pair)(f)(3.0, 5.0), getattr(answers, pair)(f, argnum=1)(3.0, 5.0)]
    slopes = [answers.grad(f)(3.0, 5.0), answers.grad(f, 1)(3.0, 5.0)]
    return [[list(result) for result in results], [float(slope) for slope in slopes]]


def squares_and_product(answers, x):
    """Driver: the Jacobian of (x0^2, x0 x1, 5 x1)."""

    def f(x):
        return x[np.array([0, 0, 1])] * (
            x[np.array([0, 1, 1])] * np.array([1.0, 1.0, 0.0]) + np.array([0.0, 0.0, 5.0])
        )

    return answers.jacobian(f)(x)


def cubes(answers, x, v):
    """Driver: the Hessian of the sum of cubes times v."""
    return answers.hvp(lambda x: (x**3).sum(), x, v)


@weight(1)
@hint("Which argument is a Tensor, and which comes first: the value or the gradient?")
def test_a_function_of_two_numbers(student, variant):
    """3 x^2 + 2 y - 7 at (3, 5): value 30, gradient (18, 2)"""
    pairs, slopes = student.run(golden, variant["pair"])
    where = ["value_and_grad", "grad_and_value"].index(variant["pair"])
    for pair, slope in zip(pairs, (18.0, 2.0), strict=True):
        assert_true(type(pair[where]) is float, "the value should be a Python float", category="type")
        assert_close(pair[where], 30.0, what="the value")
        assert_close(float(pair[1 - where]), slope, what="the gradient")
    assert_close(slopes, [18.0, 2.0], what="the gradients alone")


@weight(1)
@hint("Row i holds the derivatives of output i.")
def test_a_small_jacobian(student):
    """Jacobian of (x0 squared, x0 times x1, 5 x1) at (2, 3)"""
    result = student.run(squares_and_product, np.array([2.0, 3.0]))
    assert_close(result, np.array([[4.0, 0.0], [3.0, 2.0], [0.0, 5.0]]))


@weight(1)
@hint("The Hessian of the sum of cubes is diagonal, with 6 x on the diagonal.")
def test_hessian_of_cubes(student):
    """Hessian of the sum of cubes at (1, 2), times (1, -2)"""
    result = student.run(cubes, np.array([1.0, 2.0]), np.array([1.0, -2.0]))
    assert_close(result, np.array([6.0, -24.0]), rtol=1e-5)
