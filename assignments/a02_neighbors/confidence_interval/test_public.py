"""Checks that the student can run: four numbers, worked out by hand."""

import numpy as np

from autograder.testing import assert_close, assert_raises, assert_true, hint, weight

# Two-sided quantiles: standard normal, and Student's t with three degrees of freedom.
QUANTILES = {
    "normal": {
        0.8: 1.2815515655446004,
        0.9: 1.6448536269514722,
        0.98: 2.3263478740408408,
        0.99: 2.5758293035489004,
    },
    "t": {0.8: 1.637744353696209, 0.9: 2.3533634348018233, 0.98: 4.540702858568132, 0.99: 5.840909309733355},
}


@weight(1)
@hint("Return a tuple of two numbers; the first is the plain average.")
def test_mean_of_four_numbers(student, variant):
    """the mean of 1, 2, 3 and 4 is the first of two numbers"""
    result = student.mean_confidence_interval(
        np.array([1.0, 2.0, 3.0, 4.0]), variant["level"], variant["method"]
    )
    assert_true(
        type(result) is tuple and len(result) == 2, "expected a tuple (mean, half_width)", category="type"
    )
    assert_close(result[0], 2.5, what="mean")


@weight(2)
@hint("The squared deviations sum to 5, so s squared is 5/3 and the standard error the root of 5/12.")
def test_half_width_of_four_numbers(student, variant):
    """the half-width for 1, 2, 3 and 4"""
    level, method = variant["level"], variant["method"]
    result = student.mean_confidence_interval(np.array([1.0, 2.0, 3.0, 4.0]), level=level, method=method)
    assert_close(result[1], QUANTILES[method][level] * np.sqrt(5 / 12), what="half_width")


@weight(1)
@hint("One number says nothing about its own spread.")
def test_a_single_value_is_refused(student, variant):
    """a sample of one number raises a ValueError"""
    assert_raises(
        ValueError, student.mean_confidence_interval, np.array([3.5]), variant["level"], variant["method"]
    )
