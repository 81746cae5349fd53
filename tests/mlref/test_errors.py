"""Checks of arguments say which argument, what was expected, what came and what to do."""

import numpy as np
import pytest
from scipy import sparse

from mlref.errors import (
    ConvergenceWarning,
    NotFiniteError,
    NotFittedError,
    ShapeError,
    check_array,
    check_choice,
    check_count,
    check_labels,
    check_matrix,
    check_not_negative,
    check_positive,
    check_same_features,
    check_same_length,
    check_vector,
)


def test_errors_are_the_builtin_ones_that_callers_catch():
    assert issubclass(ShapeError, ValueError)
    assert issubclass(NotFiniteError, ValueError)
    assert issubclass(NotFittedError, ValueError)
    assert issubclass(NotFittedError, AttributeError)
    assert issubclass(ConvergenceWarning, UserWarning)


def test_floats_pass_through_unchanged(xp_backend):
    matrix = xp_backend.asarray(np.ones((2, 3), dtype=np.float32))
    assert check_matrix(matrix, "X").dtype == xp_backend.xp.float32
    xp_backend.check(check_matrix(matrix, "X"), np.ones((2, 3)))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.bool_])
def test_integers_become_float64(xp_backend, dtype):
    matrix = check_matrix(xp_backend.asarray(np.ones((2, 3), dtype=dtype)), "X")
    assert matrix.dtype == xp_backend.xp.float64
    assert check_vector(xp_backend.asarray(np.ones(2, dtype=dtype)), "y").dtype == xp_backend.xp.float64


def test_lists_become_numpy_arrays():
    assert type(check_matrix([[1, 2]], "X")) is np.ndarray
    assert type(check_vector([1, 2], "y")) is np.ndarray


@pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2), (0, 3), (3, 0)])
def test_a_matrix_has_two_dimensions_and_is_not_empty(shape):
    with pytest.raises(ShapeError, match=r"Z .*shape"):
        check_matrix(np.ones(shape), "Z")


@pytest.mark.parametrize("shape", [(), (3, 1), (1, 3), (0,)])
def test_a_vector_has_one_dimension_and_is_not_empty(shape):
    with pytest.raises(ShapeError, match=r"^v "):
        check_vector(np.ones(shape), "v")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_named(xp_backend, bad):
    with pytest.raises(NotFiniteError, match="Z contains NaN or infinity"):
        check_matrix(xp_backend.asarray([[1.0, bad]]), "Z")
    with pytest.raises(NotFiniteError, match="v contains NaN or infinity"):
        check_vector(xp_backend.asarray([1.0, bad]), "v")


def test_gaps_may_be_allowed_infinity_never_is(xp_backend):
    gaps = xp_backend.asarray(np.array([[1.0, np.nan]]))
    assert check_matrix(gaps, "X", allow_nan=True).shape == (1, 2)
    assert check_matrix(xp_backend.asarray(np.ones((1, 2))), "X", allow_nan=True).shape == (1, 2)
    with pytest.raises(NotFiniteError, match="X contains infinity; only NaN stands for a missing value"):
        check_matrix(xp_backend.asarray(np.array([[np.nan, -np.inf]])), "X", allow_nan=True)


def test_sparse_and_complex_are_refused_with_the_way_out():
    with pytest.raises(TypeError, match=r"X is a sparse matrix.*X.toarray\(\)"):
        check_matrix(sparse.eye_array(2), "X")
    with pytest.raises(ValueError, match="Complex data not supported: X"):
        check_matrix(np.ones((2, 2), dtype=complex), "X")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([["red"], ["2"]], ValueError),
        ([[object()]], TypeError),
        ([[1.0], [1.0, 2.0]], ValueError),
        ([[{}]], TypeError),
        (np.array([[1, "a"]], dtype=object), ValueError),
    ],
    ids=["text", "object", "ragged", "mapping", "mixed"],
)
def test_what_is_no_number_is_refused_by_the_name_of_its_argument(values, kind):
    with pytest.raises(kind, match=r"^Z cannot be read as an array of numbers: .*; encode or drop"):
        check_matrix(values, "Z")
    with pytest.raises(kind, match=r"^v cannot be read"):
        check_vector(values, "v")


