"""Checks of the confidence interval that students do not see."""

import numpy as np

from autograder.testing import (
    assert_close,
    assert_finite,
    assert_raises,
    assert_scales,
    assert_true,
    assert_unchanged,
    hint,
    supporting,
    weight,
)


def samples(rng, count):
    """Samples of different size, place and spread."""
    return [
        rng.normal(rng.normal(scale=4.0), rng.uniform(0.2, 5.0), size=int(rng.integers(3, 60)))
        for _ in range(count)
    ]


def call(answers, cases):
    """Driver: the function on many (values, level, method), in one crossing."""
    return [answers.mean_confidence_interval(*case) for case in cases]


def check_pairs(results):
    """Claim that each result is a tuple of two finite numbers."""
    for result in results:
        is_pair = type(result) is tuple and len(result) == 2
        assert_true(is_pair, "expected a tuple (mean, half_width)", category="type")
        assert_finite(result[0], what="mean")
        assert_finite(result[1], what="half_width")


@weight(2)
@hint("The first number is the average of the values, whatever the level.")
def test_mean(student, variant, rng):
    """the mean of 12 random samples"""
    values = samples(rng, 12)
    results = student.run(call, [(sample, variant["level"], variant["method"]) for sample in values])
    check_pairs(results)
    assert_close([result[0] for result in results], [float(np.mean(sample)) for sample in values])


@weight(5)
@hint("Which quantile, which denominator for the spread, and how does the sample size enter?")
def test_half_width(student, reference, variant, rng):
    """the half-width of 12 random samples of different sizes"""
    cases = [(sample, variant["level"], variant["method"]) for sample in samples(rng, 12)]
    results = student.run(call, cases)
    check_pairs(results)
    assert_close([result[1] for result in results], [result[1] for result in reference.run(call, cases)])


@weight(2)
@hint("The quantile has to be worked out from the level that is passed.")
def test_half_width_at_other_levels(student, reference, variant, rng):
    """the half-width at levels from 0.11 to 0.997, of few values and of many"""
    cases = [
        (sample, level, variant["method"])
        for level in (0.11, 0.5, 0.683, 0.997)
        for sample in (*samples(rng, 1), rng.normal(size=2000))
    ]
    results = student.run(call, cases)
    check_pairs(results)
    assert_close([result[1] for result in results], [result[1] for result in reference.run(call, cases)])


@weight(1)
@hint("What is the level if nobody says so?")
def test_level_is_095_by_default(student, reference, variant):
    """without a level the interval is for 0.95"""
    values = np.array([4.5, -2.0, 0.25, 11.0, 3.0])
    expected = reference.mean_confidence_interval(values, 0.95, variant["method"])
    assert_close(student.mean_confidence_interval(values, method=variant["method"]), expected)


@weight(1)
@hint("With two values the choice between n and n - 1 matters most.")
def test_two_values(student, reference, variant):
    """a sample of two values"""
    values = np.array([-1.25, 7.5])
    expected = reference.mean_confidence_interval(values, variant["level"], variant["method"])
    assert_close(student.mean_confidence_interval(values, variant["level"], variant["method"]), expected)


@supporting
@weight(1)
@hint("In other units the mean and the half-width change like the values: no sign, no square.")
def test_change_of_units(student, variant, rng):
    """in other units the mean and the half-width scale with the values"""
    values = rng.normal(size=11)
    cases = [(sample, variant["level"], variant["method"]) for sample in (values, 7.0 - 3.0 * values)]
    plain, changed = student.run(call, cases)
    check_pairs([plain, changed])
    assert_close(changed[0], 7.0 - 3.0 * plain[0], what="mean")
    assert_close(changed[1], 3.0 * plain[1], what="half_width")


@weight(1)
@hint("Nothing varies, so the interval has no width.")
def test_equal_values(student, variant):
    """equal values have half-width 0"""
    result = student.mean_confidence_interval(np.full(8, -2.5), variant["level"], variant["method"])
    assert_close(result, (-2.5, 0.0))


@weight(1)
@hint("A mean of squares minus a squared mean loses its digits when the numbers are large.")
def test_values_far_from_zero(student, reference, variant, rng):
    """values near ten million keep their digits"""
    values = 1e7 + np.round(rng.normal(size=13), 2)
    expected = reference.mean_confidence_interval(values, variant["level"], variant["method"])
    assert_close(student.mean_confidence_interval(values, variant["level"], variant["method"]), expected)


@weight(1)
@hint("Integers are numbers too; beware of integer arithmetic.")
def test_integer_values(student, reference, variant):
    """integer values give the same result as floats"""
    values = np.array([250, 3, 17, 90, 201])
    expected = reference.mean_confidence_interval(values.astype(float), variant["level"], variant["method"])
    for kind in (np.int64, np.uint8):
        result = student.mean_confidence_interval(values.astype(kind), variant["level"], variant["method"])
        assert_close(result, expected)


@supporting
@weight(1)
@hint("Is 95 a level? Is 0, or 1?")
def test_levels_outside_zero_to_one_are_refused(student, variant):
    """levels that are not strictly between 0 and 1 raise a ValueError"""
    for level in (0.0, 1.0, 95, -0.3):
        assert_raises(
            ValueError, student.mean_confidence_interval, np.array([1.0, 2.5, 4.0]), level, variant["method"]
        )


@supporting
@weight(1)
@hint("Check the name of the method before you use it.")
def test_an_unknown_method_is_refused(student, variant):
    """an unknown method raises a ValueError"""
    assert_raises(
        ValueError, student.mean_confidence_interval, np.array([1.0, 2.5, 4.0]), variant["level"], "norm"
    )


@supporting
@weight(1)
@hint("A table is no sample: look at the number of dimensions.")
def test_a_table_is_refused(student, variant, rng):
    """values that are not one-dimensional raise a ValueError"""
    for shape in ((6, 1), (3, 4)):
        values = rng.normal(size=shape)
        assert_raises(
            ValueError, student.mean_confidence_interval, values, variant["level"], variant["method"]
        )


@supporting
@weight(1)
@hint("Subtract the mean into a new array.")
def test_values_are_left_alone(student, variant, rng):
    """the values handed in are not changed"""
    assert_unchanged(
        student.mean_confidence_interval, rng.normal(size=10), variant["level"], variant["method"]
    )


@supporting
@weight(2)
@hint("numpy has the mean and the spread of a whole array.")
def test_no_python_loop_over_values(student, reference, variant):
    """twice as many values do not take more Python steps"""

    def sample(size):
        return np.linspace(-1.0, 2.0, size), variant["level"], variant["method"]

    # The given quantile of t takes longer for more values, which would hide a loop from the clock.
    ours = reference.mean_confidence_interval if variant["method"] == "normal" else None
    assert_scales(student.mean_confidence_interval, sample, 1500, reference=ours)
