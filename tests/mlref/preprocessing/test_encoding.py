"""One-hot and ordinal encoding."""

import numpy as np
import pytest
import sklearn.preprocessing

from mlref.errors import NotFiniteError, ShapeError
from mlref.preprocessing import OneHotEncoder, OrdinalEncoder, one_hot, one_hot_categories, ordinal_categories

WORDS = np.array([["red", "S"], ["blue", "L"], ["red", "M"], ["green", "L"]])
NUMBERS = np.array([[3.0, -1.0], [1.0, 0.5], [3.0, 7.0]])


def test_rows_of_the_identity(xp_backend):
    labels = np.array([2, 0, 2, 1])
    found = one_hot(xp_backend.asarray(labels), 4)
    xp_backend.check(found, np.eye(4)[labels])
    assert found.dtype == xp_backend.xp.float64


@pytest.mark.parametrize("X", [WORDS, NUMBERS], ids=["words", "numbers"])
def test_encoders_equal_scikit_learn(X):
    theirs = sklearn.preprocessing.OneHotEncoder(sparse_output=False).fit_transform(X)
    np.testing.assert_array_equal(OneHotEncoder().fit_transform(X), theirs)
    theirs = sklearn.preprocessing.OrdinalEncoder().fit_transform(X)
    np.testing.assert_array_equal(OrdinalEncoder().fit_transform(X), theirs)
    np.testing.assert_array_equal(OrdinalEncoder().fit(X).inverse_transform(theirs), X)


def test_encoders_run_on_every_library(xp_backend):
    X = xp_backend.asarray(NUMBERS)
    xp_backend.check(OneHotEncoder().fit_transform(X), [[0, 1, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 1]])
    codes = OrdinalEncoder().fit_transform(X)
    xp_backend.check(codes, [[1, 0], [0, 1], [1, 2]])
    xp_backend.check(OrdinalEncoder().fit(X).inverse_transform(codes), NUMBERS)
    found = ordinal_categories(xp_backend.asarray([5, 7, 5]), xp_backend.asarray([7, 6, 5]))
    xp_backend.check(found, [2, 0, 2])


def test_categories_keep_the_order_that_is_given():
    assert ordinal_categories(["large", "small"], ["small", "medium", "large"]).tolist() == [2, 0]
    assert one_hot_categories(["b", "c"], ["c", "a", "b"]).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_column_of_objects_keeps_its_own_kind():
    X = np.array([["red", 10], ["blue", 9]], dtype=object)
    encoder = OrdinalEncoder().fit(X)
    assert [known.tolist() for known in encoder.categories_] == [["blue", "red"], [9, 10]]
    np.testing.assert_array_equal(encoder.transform(X), [[1, 1], [0, 0]])


def test_every_row_sums_to_the_number_of_columns():
    assert OneHotEncoder().fit_transform(WORDS).sum(axis=1).tolist() == [2] * 4


def test_a_class_that_does_not_occur_has_its_column():
    assert one_hot(np.array([0, 0]), 3).tolist() == [[1, 0, 0], [1, 0, 0]]


def test_an_unknown_category_is_an_error_or_a_row_of_zeros():
    with pytest.raises(ValueError, match="label pink is none of the categories"):
        OneHotEncoder().fit(WORDS).transform([["pink", "S"]])
    ignoring = OneHotEncoder(handle_unknown="ignore").fit(WORDS)
    assert ignoring.transform([["pink", "S"]]).tolist() == [[0, 0, 0, 0, 0, 1]]
    # Beyond the last and before the first, too.
    for label in ("zzz", "Aaa"):
        with pytest.raises(ValueError, match=f"label {label} is none of the categories"):
            ordinal_categories([label], ["b", "c"])


def test_bad_arguments_raise():
    with pytest.raises(ValueError, match="labels holds numbers that are not whole"):
        one_hot([0.5], 3)
    with pytest.raises(NotFiniteError, match="labels contains NaN"):
        one_hot([np.nan], 3)
    with pytest.raises(TypeError, match="use one_hot_categories"):
        one_hot(["a"], 3)
    for labels in ([0, 3], [-1], [3.0]):
        with pytest.raises(ValueError, match="labels must be whole numbers from 0 to n_classes - 1 = 2"):
            one_hot(labels, 3)
    with pytest.raises(ShapeError, match=r"labels has shape \(1, 1\)"):
        one_hot([[1]], 3)
    for categories in (["a", "b", "a"], ["a", "b", "b"]):
        with pytest.raises(ValueError, match="same category twice"):
            one_hot_categories(["a"], categories)
    with pytest.raises(ShapeError, match=r"X has shape \(0, 2\)"):
        OneHotEncoder().fit(np.empty((0, 2), dtype="U1"))
    with pytest.raises(ShapeError, match=r"X has shape \(2,\); it must be 2-D"):
        OneHotEncoder().fit(["a", "b"])
    with pytest.raises(ShapeError, match="X has 1 features, but OneHotEncoder is expecting 2"):
        OneHotEncoder().fit(WORDS).transform(WORDS[:, :1])
    with pytest.raises(NotFiniteError):
        OrdinalEncoder().fit([[np.nan]])
    with pytest.raises(ValueError, match="handle_unknown is 'warn'"):
        OneHotEncoder(handle_unknown="warn").fit(WORDS)


@pytest.mark.parametrize("code", [-1.0, 2.0, 0.5])
def test_codes_of_no_category_are_refused_on_the_way_back(code):
    encoder = OrdinalEncoder().fit(np.array([["a"], ["b"]]))
    with pytest.raises(ValueError, match="X holds other codes in column 0 than 0 to 1"):
        encoder.inverse_transform(np.array([[code]]))
