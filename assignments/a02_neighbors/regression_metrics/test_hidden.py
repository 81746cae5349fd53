"""Checks of the five metrics that students do not see."""

import numpy as np

from autograder.testing import (
    assert_close,
    assert_raises,
    assert_scales,
    assert_unchanged,
    hint,
    supporting,
    weight,
)

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


def call_all(answers, names, cases):
    """Driver: every metric on the same cases, in one crossing."""
    return [
        [getattr(answers, name)(y_true, y_pred, **options) for name in names]
        for y_true, y_pred, options in cases
    ]


def refused(answers, names, cases):
    """Driver: which metrics raise a ValueError on which cases, in one crossing."""
    found = []
    for name in names:
        for y_true, y_pred, options in cases:
            try:
                getattr(answers, name)(y_true, y_pred, **options)
            except ValueError:
                found.append((name, True))
            else:
                found.append((name, False))
    return found


def compare(name, student, reference, variant, rng):
    """Compare one metric on 20 random cases, closely enough to tell float64 from float32."""
    cases = list(random_cases(rng, variant))
    assert_close(student.run(call, name, cases), reference.run(call, name, cases), rtol=1e-9)


@weight(1)
@hint("Which way round is the difference, and by what is its sum divided?")
def test_mean_error(student, reference, variant, rng):
    """mean error of 20 random tables"""
    compare("mean_error", student, reference, variant, rng)


@weight(2)
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


@weight(2)
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
def test_r2_of_a_constant_truth(student, variant):
    """R squared of a constant truth is 1 if all is right, else 0"""
    y_true = np.full(6, 3.25)
    # All right, one wrong, wrong in both directions, wrong by little.
    errors = [[0.0] * 6, [0.0, 0.0, 1.5, 0.0, 0.0, 0.0], [1.0, -1.0] * 3, [0.0, 0.0, 0.0, 1e-3, 0.0, 0.0]]
    cases = [(y_true, y_true + np.array(error), {}) for error in errors]
    expected = [1.0, 0.0, 0.0, 0.0]
    if variant["sample_weight"]:
        # A row that does not count does not make the truth vary.
        truth, guess = np.array([3.0, 3.0, 7.0]), np.array([3.0, 2.0, 8.0])
        cases += [
            (truth, guess, {"sample_weight": np.array(counts)})
            for counts in ([2.0, 0.0, 0.0], [1.0, 3.0, 0.0])
        ]
        expected += [1.0, 0.0]
    assert_close(student.run(call, "r2_score", cases), expected)


@supporting
@weight(1)
@hint("Values that differ are not constant, however small the unit makes them.")
def test_r2_does_not_depend_on_the_unit(student):
    """R squared is the same in any unit, also if the truth varies by a billionth"""
    y_true, y_pred = np.array([1.0, 2.0, 4.0, 7.0]), np.array([1.5, 2.0, 3.0, 7.5])
    cases = [(unit * y_true, unit * y_pred, {}) for unit in (1.0, 1e-9, 1e6)]
    assert_close(student.run(call, "r2_score", cases), [1 - 1.5 / 21] * 3)


@weight(1)
@hint("An error may be small; nothing is added to it, and nothing rounded.")
def test_errors_of_a_billionth(student, reference, variant, rng):
    """every metric of errors of about a billionth"""
    y_true, y_pred = 1e-9 * rng.normal(size=17), 1e-9 * rng.normal(size=17)
    cases = [(y_true, y_pred, keywords(rng, variant, 17))]
    expected = reference.run(call_all, NAMES, cases)
    assert_close(student.run(call_all, NAMES, cases), expected, rtol=1e-7, atol=0)


@weight(1)
@hint("One row is a table too; its truth is constant.")
def test_a_single_row(student):
    """every metric of a single row"""
    cases = [(np.array([2.0]), np.array([value]), {}) for value in (0.5, 2.0)]
    expected = [[-1.5, 2.25, 1.5, 1.5, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
    assert_close(student.run(call_all, NAMES, cases), expected)


@supporting
@weight(1)
@hint("Look at the shapes, not only at the lengths; and at the weights, where they are used.")
def test_a_column_beside_a_row_is_refused(student, variant, rng):
    """what cannot be paired or averaged raises a ValueError in every metric"""
    y_true, y_pred = rng.normal(size=9), rng.normal(size=9)
    for name in NAMES:
        assert_raises(ValueError, getattr(student, name), y_true[:, None], y_pred)
        assert_raises(ValueError, getattr(student, name), y_true, y_pred[:, None])
    if variant["sample_weight"]:
        bad = np.ones(1), np.where(np.arange(9) == 4, -0.5, 1.0), np.zeros(9)
        cases = [(y_true, y_pred, {"sample_weight": weights}) for weights in bad]
        expected = [(name, True) for name in NAMES for _ in bad]
        assert_close(student.run(refused, NAMES, cases), expected, what="whether bad weights are refused")


@weight(1)
@hint("What does numpy make of 3 - 5 when both are unsigned, and of squares that do not fit?")
def test_integer_targets(student, reference):
    """integer targets of any kind give the same numbers as floats"""
    y_true, y_pred = np.array([3, 200, 17, 90]), np.array([5, 141, 31, 90])
    cases, as_floats = [], []
    # With 8 bits the difference wraps around, with 32 bits its square.
    for kind, factor, shift in (
        (np.int64, 1000, 0),
        (np.uint8, 1, 0),
        (np.int8, -1, 100),
        (np.int32, 1000, 0),
    ):
        truth, guess = factor * y_true + shift, factor * y_pred[::-1] + shift
        cases.append((truth.astype(kind), guess.astype(kind), {}))
        as_floats.append((truth.astype(float), guess.astype(float), {}))
    assert_close(student.run(call_all, NAMES, cases), reference.run(call_all, NAMES, as_floats))


@weight(1)
@hint("A mean of squares minus a squared mean loses its digits when the numbers are large.")
def test_targets_far_from_zero(student, reference, variant, rng):
    """targets near a million keep their digits"""
    y_true = 1e6 + np.round(rng.normal(scale=1.5, size=31), 3)
    y_pred = y_true + np.round(rng.normal(scale=0.5, size=31), 3)
    cases = [(y_true, y_pred, keywords(rng, variant, 31))]
    assert_close(student.run(call_all, NAMES, cases), reference.run(call_all, NAMES, cases))


@supporting
@weight(1)
@hint("Work on a copy, or better on the difference: the caller still needs the arrays.")
def test_inputs_are_left_alone(student, variant, rng):
    """the arrays handed in are not changed"""
    y_true, y_pred = rng.normal(size=12), rng.normal(size=12)
    for name in NAMES:
        assert_unchanged(getattr(student, name), y_true, y_pred, **keywords(rng, variant, 12))


@supporting
@weight(2)
@hint("Subtract whole arrays; let numpy do the loop.")
def test_no_python_loop_over_rows(student, reference):
    """twice as many rows do not take more Python steps"""

    def rows(size):
        return np.linspace(0.0, 1.0, size), np.linspace(1.0, 3.0, size)

    # One mean and the metric with two sums stand for all five: counting is the slowest part of a suite.
    assert_scales(student.mean_absolute_error, rows, 800, reference=reference.mean_absolute_error)
    assert_scales(student.r2_score, rows, 800, reference=reference.r2_score)
