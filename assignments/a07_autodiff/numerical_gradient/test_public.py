"""Checks that the student can run: functions whose gradients one knows."""

import numpy as np

from autograder.testing import assert_close, assert_raises, hint, weight


def squares(x):
    """Return 3 x0^2 + 2 x1 - 7."""
    return float(3 * x[0] ** 2 + 2 * x[1] - 7)


@weight(1)
@hint("The gradient is (6 x0, 2).")
def test_gradient_of_a_small_function(student, variant):
    """gradient of 3 x0^2 + 2 x1 - 7 at (3, 5)"""
    gradient = getattr(student, variant["name"])
    assert_close(gradient(squares, np.array([3.0, 5.0])), np.array([18.0, 2.0]), rtol=1e-7)


@weight(1)
@hint("With one entry twice too large the largest relative difference is 18 / 54.")
def test_error_of_a_gradient(student):
    """error of a gradient whose first entry is twice too large"""
    x = np.array([3.0, 5.0])
    assert_close(student.gradient_error(squares, np.array([36.0, 2.0]), x), 1 / 3, rtol=1e-6)


@weight(1)
@hint("Compare the two shapes first.")
def test_other_shapes_are_refused(student):
    """a gradient of another shape raises a ValueError"""
    assert_raises(ValueError, student.gradient_error, squares, np.array([18.0]), np.array([3.0, 5.0]))