def test_text_of_numbers_is_read():
    np.testing.assert_array_equal(check_vector(["1", "2.5"], "v"), [1.0, 2.5])


def test_the_two_arrays_that_differ_are_named():
    with pytest.raises(ShapeError, match="X has 3 rows but y has 2"):
        check_same_length(X=np.ones((3, 1)), y=np.ones(2))
    with pytest.raises(ShapeError, match="points has 3 features but queries has 2"):
        check_same_features(points=np.ones((1, 3)), queries=np.ones((1, 2)))
    check_same_length(X=np.ones((3, 1)), y=np.ones(3), weights=np.ones(3))
    check_same_features(A=np.ones((3, 2)), B=np.ones((1, 2)))


def test_choices_are_listed():
    check_choice("t", ("normal", "t"), "method")
    with pytest.raises(ValueError, match="method is 'z'; it must be one of 'normal', 't'"):
        check_choice("z", ("normal", "t"), "method")


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf")])
def test_positive_means_above_zero_and_finite(value):
    check_positive(1e-300, "bandwidth")
    with pytest.raises(ValueError, match="bandwidth"):
        check_positive(value, "bandwidth")


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", None])
def test_a_count_is_a_whole_number_of_at_least_one(value):
    check_count(np.int64(1), "k")
    with pytest.raises(ValueError, match=r"k is .* whole number of at least 1"):
        check_count(value, "k")


def test_a_count_above_its_maximum_names_both():
    check_count(3, "k", maximum=3)
    with pytest.raises(ValueError, match=r"k is 4 but .* n_samples = 3"):
        check_count(4, "k", maximum=3)


def test_labels_keep_their_dtype():
    assert check_labels(["cat", "dog"], "y").tolist() == ["cat", "dog"]
    assert check_labels(np.array([1, 2], np.int32), "y").dtype == np.int32
    assert check_labels(np.array([1.0, 2.0]), "y").tolist() == [1, 2]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.ones((2, 1)), r"y has shape \(2, 1\); it must be 1-D"),
        (np.array([], dtype=int), "y is empty"),
        (np.array([1.0, np.nan]), "y contains NaN"),
        (np.array([0.5, 1.0]), "Unknown label type: y holds numbers that are not whole"),
        (None, "requires y to be passed, but the target y is None"),
    ],
)
def test_labels_that_are_none_raise(labels, message):
    with pytest.raises(ValueError, match=message):
        check_labels(labels, "y")


@pytest.mark.parametrize("check", [check_matrix, check_vector])
def test_nothing_is_not_an_array(check):
    with pytest.raises(ValueError, match="requires y to be passed"):
        check(None, "y")


def test_zero_is_not_negative():
    check_not_negative(0, "alpha")
    check_not_negative(1e300, "alpha")


@pytest.mark.parametrize("bad", [-1e-300, np.inf, np.nan])
def test_a_number_that_is_negative_or_no_number_raises(bad):
    with pytest.raises(ValueError, match=r"alpha is .*; it must be a finite number of at least 0"):
        check_not_negative(bad, "alpha")


def test_an_array_for_every_step_is_looked_at_without_reading_it(xp_backend):
    array = xp_backend.asarray(np.array([1.0, np.nan]))
    assert check_array(array, "z") is array
    assert check_array(array, "z", ndim=1) is array
    with pytest.raises(ShapeError, match=r"z has shape \(2,\); it must have 2 axes"):
        check_array(array, "z", ndim=2)


def test_lists_and_numbers_become_arrays_and_the_rest_is_named():
    assert check_array([[1, 2]], "z").shape == (1, 2)
    assert check_array(0.5, "z").shape == ()
    with pytest.raises(TypeError, match="z is of type NoneType; it must be an array of numbers"):
        check_array(None, "z")
    for odd in (["a"], [None], np.array([1j]), np.array(["2020-01-01"], dtype="M8[D]")):
        with pytest.raises(TypeError, match="z is an array of dtype"):
            check_array(odd, "z")


def test_what_has_no_rows_is_not_compared():
    with pytest.raises(ShapeError, match="X is None; it must be an array with one row per sample"):
        check_same_length(X=None, y=np.ones(2))
