"""How close a comparison comes to its limit is measured as it is judged, and only when asked."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

from autograder.testing import CheckFailed, assert_close, assert_equal, check_gradient
from autograder.testing import assertions as module
from autograder.testing.margins import error_over_limit, measured_margins


def ratio(actual, expected, rtol=0.0, atol=0.25):
    return error_over_limit(actual, expected, rtol=rtol, atol=atol)


def test_half_the_limit_is_a_half():
    with measured_margins() as found:
        assert_close(1.125, 1.0, rtol=0.0, atol=0.25)
    assert found.largest == 0.5


def test_the_largest_of_all_entries_and_comparisons_counts():
    with measured_margins() as found:
        assert_close([np.array([1.0, 2.125]), 3.0625], [np.array([1.0, 2.0]), 3.0], rtol=0.0, atol=0.25)
        assert_close(7.0, 7.0)
    assert found.largest == 0.5


def test_absolute_and_relative_limits_add_up():
    assert ratio(np.array([10.5]), np.array([10.0]), rtol=0.1, atol=0.25) == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(20))
def test_the_ratio_is_above_one_where_the_comparison_fails(seed):
    rng = np.random.default_rng(seed)
    expected = rng.normal(size=5)
    actual = expected + 0.1 * rng.normal(size=5)
    limit = float(rng.uniform(0.05, 0.3))
    try:
        assert_close(actual, expected, rtol=0.1, atol=limit)
        fails = False
    except CheckFailed:
        fails = True
    assert (ratio(actual, expected, 0.1, limit) > 1) == fails


@pytest.mark.parametrize(
    ("actual", "expected"), [(3, 3), ("a", "a"), (True, True), (np.array([1, 2]), np.array([1, 2])), ((), ())]
)
def test_what_is_compared_exactly_has_no_ratio(actual, expected):
    assert ratio(actual, expected) is None


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (4, 3),
        ("b", "a"),
        (1.0, True),
        (math.nan, 1.0),
        (np.array([1.0, np.inf]), np.ones(2)),
        (np.ones(3), np.ones(2)),
        ([1.0], np.ones(1)),
        ({"a": 1.0}, {"b": 1.0}),
        (None, 1.0),
    ],
)
def test_what_no_limit_would_let_through_is_infinite(actual, expected):
    assert ratio(actual, expected) == math.inf


def test_nan_and_nothing_are_no_errors():
    assert ratio(math.nan, math.nan) == 0
    assert ratio(np.zeros(0), np.zeros(0)) == 0
    assert ratio(0.0, 0.0, atol=0.0, rtol=0.1) == 0
    assert ratio(1e-300, 0.0, atol=0.0, rtol=0.1) == math.inf


def test_floats_without_a_limit_are_exact():
    with measured_margins() as found:
        assert_equal(0.5, 0.5)
    assert found.largest is None
    with measured_margins() as found, pytest.raises(CheckFailed):
        assert_equal(0.5, 0.6)
    assert found.largest == math.inf


def test_a_gradient_is_measured_in_units_of_what_is_allowed():
    w = np.array([1.0, 2.0, 3.0])

    def square(point):
        return float(np.sum(point**2))

    for factor, low, high in ((1 + 5e-7, 0.2, 1.0), (1 + 2e-6, 1.0, 4.0)):
        with measured_margins() as found:
            try:
                check_gradient(square, w, 2 * factor * w)
                assert factor < 1 + 1e-6
            except CheckFailed:
                assert factor > 1 + 1e-6
        assert low < found.largest < high


def test_nothing_is_measured_afterwards_and_students_get_no_line_of_it():
    before = module._compare
    with pytest.raises(CheckFailed), measured_margins() as found:
        assert_close(1, "one")
    assert module._compare is before
    assert_close(1.0, 1.0)
    assert found.largest == math.inf
    assert "margin" not in inspect.getsource(module)
