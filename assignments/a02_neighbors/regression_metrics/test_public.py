"""Checks that the student can run: one small table, worked out by hand."""

import numpy as np

from autograder.testing import assert_close, assert_raises, assert_type, hint, weight


def small_table():
    """Return three targets and their predictions."""
    return np.array([2.0, 4.0, 7.0]), np.array([3.0, 2.0, 7.0])


@weight(1)
@hint("The error of a row is the prediction minus the truth, here 1, -2 and 0.")
def test_mean_error_and_mean_absolute_error(student, variant):
    """mean error and mean absolute error of three predictions"""
    if variant["sample_weight"]:
        counts = np.array([1.0, 1.0, 2.0])
        assert_close(student.mean_error(*small_table(), sample_weight=counts), -0.25)
        assert_close(student.mean_absolute_error(*small_table(), sample_weight=counts), 0.75)
    assert_close(student.mean_error(*small_table()), -1 / 3)
    assert_close(student.mean_absolute_error(*small_table()), 1.0)


@weight(1)
@hint("The squared errors are 1, 4 and 0; take the root once, after the mean.")
def test_mean_squared_error_and_its_root(student, variant):
    """mean squared error of three predictions, and its root"""
    if variant["sample_weight"]:
        counts = np.array([1.0, 1.0, 2.0])
        assert_close(student.mean_squared_error(*small_table(), sample_weight=counts), 1.25)
        assert_close(student.root_mean_squared_error(*small_table(), sample_weight=counts), np.sqrt(1.25))
    assert_close(student.mean_squared_error(*small_table()), 5 / 3)
    assert_close(student.root_mean_squared_error(*small_table()), np.sqrt(5 / 3))


@weight(1)
@hint("The truth has mean 13/3, so its squared deviations sum to 38/3; the squared errors sum to 5.")
def test_r2_of_three_predictions(student, variant):
    """R squared of three predictions"""
    if variant["sample_weight"]:
        # Counting the last row twice: mean 5, squared deviations 9 + 1 + 2 * 4 = 18, squared errors 5.
        counts = np.array([1.0, 1.0, 2.0])
        assert_close(student.r2_score(*small_table(), sample_weight=counts), 13 / 18)
    assert_close(student.r2_score(*small_table()), 23 / 38)


@weight(1)
@hint("Return a number, for example float(...), and give sample_weight its place and its default None.")
def test_every_metric_returns_one_number(student, variant):
    """every metric takes sample_weight by position or by name and returns one number"""
    weights = np.ones(3) if variant["sample_weight"] else None
    for name in (
        "mean_error",
        "mean_squared_error",
        "root_mean_squared_error",
        "mean_absolute_error",
        "r2_score",
    ):
        metric = getattr(student, name)
        assert_type(metric(*small_table(), weights), float, what=name)
        assert_type(metric(*small_table(), sample_weight=weights), float, what=name)


@weight(1)
@hint("Compare the two shapes before you subtract: numpy would broadcast them without a word.")
def test_different_lengths_are_refused(student):
    """three targets and one prediction raise a ValueError"""
    assert_raises(ValueError, student.mean_squared_error, np.array([2.0, 4.0, 7.0]), np.array([3.0]))
