"""What a claim accepts, what it refuses, and in which words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.errors import GraderFault
from autograder.sandbox.errors import OpaqueValue, StudentDied, StudentTimeout, student_error
from autograder.sandbox.handle import Handle
from autograder.sandbox.inside.codec import CALLABLE, Reference
from autograder.testing import (
    CheckFailed,
    assert_close,
    assert_deterministic,
    assert_dtype,
    assert_equal,
    assert_finite,
    assert_raises,
    assert_shape,
    assert_true,
    assert_type,
    assert_unchanged,
)

NAN, INF = float("nan"), float("inf")


class SilentConnection:
    """A connection on which nothing may be asked: a comparison must not touch a handle."""

    def __init__(self):
        self.methods = {}

    def request(self, *args, **kwargs):
        raise AssertionError(f"the jail was asked {args[0]}")

    def drop(self, number):
        pass


@pytest.fixture
def handle():
    return Handle(SilentConnection(), Reference(1, 0, 7, ""), "Answer")


def failure(call, *args, **kwargs) -> tuple[str | None, str]:
    """Category and message of the failed claim."""
    with pytest.raises(CheckFailed) as caught:
        call(*args, **kwargs)
    return caught.value.category, str(caught.value)


# --- assert_close: what passes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1.0, 1.0),
        (np.float64(0.3), 0.1 + 0.2),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (True, np.bool_(True)),
        (0, 0.0),
        (1 + 2j, 1 + 2j),
        (NAN, NAN),
        (-INF, -INF),
        (-0.0, 0.0),
        (10**30, 10**30),
        (np.arange(3), np.arange(3, dtype=np.int32)),
        (np.arange(3, dtype=np.uint64), np.arange(3)),
        (np.array([2**63 - 1]), np.array([2**63 - 1], dtype=np.uint64)),
        (np.array([0.5, 1.25], dtype=np.float32), np.array([0.5, 1.25])),
        (np.array([0.1, 0.7], dtype=np.longdouble), np.array([0.1, 0.7])),
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(6.0).reshape(2, 3)),
        (np.arange(12.0)[::-4], np.array([11.0, 7.0, 3.0])),
        (np.array([1.0, NAN, INF]), np.array([1.0, NAN, INF])),
        (np.array(["a", "b"]), np.array(["a", "b"])),
        (np.array([True, False]), np.array([True, False])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.asarray(2.0), np.asarray(2.0)),
        (np.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3).T.copy()),
        ((1.0, np.ones(2)), (1.0, np.ones(2))),
        ({"w": np.ones(2), "b": 0.5}, {"b": 0.5, "w": np.ones(2)}),
        ([None, "text", b"bytes"], [None, "text", b"bytes"]),
        (1e300, 1e300 * (1 + 1e-9)),
        (np.array([1e-300]), np.array([2e-300])),  # far below atol both are zero
    ],
)
def test_equal_results_pass(actual, expected):
    assert_close(actual, expected)


# --- assert_close: what does not ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected", "category", "words"),
    [
        ([1.0, 2.0], np.ones(2), "type", "expected numpy array of shape (2,), got list"),
        (1.0, np.ones(2), "type", "expected numpy array of shape (2,), got float"),
        (np.ma.masked_array([1.0], mask=[True]), np.ones(1), "type", "got MaskedArray"),
        (np.asarray(1.0), 1.0, "type", "expected a number, got numpy array of shape ()"),
        (np.ones(1), 1.0, "type", "expected a number, got numpy array of shape (1,)"),
        (None, 1.0, "type", "got None (is a return missing?)"),
        ("1.0", 1.0, "type", "got str"),
        ([1.0, 2.0], (1.0, 2.0), "type", "expected tuple, got list"),
        (np.ones(2), [1.0, 1.0], "type", "expected list, got numpy array of shape (2,)"),
        (np.ones((2, 3)), np.ones((3, 2)), "shape", "expected shape (3, 2), got (2, 3)"),
        (np.ones((3, 1)), np.ones(3), "shape", "expected shape (3,), got (3, 1)"),
        ((1.0,), (1.0, 2.0), "shape", "expected 2 entries, got 1"),
        (np.array([1.0, 2.0], dtype=object), np.ones(2), "dtype", "got dtype object"),
        (np.ones(2, dtype=int), np.ones(2), "dtype", "expected an array of float values, got dtype int64"),
        (
            np.ones(2),
            np.ones(2, dtype=int),
            "dtype",
            "expected an array of integer values, got dtype float64",
        ),
        (np.ones(2, dtype=bool), np.ones(2, dtype=int), "dtype", "got dtype bool"),
        (np.ones(2, dtype=complex), np.ones(2), "dtype", "got dtype complex128"),
        (np.array(["1", "2"]), np.ones(2), "dtype", "expected an array of float values"),
        (3.0, 3, "dtype", "expected an integer, got a float"),
        (True, 1, "dtype", "expected an integer, got a bool"),
        (True, 1.0, "dtype", "expected a float, got a bool"),
        (1 + 0j, 1.0, "dtype", "expected a float, got a complex number"),
        (NAN, 1.0, "not_finite", "expected 1, got nan"),
        (np.array([1.0, INF]), np.ones(2), "not_finite", "the first is at [1]: expected 1, got inf"),
        (1.0, NAN, "value", "expected nan, got 1"),
        (INF, -INF, "value", "expected -inf, got inf"),
        (10**400, 1.0, "not_finite", "expected 1, got inf"),
        (-1.0, 1.0, "value", "expected 1, got -1"),
        (2**53 + 1, 2**53, "value", "expected 9007199254740992, got 9007199254740993"),
        (
            np.array([[1.0, 2.0], [3.0, 5.0]]),
            np.array([[1.0, 2.0], [3.0, 4.0]]),
            "value",
            "your result: 1 of 4 entries are wrong; the first is at [1, 1]: expected 4, got 5",
        ),
        (np.array([255], dtype=np.uint8), np.array([-1]), "value", "expected -1, got 255"),
        ({"w": 1.0}, {"v": 1.0}, "value", "keys of your result"),
        ({"w": 1.0}, {"w": 2.0}, "value", "your result['w']: expected 2, got 1"),
        ((1.0, (2.0, -3.0)), (1.0, (2.0, 3.0)), "value", "your result[1][1]: expected 3, got -3"),
    ],
)
def test_different_results_fail_in_words(actual, expected, category, words):
    found, message = failure(assert_close, actual, expected)
    assert found == category
    assert words in message


def test_single_precision_passes_only_where_nothing_is_lost():
    # A fifth of a limit of 1e-7 is its rounding: suites that must tell it from float64 compare to 1e-9.
    single = np.array([0.1, 0.7], dtype=np.float32)
    assert_close(single, np.array([0.1, 0.7]), rtol=1e-7)
    assert failure(assert_close, single, np.array([0.1, 0.7]), rtol=1e-9)[0] == "value"
    assert failure(assert_close, 0.1 * np.ones(3, dtype=np.float16), np.full(3, 0.1))[0] == "value"


def test_numbers_that_print_alike_are_shown_in_full():
    _, message = failure(assert_close, 1.0000002, 1.0)
    assert message == "your result: expected 1, got 1.0000001999999999"


def test_an_integer_too_long_to_print_has_words():
    message = "your result: expected 1, got an integer of 29898 bits"
    assert failure(assert_close, 10**9000, 1) == ("value", message)
    assert failure(assert_close, 10**9000, 1.0)[0] == "not_finite"
    assert failure(assert_close, 10**9000, np.ones(2))[0] == "type"


def test_the_name_of_the_result_leads_the_message():
    assert failure(assert_close, 1.0, 2.0, what="the slope")[1] == "the slope: expected 2, got 1"


@pytest.mark.parametrize(
    ("difference", "passes"),
    [(0.99e-7, True), (1.01e-7, False), (-0.99e-7, True), (-1.01e-7, False)],
)
@pytest.mark.parametrize("size", [1e-2, 1.0, 1e6, 1e300])
def test_relative_tolerance(difference, passes, size):
    actual, expected = np.array([size * (1 + difference)]), np.array([size])
    if passes:
        assert_close(actual, expected, atol=0)
    else:
        assert failure(assert_close, actual, expected, atol=0)[0] == "value"


@pytest.mark.parametrize(("error", "passes"), [(0.9e-10, True), (1.1e-10, False)])
def test_absolute_tolerance_around_zero(error, passes):
    if passes:
        assert_close(error, 0.0)
    else:
        assert failure(assert_close, error, 0.0)[0] == "value"


def test_tiny_values_need_atol_zero():
    assert failure(assert_close, np.array([-1e-200]), np.array([1e-200]), atol=0)[0] == "value"


def test_a_handle_is_refused_without_asking_it(handle):
    for expected in (1.0, np.ones(2), (1.0,), "text", None):
        category, message = failure(assert_close, handle, expected)
        assert category == "type"
        assert "an object of a class of your own" in message
    assert failure(assert_equal, (1, handle), (1, 2))[0] == "type"
    assert failure(assert_finite, handle)[0] == "type"
    assert failure(assert_shape, handle, (2,))[0] == "type"
    assert failure(assert_type, handle, float)[0] == "type"
    assert failure(assert_true, handle, "it holds")[0] == "type"


def test_a_students_own_comparison_never_takes_part():
    class Yes(float):
        def __eq__(self, other):
            return True

        def __hash__(self):
            return 0

        __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0

    class YesArray(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, dtype=bool)

    assert failure(assert_close, Yes(3.0), 1.0)[0] == "type"
    assert failure(assert_close, np.zeros(3).view(YesArray), np.ones(3))[0] == "type"


def test_a_wrong_expected_value_is_the_authors_error():
    for expected in (object(), np.array([None])):
        with pytest.raises(TypeError, match="expected: cannot compare"):
            assert_close(1.0, expected)


# --- assert_close: properties ---------------------------------------------------------------------

# Values of ordinary size: below 1e-6 the absolute tolerance counts and a factor 1.0001 is in it.
VALUES = st.one_of(st.floats(1e-3, 1e6), st.floats(-1e6, -1e-3))
ARRAYS = npst.arrays(
    np.float64, npst.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5), elements=VALUES
)
PROPERTY = settings(max_examples=150, deadline=None, derandomize=True)


@PROPERTY
@given(ARRAYS)
def test_a_copy_passes(expected):
    assert_close(expected.copy(), expected)
    assert_close(np.asfortranarray(expected), expected)


@PROPERTY
@given(ARRAYS, st.data())
def test_one_changed_entry_never_passes(expected, data):
    place = data.draw(st.integers(0, expected.size - 1))
    change = data.draw(
        st.sampled_from([lambda v: -v, lambda v: v * 1.0001, lambda v: NAN, lambda v: INF, lambda v: 0.0])
    )
    actual = expected.copy()
    actual.flat[place] = change(actual.flat[place])
    category, message = failure(assert_close, actual, expected)
    assert category in ("value", "not_finite")
    index = ", ".join(str(int(i)) for i in np.unravel_index(place, expected.shape))
    assert f"1 of {expected.size} entries are wrong; the first is at [{index}]" in message


@PROPERTY
@given(ARRAYS, st.data())
def test_a_swapped_pair_never_passes(expected, data):
    first, second = data.draw(st.tuples(*[st.integers(0, expected.size - 1)] * 2))
    assume(not np.isclose(expected.flat[first], expected.flat[second], rtol=1e-5))
    actual = expected.copy()
    actual.flat[first], actual.flat[second] = actual.flat[second], actual.flat[first]
    assert failure(assert_close, actual, expected)[0] == "value"


@PROPERTY
@given(ARRAYS)
def test_a_dropped_row_or_a_factor_or_another_axis_order_never_passes(expected):
    assert failure(assert_close, expected[:-1], expected)[0] == "shape"
    assert failure(assert_close, expected * 1.0001, expected)[0] == "value"
    assert failure(assert_close, expected[..., None], expected)[0] == "shape"


@PROPERTY
@given(npst.arrays(np.int64, (4,), elements=st.integers(-(2**62), 2**62)), st.integers(0, 3))
def test_integers_are_exact(expected, place):
    actual = expected.copy()
    actual[place] += 1
    assert failure(assert_close, actual, expected)[0] == "value"


# --- the other claims about a result --------------------------------------------------------------


def test_equal_is_exact():
    assert_equal(np.array([1.0, NAN]), np.array([1.0, NAN]))
    assert_equal({"a", "b"}, {"b", "a"})
    assert failure(assert_equal, 1.0 + 1e-15, 1.0)[0] == "value"
    assert failure(assert_equal, "a", b"a")[0] == "type"
    assert failure(assert_equal, ("a", 1), ("a", 2)) == ("value", "your result[1]: expected 2, got 1")
    assert failure(assert_equal, "b", "a") == ("value", "your result: expected 'a', got 'b'")


def test_shape_type_dtype():
    assert_shape(np.ones((2, 3)), (2, 3))
    assert failure(assert_shape, np.ones((3, 2)), (2, 3)) == (
        "shape",
        "your result: expected shape (2, 3), got (3, 2)",
    )
    assert_type(np.float64(1), float)
    assert_type(np.ones(1), np.ndarray)
    assert_type(3, (int, float))
    assert failure(assert_type, True, int) == ("type", "your result: expected int, got bool")
    assert (
        failure(assert_type, [1], (tuple, np.ndarray))[1]
        == "your result: expected tuple or numpy array, got list"
    )
    assert_dtype(np.ones(1, dtype=np.uint8), "integer")
    assert failure(assert_dtype, np.ones(1), "integer")[0] == "dtype"
    with pytest.raises(ValueError, match="kind: expected one of"):
        assert_dtype(np.ones(1), "float64")


def test_finite():
    assert_finite(np.ones((2, 2)))
    assert_finite(3)
    assert failure(assert_finite, NAN) == ("not_finite", "your result is nan")
    bad = np.ones((2, 2))
    bad[1, 0] = -INF
    assert failure(assert_finite, bad) == (
        "not_finite",
        "your result is -inf at [1, 0]; 1 of 4 are not finite",
    )
    assert failure(assert_finite, np.array(["a"]))[0] == "dtype"


def test_true_takes_only_truth_values():
    assert_true(np.bool_(True), "holds")
    assert failure(assert_true, False, "the loss rises") == ("value", "the loss rises")
    assert failure(assert_true, 1, "holds")[0] == "type"
    assert failure(assert_true, np.array([True]), "holds")[0] == "type"
    assert failure(assert_true, False, "too slow", category="efficiency")[0] == "efficiency"


# --- claims about a function ----------------------------------------------------------------------


def raiser(error):
    def function(*args, **kwargs):
        raise error

    return function


def test_raises_takes_the_named_error_and_its_subclasses():
    class NotFittedError(ValueError):
        pass

    assert_raises(ValueError, raiser(NotFittedError("fit first")))
    assert_raises("NotFittedError", raiser(NotFittedError("fit first")))
    assert_raises((TypeError, ValueError), raiser(TypeError()), 1, key=2)
    assert_raises(
        ValueError, raiser(student_error(["NotFittedError", "ValueError", "Exception"], "fit first"))
    )
    assert_raises("NotFittedError", raiser(student_error(["NotFittedError", "ValueError", "Exception"], "")))


def test_raises_fails_for_another_error_or_none():
    category, message = failure(assert_raises, ValueError, raiser(KeyError("k")))
    assert (category, message) == ("raises", "expected ValueError, got KeyError: 'k'")
    category, message = failure(assert_raises, (ValueError, "NotFittedError"), lambda: np.ones(2))
    assert category == "raises"
    assert message == "expected ValueError or NotFittedError, but the call returned numpy array of shape (2,)"


def test_raises_returning_a_handle_is_a_failure_not_a_comparison(handle):
    assert failure(assert_raises, ValueError, lambda: handle)[0] == "raises"


@pytest.mark.parametrize(
    "error", [StudentTimeout("late"), StudentDied("gone"), OpaqueValue("no"), GraderFault("disk")]
)
def test_what_says_nothing_about_an_answer_is_no_expected_error(error):
    with pytest.raises(type(error)):
        assert_raises(Exception, raiser(error))


def test_a_stub_does_not_pass_as_a_runtime_error():
    for error in (
        NotImplementedError(),
        student_error(["NotImplementedError", "RuntimeError", "Exception"], ""),
    ):
        with pytest.raises(NotImplementedError):
            assert_raises(RuntimeError, raiser(error))
    assert_raises(NotImplementedError, raiser(NotImplementedError()))


def test_unchanged_returns_the_result_and_sees_every_byte():
    X = np.array([3.0, 1.0, NAN])
    assert_close(assert_unchanged(np.sort, X), np.array([1.0, 3.0, NAN]))
    for change in (np.ndarray.sort, lambda a: a.__setitem__(0, -a[0]), lambda a: a.resize(4, refcheck=False)):
        category, message = failure(assert_unchanged, change, X)
        assert category == "side_effect"
        assert (
            message == "your code changed its argument number 1 (numpy array of shape (3,)); work on a copy"
        )
    assert X[0] == 3.0


def test_unchanged_looks_into_containers():
    def swap(params, rows):
        rows[0], rows[1] = rows[1], rows[0]

    assert "argument number 2" in failure(assert_unchanged, swap, {"w": np.ones(2)}, [1, 2])[1]

    def zero(params):
        params["w"] *= 0

    assert failure(assert_unchanged, zero, {"w": np.ones(2)})[0] == "side_effect"
    assert_unchanged(lambda params: {**params, "v": 1}, {"w": np.ones(2)})


def test_unchanged_asks_a_proxy_for_the_arguments_as_it_left_them():
    class Proxy:
        def __call_and_return_arguments__(self, X):
            return X.sum(), (X * 2,)

        def __call__(self, X):
            raise AssertionError("called without its arguments coming back")

    assert failure(assert_unchanged, Proxy(), np.ones(3))[0] == "side_effect"


def test_student_objects_may_be_arguments(handle):
    class Model:
        pass

    assert_unchanged(lambda model, X: X.sum(), Model(), np.ones(3))
    assert_unchanged(lambda model, X: X.sum(), handle, np.ones(3))
    assert_deterministic(lambda model, X: X.sum(), handle, np.ones(3))


def test_deterministic():
    rng = np.random.default_rng(0)
    assert assert_deterministic(lambda X: X.sum(), np.ones(3)) == 3.0
    assert failure(assert_deterministic, lambda: rng.normal())[0] == "nondeterministic"
    # The same generator is handed in twice in the same state.
    assert_deterministic(lambda rng: rng.normal(size=3), np.random.default_rng(1))


def test_deterministic_refuses_what_it_cannot_compare(handle):
    assert failure(assert_deterministic, lambda: handle)[0] == "type"


def test_handles_have_the_capabilities_the_claims_ask_for(handle):
    function = Handle(SilentConnection(), Reference(0, CALLABLE, 0, "f"), "f")
    with pytest.raises(AssertionError, match="asked call_and_return_arguments"):
        assert_unchanged(function, np.ones(2))
