"""Checks of the five metrics that students do not see."""

import numpy as np

from autograder.testing import assert_close, assert_raises, assert_scales, assert_unchanged, hint, weight

NAMES = (
    "mean_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_error",
    "r2_score",
)


def random_cases(rng, variant, count=20):
    """Yield (y_true, y_pred, keywords) of different sizes, scales and biases."""
    for _ in range(count):
        size = int(rng.integers(2, 40))
        y_true = rng.normal(loc=rng.normal(scale=3.0), scale=2.3, size=size)
        y_pred = y_true + rng.normal(loc=0.7, scale=rng.uniform(0.1, 3.0), size=size)
        yield y_true, y_pred, keywords(rng, variant, size)


def keywords(rng, variant, size):
    """Weights in a term that asks for them."""
    return {"sample_weight": rng.uniform(0.2, 3.0, size=size)} if variant["sample_weight"] else {}


def call(answers, name, cases):
    """Driver: one metric on many cases, in one crossing."""
    return [getattr(answers, name)(y_true, y_pred, **options) for y_true, y_pred, options in cases]


def call_all(answers, names, y_true, y_pred, options):
    """Driver: every metric on the same table, in one crossing."""
    return [getattr(answers, name)(y_true, y_pred, **options) for name in names]


def compare(name, student, reference, variant, rng):
    """Compare one metric on 20 random cases."""
    cases = list(random_cases(rng, variant))
    assert_close(student.run(call, name, cases), call(reference, name, cases))


@weight(2)
@hint("Which way round is the difference, and by what is its sum divided?")
def test_mean_error(student, reference, variant, rng):
    """mean error of 20 random tables"""
    compare("mean_error", student, reference, variant, rng)


@weight(3)
@hint("Square each error first, then average.")
def test_mean_squared_error(student, reference, variant, rng):
    """mean squared error of 20 random tables"""
    compare("mean_squared_error", student, reference, variant, rng)


@weight(2)
@hint("The root belongs to the mean, not to each row.")
def test_root_mean_squared_error(student, reference, variant, rng):
    """root mean squared error of 20 random tables"""
    compare("root_mean_squared_error", student, reference, variant, rng)


@weight(2)
@hint("Take the absolute value of each error before the mean.")
def test_mean_absolute_error(student, reference, variant, rng):
    """mean absolute error of 20 random tables"""
    compare("mean_absolute_error", student, reference, variant, rng)


@weight(3)
@hint("The denominator compares the truth with its own mean, and R squared may be negative.")
def test_r2_score(student, reference, variant, rng):
    """R squared of 20 random tables"""
    compare("r2_score", student, reference, variant, rng)


@weight(1)
@hint("Which of the two arguments is the truth?")
def test_r2_tells_truth_from_prediction(student):
    """R squared changes when truth and prediction change places"""
    low, high = np.array([1.5, -2.0, 6.5, 11.0]), np.array([0.5, -1.0, 7.5, 13.0])
    assert_close(student.r2_score(low, high), 1 - 7 / 97.25)
    assert_close(student.r2_score(high, low), 1 - 7 / 126.5)


@weight(1)
@hint("What is R squared for a model that always answers with the mean of the truth?")
def test_r2_of_the_mean_predictor_is_zero(student, variant, rng):
    """predicting the mean of the truth has R squared 0"""
    y_true = rng.normal(loc=5.3, size=17)
    options = keywords(rng, variant, y_true.size)
    center = np.average(y_true, weights=options.get("sample_weight"))
    assert_close(student.r2_score(y_true, np.full(17, center), **options), 0.0, atol=1e-9)


@weight(1)
@hint("When the truth is constant there is nothing to divide by; the text says what to return.")
def test_r2_of_a_constant_truth(student):
    """R squared of a constant truth is 1 if all is right, else 0"""
    y_true = np.full(6, 3.25)
    assert_close(student.r2_score(y_true, y_true.copy()), 1.0)
    assert_close(student.r2_score(y_true, y_true + np.array([0.0, 0.0, 1.5, 0.0, 0.0, 0.0])), 0.0)


@weight(1)
@hint("Look at the shapes, not only at the lengths.")
def test_a_column_beside_a_row_is_refused(student, rng):
    """shapes (N, 1) and (N,) raise a ValueError in every metric"""
    y_true, y_pred = rng.normal(size=9), rng.normal(size=9)
    for name in NAMES:
        assert_raises(ValueError, getattr(student, name), y_true[:, None], y_pred)
        assert_raises(ValueError, getattr(student, name), y_true, y_pred[:, None])


@weight(1)
@hint("What does numpy make of 3 - 5 when both are unsigned?")
def test_integer_targets(student, reference):
    """integer targets, unsigned ones too, give the same numbers as floats"""
    y_true, y_pred = np.array([3, 200, 17, 90]), np.array([5, 140, 31, 90])
    cases = [(y_true.astype(kind), y_pred.astype(kind), {}) for kind in (np.int64, np.uint8)]
    for name in NAMES:
        expected = getattr(reference, name)(y_true.astype(float), y_pred.astype(float))
        assert_close(student.run(call, name, cases), [expected, expected], what=name)


@weight(1)
@hint("A mean of squares minus a squared mean loses its digits when the numbers are large.")
def test_targets_far_from_zero(student, reference, variant, rng):
    """targets near a million keep their digits"""
    y_true = 1e6 + np.round(rng.normal(scale=1.5, size=31), 3)
    y_pred = y_true + np.round(rng.normal(scale=0.5, size=31), 3)
    options = keywords(rng, variant, 31)
    assert_close(
        student.run(call_all, NAMES, y_true, y_pred, options),
        call_all(reference, NAMES, y_true, y_pred, options),
    )


@weight(1)
@hint("Work on a copy, or better on the difference: the caller still needs the arrays.")
def test_inputs_are_left_alone(student, variant, rng):
    """the arrays handed in are not changed"""
    y_true, y_pred = rng.normal(size=12), rng.normal(size=12)
    for name in NAMES:
        assert_unchanged(getattr(student, name), y_true, y_pred, **keywords(rng, variant, 12))


@weight(2)
@hint("Subtract whole arrays; let numpy do the loop.")
def test_no_python_loop_over_rows(student):
    """twice as many rows do not take more Python steps"""

    def rows(size):
        return np.linspace(0.0, 1.0, size), np.linspace(1.0, 3.0, size)

    # One mean and the metric with two sums stand for all five: counting is the slowest part of a suite.
    assert_scales(student.mean_absolute_error, rows)
    assert_scales(student.r2_score, rows)
